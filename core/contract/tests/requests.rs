//! What a request may say, and what it is told when it says something else.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use fewlabel_contract::{
    BenchArgs, ClassifyArgs, DescribeArgs, ENTRIES, Entry, Error, ErrorKind, EvaluateArgs, Event, ExportArgs, Method, ModelForm,
    Outcome, PretrainArgs, Request, Response, RuntimeArgs, SegmentArgs, TrainArgs, canonical,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn field(error: &Error) -> &str {
    error.context.iter().find(|(name, _)| name == "field").map_or("", |(_, value)| value)
}

fn parse<T: DeserializeOwned>(entry: Entry, args: Value) -> Result<T, Error> {
    Request { contract: 1, entry, args }.parse_args()
}

fn train(extra: Value) -> Result<(), Error> {
    let mut args = json!({"images": ["a.tif"], "labels": ["b.tif"], "save": "m.zip"});
    args.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    parse::<TrainArgs>(Entry::Train, args)?.check()
}

fn pretrain(extra: Value) -> Result<PretrainArgs, Error> {
    let mut args = json!({"images": ["a.tif"], "save": "m.zip"});
    args.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let args = parse::<PretrainArgs>(Entry::Pretrain, args)?;
    args.check().map(|()| args)
}

fn segment(extra: Value) -> Result<(), Error> {
    let mut args = json!({"model": "nuclei", "images": ["a.tif"], "output": "out"});
    args.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    args.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    parse::<SegmentArgs>(Entry::Segment, args)?.check()
}

fn classify(extra: Value) -> Result<(), Error> {
    let mut args = json!({"model": "cells", "images": ["a.tif"], "output": "kinds.csv"});
    args.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    args.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    parse::<ClassifyArgs>(Entry::Classify, args)?.check()
}

fn evaluate(extra: Value) -> Result<(), Error> {
    let mut args = json!({"predictions": ["a"], "labels": ["b"]});
    args.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    parse::<EvaluateArgs>(Entry::Evaluate, args)?.check()
}

#[test]
fn kinds_of_whole_images_can_be_asked_for() {
    train(json!({"find": "kinds"})).unwrap();
    train(json!({"find": "kinds", "object_diameter": "from labels", "crop": 64})).unwrap();
    evaluate(json!({"find": "kinds"})).unwrap();
    classify(json!({"output": "out/Kinds.CSV", "existing": "skip"})).unwrap();
    classify(json!({"images": [{"buffer": 0, "y": 5, "x": 5, "type": "u8"}], "output": null})).unwrap();
    let export: ExportArgs = parse(Entry::Export, json!({"model": "m", "as": "onnx", "output": "m.onnx"})).unwrap();
    assert_eq!(export.form, ModelForm::Onnx);
    export.check().unwrap();
}

#[test]
fn a_train_request_out_of_range_names_field_value_and_range() {
    for (extra, name, allowed) in [
        (json!({"steps": 0}), "steps", "at least 1"),
        (json!({"minutes": 0}), "minutes", "more than 0"),
        (json!({"minutes": -1.5}), "minutes", "more than 0"),
        (json!({"first": 0, "order": "o.txt"}), "first", "at least 1"),
        (json!({"threads": 0}), "threads", "at least 1"),
        (json!({"levels": 9}), "levels", "at most 8"),
        (json!({"object_diameter": 0}), "object_diameter", "more than 0"),
        (json!({"images": []}), "images", "entries, at least 1"),
        (json!({"save": ""}), "save", "letters, at least 1"),
    ] {
        let error = train(extra.clone()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidRequest, "{extra}");
        assert_eq!(field(&error), name, "{extra}");
        assert!(error.context.iter().any(|(key, value)| key == "allowed" && value == allowed), "{error:?}");
    }
    train(json!({})).unwrap();
    train(json!({"steps": 1, "object_diameter": "from labels", "device": "cuda:3"})).unwrap();
    train(json!({"minutes": 0.01, "first": 1, "order": "o.txt", "object_diameter": 8.5})).unwrap();
}

#[test]
fn a_pretrain_request_out_of_range_names_field_value_and_range() {
    for (extra, name, allowed) in [
        (json!({"steps": 0}), "steps", "at least 1"),
        (json!({"minutes": 0}), "minutes", "more than 0"),
        (json!({"mask_ratio": 0.96}), "mask_ratio", "at most 0.95"),
        (json!({"mask_ratio": -0.1}), "mask_ratio", "at least 0"),
        (json!({"temperature": 0}), "temperature", "more than 0"),
        (json!({"temperature": 11}), "temperature", "at most 10"),
        (json!({"restoration_weight": -1}), "restoration_weight", "at least 0"),
        (json!({"object_diameter": 0}), "object_diameter", "more than 0"),
        (json!({"crop": 15}), "crop", "at least 16"),
        (json!({"batch": 1}), "batch", "at least 2"),
        (json!({"learning_rate": 2}), "learning_rate", "at most 1"),
        (json!({"images": []}), "images", "entries, at least 1"),
        (json!({"save": ""}), "save", "letters, at least 1"),
    ] {
        let error = pretrain(extra.clone()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidRequest, "{extra}");
        assert_eq!(field(&error), name, "{extra}");
        assert!(error.context.iter().any(|(key, value)| key == "allowed" && value == allowed), "{error:?}");
    }
    assert_eq!(pretrain(json!({})).unwrap().method, Method::Tower);
    pretrain(json!({"steps": 1, "mask_ratio": 0, "restoration_weight": 0, "device": "cuda:3"})).unwrap();
}

#[test]
fn a_method_is_called_in_requests_as_it_names_itself() {
    for method in ["tower", "simclr", "byol", "restore", "mae", "contrast-proxy", "uncorrelated"] {
        assert_eq!(pretrain(json!({"method": method})).unwrap().method.name(), method);
    }
}

#[test]
fn not_a_number_is_refused_where_json_would_lose_it() {
    let mut args: TrainArgs = parse(Entry::Train, json!({"images": ["a"], "labels": ["b"], "save": "m"})).unwrap();
    args.minutes = Some(f64::NAN);
    let error = args.check().unwrap_err();
    assert_eq!((error.kind, field(&error)), (ErrorKind::InvalidRequest, "minutes"));
}

#[test]
fn fields_that_exclude_or_need_each_other_are_named() {
    for (result, name) in [
        (train(json!({"steps": 10, "minutes": 1})), "steps"),
        (train(json!({"first": 2})), "first"),
        (pretrain(json!({"steps": 10, "minutes": 1})).map(|_| ()), "steps"),
        (segment(json!({"output": null})), "output"),
        (segment(json!({"tile": 0})), "tile"),
        (segment(json!({"images": [{"buffer": 0, "y": 0, "x": 5, "type": "u8"}]})), "images[0].y"),
        (segment(json!({"images": [{"buffer": 0, "y": 5, "x": 5, "type": "u8"}], "output": null, "overlay": true})), "overlay"),
        (train(json!({"find": "kinds", "dense": true})), "dense"),
        (train(json!({"find": "kinds", "unlabelled": 0})), "unlabelled"),
        (train(json!({"find": "kinds", "plane": "axial"})), "plane"),
        (train(json!({"find": "kinds", "object_diameter": 8})), "object_diameter"),
        (train(json!({"contrast": "local", "find": "kinds"})), "contrast"),
        (train(json!({"contrast_form": "ratio"})), "contrast_form"),
        (train(json!({"contrast": "joint", "contrast_share": 0.5})), "contrast_share"),
        (train(json!({"contrast": "local", "contrast_weight": 0.5})), "contrast_weight"),
        (train(json!({"contrast": "local", "contrast_positives": "objects", "find": "areas"})), "contrast_positives"),
        (train(json!({"contrast": "local", "contrast_sampling": "full", "contrast_pixels": 4})), "contrast_pixels"),
        (train(json!({"mixup_alpha": 0.2, "regularisation": "consistency"})), "mixup_alpha"),
        (train(json!({"consistency_weight": 1, "regularisation": "mixup"})), "consistency_weight"),
        (train(json!({"regularisation": "mixup", "find": "kinds"})), "regularisation"),
        (train(json!({"regularisation": "consistency", "contrast": "joint"})), "regularisation"),
        (train(json!({"regularisation": "mixup", "batch": 1})), "batch"),
        (evaluate(json!({"find": "kinds", "dense": true})), "dense"),
        (evaluate(json!({"find": "kinds", "unlabelled": 255})), "unlabelled"),
        (classify(json!({"output": null})), "output"),
        (classify(json!({"output": "kinds.xlsx"})), "output"),
        (classify(json!({"images": []})), "images"),
        (classify(json!({"threads": 0})), "threads"),
        (
            parse::<ExportArgs>(Entry::Export, json!({"model": "m", "output": "m.onnx", "opset": 0})).and_then(|a| a.check()),
            "opset",
        ),
        (parse::<DescribeArgs>(Entry::Describe, json!({"devices": true, "knobs": true})).and_then(|a| a.check()), "knobs"),
        (parse::<RuntimeArgs>(Entry::Runtime, json!({"action": "status", "from": "dir"})).and_then(|a| a.check()), "from"),
        (parse::<BenchArgs>(Entry::Bench, json!({"model": "m", "size": 0})).and_then(|a| a.check()), "size"),
    ] {
        let error = result.unwrap_err();
        assert_eq!((error.kind, field(&error)), (ErrorKind::InvalidRequest, name), "{error:?}");
    }
}

#[test]
fn wishes_that_are_not_built_answer_unsupported_and_name_the_field() {
    for (result, name) in [
        (classify(json!({"device": "cuda"})), "device"),
        (segment(json!({"report": true})), "report"),
        (segment(json!({"device": "cuda"})), "device"),
    ] {
        let error = result.unwrap_err();
        assert_eq!((error.kind, field(&error)), (ErrorKind::Unsupported, name), "{error:?}");
    }
}

#[test]
fn a_request_that_is_not_one_says_where() {
    for (text, kind, name) in [
        ("{", ErrorKind::InvalidRequest, "?"),
        ("{\"contract\": 1, \"entry\": \"fly\"}", ErrorKind::InvalidRequest, "entry"),
        ("{\"contract\": \"one\", \"entry\": \"train\"}", ErrorKind::InvalidRequest, "contract"),
        ("{\"contract\": 2, \"entry\": \"train\"}", ErrorKind::Unsupported, ""),
        ("{\"contract\": 1, \"entry\": \"train\", \"arg\": {}}", ErrorKind::InvalidRequest, "arg"),
        ("{\"contract\": 1, \"entry\": \"train\"} {}", ErrorKind::InvalidRequest, ""),
    ] {
        let error = Request::from_json(text).unwrap_err();
        assert_eq!((error.kind, field(&error)), (kind, name), "{text}: {error:?}");
    }
    for (args, name) in [
        (json!({"images": "a.tif", "labels": ["b"], "save": "m"}), "images"),
        (json!({"images": ["a"], "labels": ["b"], "save": "m", "step": 5}), "step"),
        (json!({"images": ["a"], "labels": ["b"], "save": "m", "steps": 1.5}), "steps"),
        (json!({"images": ["a"], "labels": ["b"], "save": "m", "device": "gpu"}), "device"),
    ] {
        let error = parse::<TrainArgs>(Entry::Train, args).unwrap_err();
        assert_eq!((error.kind, field(&error)), (ErrorKind::InvalidRequest, name), "{error:?}");
    }
    for (extra, name) in
        [(json!({"method": "gan"}), "method"), (json!({"labels": ["b"]}), "labels"), (json!({"minutes": "ten"}), "minutes")]
    {
        let error = pretrain(extra).unwrap_err();
        assert_eq!((error.kind, field(&error)), (ErrorKind::InvalidRequest, name), "{error:?}");
    }
}

#[test]
fn every_entry_has_a_row_of_its_own() {
    for row in ENTRIES {
        assert_eq!(row.entry.name(), row.name);
        assert_eq!(serde_json::to_value(row.entry).unwrap(), row.name);
    }
}

#[test]
fn events_survive_the_way_through_json() {
    let response = Response { entry: Entry::Train, result: json!({"steps": 3}) };
    for event in [
        Event::Ended(Outcome::Cancelled),
        Event::Ended(Outcome::Done { response: response.clone() }),
        Event::Ended(Outcome::FinishedEarly { response }),
        Event::Ended(Outcome::Failed { error: Error::cancelled("train") }),
    ] {
        let line = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), event, "{line}");
    }
    assert_eq!(serde_json::to_value(Event::Ended(Outcome::Cancelled)).unwrap(), json!({"event": "ended", "status": "cancelled"}));
}

#[test]
fn the_canonical_form_leaves_out_what_varies_and_nothing_else() {
    let result = json!({
        "tile": 512, "halo": 96,
        "images": [{"status": "done", "name": "a", "objects": 3, "labels": "/tmp/a.labels.tif", "buffer": 0, "seconds": 0.25}],
    });
    let response = Response { entry: Entry::Segment, result };
    assert_eq!(
        canonical(&response),
        r#"{"entry":"segment","result":{"halo":96,"images":[{"buffer":0,"name":"a","objects":3,"status":"done"}]}}"#
    );
}
