use std::fs;

use fewlabel_contract::ErrorKind;

use super::*;
use crate::{Calibration, LabelImage, Limits, Pixels, Region, Source, ZarrSource};

fn labels(t: usize, z: usize, y: usize, x: usize, id: impl Fn(usize) -> u32) -> LabelImage {
    LabelImage { t, z, y, x, ids: (0..t * z * y * x).map(id).collect(), calibration: Calibration::default() }
}

fn open(path: &Path) -> ZarrSource {
    ZarrSource::open(path, &Limits::default()).expect("an image")
}

#[test]
fn labels_come_back_with_their_levels() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("labels.zarr");
    let calibration =
        Calibration { x: Some(0.325), y: Some(0.33), z: Some(2.0), unit: Some("µm".into()), frame_interval: Some(30.0) };
    // Two planes larger than a chunk, with a gap of background as large as one.
    let id = |i: usize| if (600..1200).contains(&(i / 700 % 1300)) { 0 } else { (i % 65_536) as u32 };
    let image = LabelImage { calibration: calibration.clone(), ..labels(1, 2, 1300, 700, id) };
    write_labels_zarr(&path, &image, &ImageLabel::default(), false).expect("written");
    let source = open(&path);
    let info = source.info();
    assert_eq!((info.shape, info.levels.as_slice()), (image.shape(), &[(1300, 700), (650, 350), (325, 175)][..]));
    assert_eq!(info.calibration, Calibration { frame_interval: None, ..calibration });
    assert!(source.is_labels());
    assert_eq!(source.image().expect("all").pixels, Pixels::U16(image.ids.iter().map(|&id| id as u16).collect()));
    for (level, factor) in [(1, 2), (2, 4)] {
        let shape = info.level(level);
        let rows = (0..2 * shape.y).map(|row| (row / shape.y * 1300 + row % shape.y * factor) * 700);
        let picked = rows.flat_map(|row| (0..shape.x).map(move |x| row + x * factor)).map(|at| image.ids[at] as u16).collect();
        assert_eq!(source.read(level, &Region::whole(shape)).expect("a level"), Pixels::U16(picked), "level {level}");
    }
    assert!(!path.join("2").join("0").join("1").exists() && !path.with_file_name("labels.zarr.partial").exists());
}

#[test]
fn chunks_of_background_are_not_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.zarr");
    write_labels_zarr(&path, &labels(1, 1, 1, 1025, |i| u32::from(i == 1024)), &ImageLabel::default(), false).expect("written");
    let chunk = |column: &str| path.join("0").join("0").join(column).exists();
    assert_eq!(["0", "1", "2"].map(chunk), [false, false, true]);
    assert_eq!(open(&path).image().expect("all").pixels.floats(1023..1025), [0.0, 1.0]);
}

#[test]
fn large_labels_have_32_bits() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.zarr");
    let image = labels(2, 1, 2, 3, |i| u32::MAX - i as u32);
    write_labels_zarr(&path, &image, &ImageLabel::default(), false).expect("written");
    let source = open(&path);
    assert_eq!((source.info().shape.t, source.image().expect("all").pixels), (2, Pixels::U32(image.ids)));
}

#[test]
fn colors_and_source_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cells.zarr");
    let about = ImageLabel { colors: vec![(1, [255, 0, 0, 128])], source: Some("../..".into()) };
    write_labels_zarr(&path, &labels(1, 1, 2, 2, |_| 1), &about, false).expect("written");
    let text = fs::read(path.join(".zattrs")).expect("read");
    let attributes: Value = serde_json::from_slice(&text).expect("json");
    let expected = json!({
        "version": "0.4",
        "colors": [{"label-value": 1, "rgba": [255, 0, 0, 128]}],
        "source": {"image": "../.."},
    });
    assert_eq!(attributes["image-label"], expected);
    assert_eq!(attributes["multiscales"][0]["name"], "cells.zarr");
    assert_eq!(attributes["multiscales"][0]["axes"], json!([{"name": "y", "type": "space"}, {"name": "x", "type": "space"}]));
}

/// Labels that end after some rows, or are larger than they said.
struct Broken(LabelImage, u32);

impl LabelRows for Broken {
    fn shape(&self) -> crate::Shape {
        self.0.shape()
    }

    fn calibration(&self) -> &Calibration {
        &self.0.calibration
    }

    fn largest(&self) -> u32 {
        self.1
    }

    fn rows(&self, t: usize, z: usize, y: std::ops::Range<usize>) -> Result<Vec<u32>> {
        if y.start > 0 { Err(Error::new(ErrorKind::Cancelled, "segment", "enough")) } else { self.0.rows(t, z, y) }
    }
}

#[test]
fn nothing_stays_of_what_fails() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.zarr");
    let write = |labels: &dyn LabelRows| write_labels_zarr(&path, labels, &ImageLabel::default(), false);
    let image = labels(1, 1, 600, 2, |_| 70_000);
    assert!(write(&Broken(image.clone(), 70_000)).is_err_and(|e| e.kind == ErrorKind::Cancelled));
    assert!(write(&Broken(image, 1)).is_err_and(|e| e.kind == ErrorKind::Internal), "larger than said");
    assert!(write(&labels(1, 1, 0, 2, |_| 0)).is_err_and(|e| e.kind == ErrorKind::Internal), "empty");
    assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 0);
    write(&labels(1, 1, 2, 2, |_| 1)).expect("written");
    assert!(write(&labels(1, 1, 2, 2, |_| 2)).is_err_and(|e| e.kind == ErrorKind::InvalidRequest), "there already");
}
