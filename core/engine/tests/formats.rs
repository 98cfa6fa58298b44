//! Images in any format in, labels and maps in any format out, and parts of images.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/place.rs"]
mod place;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fewlabel::contract::{DescribeResult, Entry, ErrorKind, Request};
use fewlabel_image::{
    Calibration, ImageLabel, LabelImage, Limits, MapStack, Maps, open, open_labels, open_source, read_outlines, write_labels,
    write_labels_ome, write_labels_zarr, write_maps, write_maps_ome, write_nifti_labels,
};
use place::{NUCLEI, Place, data, field, tiny};
use serde_json::json;

/// The samples of the image as whole numbers; its writers take these for labels.
fn as_labels(calibration: Calibration) -> LabelImage {
    let image = open(&data(NUCLEI), &Limits::default()).unwrap();
    let ids = image.pixels.floats(0..image.pixels.len()).into_iter().map(|value| value as u32).collect();
    LabelImage { t: 1, z: 1, y: image.shape.y, x: image.shape.x, ids, calibration }
}

fn micrometres(size: f64) -> Calibration {
    Calibration { x: Some(size), y: Some(size), unit: Some("µm".to_owned()), ..Calibration::default() }
}

fn labels_of(place: &Place, images: &[PathBuf], more: serde_json::Value) -> LabelImage {
    let mut args = json!({"model": tiny(), "existing": "overwrite"});
    args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let result = place.segment(images, args).unwrap();
    open_labels(result.images[0].labels.as_ref().unwrap(), &Limits::default()).unwrap()
}

#[test]
fn one_image_in_eight_formats_gives_the_same_labels() {
    let place = Place::new();
    let folder = place.path("in");
    fs::create_dir_all(&folder).unwrap();
    let image = as_labels(Calibration::default());
    let floats = Maps::new(1, image.y, image.x, image.ids.iter().map(|&id| id as f32).collect());
    let stack = MapStack { planes: &[floats], t: 1, z: 1, calibration: &image.calibration };
    let path = |name: &str| folder.join(name);
    fs::copy(data(NUCLEI), path("a.png")).unwrap();
    write_labels(&path("b.tif"), &image, &[], false).unwrap();
    write_maps(&path("c.tif"), &stack, &[], false).unwrap();
    write_labels_ome(&path("d.ome.tif"), &image, &[], false).unwrap();
    write_maps_ome(&path("e.ome.tif"), &stack, &[], false).unwrap();
    write_labels_zarr(&path("f.ome.zarr"), &image, &ImageLabel::default(), false).unwrap();
    write_nifti_labels(&path("g.nii"), &image, None, false).unwrap();
    write_nifti_labels(&path("h.nii.gz"), &image, None, false).unwrap();
    let result = place.segment(&[folder], json!({"model": tiny()})).unwrap();
    assert_eq!(result.images.len(), 8);
    let all: Vec<Vec<u32>> =
        result.images.iter().map(|image| open_labels(image.labels.as_ref().unwrap(), &Limits::default()).unwrap().ids).collect();
    assert!(result.images[0].objects > 30);
    for (image, labels) in result.images.iter().zip(&all) {
        assert!(labels == &all[0], "{}", image.name);
    }
}

#[test]
fn labels_and_maps_are_written_in_every_format() {
    let place = Place::new();
    let image = [data(NUCLEI)];
    let expected = labels_of(&place, &image, json!({}));
    let mut maps = Vec::new();
    for (format, ending) in [("imagej", "tif"), ("ome-tiff", "ome.tif"), ("ome-zarr", "ome.zarr"), ("nifti", "nii.gz")] {
        let more = json!({"format": format, "probabilities": true, "uncertainty": true});
        assert_eq!(labels_of(&place, &image, more).ids, expected.ids, "{format}");
        assert!(place.path("out").join(format!("C02_s4.labels.{ending}")).exists());
        let read = |what: &str| {
            let path = place.path("out").join(format!("C02_s4.{what}.{ending}"));
            let image = open_source(&path, &Limits::default()).unwrap().image().unwrap();
            (image.shape.c, image.pixels.floats(0..image.pixels.len()))
        };
        maps.push((read("prob"), read("unsure")));
    }
    // A folder is an image as well.
    let described = json!({"path": place.path("out").join("C02_s4.labels.ome.zarr")});
    let response = place.engine.call(Request { contract: 1, entry: Entry::Describe, args: described }).unwrap();
    let described: DescribeResult = response.parse_result().unwrap();
    assert_eq!(described.image.as_deref(), Some("1 channel, 1 z, 1 t, 696 x 520, 16 bit, no pixel size, a pyramid of 2 levels"));
    let ((channels, prob), (one, unsure)) = &maps[0];
    assert_eq!(*one, 1);
    let pixels = expected.y * expected.x;
    for pixel in (0..pixels).step_by(997) {
        let background = prob[pixel];
        let object = prob[pixels + pixel] + prob[2 * pixels + pixel];
        assert!((unsure[pixel] - (1.0 - background.max(object))).abs() < 1e-6);
    }
    assert!(*channels >= 3 && maps.iter().all(|other| *other == maps[0]));
    // The mean of it stands in the table of images.
    let mean = unsure.iter().map(|&value| f64::from(value)).sum::<f64>() / pixels as f64;
    let told: f64 = place.lines("images.csv")[1].split(',').nth(4).unwrap().parse().unwrap();
    assert!((told - mean).abs() < 1e-4, "{told} {mean}");

    let labels = labels_of(&place, &image, json!({"format": "png", "probabilities": true}));
    assert_eq!(labels.ids, expected.ids);
    assert!(place.path("out").join("C02_s4.labels.png").exists() && place.path("out").join("C02_s4.prob.tif").exists());
}

#[test]
fn a_nifti_image_gives_nifti_labels_on_its_grid() {
    let place = Place::new();
    let path = place.file("in/a.nii", b"");
    fs::remove_file(&path).unwrap();
    write_nifti_labels(&path, &as_labels(micrometres(0.5)), None, false).unwrap();
    let labels = labels_of(&place, std::slice::from_ref(&path), json!({}));
    assert_eq!(labels.ids, labels_of(&place, &[data(NUCLEI)], json!({})).ids);
    let written = place.path("out").join("a.labels.nii.gz");
    let header = |path: &Path| open_source(path, &Limits::default()).unwrap();
    assert_eq!(header(&written).info().calibration, header(&path).info().calibration);
    labels_of(&place, &[path], json!({"region": {"x": 30, "y": 20, "width": 64, "height": 50}}));
    let part = header(&written);
    assert_eq!((part.info().shape.y, part.info().shape.x), (50, 64));
    assert!(part.nifti_header().is_some());
}

#[test]
fn a_rectangle_tells_places_in_the_whole_image() {
    let place = Place::new();
    let image = [data(NUCLEI)];
    let whole = labels_of(&place, &image, json!({}));
    let (x, y, width, height) = (301, 107, 200, 150);
    let region = json!({"x": x, "y": y, "width": width, "height": height});
    let more = json!({"region": region, "rois": true, "uncertainty": true, "overlay": true});
    let part = labels_of(&place, &image, more);
    assert_eq!((part.y, part.x), (height, width));
    let mut same = 0;
    for row in 0..height {
        for column in 0..width {
            same += usize::from((part.ids[row * width + column] == 0) == (whole.ids[(y + row) * whole.x + x + column] == 0));
        }
    }
    assert!(same >= height * width - 20, "{same}");
    let objects = part.ids.iter().max().copied().unwrap() as usize;
    assert_eq!(part.ids.iter().filter(|&&id| id > 0).collect::<BTreeSet<_>>().len(), objects);
    for line in &place.lines("objects.csv")[1..] {
        let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap_or(f64::NAN)).collect();
        let (centre_x, centre_y, left, top) = (cells[7], cells[8], cells[9], cells[10]);
        assert!(left >= x as f64 && top >= y as f64 && left + cells[11] <= (x + width) as f64, "{line}");
        assert!(centre_x >= left && centre_y >= top && centre_y <= top + cells[12], "{line}");
    }
    let outlines = read_outlines(&place.path("out").join("C02_s4.rois.zip"), &Limits::default()).unwrap();
    assert_eq!(outlines.len(), objects);
    let picture = open(&place.path("out").join("C02_s4.overlay.png"), &Limits::default()).unwrap();
    assert_eq!((picture.shape.y, picture.shape.x), (height, width));
    let unsure = open(&place.path("out").join("C02_s4.unsure.tif"), &Limits::default()).unwrap();
    assert_eq!((unsure.shape.y, unsure.shape.x), (height, width));

    let outside = json!({"region": {"x": 600, "y": 0, "width": 200, "height": 10}, "existing": "overwrite"});
    let error = place.segment(&image, outside).unwrap_err();
    assert_eq!((error.kind, field(&error)), (ErrorKind::InvalidRequest, "region"));
    let baseline = json!({"region": region, "existing": "overwrite"});
    let result = place.segment(&image, baseline).unwrap();
    let labels = open_labels(result.images[0].labels.as_ref().unwrap(), &Limits::default()).unwrap();
    assert_eq!((labels.y, labels.x, *labels.ids.iter().max().unwrap() as usize), (height, width, result.images[0].objects));
}

/// A hyperstack with the image as its second channel, called `nuclei`.
fn two_channels(place: &Place, names: &[&str]) -> PathBuf {
    let image = as_labels(Calibration::default());
    let noise = (0..image.ids.len()).map(|pixel| (pixel * 7919 % 251) as f32);
    let data = noise.chain(image.ids.iter().map(|&id| id as f32)).collect();
    let planes = [Maps::new(2, image.y, image.x, data)];
    let path = place.file("in/two.ome.tif", b"");
    fs::remove_file(&path).unwrap();
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    write_maps_ome(&path, &MapStack { planes: &planes, t: 1, z: 1, calibration: &image.calibration }, &names, false).unwrap();
    path
}

#[test]
fn a_channel_is_chosen_by_name_or_number() {
    let place = Place::new();
    let expected = labels_of(&place, &[data(NUCLEI)], json!({}));
    let path = [two_channels(&place, &["cells", "Nuclei"])];
    for channel in ["2", "nuclei", "Nuclei"] {
        assert_eq!(labels_of(&place, &path, json!({"channels": [channel]})).ids, expected.ids, "{channel}");
    }
    assert!(place.lines("objects.csv")[0].ends_with("max_2,integrated_2"), "every channel is measured");
    let wrong = json!({"model": tiny(), "channels": ["GFP"], "existing": "overwrite"});
    let error = place.segment(&path, wrong).unwrap_err();
    assert_eq!((error.kind, field(&error)), (ErrorKind::InvalidRequest, "channels"));
    assert!(error.to_string().contains("cells, Nuclei"), "{error}");
    let all = json!({"model": tiny(), "existing": "overwrite"});
    assert_eq!(place.segment(&path, all).unwrap_err().kind, ErrorKind::InvalidRequest);
}

#[test]
fn a_channel_called_as_in_the_training_is_taken_and_said() {
    let place = Place::new();
    let expected = labels_of(&place, &[data(NUCLEI)], json!({}));
    let named = fewlabel_model::Package::read(&tiny()).unwrap().meta.channels[0].clone();
    let path = [two_channels(&place, &["cells", &named])];
    let (result, said) = place.told(&path, json!({"model": tiny(), "existing": "overwrite"}));
    let labels = open_labels(result.images[0].labels.as_ref().unwrap(), &Limits::default()).unwrap();
    assert_eq!(labels.ids, expected.ids);
    assert!(said.iter().any(|line| line.contains("the model reads")), "{said:?}");
}

#[test]
fn what_a_format_does_not_hold_is_said() {
    let place = Place::new();
    let mut stack = as_labels(Calibration::default());
    stack.z = 2;
    stack.y /= 2;
    let path = place.file("in/stack.tif", b"");
    fs::remove_file(&path).unwrap();
    write_labels(&path, &stack, &[], false).unwrap();
    let error = place.segment(&[path], json!({"model": tiny(), "format": "png"})).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unsupported);
    assert!(error.to_string().contains("one plane"), "{error}");
    let error = place.segment(&[data(NUCLEI)], json!({"uncertainty": true, "output": place.path("other")})).unwrap_err();
    assert_eq!((error.kind, field(&error)), (ErrorKind::InvalidRequest, "uncertainty"));
}
