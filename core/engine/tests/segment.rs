//! Segmentation with the built-in baseline: files, tables, records, and what goes wrong.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/place.rs"]
mod place;

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use fewlabel::contract::{ErrorKind, Event, Outcome, Request, SegmentResult, Status};
use fewlabel::{Pixels, Running};
use fewlabel_image::{Calibration, Limits, MapStack, open, open_labels, write_maps};
use place::{MORE_NUCLEI, NUCLEI, Place, data, field};
use serde_json::json;

#[test]
fn a_real_image_becomes_labels_tables_and_a_record() {
    let place = Place::new();
    let result = place.segment(&[data(NUCLEI)], json!({"overlay": true})).unwrap();
    let row = &result.images[0];
    assert_eq!((row.name.as_str(), row.status), ("C02_s4", Status::Done));
    let labels = open_labels(row.labels.as_ref().unwrap(), &Limits::default()).unwrap();
    let image = open(&data(NUCLEI), &Limits::default()).unwrap();
    assert_eq!((labels.y, labels.x), (image.shape.y, image.shape.x));
    let ids: BTreeSet<u32> = labels.ids.iter().copied().filter(|&id| id > 0).collect();
    assert_eq!(ids.len(), row.objects);
    assert!(row.objects > 30, "{} objects", row.objects);

    let objects = place.lines("objects.csv");
    assert_eq!(objects.len(), 1 + row.objects);
    assert!(
        objects[0].starts_with("image,label,class,t,z,area,perimeter,centroid_x,centroid_y,")
            && objects[0].ends_with("max_1,integrated_1")
    );
    assert!(objects[1].starts_with("C02_s4,1,,1,1,"));
    assert!(place.lines("objects.columns.csv").contains(&"area,unit²,area of its pixels".to_owned()));
    assert!(place.lines("images.csv")[1].starts_with(&format!("C02_s4,{},", row.objects)));
    let picture = open(&place.path("out").join("C02_s4.overlay.png"), &Limits::default()).unwrap();
    assert!(picture.rgb);

    let record = fs::read_to_string(place.path("out").join("run.json")).unwrap();
    let again = Request::from_json_or_record(&record).unwrap();
    let error = place.engine.call(again).unwrap_err();
    assert_eq!(
        (error.kind, field(&error)),
        (ErrorKind::InvalidRequest, "existing"),
        "the record replays the run, outputs and all"
    );
    let left: BTreeSet<String> =
        fs::read_dir(place.path("out")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(left.len(), 6, "{left:?}");
}

#[test]
fn outputs_that_are_there_are_kept_or_replaced_as_asked() {
    let place = Place::new();
    let image = [data(NUCLEI)];
    place.segment(&image, json!({})).unwrap();
    let labels = place.path("out").join("C02_s4.labels.tif");
    let before = fs::read(&labels).unwrap();
    let written = fs::metadata(&labels).unwrap().modified().unwrap();

    let kept = place.segment(&image, json!({"existing": "skip"})).unwrap();
    assert_eq!(kept.images[0].status, Status::Skipped);
    assert_eq!(fs::metadata(&labels).unwrap().modified().unwrap(), written);
    let rows = place.lines("objects.csv");
    assert_eq!(rows.len(), 1 + kept.images[0].objects);

    // Another request made them: not kept, not touched.
    let error = place.segment(&image, json!({"existing": "skip", "overlay": true})).unwrap_err();
    assert_eq!((error.kind, field(&error)), (ErrorKind::InvalidRequest, "existing"));

    // A second image joins: its rows are added, the others stay.
    let both = [data(NUCLEI), data(MORE_NUCLEI)];
    let joined = place.segment(&both, json!({"existing": "skip"})).unwrap();
    assert_eq!(joined.images.iter().map(|image| image.status).collect::<Vec<_>>(), [Status::Skipped, Status::Done]);
    assert_eq!(place.lines("objects.csv")[..rows.len()], rows);
    assert_eq!(place.lines("images.csv").len(), 3);

    fs::write(&labels, b"spoilt").unwrap();
    let replaced = place.segment(&image, json!({"existing": "overwrite"})).unwrap();
    assert_eq!(replaced.images[0].status, Status::Done);
    assert_eq!(fs::read(&labels).unwrap(), before);
    assert_eq!(place.lines("images.csv").len(), 2);
}

#[test]
fn a_bad_image_fails_alone() {
    let place = Place::new();
    let folder = place.images(&[("a.png", NUCLEI), ("c.png", MORE_NUCLEI)]);
    let whole = fs::read(data(NUCLEI)).unwrap();
    fs::write(folder.join("b, half.png"), &whole[..whole.len() / 2]).unwrap();
    let result = place.segment(&[folder], json!({})).unwrap();
    let statuses: Vec<(&str, Status)> = result.images.iter().map(|image| (image.name.as_str(), image.status)).collect();
    assert_eq!(statuses, [("a", Status::Done), ("b, half", Status::Failed), ("c", Status::Done)]);
    assert_eq!(result.images[1].error.as_ref().unwrap().kind, ErrorKind::UnreadableImage);
    let rows = place.lines("images.csv");
    assert!(rows[2].starts_with("\"b, half\",,") && rows[2].contains(",failed,"), "{rows:?}");
    assert!(!place.path("out").join("b, half.labels.tif").exists());
    // Next time it alone is done again.
    let again = place.segment(&[place.path("in")], json!({"existing": "skip"})).unwrap();
    assert_eq!(
        again.images.iter().map(|image| image.status).collect::<Vec<_>>(),
        [Status::Skipped, Status::Failed, Status::Skipped]
    );
}

#[test]
fn the_error_of_a_single_image_is_the_error_of_the_job() {
    let place = Place::new();
    let empty = place.path("empty.tif");
    fs::write(&empty, b"").unwrap();
    assert_eq!(place.segment(&[empty], json!({})).unwrap_err().kind, ErrorKind::UnreadableImage);
    assert_eq!(place.segment(&[place.path("nobody.tif")], json!({})).unwrap_err().kind, ErrorKind::NotFound);
    assert!(!place.path("out").join("run.json").exists());
    let colour_maps = place.segment(&[data(NUCLEI)], json!({"probabilities": true})).unwrap_err();
    assert_eq!((colour_maps.kind, field(&colour_maps)), (ErrorKind::InvalidRequest, "probabilities"));
}

#[test]
fn two_images_for_one_output_are_refused_before_anything_is_computed() {
    let place = Place::new();
    let folder = place.images(&[("one/a.png", NUCLEI), ("two/a.png", MORE_NUCLEI)]);
    let error = place.segment(&[folder.join("one"), folder.join("two")], json!({})).unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidRequest);
    assert!(error.message.contains("same output"), "{error}");
    assert!(!place.path("out").exists());
    // Below one folder their own folders tell them apart, and the outputs mirror these.
    let result = place.segment(&[folder], json!({"recursive": true})).unwrap();
    assert_eq!(result.images.iter().map(|image| image.name.as_str()).collect::<Vec<_>>(), ["one/a", "two/a"]);
    assert!(place.path("out").join("one").join("a.labels.tif").is_file());
}

#[test]
fn a_folder_may_be_input_and_output() {
    let place = Place::new();
    let folder = place.images(&[("a.png", NUCLEI)]);
    for existing in ["error", "overwrite", "skip"] {
        let more = json!({"output": folder, "overlay": true, "existing": existing});
        let result = place.segment(std::slice::from_ref(&folder), more).unwrap();
        assert_eq!(result.images.len(), 1, "{existing}: {result:?}");
    }
}

#[test]
fn a_place_that_cannot_be_written_is_named_before_anything_is_computed() {
    let place = Place::new();
    fs::write(place.path("file"), b"").unwrap();
    let below = place.path("file").join("out");
    let error = place.segment(&[data(NUCLEI)], json!({"output": below})).unwrap_err();
    assert_eq!((error.kind, field(&error)), (ErrorKind::Io, "output"));
    assert!(error.message.contains("below a file"), "{error}");
    // Read-only whoever asks, root included.
    #[cfg(target_os = "linux")]
    for output in ["/proc/fewlabel", "/sys/fewlabel"] {
        let error = place.segment(&[data(NUCLEI)], json!({"output": output})).unwrap_err();
        assert_eq!((error.kind, field(&error)), (ErrorKind::Io, "output"), "{error}");
        assert!(error.hint.as_ref().unwrap().contains("choose a folder"), "{error}");
    }
}

/// Calls `wish` on the job once, as soon as a first file is written.
fn interrupted(place: &Place, request: Request, wish: fn(&Running)) -> Outcome {
    let job: Arc<OnceLock<Running>> = Arc::default();
    let ready = Arc::new((Mutex::new(()), AtomicBool::new(false)));
    let guard = ready.0.lock().unwrap();
    let (in_sink, gate) = (Arc::clone(&job), Arc::clone(&ready));
    let sink = move |event: Event| {
        if matches!(event, Event::Artifact { .. }) && !gate.1.swap(true, Ordering::Relaxed) {
            // Waits until the job is known here.
            drop(gate.0.lock().unwrap());
            wish(in_sink.get().unwrap());
        }
    };
    let running = place.engine.submit(request, Vec::new(), Arc::new(sink));
    job.set(running.clone()).unwrap();
    drop(guard);
    running.wait()
}

#[test]
fn a_cancelled_run_can_be_gone_on_with() {
    let place = Place::new();
    let images = [data(NUCLEI), data(MORE_NUCLEI)];
    assert_eq!(interrupted(&place, place.request(&images, json!({})), |job| job.cancel()), Outcome::Cancelled);
    assert!(place.path("out").join("C02_s4.labels.tif").is_file() && !place.path("out").join("run.json").exists());
    let error = place.segment(&images[1..], json!({})).unwrap_err();
    assert!(error.message.contains("interrupted run"), "{error}");
    let result = place.segment(&images, json!({"resume": true})).unwrap();
    assert_eq!(result.images.iter().map(|image| image.status).collect::<Vec<_>>(), [Status::Skipped, Status::Done]);
    assert_eq!(place.lines("images.csv").len(), 3);
    let objects: usize = result.images.iter().map(|image| image.objects).sum();
    assert_eq!(place.lines("objects.csv").len(), 1 + objects);
    assert!(!place.path("out").join("run.partial.jsonl").exists());
}

#[test]
fn a_run_finished_early_keeps_whole_images() {
    let place = Place::new();
    let images = [data(NUCLEI), data(MORE_NUCLEI)];
    let outcome = interrupted(&place, place.request(&images, json!({})), |job| job.finish_early());
    let Outcome::FinishedEarly { response } = outcome else { panic!("{outcome:?}") };
    assert_eq!(response.parse_result::<SegmentResult>().unwrap().images.len(), 1);
    assert_eq!(place.lines("images.csv").len(), 2);
}

#[test]
fn buffers_come_back_as_buffers() {
    let place = Place::new();
    let plane = [0_u8, 0, 0, 0, 0, 0, 9, 9, 0, 0, 0, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8].map(u16::from);
    let pixels = [plane, plane].concat();
    let image = json!({"buffer": 0, "t": 2, "y": 5, "x": 5, "type": "u16"});
    let request = place.request(&[], json!({"images": [image], "output": null}));
    let running = place.engine.submit(request, vec![Pixels::U16(pixels)], Arc::new(|_: Event| {}));
    let Outcome::Done { response } = running.wait() else { panic!("{:?}", running.outcome()) };
    let result: SegmentResult = response.parse_result().unwrap();
    assert_eq!((result.images[0].name.as_str(), result.images[0].buffer), ("image", Some(0)));
    let buffers = running.take_buffers();
    let [Pixels::U32(ids)] = buffers.as_slice() else { panic!("{buffers:?}") };
    assert_eq!((ids.len(), ids.iter().max().copied().unwrap() as usize), (50, result.images[0].objects));
    assert!(ids[6] != 0 && ids[31] != 0 && ids[6] != ids[31], "objects are numbered through the stack: {ids:?}");
    assert!(running.take_buffers().is_empty());
}

#[test]
fn progress_counts_images_and_ends_whole() {
    let place = Place::new();
    let events: Arc<Mutex<Vec<Event>>> = Arc::default();
    let sink = Arc::clone(&events);
    let request = place.request(&[data(NUCLEI), data(MORE_NUCLEI)], json!({}));
    place.engine.submit(request, Vec::new(), Arc::new(move |event| sink.lock().unwrap().push(event))).wait();
    let events = events.lock().unwrap();
    let steps: Vec<(u64, Option<u64>)> = events
        .iter()
        .filter_map(|event| match event {
            Event::Progress(progress) => Some((progress.step, progress.total)),
            _ => None,
        })
        .collect();
    assert!(steps.is_sorted() && steps.first() == Some(&(0, Some(2))) && steps.last() == Some(&(2, Some(2))), "{steps:?}");
    let files = events.iter().filter(|event| matches!(event, Event::Artifact { sha256, .. } if sha256.len() == 64)).count();
    assert_eq!(files, 2);
    assert!(matches!(events.last(), Some(Event::Ended(Outcome::Done { .. }))));
}

#[test]
fn objects_of_neighbouring_slices_are_joined_when_asked() {
    let place = Place::new();
    let slice = open(&data(NUCLEI), &Limits::default()).unwrap().plane(0, 0);
    let stack = place.path("stack.tif");
    write_maps(&stack, &MapStack::slices(&[slice.clone(), slice], &Calibration::default()), &[], false).unwrap();
    let apart = place.segment(std::slice::from_ref(&stack), json!({})).unwrap().images.remove(0);
    let joined = place.segment(&[stack], json!({"link": "z", "output": place.path("joined")})).unwrap().images.remove(0);
    assert_eq!(apart.objects, 2 * joined.objects);
    let labels = open_labels(joined.labels.as_ref().unwrap(), &Limits::default()).unwrap();
    assert_eq!(labels.plane(0, 0), labels.plane(0, 1));
    let apart = open_labels(apart.labels.as_ref().unwrap(), &Limits::default()).unwrap();
    assert_eq!(apart.plane(0, 0), labels.plane(0, 0));
    let rows = fs::read_to_string(place.path("joined/objects.csv")).unwrap();
    assert_eq!(rows.lines().count(), 1 + 2 * joined.objects, "a row for each slice");
}
