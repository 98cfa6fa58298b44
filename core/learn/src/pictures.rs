//! Pictures for people: the cover of a package and the previews of a run.

use fewlabel_contract::Result;
use fewlabel_image::{Maps, Plane, encode_png_rgb, resample_image, resample_labels};
use fewlabel_objects::{UNLABELLED, draw_outlines};

use crate::labels::LabelledImage;

/// Longest side of a cover in pixels.
const COVER: usize = 512;
/// Side of each of a preview's three pictures in pixels, at most.
const PREVIEW: usize = 320;
/// Width in pixels and colour of what lies between the pictures of a preview.
const GAP: usize = 4;
const GAP_COLOUR: [u8; 3] = [255; 3];

/// The image's first labelled plane with the outlines of its labels, as PNG.
///
/// # Errors
/// Those of the PNG writer.
pub fn cover(labelled: &LabelledImage) -> Result<Vec<u8>> {
    let plane = &labelled.planes[0];
    let image = labelled.image.plane(plane.t, plane.z);
    encode_png_rgb(&outlined(&image, &plane.labels, COVER))
}

/// The image, the truth and the prediction side by side, as PNG.
///
/// # Errors
/// Those of the PNG writer.
pub fn preview(image: &Maps, truth: &Plane<u32>, prediction: &Plane<u32>) -> Result<Vec<u8>> {
    let nothing = Plane::filled(image.height, image.width, 0);
    encode_png_rgb(&side_by_side(&[&nothing, truth, prediction].map(|labels| outlined(image, labels, PREVIEW))))
}

/// Images of one size in rows, as PNG; intensities from 0 to 1 become black to white.
///
/// # Errors
/// Those of the PNG writer.
pub fn in_rows(rows: &[Vec<Maps>]) -> Result<Vec<u8>> {
    let rows: Vec<Plane<[u8; 3]>> = rows.iter().map(|row| side_by_side(&row.iter().map(shown).collect::<Vec<_>>())).collect();
    let width = rows.iter().map(|row| row.width).min().unwrap_or(0);
    let mut data = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        if i > 0 {
            data.extend(std::iter::repeat_n(GAP_COLOUR, GAP * width));
        }
        (0..row.height).for_each(|y| data.extend_from_slice(&row.row(y)[..width]));
    }
    encode_png_rgb(&Plane::new(data.len().checked_div(width).unwrap_or(0), width, data))
}

/// Three channels as colours, any other number as the grey that they have on average.
fn shown(image: &Maps) -> Plane<[u8; 3]> {
    let byte = |value: f32| (value.clamp(0.0, 1.0) * 255.0).round() as u8;
    let pixel = |i: usize| match image.channels {
        3 => [0, 1, 2].map(|c| byte(image.channel(c)[i])),
        channels => [byte((0..channels).map(|c| image.channel(c)[i]).sum::<f32>() / channels as f32); 3],
    };
    Plane::new(image.height, image.width, (0..image.height * image.width).map(pixel).collect())
}

/// The image with outlines, no side longer than `longest`.
fn outlined(image: &Maps, labels: &Plane<u32>, longest: usize) -> Plane<[u8; 3]> {
    let labels = labels.map(|id| if id == UNLABELLED { 0 } else { id });
    let side = image.height.max(image.width);
    if side <= longest {
        return draw_outlines(image, &labels);
    }
    let shorter = |length: usize| (length * longest / side).max(1);
    let (height, width) = (shorter(image.height), shorter(image.width));
    draw_outlines(&resample_image(image, height, width), &resample_labels(&labels, height, width))
}

/// Pictures of one height in a row.
fn side_by_side(pictures: &[Plane<[u8; 3]>]) -> Plane<[u8; 3]> {
    let height = pictures.iter().map(|picture| picture.height).min().unwrap_or(0);
    let width = pictures.iter().map(|picture| picture.width + GAP).sum::<usize>().saturating_sub(GAP);
    let mut data = Vec::with_capacity(height * width);
    for y in 0..height {
        for (i, picture) in pictures.iter().enumerate() {
            if i > 0 {
                data.extend([GAP_COLOUR; GAP]);
            }
            data.extend_from_slice(picture.row(y));
        }
    }
    Plane::new(height, width, data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_pictures_lie_side_by_side() {
        let image = Maps::new(1, 5, 5, (0..25).map(|v| v as f32).collect());
        let truth = Plane::filled(5, 5, UNLABELLED);
        let png = preview(&image, &truth, &Plane::filled(5, 5, 1)).unwrap();
        assert_eq!(&png[..4], b"\x89PNG");
        assert_eq!(png[16..24], [0, 0, 0, 23, 0, 0, 0, 5]);
    }

    #[test]
    fn rows_lie_below_each_other() {
        let row = || vec![Maps::zeros(1, 5, 6), Maps::new(3, 5, 6, vec![2.0; 90])];
        let png = in_rows(&[row(), row(), row()]).unwrap();
        assert_eq!(png[16..24], [0, 0, 0, 16, 0, 0, 0, 23]);
        assert_eq!(shown(&Maps::new(2, 1, 2, vec![0.0, 1.0, 0.5, 3.0])).data, [[64; 3], [255; 3]]);
    }

    #[test]
    fn large_images_are_made_smaller() {
        let picture = outlined(&Maps::zeros(1, 1000, 500), &Plane::filled(1000, 500, 0), 100);
        assert_eq!((picture.height, picture.width), (100, 50));
    }
}
