//! Models that cut volumes across an anatomical axis: what comes back lies on the grid of the file.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/place.rs"]
mod place;
#[path = "support/tiny.rs"]
mod tiny;

use std::fs;
use std::path::{Path, PathBuf};
use std::slice;
use std::sync::Arc;

use fewlabel::contract::{DescribeResult, Entry, ErrorKind, Event, Outcome, Request, VolumePlane};
use fewlabel_image::{
    Calibration, Image, LabelImage, Limits, Pixels, Shape, Turn, open_labels, open_source, write_labels, write_nifti_labels,
};
use place::{NUCLEI, Place, data, field};
use serde_json::json;

/// Along left-right, back-front and foot-head, no two of them alike.
const BODY: [usize; 3] = [46, 36, 26];

/// The grey of a place in the body: bright boxes, none of them like another, on an uneven ground.
fn grey([lr, bf, fh]: [usize; 3]) -> u32 {
    let boxes = [([3, 4, 2], [12, 6, 8]), ([20, 5, 4], [6, 14, 6]), ([30, 20, 12], [12, 10, 10]), ([6, 22, 15], [8, 8, 4])];
    let inside = |(first, size): &([usize; 3], [usize; 3])| {
        [lr, bf, fh].iter().zip(first).zip(size).all(|((place, first), size)| (*first..first + size).contains(place))
    };
    if boxes.iter().any(inside) { 200 } else { 10 + ((3 * lr + 5 * bf + 7 * fh) % 11) as u32 }
}

/// The body as it is stored when `x`, `y` and `z` lead along these of its directions.
fn stored(ways: [usize; 3]) -> LabelImage {
    let [x, y, z] = ways.map(|way| BODY[way]);
    let places = (0..z).flat_map(|z| (0..y).flat_map(move |y| (0..x).map(move |x| [x, y, z])));
    let ids = places.map(|place| grey(of_body(ways, place))).collect();
    let calibration = Calibration { x: Some(0.5), y: Some(0.75), z: Some(2.0), unit: Some("mm".into()), frame_interval: None };
    LabelImage { t: 1, z, y, x, ids, calibration }
}

fn of_body(ways: [usize; 3], place: [usize; 3]) -> [usize; 3] {
    let mut body = [0; 3];
    ways.into_iter().zip(place).for_each(|(way, place)| body[way] = place);
    body
}

/// A NIfTI file whose axes lead along these directions, every other one the other way.
fn nifti(path: &Path, ways: [usize; 3]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    write_nifti_labels(path, &stored(ways), None, false).unwrap();
    let mut bytes = fs::read(path).unwrap();
    // As NIfTI-1 has them: the code of the sform, and its rows.
    bytes[254..256].copy_from_slice(&1_i16.to_le_bytes());
    for (axis, way) in ways.into_iter().enumerate() {
        let step: f32 = [0.5, -0.75, 2.0][axis];
        let place = 280 + 16 * way + 4 * axis;
        bytes[place..place + 4].copy_from_slice(&step.to_le_bytes());
    }
    fs::write(path, bytes).unwrap();
}

/// The tiny model with a plane of its own.
fn model(place: &Place, plane: VolumePlane) -> PathBuf {
    let mut package = tiny::package(1);
    package.meta.plane = Some(plane);
    let path = place.path(&format!("{}.zip", plane.name()));
    package.write(&path, true).unwrap();
    path
}

/// The directions of the axes `x y z` of the planes.
fn ways_of(plane: VolumePlane) -> [usize; 3] {
    match plane {
        VolumePlane::Axial => [0, 1, 2],
        VolumePlane::Coronal => [0, 2, 1],
        VolumePlane::Sagittal => [1, 2, 0],
    }
}

/// Values of an image that is stored along `ways`, of its channel `c`, by their places in the body.
fn in_body<T: Copy>(values: &[T], ways: [usize; 3], (c, channels): (usize, usize)) -> Vec<T> {
    let [nx, ny, _] = ways.map(|way| BODY[way]);
    let body = (0..BODY[0]).flat_map(|lr| (0..BODY[1]).flat_map(move |bf| (0..BODY[2]).map(move |fh| [lr, bf, fh])));
    body.map(|place| {
        let [x, y, z] = ways.map(|way| place[way]);
        values[((z * channels + c) * ny + y) * nx + x]
    })
    .collect()
}

fn labels(path: &Path) -> LabelImage {
    open_labels(path, &Limits::default()).unwrap()
}

fn read(path: &Path) -> Image {
    open_source(path, &Limits::default()).unwrap().image().unwrap()
}

/// What the plain model makes of the planes when they are stored as such.
fn expected(place: &Place, plane: VolumePlane) -> (Vec<u32>, Vec<Vec<f32>>) {
    let ways = ways_of(plane);
    let path = place.path(&format!("plain/{}.tif", plane.name()));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    write_labels(&path, &stored(ways), &[], true).unwrap();
    let output = place.path("expected");
    let more =
        json!({"model": place::tiny(), "output": output, "existing": "overwrite", "probabilities": true, "format": "ome-tiff"});
    let result = place.segment(&[path], more).unwrap();
    assert!(result.images[0].objects > 20);
    let maps = read(&output.join(format!("{}.prob.ome.tif", plane.name())));
    let values = maps.pixels.floats(0..maps.pixels.len());
    let maps = (0..maps.shape.c).map(|c| in_body(&values, ways, (c, maps.shape.c))).collect();
    (in_body(&labels(result.images[0].labels.as_ref().unwrap()).ids, ways, (0, 1)), maps)
}

#[test]
fn every_orientation_and_plane_gives_labels_on_the_grid_of_the_file() {
    let place = Place::new();
    for plane in [VolumePlane::Axial, VolumePlane::Coronal, VolumePlane::Sagittal] {
        let (model, (expected, _)) = (model(&place, plane), expected(&place, plane));
        for ways in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let path = place.path(&format!("in/{}{ways:?}.nii", plane.name()));
            nifti(&path, ways);
            let result = place.segment(slice::from_ref(&path), json!({"model": model, "existing": "overwrite"})).unwrap();
            let made = labels(result.images[0].labels.as_ref().unwrap());
            assert_eq!([made.x, made.y, made.z], ways.map(|way| BODY[way]));
            assert!(in_body(&made.ids, ways, (0, 1)) == expected, "{plane:?} {ways:?}");
            // The affine is that of the file, so it is turned as the file is.
            let open = |path: &Path| open_source(path, &Limits::default()).unwrap();
            let (file, made) = (open(&path), open(result.images[0].labels.as_ref().unwrap()));
            assert_eq!(file.info().calibration, made.info().calibration);
            let turn = |header| Turn::across(plane, file.info().shape, Some(&header)).unwrap();
            assert_eq!(turn(file.nifti_header().unwrap()), turn(made.nifti_header().unwrap()));
        }
    }
}

#[test]
fn every_format_has_the_axes_of_the_file() {
    let place = Place::new();
    let (plane, ways) = (VolumePlane::Sagittal, [1, 2, 0]);
    let (model, (ids, maps)) = (model(&place, plane), expected(&place, plane));
    // Without a header x leads from left to right, y from back to front, z from foot to head.
    let tiff = place.path("in/b.tif");
    fs::create_dir_all(tiff.parent().unwrap()).unwrap();
    write_labels(&tiff, &stored([0, 1, 2]), &[], false).unwrap();
    let packed = place.path("in/a.nii");
    nifti(&packed, ways);
    for (name, path, ways) in [("a", packed, ways), ("b", tiff, [0, 1, 2])] {
        for (format, ending) in [("imagej", "tif"), ("ome-tiff", "ome.tif"), ("ome-zarr", "ome.zarr"), ("nifti", "nii.gz")] {
            let more = json!({
                "model": model, "existing": "overwrite", "format": format, "probabilities": true, "uncertainty": true, "overlay": true,
            });
            place.segment(slice::from_ref(&path), more).unwrap();
            let file = |what: &str| read(&place.path("out").join(format!("{name}.{what}.{ending}")));
            let made = labels(&place.path("out").join(format!("{name}.labels.{ending}")));
            let [x, y, z] = ways.map(|way| BODY[way]);
            let shape = Shape { t: 1, z, c: 1, y, x };
            assert_eq!(
                (made.calibration.x, made.calibration.y, made.calibration.z),
                (Some(0.5), Some(0.75), Some(2.0)),
                "{format}"
            );
            assert!(in_body(&made.ids, ways, (0, 1)) == ids, "{name} {format}");
            let (prob, unsure) = (file("prob"), file("unsure"));
            assert_eq!((prob.shape, unsure.shape), (Shape { c: maps.len(), ..shape }, shape), "{format}");
            let (prob, unsure) = (prob.pixels.floats(0..prob.pixels.len()), unsure.pixels.floats(0..unsure.pixels.len()));
            for (c, map) in maps.iter().enumerate() {
                assert!(&in_body(&prob, ways, (c, maps.len())) == map, "{name} {format} {c}");
            }
            let doubt = (0..maps[0].len()).map(|place| 1.0 - maps[0][place].max(maps[1][place] + maps[2][place]));
            assert!(
                in_body(&unsure, ways, (0, 1)).iter().zip(doubt).all(|(unsure, doubt)| (unsure - doubt).abs() < 1e-6),
                "{format}"
            );
        }
        // Tables and picture tell of the planes that were looked at: so many slices of so many rows and columns.
        let rows: Vec<Vec<String>> =
            place.lines("objects.csv")[1..].iter().map(|line| line.split(',').map(str::to_owned).collect()).collect();
        let largest = |column: usize| rows.iter().map(|row| row[column].parse::<usize>().unwrap()).max().unwrap();
        assert_eq!((largest(4), largest(9) + largest(11) <= 2 * BODY[1], largest(10) < BODY[2]), (42, true, true));
        let picture = read(&place.path("out").join(format!("{name}.overlay.png")));
        assert_eq!((picture.shape.x, picture.shape.y), (BODY[1], BODY[2]));
    }
}

#[test]
fn a_volume_in_memory_comes_back_as_it_came() {
    let place = Place::new();
    let plane = VolumePlane::Coronal;
    let (model, (expected, _)) = (model(&place, plane), expected(&place, plane));
    let volume = stored([0, 1, 2]);
    let image = json!({"buffer": 0, "z": volume.z, "y": volume.y, "x": volume.x, "type": "u32"});
    let request = place.request(&[], json!({"model": model, "images": [image], "output": null}));
    let running = place.engine.submit(request, vec![Pixels::U32(volume.ids)], Arc::new(|_: Event| {}));
    let Outcome::Done { .. } = running.wait() else { panic!("{:?}", running.outcome()) };
    let buffers = running.take_buffers();
    let [Pixels::U32(ids)] = buffers.as_slice() else { panic!("{buffers:?}") };
    assert!(in_body(ids, [0, 1, 2], (0, 1)) == expected);
}

#[test]
fn a_model_says_into_which_planes_it_cuts() {
    let place = Place::new();
    let planes = |model: &Path| {
        let request = Request { contract: 1, entry: Entry::Describe, args: json!({"path": model}) };
        let described: DescribeResult = place.engine.call(request).unwrap().parse_result().unwrap();
        described.model.unwrap().plane
    };
    assert_eq!(planes(&model(&place, VolumePlane::Sagittal)), Some(VolumePlane::Sagittal));
    assert_eq!(planes(&place::tiny()), None);
}

#[test]
fn what_lies_in_other_planes_is_refused_and_planes_are_taken_as_they_are() {
    let place = Place::new();
    let coronal = model(&place, VolumePlane::Coronal);
    let path = place.path("in/a.nii");
    nifti(&path, [0, 1, 2]);
    let region = json!({"x": 0, "y": 0, "width": 16, "height": 16});
    for (name, value) in [("rois", json!(true)), ("region", region.clone())] {
        let error = place.segment(slice::from_ref(&path), json!({"model": coronal, name: value})).unwrap_err();
        assert_eq!((error.kind, field(&error)), (ErrorKind::Unsupported, name), "{error}");
        assert!(error.to_string().contains("a.nii") && error.hint.is_some(), "{error}");
    }
    let error = place.segment(slice::from_ref(&path), json!({"model": coronal, "format": "png"})).unwrap_err();
    assert!(error.to_string().contains("one plane"), "{error}");
    // Stored as it is looked at, and an image of one plane.
    let stored_so = place.path("in/b.nii");
    nifti(&stored_so, [0, 2, 1]);
    for image in [stored_so, data(NUCLEI)] {
        let all = json!({"model": coronal, "existing": "overwrite", "rois": true, "region": region});
        let all = place.segment(slice::from_ref(&image), all).unwrap();
        let plain = json!({"model": place::tiny(), "output": place.path("plain"), "existing": "overwrite", "region": region});
        let plain = place.segment(&[image], plain).unwrap();
        let ids = |path: &Option<PathBuf>| labels(path.as_ref().unwrap()).ids;
        assert_eq!(ids(&all.images[0].labels), ids(&plain.images[0].labels));
    }

    let mut bytes = fs::read(&path).unwrap();
    bytes[280..284].copy_from_slice(&f32::NAN.to_le_bytes());
    let broken = place.file("in/c.nii", &bytes);
    let error = place.segment(slice::from_ref(&broken), json!({"model": coronal, "existing": "overwrite"})).unwrap_err();
    assert_eq!(error.kind, ErrorKind::UnreadableImage);
    assert!(error.to_string().contains("c.nii") && error.to_string().contains("affine"), "{error}");
    // Who cuts nothing asks nothing.
    place.segment(&[broken], json!({"model": place::tiny(), "existing": "overwrite"})).unwrap();
}

/// Objects are joined through the planes that were looked at.
#[test]
fn objects_are_linked_across_the_axis_of_the_planes() {
    let place = Place::new();
    let path = place.path("in/a.nii");
    nifti(&path, [2, 0, 1]);
    for plane in [VolumePlane::Axial, VolumePlane::Coronal, VolumePlane::Sagittal] {
        let more = json!({"model": model(&place, plane), "existing": "overwrite", "link": "z"});
        let result = place.segment(slice::from_ref(&path), more).unwrap();
        assert_eq!(result.images[0].objects, 4, "{plane:?}");
        let made = labels(result.images[0].labels.as_ref().unwrap());
        assert_eq!(made.ids.iter().max(), Some(&4));
    }
}
