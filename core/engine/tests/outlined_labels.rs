//! Scores where one side, or both, are outlines.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/place.rs"]
mod place;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use fewlabel::contract::{Entry, Error, ErrorKind, EvaluateResult, Event, Outcome, Request};
use fewlabel_image::{
    Calibration, Class, LabelImage, Outline, OutlineShape, Plane, Point, trace, write_geojson, write_labels, write_roi_zip,
};
use place::Place;
use serde_json::json;

/// Squares of 6 pixels a side at these corners (x, y), numbered from 1, in 40 x 30 pixels.
fn squares(corners: &[(usize, usize)]) -> Plane<u32> {
    let mut plane = Plane::filled(30, 40, 0);
    for (&(x, y), id) in corners.iter().zip(1..) {
        (0..36).for_each(|i| plane.set(y + i / 6, x + i % 6, id));
    }
    plane
}

fn pixels(path: PathBuf, plane: Plane<u32>) {
    write_labels(&path, &LabelImage::from_plane(plane, Calibration::default()), &[], false).unwrap();
}

fn outlines(path: &Path, plane: &Plane<u32>) {
    let traced: Vec<Outline> = trace(plane).into_iter().map(|(_, outline)| outline).collect();
    write_roi_zip(path, &traced, false).unwrap();
}

/// What is said on the way, and the scores.
fn told(place: &Place, more: serde_json::Value) -> Result<(EvaluateResult, Vec<String>), Error> {
    let mut args = json!({"predictions": [place.path("predictions")], "labels": [place.path("labels")]});
    args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let said: Arc<Mutex<Vec<String>>> = Arc::default();
    let hears = Arc::clone(&said);
    let sink = move |event: Event| {
        if let Event::Log { message, .. } = event {
            hears.lock().unwrap().push(message);
        }
    };
    let request = Request { contract: 1, entry: Entry::Evaluate, args };
    match place.engine.submit(request, Vec::new(), Arc::new(sink)).wait() {
        Outcome::Done { response } => {
            let said = said.lock().unwrap().clone();
            Ok((response.parse_result()?, said))
        }
        Outcome::Failed { error } => Err(error),
        other => panic!("{other:?}"),
    }
}

fn place() -> Place {
    let place = Place::new();
    for folder in ["predictions", "labels"] {
        std::fs::create_dir(place.path(folder)).unwrap();
    }
    place
}

#[test]
fn predicted_outlines_are_the_label_image_they_were_traced_from() {
    let truth = squares(&[(2, 2), (20, 2), (20, 20)]);
    let predicted = squares(&[(3, 2), (21, 4), (2, 20)]);
    let [zip, tif] = ["zip", "tif"].map(|kind| {
        let place = place();
        pixels(place.path("labels/a.tif"), truth.clone());
        match kind {
            "zip" => outlines(&place.path("predictions/a.rois.zip"), &predicted),
            _ => pixels(place.path("predictions/a.tif"), predicted.clone()),
        }
        told(&place, json!({})).unwrap()
    });
    assert_eq!(zip, tif);
    assert_eq!(zip.0.objects_pooled.unwrap().found, 1);
}

#[test]
fn beyond_true_outlines_and_their_band_nothing_is_known() {
    let place = place();
    outlines(&place.path("labels/a.rois.zip"), &squares(&[(2, 2)]));
    pixels(place.path("predictions/a.tif"), squares(&[(2, 2), (30, 20)]));
    let (result, said) = told(&place, json!({})).unwrap();
    let pooled = result.objects_pooled.unwrap();
    assert_eq!((pooled.found, pooled.invented, result.mean.unwrap().dice), (1, 0, 1.0));
    assert!(said.iter().any(|line| line.starts_with("1 of the labels are outlines: what lies beyond")), "{said:?}");
    // Unless that was all there is.
    assert_eq!(told(&place, json!({ "dense": true })).unwrap().0.objects_pooled.unwrap().invented, 1);
    // In the band it is known that there is none: 3 pixels around.
    std::fs::remove_file(place.path("predictions/a.tif")).unwrap();
    pixels(place.path("predictions/a.tif"), squares(&[(2, 2), (9, 2)]));
    let (result, _) = told(&place, json!({})).unwrap();
    assert!(result.mean.unwrap().dice < 1.0, "{}", result.mean.unwrap().dice);
    // And so it is inside of a region.
    let mut all: Vec<Outline> = trace(&squares(&[(2, 2)])).into_iter().map(|(_, outline)| outline).collect();
    let whole = OutlineShape::Rectangle { corner: Point::new(0.0, 0.0), width: 40.0, height: 30.0, arc: 0.0 };
    all.push(Outline { name: Some("region".to_owned()), ..Outline::new(whole) });
    write_roi_zip(&place.path("labels/a.rois.zip"), &all, true).unwrap();
    std::fs::remove_file(place.path("predictions/a.tif")).unwrap();
    pixels(place.path("predictions/a.tif"), squares(&[(2, 2), (30, 20)]));
    assert_eq!(told(&place, json!({})).unwrap().0.objects_pooled.unwrap().invented, 1);
}

#[test]
fn an_image_beside_outlines_tells_their_size() {
    let place = place();
    outlines(&place.path("labels/a.rois.zip"), &squares(&[(2, 2), (20, 2)]));
    outlines(&place.path("predictions/a.rois.zip"), &squares(&[(2, 2), (20, 20)]));
    let error = told(&place, json!({})).unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("size of an image is not known") && error.hint.is_some(), "{error}");
    pixels(place.path("labels/a.tif"), Plane::filled(30, 40, 99));
    let pooled = told(&place, json!({})).unwrap().0.objects_pooled.unwrap();
    assert_eq!((pooled.found, pooled.missed), (1, 1));
}

#[test]
fn of_the_outputs_of_segment_the_label_images_count() {
    let place = place();
    let plane = squares(&[(2, 2)]);
    pixels(place.path("labels/a_mask.tif"), plane.clone());
    pixels(place.path("predictions/a.labels.tif"), plane.clone());
    outlines(&place.path("predictions/a.rois.zip"), &squares(&[(20, 20)]));
    pixels(place.path("predictions/a.prob.tif"), plane);
    let (result, said) = told(&place, json!({})).unwrap();
    assert_eq!((result.images.len(), result.mean.unwrap().dice), (1, 1.0));
    assert_eq!(said, ["1 files without labels were left out"]);
}

#[test]
fn the_same_files_twice_are_named_as_such() {
    let place = place();
    for name in ["labels/a.tif", "labels/b.labels.tif"] {
        pixels(place.path(name), squares(&[(2, 2)]));
        let error = told(&place, json!({"predictions": [place.path("predictions/../labels")]})).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidRequest);
        assert!(error.message.contains("labels and predictions are the same files"), "{error}");
    }
    std::fs::remove_file(place.path("labels/b.labels.tif")).unwrap();
    pixels(place.path("labels/a_mask.tif"), squares(&[(2, 2)]));
    let (result, _) = told(&place, json!({"predictions": [place.path("labels")]})).unwrap();
    assert_eq!(result.mean.unwrap().dice, 1.0, "image and label in one folder");
}

/// Files of the image room: 37 x 29 pixels.
fn made(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../image/tests/files").join(name)
}

#[test]
fn a_true_overlay_counts_and_not_the_pixels_below() {
    let place = place();
    std::fs::copy(made("overlay.tif"), place.path("labels/a.tif")).unwrap();
    outlines(&place.path("predictions/a.rois.zip"), &squares(&[(6, 5)]));
    let (result, said) = told(&place, json!({})).unwrap();
    assert_eq!(said[0], "1 of the labels are the outlines in an overlay, not the pixels below");
    let pooled = result.objects_pooled.unwrap();
    assert_eq!((pooled.found + pooled.missed, pooled.invented), (2, 1), "6 x 6 in 10 x 10 is no match");
    // Beside its own image of another size the overlay stays on its grid.
    std::fs::remove_file(place.path("predictions/a.rois.zip")).unwrap();
    pixels(place.path("predictions/a.tif"), squares(&[(6, 5)]));
    let error = told(&place, json!({})).unwrap_err();
    assert!(error.to_string().contains("[1, 1, 29, 37]") && error.to_string().contains("[1, 1, 30, 40]"), "{error}");
}

#[test]
fn classes_have_one_number_on_both_sides() {
    let place = place();
    let drawn = |file: &str, classes: &[(&str, f64)]| {
        let outlines: Vec<Outline> = classes
            .iter()
            .map(|&(name, x)| {
                let shape = OutlineShape::Rectangle { corner: Point::new(x, 0.0), width: 4.0, height: 4.0, arc: 0.0 };
                Outline { class: Some(Class { name: name.to_owned(), colour: None }), ..Outline::new(shape) }
            })
            .collect();
        write_geojson(&place.path(file), &outlines, false).unwrap();
    };
    drawn("labels/a.geojson", &[("Tumour", 0.0)]);
    drawn("predictions/a.geojson", &[("Stroma", 10.0), ("Tumour", 0.0)]);
    pixels(place.path("labels/a.tif"), Plane::filled(30, 40, 9));
    let (result, said) = told(&place, json!({"find": "areas"})).unwrap();
    assert!(said.contains(&"the classes of the outlines are 1 Stroma, 2 Tumour".to_owned()), "{said:?}");
    let dice: Vec<(u32, f64)> = result.per_class.iter().map(|(class, overlap)| (*class, overlap.dice)).collect();
    assert_eq!(dice, [(2, 1.0)]);
}
