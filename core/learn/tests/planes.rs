//! Volumes that are learned from across an anatomical axis, through the engine and the real learner.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::place::{Place, says};
use fewlabel::contract::{CancelToken, Entry, ErrorKind, PretrainResult, Request, SegmentResult, VolumePlane};
use fewlabel_image::{Calibration, LabelImage, Limits, open_labels, open_source, write_labels, write_nifti_labels};
use fewlabel_learn::pool::{Factor, Pool, PoolOptions};
use fewlabel_model::{Normalisation, Package};
use serde_json::{Value, json};

/// Along left-right, back-front and foot-head, no two of them alike.
const BODY: [usize; 3] = [44, 40, 36];
/// Boxes in it: where they begin and how long they are.
const BOXES: [([usize; 3], [usize; 3]); 3] = [([2, 3, 4], [14, 10, 8]), ([22, 6, 3], [12, 16, 10]), ([10, 24, 20], [20, 12, 14])];

/// The number of the box at a place in the body; 0 beside them.
fn number([lr, bf, fh]: [usize; 3]) -> u32 {
    let inside = |(first, size): &([usize; 3], [usize; 3])| {
        [lr, bf, fh].iter().zip(first).zip(size).all(|((place, first), size)| (*first..first + size).contains(place))
    };
    BOXES.iter().position(inside).map_or(0, |place| place as u32 + 1)
}

fn grey(place: [usize; 3]) -> u32 {
    if number(place) > 0 { 200 } else { 10 + ((3 * place[0] + 5 * place[1] + 7 * place[2]) % 11) as u32 }
}

/// The body as it is stored when `x`, `y` and `z` lead along these of its directions.
fn stored(ways: [usize; 3], value: fn([usize; 3]) -> u32) -> LabelImage {
    let [x, y, z] = ways.map(|way| BODY[way]);
    let places = (0..z).flat_map(|z| (0..y).flat_map(move |y| (0..x).map(move |x| [x, y, z])));
    let of_body = |place: [usize; 3]| {
        let mut body = [0; 3];
        ways.into_iter().zip(place).for_each(|(way, place)| body[way] = place);
        body
    };
    LabelImage { t: 1, z, y, x, ids: places.map(|place| value(of_body(place))).collect(), calibration: Calibration::default() }
}

/// A NIfTI file whose axes lead along these directions.
fn nifti(path: &Path, ways: [usize; 3], value: fn([usize; 3]) -> u32) {
    write_nifti_labels(path, &stored(ways, value), None, true).unwrap();
    let mut bytes = fs::read(path).unwrap();
    // As NIfTI-1 has them: the code of the sform, and its rows.
    bytes[254..256].copy_from_slice(&1_i16.to_le_bytes());
    for (axis, way) in ways.into_iter().enumerate() {
        let place = 280 + 16 * way + 4 * axis;
        bytes[place..place + 4].copy_from_slice(&1_f32.to_le_bytes());
    }
    fs::write(path, bytes).unwrap();
}

/// Image and labels, stored along axes of their own.
fn volume(place: &Place, image: [usize; 3], labels: [usize; 3]) {
    nifti(&place.path("images/a.nii"), image, grey);
    nifti(&place.path("labels/a.nii"), labels, number);
}

/// How many pieces the boxes have across an axis of the body.
fn pieces(way: usize) -> usize {
    BOXES.iter().map(|(_, size)| size[way]).sum()
}

fn across(plane: &str) -> usize {
    ["sagittal", "coronal", "axial"].iter().position(|name| *name == plane).unwrap()
}

fn plane_of(package: &Package) -> (Option<VolumePlane>, Value) {
    (package.meta.plane, package.run["request"]["args"]["plane"].clone())
}

#[test]
fn a_model_of_coronal_planes_labels_the_grid_of_the_file() {
    let place = Place::new();
    let in_any = |body| u32::from(number(body) > 0);
    nifti(&place.path("images/a.nii"), [1, 2, 0], grey);
    nifti(&place.path("labels/a.nii"), [1, 2, 0], in_any);
    place.train(json!({"plane": "coronal", "find": "areas", "steps": 60, "batch": 4})).unwrap();
    assert_eq!(plane_of(&place.package()), (Some(VolumePlane::Coronal), json!("coronal")));

    // Stored along other axes than what it was trained on.
    let (ways, path) = ([2, 0, 1], place.path("b.nii"));
    nifti(&path, ways, grey);
    let args = json!({"model": place.path("model.zip"), "images": [path], "output": place.path("out")});
    let result: SegmentResult =
        place.engine.call(Request { contract: 1, entry: Entry::Segment, args }).unwrap().parse_result().unwrap();
    let made = open_labels(result.images[0].labels.as_ref().unwrap(), &Limits::default()).unwrap();
    let truth = stored(ways, number);
    assert_eq!((made.z, made.y, made.x), (truth.z, truth.y, truth.x));
    let both = made.ids.iter().zip(&truth.ids).filter(|(made, truth)| **made > 0 && **truth > 0).count();
    let each = [&made.ids, &truth.ids].map(|ids| ids.iter().filter(|&&id| id > 0).count());
    let dice = 2.0 * both as f64 / (each[0] + each[1]) as f64;
    assert!(dice > 0.8, "{dice}");
    let header = |path: &Path| open_source(path, &Limits::default()).unwrap().nifti_header();
    assert!(header(result.images[0].labels.as_ref().unwrap()).is_some());
}

#[test]
fn each_file_is_turned_by_its_own_affine() {
    let place = Place::new();
    for (image, labels, plane) in
        [([0, 1, 2], [2, 1, 0], "axial"), ([0, 1, 2], [0, 1, 2], "coronal"), ([2, 0, 1], [1, 2, 0], "sagittal")]
    {
        volume(&place, image, labels);
        let result = place.train(json!({"plane": plane, "steps": 1, "existing": "overwrite"})).unwrap();
        assert_eq!(result.labelled_objects, pieces(across(plane)), "{plane}");
    }
    // As it is stored, nothing is asked of the affine.
    let other = Place::new();
    volume(&other, [1, 2, 0], [1, 2, 0]);
    assert_eq!(other.train(json!({"steps": 1})).unwrap().labelled_objects, pieces(0));
    assert_eq!(plane_of(&other.package()), (None, Value::Null));
}

#[test]
fn what_does_not_fit_is_refused() {
    let place = Place::new();
    nifti(&place.path("images/a.nii"), [1, 2, 0], grey);
    // The axes of the image, but nothing that says so.
    write_labels(&place.path("labels/a.tif"), &stored([1, 2, 0], number), &[], false).unwrap();
    let error = place.refused(json!({"plane": "coronal"}));
    says(
        &error,
        ErrorKind::InvalidRequest,
        &["not of the size", "44 x 36 pixels, 40 slices", "40 x 44 pixels, 36 slices", "a.tif"],
    );
    fs::remove_file(place.path("labels/a.tif")).unwrap();

    let outline = r#"{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry":
        {"type": "Polygon", "coordinates": [[[2, 2], [9, 2], [9, 9], [2, 9], [2, 2]]]}}]}"#;
    place.file("labels/a.geojson", outline.as_bytes());
    let error = place.refused(json!({"plane": "coronal"}));
    says(&error, ErrorKind::Unsupported, &["a.geojson", "a.nii", "plane"]);
    fs::remove_file(place.path("labels/a.geojson")).unwrap();

    volume(&place, [0, 1, 2], [0, 1, 2]);
    let mut bytes = fs::read(place.path("labels/a.nii")).unwrap();
    bytes[280..328].fill(0);
    place.file("labels/a.nii", &bytes);
    says(&place.refused(json!({"plane": "axial"})), ErrorKind::UnreadableImage, &["labels", "a.nii", "affine"]);
    says(&place.refused(json!({"plane": "axial", "find": "kinds"})), ErrorKind::InvalidRequest, &["plane"]);
}

#[test]
fn a_start_hands_its_planes_on_unless_others_are_asked_for() {
    let place = Place::new();
    volume(&place, [1, 2, 0], [1, 2, 0]);
    let pretrain = |save: &str, more: Value| -> Package {
        let mut args = json!({
            "images": [place.path("images")], "save": place.path(save), "start": "none", "method": "restore", "device": "cpu",
            "steps": 1, "width": 4, "levels": 2, "crop": 32, "batch": 2, "threads": 1,
        });
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        args.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let response = place.engine.call(Request { contract: 1, entry: Entry::Pretrain, args }).unwrap();
        let _: PretrainResult = response.parse_result().unwrap();
        Package::read(&place.path(save)).unwrap()
    };
    let from = |start: &str| json!({"start": place.path(start), "width": null, "levels": null, "existing": "overwrite"});
    let with = |start: &str, plane: &str| {
        let mut more = from(start);
        more["plane"] = json!(plane);
        more
    };
    let sagittal = (Some(VolumePlane::Sagittal), json!("sagittal"));
    let axial = (Some(VolumePlane::Axial), json!("axial"));
    assert_eq!(plane_of(&pretrain("start.zip", json!({"plane": "sagittal"}))), sagittal);
    assert_eq!(plane_of(&pretrain("more.zip", from("start.zip"))), sagittal);
    assert_eq!(plane_of(&pretrain("axial.zip", with("start.zip", "axial"))), axial);
    assert_eq!(plane_of(&pretrain("stored.zip", json!({}))), (None, Value::Null));

    let train = |mut more: Value| {
        more["steps"] = json!(1);
        let result = place.train(more).unwrap();
        (plane_of(&place.package()), result.labelled_objects)
    };
    assert_eq!(train(from("start.zip")), (sagittal, pieces(0)));
    assert_eq!(train(with("start.zip", "axial")), (axial, pieces(2)));
    // The model of before, as a start.
    assert_eq!(train(with("model.zip", "coronal")), ((Some(VolumePlane::Coronal), json!("coronal")), pieces(1)));
    assert_eq!(train(from("stored.zip")).0, (None, Value::Null));
}

#[test]
fn images_without_labels_are_cut_alike() {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("a.nii");
    nifti(&path, [1, 2, 0], grey);
    let pool = |plane| {
        let options = PoolOptions {
            channels: Vec::new(),
            plane,
            network_channels: None,
            normalisation: Normalisation::default(),
            factor: Factor::Of(1.0),
            room: 1 << 20,
        };
        Pool::open([path.clone()], options, &CancelToken::new()).unwrap().0
    };
    for (plane, [x, y, z]) in [
        (None, [1, 2, 0]),
        (Some(VolumePlane::Axial), [0, 1, 2]),
        (Some(VolumePlane::Coronal), [0, 2, 1]),
        (Some(VolumePlane::Sagittal), [1, 2, 0]),
    ] {
        let pool = pool(plane);
        assert_eq!(pool.len(), BODY[z], "{plane:?}");
        let part = pool.raw_part(5).unwrap();
        assert_eq!((part.height, part.width), (BODY[y], BODY[x]));
        let mut place = [0; 3];
        for (row, column) in [(0, 0), (3, 7), (BODY[y] - 1, BODY[x] - 1)] {
            [place[x], place[y], place[z]] = [column, row, 5];
            assert_eq!(part.data[row * part.width + column], grey(place) as f32, "{plane:?}");
        }
        assert_eq!(pool.part(5).unwrap().data.len(), part.data.len());
    }
}
