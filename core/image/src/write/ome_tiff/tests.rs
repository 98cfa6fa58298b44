use std::cell::RefCell;
use std::io::Cursor;

use fewlabel_contract::ErrorKind;
use proptest::prelude::*;
use tiff::decoder::{Decoder, DecodingResult};
use tiff::tags::Tag;

use super::*;
use crate::ome::{Ome, Series};
use crate::{LabelImage, LabelRows, Limits, MapStack, Maps};

/// A page as another reader of TIFF sees it.
struct Read {
    size: (u32, u32),
    pixels: Vec<f64>,
    bits: u16,
    reduced: u32,
    smaller: Vec<u64>,
    description: Option<String>,
}

/// The pages of the chain that begins at `first`, or at the file's first one.
fn chain(bytes: &[u8], first: Option<u64>) -> Vec<Read> {
    let mut bytes = bytes.to_vec();
    // The decoder reads the pixels of the chain's pages only: for another chain the header is changed.
    match (first, bytes[2]) {
        (Some(first), 43) => bytes[8..16].copy_from_slice(&first.to_le_bytes()),
        (Some(first), _) => bytes[4..8].copy_from_slice(&(first as u32).to_le_bytes()),
        (None, _) => {}
    }
    let mut decoder = Decoder::new(Cursor::new(bytes)).expect("a TIFF");
    let mut pages = Vec::new();
    loop {
        assert_eq!(decoder.get_tag_u32(Tag::Compression).expect("a tag"), 8);
        let pixels = match decoder.read_image().expect("pixels") {
            DecodingResult::U8(v) => v.into_iter().map(f64::from).collect(),
            DecodingResult::U16(v) => v.into_iter().map(f64::from).collect(),
            DecodingResult::U32(v) => v.into_iter().map(f64::from).collect(),
            DecodingResult::F32(v) => v.into_iter().map(f64::from).collect(),
            other => panic!("{other:?}"),
        };
        pages.push(Read {
            size: decoder.dimensions().expect("a size"),
            pixels,
            bits: decoder.get_tag_unsigned(Tag::BitsPerSample).expect("a tag"),
            reduced: decoder.get_tag_u32(Tag::NewSubfileType).expect("a tag"),
            smaller: decoder.find_tag_unsigned_vec(Tag::SubIfd).expect("readable").unwrap_or_default(),
            description: decoder.get_tag_ascii_string(Tag::ImageDescription).ok(),
        });
        if !decoder.more_images() {
            return pages;
        }
        decoder.next_image().expect("a page");
    }
}

fn series(description: Option<&String>) -> Series {
    match Ome::parse(description.expect("a description"), &Limits::default()) {
        Ok(Some(Ome::Images(mut images))) if images.len() == 1 => images.remove(0),
        other => panic!("{other:?}"),
    }
}

fn calibration() -> Calibration {
    Calibration { x: Some(0.325), y: Some(0.25), z: Some(1.5), unit: Some("µm".into()), frame_interval: Some(30.0) }
}

/// Every other pixel of a level, as smaller copies of labels have it.
fn every_other(pixels: &[f64], width: usize) -> Vec<f64> {
    pixels.chunks(width).step_by(2).flat_map(|row| row.iter().copied().step_by(2)).collect()
}

#[test]
fn labels_with_smaller_copies() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("labels.ome.tif");
    let (t, z, y, x) = (2, 2, 1100, 530);
    let ids: Vec<u32> = (0..t * z * y * x).map(|i| (i * i / 977 % 70_000) as u32).collect();
    let labels = LabelImage { t, z, y, x, ids, calibration: calibration() };
    let names: Vec<String> = (0..4).map(|i| format!("plane {i} µ")).collect();
    write_labels_ome(&path, &labels, &names, false).expect("written");
    let bytes = std::fs::read(&path).expect("read");
    let pages = chain(&bytes, None);
    let series = series(pages[0].description.as_ref());
    assert_eq!(series.name.as_deref(), Some("labels.ome.tif"));
    assert_eq!((series.shape, series.calibration()), (labels.shape(), calibration()));
    assert_eq!((series.slice_labels.clone(), series.pixel_type), (names, Some(crate::PixelType::U32)));
    assert_eq!(series.planes(pages.len(), "labels.ome.tif").expect("pages"), [0, 1, 2, 3]);
    for (number, (page, plane)) in pages.iter().zip(labels.ids.chunks(y * x)).enumerate() {
        assert_eq!((page.size, page.bits, page.reduced, page.smaller.len()), ((530, 1100), 32, 0, 2));
        assert_eq!(page.description.is_some(), number == 0);
        let mut expected: Vec<f64> = plane.iter().copied().map(f64::from).collect();
        assert!(page.pixels == expected, "page {number}");
        let mut width = x;
        for (&place, size) in page.smaller.iter().zip([(265, 550), (133, 275)]) {
            let copies = chain(&bytes, Some(place));
            assert_eq!((copies.len(), copies[0].size, copies[0].reduced), (1, size, 1));
            expected = every_other(&expected, width);
            width = width.div_ceil(2);
            assert!(copies[0].pixels == expected, "a copy of page {number}");
        }
    }
}

#[test]
fn labels_take_the_fewest_bits() {
    let folder = tempfile::tempdir().expect("a folder");
    for (largest, bits) in [(0, 8), (255, 8), (256, 16), (65_535, 16), (65_536, 32), (u32::MAX, 32)] {
        let path = folder.path().join(format!("{largest}.ome.tif"));
        let labels = LabelImage { t: 1, z: 1, y: 1, x: 2, ids: vec![largest, 0], calibration: Calibration::default() };
        write_labels_ome(&path, &labels, &[], false).expect("written");
        let pages = chain(&std::fs::read(&path).expect("read"), None);
        assert_eq!((pages.len(), pages[0].bits, &pages[0].pixels[..]), (1, bits, &[f64::from(largest), 0.0][..]));
    }
}

#[test]
fn maps_with_channels() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("maps.ome.tif");
    let (c, y, x) = (3, 20, 515);
    let value = |i: usize| if i.is_multiple_of(97) { f32::NAN } else { (i as f32).sin() };
    let planes: Vec<Maps> = (0..2).map(|p| Maps::new(c, y, x, (0..c * y * x).map(|i| value(i + p)).collect())).collect();
    let stack = MapStack { planes: &planes, t: 1, z: 2, calibration: &calibration() };
    let names = ["cell", "border", "<other>"].map(str::to_owned);
    write_maps_ome(&path, &stack, &names, false).expect("written");
    let bytes = std::fs::read(&path).expect("read");
    let pages = chain(&bytes, None);
    let series = series(pages[0].description.as_ref());
    assert_eq!(series.shape, Shape { t: 1, z: 2, c, y, x });
    assert_eq!((series.channel_names(), series.pixel_type), (names.to_vec(), Some(crate::PixelType::F32)));
    let expected: Vec<f32> = planes.iter().flat_map(|maps| maps.data.clone()).collect();
    let found: Vec<f32> = pages.iter().flat_map(|page| &page.pixels).map(|&v| v as f32).collect();
    assert!(found.iter().map(|v| v.to_bits()).eq(expected.iter().map(|v| v.to_bits())));
    let copy = &chain(&bytes, Some(pages[5].smaller[0]))[0];
    assert_eq!((copy.size, copy.bits), ((258, 10), 32));
    let mean = |ids: &[usize]| ids.iter().map(|&i| f64::from(planes[1].channel(2)[i])).sum::<f64>() / ids.len() as f64;
    assert!((copy.pixels[1] - mean(&[2, 3, x + 2, x + 3])).abs() < 1e-7);
    assert!((copy.pixels[257] - mean(&[x - 1, 2 * x - 1])).abs() < 1e-7, "the last column stands for one");
}

#[test]
fn a_big_file_has_the_same_pixels() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("big.ome.tif");
    let labels = LabelImage { t: 1, z: 2, y: 3, x: 600, ids: (0..3600).map(|i| i % 251).collect(), calibration: calibration() };
    let image = OmeTiff { shape: labels.shape(), calibration: &labels.calibration, channel_names: &[], slice_labels: &[] };
    let mut file = TiffFile::begin(AtomicFile::create(&path, false).expect("a file"), true).expect("begun");
    let rows = |at: PlaneIndex, y: Range<usize>| Ok(labels.rows(at.t, at.z, y)?.into_iter().map(|id| id as u8).collect());
    image.write_to::<u8>(&mut file, "big.ome.tif", &Pyramid::of(3, 600), rows).expect("written");
    file.commit().expect("a name");
    let bytes = std::fs::read(&path).expect("read");
    assert_eq!(bytes[..8], *b"II+\0\x08\0\0\0");
    let pages = chain(&bytes, None);
    let found: Vec<f64> = pages.iter().flat_map(|page| page.pixels.clone()).collect();
    assert!(found.iter().copied().eq(labels.ids.iter().copied().map(f64::from)));
    let copy = &chain(&bytes, Some(pages[1].smaller[0]))[0];
    assert_eq!(copy.pixels, every_other(&pages[1].pixels, 600));
}

/// Labels of an image that is nowhere in memory, and the rows that were asked for.
struct Stripes {
    shape: Shape,
    calibration: Calibration,
    largest: u32,
    asked: RefCell<Vec<(usize, Range<usize>)>>,
}

impl Stripes {
    fn new(shape: Shape, largest: u32) -> Self {
        Self { shape, calibration: Calibration::default(), largest, asked: RefCell::default() }
    }
}

impl LabelRows for Stripes {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    fn largest(&self) -> u32 {
        self.largest
    }

    fn rows(&self, _: usize, z: usize, y: Range<usize>) -> Result<Vec<u32>> {
        self.asked.borrow_mut().push((z, y.clone()));
        if z == 2 {
            return Err(Error::cancelled("make labels"));
        }
        Ok(y.flat_map(|row| vec![row as u32; self.shape.x]).collect())
    }
}

#[test]
fn rows_come_from_top_to_bottom_and_tiles_high() {
    let folder = tempfile::tempdir().expect("a folder");
    let stripes = Stripes::new(Shape { t: 1, z: 2, c: 1, y: 1030, x: 3 }, 2000);
    write_labels_ome(&folder.path().join("a.ome.tif"), &stripes, &[], false).expect("written");
    let each = |z| [(z, 0..512), (z, 512..1024), (z, 1024..1030)];
    assert_eq!(*stripes.asked.borrow(), [each(0), each(1)].concat());
}

#[test]
fn the_same_image_gives_the_same_bytes_and_another_one_another_uuid() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |part: &str, ids: [u32; 4], (t, z)| {
        let path = folder.path().join(part).join("a.ome.tif");
        let labels = LabelImage { t, z, y: 1, x: 2, ids: ids.to_vec(), calibration: Calibration::default() };
        write_labels_ome(&path, &labels, &[], true).expect("written");
        let bytes = std::fs::read(path).expect("read");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let uuid = text.split_once("urn:uuid:").expect("a UUID").1[..36].to_owned();
        (bytes, uuid)
    };
    let first = write("1", [1, 2, 3, 4], (2, 1));
    assert_eq!(write("2", [1, 2, 3, 4], (2, 1)), first);
    assert_ne!(write("3", [1, 2, 3, 5], (2, 1)).1, first.1);
    assert_ne!(write("4", [1, 2, 3, 4], (1, 2)).1, first.1);
}

#[test]
fn what_cannot_be_written_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.ome.tif");
    let refused = |shape: Shape, largest: u32, names: &[String]| {
        let error = write_labels_ome(&path, &Stripes::new(shape, largest), names, false).expect_err("refused");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0, "{error}");
        error
    };
    let shape = Shape { t: 1, z: 1, c: 1, y: 300, x: 4 };
    assert_eq!(refused(Shape { z: 3, ..shape }, 400, &[]).kind, ErrorKind::Cancelled);
    assert!(refused(shape, 255, &[]).message.contains("larger than the largest"));
    assert!(refused(Shape { x: 0, ..shape }, 400, &[]).message.contains("without pixels"));
    assert!(refused(Shape { c: 2, ..shape }, 400, &[]).message.contains("channels"));
    assert!(refused(shape, 400, &["a".into(), "b".into()]).message.contains("slice labels"));
    for huge in [
        Shape { z: (1 << 18) + 1, ..shape },
        Shape { t: usize::MAX, z: usize::MAX, ..shape },
        Shape { y: 1 << 31, ..shape },
        Shape { x: usize::MAX, ..shape },
    ] {
        assert_eq!(refused(huge, 400, &[]).kind, ErrorKind::LimitExceeded);
    }
    let short = LabelImage { t: 1, z: 1, y: 2, x: 2, ids: vec![0; 3], calibration: Calibration::default() };
    assert_eq!(write_labels_ome(&path, &short, &[], false).expect_err("refused").kind, ErrorKind::Internal);
    let calibration = Calibration::default();
    let stack = MapStack { planes: &[Maps::zeros(2, 3, 4)], t: 1, z: 1, calibration: &calibration };
    let error = write_maps_ome(&path, &stack, &["one".to_owned()], false).expect_err("refused");
    assert!(error.message.contains("another number of channels"), "{error}");
    let none = MapStack { planes: &[], t: 0, z: 0, calibration: &calibration };
    assert!(write_maps_ome(&path, &none, &[], false).expect_err("refused").message.contains("without pixels"));
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_size_comes_back(t in 1_usize..3, z in 1_usize..3, y in 1_usize..40, x in 1_usize..1200, largest in 1_u32..100_000) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.ome.tif");
        let ids: Vec<u32> = (0..t * z * y * x).map(|i| (i as u32).wrapping_mul(2_654_435_761) % (largest + 1)).collect();
        let labels = LabelImage { t, z, y, x, ids, calibration: Calibration::default() };
        write_labels_ome(&path, &labels, &[], false).expect("written");
        let pages = chain(&std::fs::read(&path).expect("read"), None);
        let found: Vec<f64> = pages.iter().flat_map(|page| page.pixels.clone()).collect();
        prop_assert!(found.iter().copied().eq(labels.ids.iter().copied().map(f64::from)));
    }
}
