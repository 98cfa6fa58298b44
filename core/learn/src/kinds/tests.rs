use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use fewlabel_contract::{Error, ErrorKind, TrainArgs};
use fewlabel_image::Maps;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::augment::AugmentConfig;

/// Empty files: nothing is opened to find out what is labelled.
struct Folder(TempDir);

impl Folder {
    fn new(files: &[&str]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        files.iter().for_each(|file| folder.write(file, ""));
        folder
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn open(&self, labels: &str, more: Value) -> Result<KindSet, Error> {
        let mut args = json!({"images": [self.path("images")], "labels": [self.path(labels)], "save": "m", "find": "kinds"});
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let args: TrainArgs = serde_json::from_value(args).unwrap();
        open_kind_set(&args)
    }
}

fn found(set: &KindSet) -> Vec<(&str, &str)> {
    set.images.iter().map(|image| (image.name.as_str(), set.classes[image.class].as_str())).collect()
}

#[test]
fn a_table_names_images_in_the_folders_below() {
    let folder = Folder::new(&["images/b/1.jpg", "images/a/1.jpg", "images/a/2.jpg", "images/3.png"]);
    folder.write("labels.csv", "class,file,score\nround,a/1.jpg,5\nlong,b/1.jpg,6\nround,gone.jpg,7\nlong,3.png,8\n");
    let set = folder.open("labels.csv", json!({})).unwrap();
    assert_eq!(found(&set), [("3", "long"), ("a/1", "round"), ("b/1", "long")]);
    assert_eq!(set.classes, ["long", "round"]);
    assert_eq!((set.unlabelled, set.without_image), (vec![folder.path("images/a/2.jpg")], 1));
    assert_eq!(set.tables, [folder.path("labels.csv")]);
}

#[test]
fn folders_of_images_are_labels_of_these_images() {
    let folder = Folder::new(&["images/round/1.jpg", "images/long/1.jpg", "images/long/2.jpg", "images/none.jpg"]);
    let set = folder.open("images", json!({})).unwrap();
    assert_eq!(found(&set), [("long/1", "long"), ("long/2", "long"), ("round/1", "round")]);
    assert_eq!((set.unlabelled, set.tables), (vec![folder.path("images/none.jpg")], vec![]));
}

#[test]
fn the_first_names_of_an_order_are_paths_with_their_endings() {
    let folder = Folder::new(&["images/round/1.jpg", "images/round/2.jpg", "images/long/1.jpg", "images/long/2.jpg"]);
    folder.write("split.json", r#"{"order": ["long/2.jpg", "round/1.jpg", "long/1.jpg"]}"#);
    let order = format!("{}#order", folder.path("split.json").display());
    let set = folder.open("images", json!({"order": order, "first": 2})).unwrap();
    assert_eq!(found(&set), [("long/2", "long"), ("round/1", "round")]);
    assert_eq!(set.unlabelled, [folder.path("images/long/1.jpg")], "what the order does not name is left out");
    let error = folder.open("images", json!({"order": order, "first": 1})).unwrap_err();
    assert_eq!(error.kind, ErrorKind::TooFewLabels);
    assert!(error.to_string().contains("kinds: long"), "{error}");
}

#[test]
fn labels_that_nothing_can_be_learned_from_are_refused() {
    let folder = Folder::new(&["images/a/1.jpg", "images/b/1.jpg"]);
    let refused = |table: &str| {
        folder.write("labels.csv", table);
        folder.open("labels.csv", json!({})).unwrap_err()
    };
    assert_eq!(refused("file,class\na/1.jpg,round\nb/1.jpg,round\n").kind, ErrorKind::TooFewLabels);
    let error = refused("file,class\nelsewhere/x.jpg,round\n");
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert!(error.to_string().contains("elsewhere/x.jpg"), "{error}");
    let error = refused("file,class\nimages/b/1.jpg,round\na/1.jpg,\n");
    assert_eq!(error.kind, ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("line: 3"), "{error}");
    // A name without its folder means both.
    folder.write("labels.csv", "file,class\n1.jpg,round\n2.jpg,long\n");
    let error = folder.open("labels.csv", json!({"recursive": true})).unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("two images have one label"), "{error}");
}

#[test]
fn a_quarter_of_each_class_is_kept_aside() {
    let image = |class| KindImage { name: String::new(), path: PathBuf::new(), class };
    let images = [0, 1, 0, 0, 1, 0, 2, 1, 0, 0, 0, 0].map(image);
    let aside: Vec<usize> = keep_aside(&images).iter().enumerate().filter(|(_, aside)| **aside).map(|(i, _)| i).collect();
    // The fourth and the eighth of class 0; of class 1 there are three, of class 2 one.
    assert_eq!(aside, [5, 11]);
    assert!(keep_aside(&[]).is_empty());
}

/// Images of one value each, by class: 0 and 1, 10 to 13, 20.
fn images() -> ByClass {
    let image = |value: u8| Arc::new(Maps::new(1, 8, 8, vec![f32::from(value); 64]));
    vec![vec![image(0), image(1)], (10..14).map(image).collect(), vec![image(20)]]
}

#[test]
fn classes_take_turns_however_many_images_they_have() {
    let mut seen = BTreeSet::new();
    for step in 0..20 {
        let batch = batch(&images(), 3, step, 6, &AugmentConfig::none());
        assert_eq!((batch.count, batch.channels, batch.size, batch.images.len()), (6, 1, 8, 6 * 64));
        let mut classes = batch.class.clone();
        classes.sort_unstable();
        assert_eq!(classes, [0, 0, 1, 1, 2, 2]);
        for (image, class) in batch.images.chunks(64).zip(&batch.class) {
            assert_eq!((image[0] / 10.0).floor() as i64, *class);
            seen.insert(image[0] as u8);
        }
    }
    assert_eq!(seen, [0, 1, 10, 11, 12, 13, 20].into());
}

#[test]
fn a_batch_is_a_function_of_seed_and_step() {
    let one = |seed, step| batch(&images(), seed, step, 5, &augmentation());
    assert_eq!(one(1, 7), one(1, 7));
    assert_ne!(one(1, 7), one(2, 7));
    assert_ne!(one(1, 7), one(1, 8));
}
