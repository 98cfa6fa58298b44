//! The program as a person and a script meet it: flags, streams, exit codes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use fewlabel::contract::{EvaluateResult, Event, Outcome, Response, SegmentResult, schema};
use serde_json::json;
use tempfile::TempDir;

const NUCLEI: &str = "bbbc039/images/C02_s4.png";

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data").join(path).canonicalize().unwrap()
}

/// A folder to work in, with blanks and letters of more than one byte in its name.
fn folder() -> TempDir {
    tempfile::Builder::new().prefix("Zellen µ 細胞 ").tempdir().unwrap()
}

fn program(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fewlabel"));
    command.env("FEWLABEL_HOME", home.join("home")).env_remove("FEWLABEL_LEARN").stdin(Stdio::null());
    command
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn json_is_the_result_alone_on_stdout() {
    let folder = folder();
    let out = folder.path().join("Ausgabe ü");
    let run = || {
        let mut command = program(folder.path());
        command.args(["segment", "--model", "otsu", "--json"]).arg(data(NUCLEI)).arg("--output").arg(&out);
        command
    };
    let output = run().output().unwrap();
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    let response: Response = serde_json::from_slice(&output.stdout).unwrap();
    let result: SegmentResult = response.parse_result().unwrap();
    assert_eq!(result.images[0].labels.as_deref(), Some(out.join("C02_s4.labels.tif").as_path()));
    assert!(text(&output.stderr).starts_with("segmenting 0/1"), "plain lines where there is no terminal");

    let again = run().output().unwrap();
    assert_eq!((code(&again), again.stdout.len()), (2, 0));
    let stderr = text(&again.stderr);
    assert!(stderr.starts_with("error: segment: outputs are there already") && stderr.contains("\nhint: "), "{stderr}");
    let quiet = run().args(["--existing", "overwrite", "-q"]).output().unwrap();
    assert_eq!((code(&quiet), text(&quiet.stderr).as_str()), (0, ""));
}

#[test]
fn wrong_usage_and_wrong_requests_exit_with_2() {
    let folder = folder();
    for arguments in [
        &["fly"][..],
        &["segment", "--model", "otsu"],
        &["segment", "--model", "otsu", "a.tif", "--existing", "perhaps", "--output", "o"],
        &["segment", "--model", "otsu", "nobody.tif", "--output", "o"],
        &["segment", "--model", "no such model", "nobody.tif", "--output", "o"],
        &["segment", "--model", "otsu", "a.tif"],
        &["segment", "--model", "otsu", "a.tif", "--output", "o", "--rois"],
        &["segment", "--model", "otsu", "a.tif", "--output", "o", "--region", "0,0,8"],
        &["segment", "--model", "otsu", "a.tif", "--output", "o", "--region", "0,0,8,8"],
        &["train", "--images", "a", "--labels", "b", "--save", "m", "--steps", "0"],
        &["train", "--images", "a", "--labels", "b", "--save", "m", "--steps", "1", "--minutes", "1"],
        &["train", "--images", "a", "--labels", "b", "--save", "m", "--minutes", "NaN"],
        &["train", "--images", "a", "--labels", "b", "--save", "m", "--minutes", "0"],
        &["train", "--images", "a", "--labels", "b", "--save", "m", "--device", "gpu"],
        &["pretrain", "--images", "a"],
        &["pretrain", "--images", "a", "--save", "m", "--labels", "b"],
        &["pretrain", "--images", "a", "--save", "m", "--method", "gan"],
        &["pretrain", "--images", "a", "--save", "m", "--steps", "1", "--minutes", "1"],
        &["pretrain", "--images", "a", "--save", "m", "--mask-ratio", "1"],
        &["pretrain", "--images", "a", "--save", "m", "--temperature", "NaN"],
        &["classify", "--model", "m", "a.tif"],
        &["classify", "--model", "m", "a.tif", "--output", "f.txt"],
        &["classify", "--model", "no such model", "nobody.tif", "--output", "f.csv"],
        &["suggest", "--model", "m", "a.tif"],
        &["export", "--model", "no such model", "--as", "onnx", "--output", "m.onnx"],
        &["export", "--model", "m", "--as", "pdf", "--output", "m.pdf"],
        &["export", "--model", "m", "--as", "onnx"],
        &["export", "--model", "m", "--opset", "0", "--output", "m.onnx"],
        &["evaluate", "--predictions", "p.csv", "--labels", "l.csv", "--find", "kinds", "--dense"],
        &["describe", "--devices", "--knobs"],
        &["runtime", "status", "--index", "somewhere"],
        &["bench", "--model", "otsu"],
    ] {
        let output = program(folder.path()).args(arguments).current_dir(folder.path()).output().unwrap();
        assert_eq!(code(&output), 2, "{arguments:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn some_failed_images_exit_with_3_and_are_listed() {
    let folder = folder();
    let images = folder.path().join("in");
    fs::create_dir(&images).unwrap();
    fs::copy(data(NUCLEI), images.join("a.png")).unwrap();
    fs::write(images.join("b.png"), b"not an image").unwrap();
    let output = program(folder.path())
        .args(["segment", "--model", "otsu"])
        .arg(&images)
        .arg("--output")
        .arg(folder.path().join("out"))
        .output()
        .unwrap();
    assert_eq!(code(&output), 3);
    let stdout = text(&output.stdout);
    assert!(stdout.starts_with("1 images segmented") && stdout.contains("failed: b: "), "{stdout}");
    assert!(folder.path().join("out").join("a.labels.tif").is_file());
}

#[test]
fn surroundings_that_do_not_serve_exit_with_4() {
    let folder = folder();
    fs::write(folder.path().join("file"), b"").unwrap();
    let below = folder.path().join("file").join("out");
    let output = program(folder.path())
        .args(["segment", "--model", "otsu"])
        .arg(data(NUCLEI))
        .arg("--output")
        .arg(below)
        .output()
        .unwrap();
    assert_eq!(code(&output), 4, "{}", text(&output.stderr));

    for learns in [&["train", "--labels", "b"][..], &["pretrain"]] {
        let output =
            program(folder.path()).args(learns).args(["--images", "a", "--save", "m", "--learner", "nobody"]).output().unwrap();
        assert_eq!(code(&output), 4);
        assert!(text(&output.stderr).contains("there is no such program"), "{}", text(&output.stderr));
    }
}

#[test]
fn every_field_of_what_learns_is_a_flag() {
    let folder = folder();
    let forms = &schema()["$defs"];
    for (command, form) in [("train", "TrainArgs"), ("pretrain", "PretrainArgs")] {
        let help = text(&program(folder.path()).args([command, "--help"]).output().unwrap().stdout);
        let flags: Vec<&str> = help.split_whitespace().filter_map(|word| word.strip_prefix("--")).collect();
        for field in forms[form]["properties"].as_object().unwrap().keys() {
            assert!(flags.contains(&field.replace('_', "-").as_str()), "{command} has no flag for {field}: {help}");
        }
    }
}

/// A full disk, as a limit on the size of files: the error says so and nothing half-written stays.
#[cfg(unix)]
#[test]
fn a_full_disk_exits_with_4_and_leaves_nothing_half_written() {
    let folder = folder();
    let out = folder.path().join("out");
    // With the signal ignored, writing fails as it does on a full disk. The labels take 700 KB.
    let output = Command::new("sh")
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 200; exec \"$0\" \"$@\"",
            env!("CARGO_BIN_EXE_fewlabel"),
            "segment",
            "--model",
            "otsu",
        ])
        .arg(data(NUCLEI))
        .arg("--output")
        .arg(&out)
        .env("FEWLABEL_HOME", folder.path().join("home"))
        .output()
        .unwrap();
    let stderr = text(&output.stderr);
    assert_eq!(code(&output), 4, "{stderr}");
    assert!(stderr.contains("C02_s4.labels.tif"), "{stderr}");
    let left: Vec<_> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["run.partial.jsonl"]);
}

#[test]
fn scores_are_a_table_for_people() {
    let folder = folder();
    let labels = data("bbbc039/labels");
    let predictions = folder.path().join("predictions");
    fs::create_dir(&predictions).unwrap();
    for name in ["C02_s4.png", "E19_s2.png", "G22_s5.png"] {
        fs::copy(labels.join(name), predictions.join(name)).unwrap();
    }
    let evaluate = || {
        let mut command = program(folder.path());
        command.arg("evaluate").arg("--predictions").arg(&predictions).arg("--labels").arg(&labels);
        command
    };
    let output = evaluate().output().unwrap();
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    let table = text(&output.stdout);
    assert!(table.lines().next().unwrap().contains("found  missed  invented   AP50"), "{table}");
    assert_eq!(table.lines().count(), 1 + 3 + 2, "{table}");
    let response: Response = serde_json::from_slice(&evaluate().arg("--json").output().unwrap().stdout).unwrap();
    let result: EvaluateResult = response.parse_result().unwrap();
    assert_eq!((result.mean.unwrap().dice, result.objects.unwrap().ap_50_90), (1.0, 1.0));
}

#[test]
fn kinds_are_told_counted_and_scored() {
    let folder = folder();
    let contract = data("../contract");
    let (model, images) = (contract.join("kinds.zip"), folder.path().join("in"));
    for file in ["few/1.png", "few/2.png", "many/1.png"] {
        fs::create_dir_all(images.join(file).parent().unwrap()).unwrap();
        fs::copy(contract.join("files/kinds/images").join(file), images.join(file)).unwrap();
    }
    let table = folder.path().join("kinds.csv");
    let classify = || {
        let mut command = program(folder.path());
        command
            .args(["classify", "--recursive", "--existing", "skip", "--model"])
            .arg(&model)
            .arg(&images)
            .arg("--output")
            .arg(&table);
        command
    };
    let output = classify().output().unwrap();
    let stdout = text(&output.stdout);
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    assert!(stdout.starts_with("3 images classified") && stdout.contains("      2 few\n      1 many\n"), "{stdout}");
    assert!(folder.path().join("kinds.run.json").is_file());
    let scores = program(folder.path())
        .args(["evaluate", "--find", "kinds", "--predictions"])
        .arg(&table)
        .arg("--labels")
        .arg(&images)
        .output()
        .unwrap();
    let stdout = text(&scores.stdout);
    assert!(
        stdout
            .starts_with("3 images, accuracy 1.000, AUC 1.000\nclass  images  recall  precision     AUC\nfew         2   1.000"),
        "{stdout}"
    );

    fs::write(images.join("bad.png"), b"not an image").unwrap();
    let output = classify().output().unwrap();
    let stdout = text(&output.stdout);
    assert_eq!(code(&output), 3);
    assert!(stdout.contains("3 kept as they were") && stdout.contains("failed: bad.png: "), "{stdout}");
}

#[test]
fn a_model_is_exported_for_other_programs() {
    let folder = folder();
    let out = folder.path().join("model.onnx");
    let output = program(folder.path())
        .args(["export", "--as", "onnx", "--opset", "15", "--model"])
        .arg(data("../contract/tiny.zip"))
        .arg("--output")
        .arg(&out)
        .output()
        .unwrap();
    let stdout = text(&output.stdout);
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    assert!(
        stdout.contains("opset 15, operators Concat, Conv") && stdout.contains("it gives the model's test output"),
        "{stdout}"
    );
    assert!(out.is_file());
}

#[test]
fn describe_says_what_this_version_can_do() {
    let folder = folder();
    let output = program(folder.path()).arg("describe").output().unwrap();
    let stdout = text(&output.stdout);
    assert!(stdout.contains("classify  the class of each image (ready)") && stdout.contains("(not in this version)"), "{stdout}");
    assert!(stdout.contains("(ready)"), "{stdout}");
    let knobs = text(&program(folder.path()).args(["describe", "--knobs"]).output().unwrap().stdout);
    assert!(knobs.contains("FEWLABEL_LEARN = (not set): "), "{knobs}");
    let start = data("../contract/start.zip");
    let model = text(&program(folder.path()).arg("describe").arg(&start).output().unwrap().stdout);
    assert!(model.contains("finds nothing yet: a start for training") && model.contains("training can go on from it"), "{model}");
    let image = text(&program(folder.path()).arg("describe").arg(data(NUCLEI)).output().unwrap().stdout);
    assert!(image.contains("696 x 520"), "{image}");
}

#[test]
fn run_takes_any_request_and_prints_events_as_json_lines() {
    let folder = folder();
    let request = json!({"contract": 1, "entry": "segment", "args": {"model": "otsu", "images": [data(NUCLEI)], "output": folder.path().join("out")}});
    let run = |text: &str| {
        let mut child = program(folder.path()).args(["run", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let events: Vec<Event> =
            String::from_utf8(output.stdout.clone()).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (code(&output), events)
    };
    let (exit, events) = run(&request.to_string());
    assert_eq!(exit, 0);
    assert!(
        matches!(events.first(), Some(Event::Progress(_))) && matches!(events.last(), Some(Event::Ended(Outcome::Done { .. })))
    );
    let (exit, events) = run("{\"contract\": 1, \"entry\": \"fly\"}");
    assert!(exit == 2 && matches!(events.as_slice(), [Event::Ended(Outcome::Failed { .. })]), "{events:?}");

    // The record of the run does it again: the outputs are there.
    let output = program(folder.path()).arg("run").arg(folder.path().join("out").join("run.json")).output().unwrap();
    assert_eq!(code(&output), 2);
    assert!(text(&output.stdout).contains("outputs are there already"));
}
