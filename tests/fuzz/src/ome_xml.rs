//! OME-XML, in the smallest TIFF file that can hold it.

use crate::bounds::within_memory;
use crate::image;
use crate::place::Place;

/// Columns and rows of a page.
const SIZE: (u32, u32) = (4, 3);
const SHORT: u16 = 3;
const LONG: u16 = 4;
const ASCII: u16 = 2;

/// A byte that says how many pages there are (the lower three bits, from 1 on) and whether they have colours (the fourth), and
/// after it the text of the `ImageDescription` of the first page.
pub fn ome_xml(data: &[u8]) {
    let Some((&first, text)) = data.split_first() else { return };
    within_memory(|| {
        let place = Place::new();
        let file = place.file("input.ome.tif", &tiff(u32::from(first & 7) + 1, first & 8 != 0, text));
        image::read(&place, &file);
    });
}

/// A little-endian TIFF 6.0 file of 8-bit pages, each of them a strip, with a text in the first.
fn tiff(pages: u32, colours: bool, text: &[u8]) -> Vec<u8> {
    let samples: u32 = if colours { 3 } else { 1 };
    let (width, height) = SIZE;
    let strip = width * height * samples;
    // What pages share comes first: the bits of the three samples and the text.
    let mut file = [b"II*\0".as_slice(), &[0; 4], &[8, 0, 8, 0, 8, 0, 0, 0], text, b"\0"].concat();
    let (bits_at, text_at, text_length) = (8, 16, text.len() as u32 + 1);
    let mut next_at = 4;
    for page in 0..pages {
        file.resize(file.len().next_multiple_of(2), 0);
        let strip_at = file.len() as u32;
        file.extend((0..strip).map(|pixel| (pixel + 16 * page) as u8));
        file.resize(file.len().next_multiple_of(2), 0);
        let directory = (file.len() as u32).to_le_bytes();
        file[next_at..next_at + 4].copy_from_slice(&directory);
        let mut entries = vec![
            (256, SHORT, 1, width),
            (257, SHORT, 1, height),
            (258, SHORT, samples, if colours { bits_at } else { 8 }),
            (259, SHORT, 1, 1),
            (262, SHORT, 1, if colours { 2 } else { 1 }),
            (273, LONG, 1, strip_at),
            (277, SHORT, 1, samples),
            (278, SHORT, 1, height),
            (279, LONG, 1, strip),
        ];
        if page == 0 {
            entries.insert(5, (270, ASCII, text_length, if text.len() < 4 { 0 } else { text_at }));
        }
        file.extend((entries.len() as u16).to_le_bytes());
        for (tag, kind, count, value) in entries {
            file.extend([tag, kind].map(u16::to_le_bytes).as_flattened());
            file.extend([count, value].map(u32::to_le_bytes).as_flattened());
        }
        next_at = file.len();
        file.extend([0; 4]);
    }
    file
}

#[cfg(test)]
mod tests {
    use fewlabel_image::{Shape, open};

    use super::*;
    use crate::LIMITS;

    #[test]
    fn the_file_around_the_text_is_whole() {
        let place = Place::new();
        let text = br#"<OME><Image><Pixels DimensionOrder="XYZCT" SizeX="4" SizeY="3" SizeZ="2" SizeC="3" SizeT="1"
            Type="uint8" PhysicalSizeX="0.5"><Channel Name="a" SamplesPerPixel="3"/><TiffData/></Pixels></Image></OME>"#;
        let image = open(&place.file("a.ome.tif", &tiff(2, true, text)), &LIMITS).expect("an image");
        assert_eq!(image.shape, Shape { t: 1, z: 2, c: 3, y: 3, x: 4 });
        assert_eq!(image.calibration.x, Some(0.5));
        let plain = open(&place.file("b.tif", &tiff(3, false, b"ab")), &LIMITS).expect("an image");
        assert_eq!(plain.shape, Shape { t: 1, z: 3, c: 1, y: 3, x: 4 });
    }
}
