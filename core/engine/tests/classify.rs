//! Kinds of whole images: tables, records, what is kept, what goes wrong, and their scores.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/place.rs"]
mod place;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use fewlabel::contract::{ClassifyResult, Entry, Error, ErrorKind, EvaluateResult, Event, Outcome, Request, Status};
use fewlabel::{Pixels, Running};
use fewlabel_image::{MapStack, Maps, write_maps};
use fewlabel_model::Package;
use place::{NUCLEI, Place, data, field, tiny, value_of};
use serde_json::{Value, json};

fn kinds() -> PathBuf {
    tiny().with_file_name("kinds.zip")
}

fn request(place: &Place, images: &[PathBuf], more: Value) -> Request {
    let mut args = json!({"model": kinds(), "images": images, "output": place.path("out/kinds.csv"), "recursive": true});
    args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    args.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    Request { contract: 1, entry: Entry::Classify, args }
}

fn classify(place: &Place, images: &[PathBuf], more: Value) -> Result<ClassifyResult, Error> {
    place.engine.call(request(place, images, more))?.parse_result()
}

/// The checked-in images of the vectors, copied.
fn sorted(place: &Place) -> PathBuf {
    for file in ["few/1.png", "few/2.png", "many/1.png", "many/2.png"] {
        let bytes = fs::read(tiny().with_file_name("files").join("kinds/images").join(file)).unwrap();
        place.file(&format!("in/{file}"), &bytes);
    }
    place.path("in")
}

/// The table without the digits of the probabilities.
fn rows(place: &Place) -> Vec<String> {
    let text = fs::read_to_string(place.path("out/kinds.csv")).unwrap();
    text.lines().map(|line| line.splitn(5, ',').take(4).collect::<Vec<_>>().join(",")).collect()
}

fn statuses(result: &ClassifyResult) -> Vec<Status> {
    result.images.iter().map(|image| image.status).collect()
}

#[test]
fn a_folder_becomes_a_table_and_a_record_that_does_it_again() {
    let place = Place::new();
    let folder = sorted(&place);
    let result = classify(&place, &[folder], json!({})).unwrap();
    assert_eq!((result.classes.join(" "), result.counts.clone(), result.failed), ("few many".to_owned(), vec![2, 2], 0));
    assert_eq!(rows(&place)[1..], ["few/1.png,1,1,few", "few/2.png,1,1,few", "many/1.png,1,1,many", "many/2.png,1,1,many"]);
    let text = fs::read_to_string(place.path("out/kinds.csv")).unwrap();
    assert!(text.starts_with("file,t,z,class,probability,p(few),p(many)\n"), "{text}");
    for image in &result.images {
        let plane = &image.planes[0];
        assert!(plane.probability > 0.9 && (plane.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-5, "{image:?}");
    }
    let record = fs::read_to_string(place.path("out/kinds.run.json")).unwrap();
    let again = Request::from_json_or_record(&record).unwrap();
    assert_eq!(field(&place.engine.call(again.clone()).unwrap_err()), "existing");
    fs::remove_file(place.path("out/kinds.csv")).unwrap();
    assert_eq!(field(&place.engine.call(again.clone()).unwrap_err()), "existing", "the record is there still");
    fs::remove_file(place.path("out/kinds.run.json")).unwrap();
    place.engine.call(again).unwrap();
    assert_eq!(fs::read_to_string(place.path("out/kinds.csv")).unwrap(), text);
    assert_eq!(fs::read_dir(place.path("out")).unwrap().count(), 2, "nothing else is left");
}

#[test]
fn threads_change_nothing() {
    let place = Place::new();
    let folder = sorted(&place);
    classify(&place, std::slice::from_ref(&folder), json!({"threads": 1})).unwrap();
    let one = fs::read(place.path("out/kinds.csv")).unwrap();
    classify(&place, &[folder], json!({"threads": 4, "existing": "overwrite"})).unwrap();
    assert_eq!(fs::read(place.path("out/kinds.csv")).unwrap(), one);
}

#[test]
fn rows_of_images_that_have_not_changed_are_kept() {
    let place = Place::new();
    let folder = [sorted(&place)];
    classify(&place, &folder, json!({})).unwrap();
    let before = fs::read_to_string(place.path("out/kinds.csv")).unwrap();
    // One image changes, another comes.
    fs::copy(place.path("in/few/1.png"), place.path("in/many/2.png")).unwrap();
    fs::copy(place.path("in/many/1.png"), place.path("in/few/3.png")).unwrap();
    let again = classify(&place, &folder, json!({"existing": "skip"})).unwrap();
    assert_eq!(statuses(&again), [Status::Skipped, Status::Skipped, Status::Done, Status::Skipped, Status::Done]);
    assert_eq!(
        rows(&place)[1..],
        ["few/1.png,1,1,few", "few/2.png,1,1,few", "few/3.png,1,1,many", "many/1.png,1,1,many", "many/2.png,1,1,few"]
    );
    let after = fs::read_to_string(place.path("out/kinds.csv")).unwrap();
    assert_eq!(after.lines().nth(1), before.lines().nth(1), "to the last digit");
    let kept = classify(&place, &folder, json!({"existing": "skip"})).unwrap();
    assert!(statuses(&kept).iter().all(|status| *status == Status::Skipped));
    assert_eq!(kept.images[2].planes, again.images[2].planes);
    // Another request made them, or nobody knows which.
    for more in [json!({"existing": "skip", "channels": ["1"]}), json!({"existing": "skip"})] {
        let error = classify(&place, &folder, more).unwrap_err();
        assert_eq!((error.kind, field(&error)), (ErrorKind::InvalidRequest, "existing"));
        fs::write(place.path("out/kinds.run.json"), "{}").unwrap();
    }
}

#[test]
fn a_bad_image_fails_alone_and_its_error_is_that_of_the_job_when_there_is_no_other() {
    let place = Place::new();
    let folder = sorted(&place);
    let bad = place.file("in/few/0.png", b"no image");
    let result = classify(&place, &[folder], json!({})).unwrap();
    assert_eq!((result.failed, result.images[0].status, result.counts), (1, Status::Failed, vec![2, 2]));
    assert_eq!(result.images[0].error.as_ref().unwrap().kind, ErrorKind::UnreadableImage);
    assert_eq!(rows(&place).len(), 5, "it has no row");
    let error = classify(&place, &[bad], json!({"output": place.path("other.csv")})).unwrap_err();
    assert_eq!(error.kind, ErrorKind::UnreadableImage);
    assert!(!place.path("other.csv").exists());
}

#[test]
fn each_plane_of_a_stack_has_a_row_and_one_range_of_intensities() {
    let place = Place::new();
    // The second slice is dark only beside the first: alone it would be many bright pixels as well.
    let plane = |bright: f32| Maps::new(1, 8, 8, (0..64).map(|i| if i == 9 { 0.0 } else { bright }).collect());
    let stack = MapStack { t: 1, z: 2, planes: &[plane(100.0), plane(10.0)], calibration: &Default::default() };
    write_maps(&place.path("stack.tif"), &stack, &["grey".to_owned()], false).unwrap();
    let result = classify(&place, &[place.path("stack.tif")], json!({})).unwrap();
    assert_eq!(result.counts, [1, 1]);
    assert_eq!(rows(&place)[1..], ["stack.tif,1,1,many", "stack.tif,1,2,few"]);
}

#[test]
fn images_of_one_name_are_refused_unless_folders_tell_them_apart() {
    let place = Place::new();
    sorted(&place);
    let error = classify(&place, &[place.path("in/few/1.png"), place.path("in/many/1.png")], json!({})).unwrap_err();
    assert_eq!((error.kind, value_of(&error, "output")), (ErrorKind::InvalidRequest, "1.png"));
    assert!(!place.path("out").exists());
}

#[test]
fn models_that_do_not_suit_say_what_they_are_for() {
    let place = Place::new();
    let folder = [sorted(&place)];
    for (model, hint) in [
        (tiny(), "use it with segment"),
        (tiny().with_file_name("start.zip"), "train a model from it: fewlabel train --find kinds --start MODEL"),
    ] {
        let error = classify(&place, &folder, json!({"model": model})).unwrap_err();
        assert_eq!((error.kind, error.hint.as_deref()), (ErrorKind::Unsupported, Some(hint)));
    }
    let error = place.segment(&folder, json!({"model": kinds(), "recursive": true})).unwrap_err();
    assert_eq!((error.kind, error.hint.as_deref()), (ErrorKind::Unsupported, Some("use it with classify")));
    assert!(!place.path("out").exists(), "nothing is written for a model that does not suit");
}

#[test]
fn the_network_is_timed_on_the_size_that_it_takes() {
    let place = Place::new();
    let bench = |size: Option<usize>| {
        let mut args = json!({"model": kinds()});
        if let Some(size) = size {
            args["size"] = json!(size);
        }
        place.engine.call(Request { contract: 1, entry: Entry::Bench, args })
    };
    assert_eq!(bench(None).unwrap().result["size"], 32);
    let error = bench(Some(64)).unwrap_err();
    assert_eq!((error.kind, error.hint.as_deref()), (ErrorKind::InvalidRequest, Some("use 32")));
}

/// A graph that gives no numbers ends the run: every other image would meet it.
#[test]
fn a_model_that_gives_no_numbers_is_refused() {
    let place = Place::new();
    let mut package = Package::read(&kinds()).unwrap();
    let one = 40.0_f32.to_le_bytes();
    let at = package.onnx.windows(4).position(|window| window == one).unwrap();
    package.onnx[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    package.write(&place.path("nan.zip"), false).unwrap();
    let error = classify(&place, &[sorted(&place)], json!({"model": place.path("nan.zip")})).unwrap_err();
    assert_eq!(error.kind, ErrorKind::BadModel);
    assert!(!place.path("out/kinds.csv").exists());
}

#[test]
fn what_is_stopped_keeps_what_is_done_and_what_is_cancelled_nothing() {
    for (cancel, expected) in [(false, 1), (true, 0)] {
        let place = Place::new();
        let folder = sorted(&place);
        let running: Arc<OnceLock<Running>> = Arc::default();
        let (job, seen) = (Arc::clone(&running), AtomicUsize::new(0));
        let sink = move |event: Event| {
            if let Event::Progress(progress) = event
                && progress.step == 1
                && seen.fetch_add(1, Ordering::SeqCst) == 0
            {
                let job = job.wait();
                if cancel { job.cancel() } else { job.finish_early() }
            }
        };
        let request = request(&place, &[folder], json!({"threads": 1}));
        running.set(place.engine.submit(request, Vec::new(), Arc::new(sink))).unwrap();
        match running.wait().wait() {
            Outcome::FinishedEarly { response } if !cancel => {
                assert_eq!(response.parse_result::<ClassifyResult>().unwrap().images.len(), expected);
                assert_eq!(rows(&place).len(), 1 + expected);
            }
            Outcome::Cancelled if cancel => assert!(!place.path("out/kinds.csv").exists()),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn pixels_in_memory_need_no_table() {
    let place = Place::new();
    let args = json!({"model": kinds(), "images": [{"buffer": 0, "y": 4, "x": 4, "type": "u8"}]});
    let request = Request { contract: 1, entry: Entry::Classify, args };
    let pixels = Pixels::U8((0..16).map(|i| if i == 5 { 0 } else { 90 }).collect());
    let outcome = place.engine.submit(request, vec![pixels], Arc::new(|_: Event| {})).wait();
    let Outcome::Done { response } = outcome else { panic!("{outcome:?}") };
    let result: ClassifyResult = response.parse_result().unwrap();
    assert_eq!(
        (result.images[0].file.as_str(), result.images[0].planes[0].class.as_str(), result.output),
        ("image", "many", None)
    );
}

fn evaluate(place: &Place, predictions: &Path, labels: &Path) -> Result<EvaluateResult, Error> {
    let args = json!({"predictions": [predictions], "labels": [labels], "find": "kinds"});
    place.engine.call(Request { contract: 1, entry: Entry::Evaluate, args })?.parse_result()
}

#[test]
fn what_classify_writes_evaluate_scores() {
    let place = Place::new();
    let folder = sorted(&place);
    classify(&place, std::slice::from_ref(&folder), json!({})).unwrap();
    let table = place.path("out/kinds.csv");
    let scores = evaluate(&place, &table, &folder).unwrap();
    let kinds = scores.kinds.unwrap();
    assert_eq!((kinds.images, kinds.accuracy, kinds.auc), (4, 1.0, Some(1.0)));
    assert!(scores.images.is_empty() && scores.mean.is_none() && scores.micro.is_none());
    // A table whose paths are longer, with another class.
    let labels = place.file("labels.csv", b"class;file\nfew;set/in/few/1.png\nodd;set/in/many/2.png\n");
    let kinds = evaluate(&place, &table, &labels).unwrap().kinds.unwrap();
    assert_eq!((kinds.images, kinds.accuracy, kinds.auc), (2, 0.5, Some(1.0)));
    assert_eq!(kinds.classes.iter().map(|class| class.class.as_str()).collect::<Vec<_>>(), ["few", "many", "odd"]);
    assert_eq!(kinds.confusion, [[1, 0, 0], [0, 0, 0], [0, 1, 0]]);
}

#[test]
fn tables_that_do_not_fit_say_why() {
    let place = Place::new();
    let labels = place.file("labels.csv", b"file,class\na.png,x\n");
    for (table, says) in [
        (&b"file,kind\na.png,x\n"[..], "no such column"),
        (b"file,class,p(x)\na.png,x,lots\n", "not a number"),
        (b"file,class,p(x)\na.png,x,NaN\n", "not a number"),
        (b"file,class,p(x)\na.png,x\n", "another number of fields"),
        (b"file,class\nb.png,x\n", "no image has both"),
        (b"file,class\n", "no image has both"),
        (b"", "the table is empty"),
        (b"\xff\xfe", "UTF-8"),
    ] {
        let error = evaluate(&place, &place.file("table.csv", table), &labels).unwrap_err();
        assert!(error.message.contains(says), "{error}");
        assert_eq!(error.kind, ErrorKind::InvalidRequest);
    }
}

#[test]
fn a_real_image_fits_and_one_over_the_budget_says_so() {
    let place = Place::new();
    classify(&place, &[data(NUCLEI)], json!({"memory": 100})).unwrap();
    let error = classify(&place, &[data(NUCLEI)], json!({"memory": 1, "existing": "overwrite"})).unwrap_err();
    assert_eq!(error.kind, ErrorKind::LimitExceeded);
    assert!(error.hint.unwrap().contains("memory"));
}
