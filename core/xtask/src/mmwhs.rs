//! `cargo xtask mmwhs`: makes a set of the volumes of MM-WHS, prepared as Hu et al. (arXiv 2109.07407) did. They may not be passed on, so
//! whoever has them names their folder.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use fewlabel_contract::{Error, ErrorKind, Result};
use fewlabel_image::{
    Calibration, LabelImage, Limits, MapStack, Maps, open, open_labels, resample_image, resample_labels, write_nifti_labels,
    write_nifti_maps,
};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::workspace::whole;

const OPERATION: &str = "prepare volumes";
/// Rows and columns that planes are brought to, as published.
const SIDE: usize = 160;
/// Values of the seven structures, in the order of their class numbers from 1: left ventricle, right ventricle, left atrium, right atrium,
/// myocardium of the left ventricle, aorta, pulmonary artery. The few other values in the files are background.
const STRUCTURES: [u32; 7] = [500, 600, 420, 550, 205, 820, 850];
const IMAGE: &str = "_image.nii.gz";
const LABEL: &str = "_label.nii.gz";
const ORDERS: u32 = 3;

/// Flags of `mmwhs`.
#[derive(Args)]
pub struct Mmwhs {
    /// Folder with the volumes as they are given out: ct_train_1001_image.nii.gz and ct_train_1001_label.nii.gz, …
    #[arg(long, value_name = "FOLDER")]
    from: PathBuf,
    /// Folder of the sets, as study takes it; the set is made in DIR/mmwhs
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

impl Mmwhs {
    /// Makes the set.
    ///
    /// # Errors
    /// `not-found` where there are fewer than four pairs; `invalid-request` where image and label differ in size; those of reading and
    /// writing volumes.
    pub fn run(&self) -> Result<()> {
        let (from, set) = (whole(&self.from)?, whole(&self.data)?.join("mmwhs"));
        let names = names(&from)?;
        for folder in ["images", "labels"] {
            let folder = set.join(folder);
            fs::create_dir_all(&folder).map_err(|error| Error::io(OPERATION, &folder, &error))?;
        }
        for name in &names {
            prepare(&from, &set, name)?;
            println!("{name}");
        }
        let parts = split(&names);
        let orders = (0..ORDERS).map(|order| (order.to_string(), shuffled(&parts[0], &format!("order {order}"))));
        let split = json!({
            "train": parts[0],
            "val": parts[1],
            "test": parts[2],
            "fewlabel_order": orders.collect::<std::collections::BTreeMap<_, _>>(),
        });
        for (file, content) in [("split.json", split), ("meta.json", json!({"items": {}}))] {
            let path = set.join(file);
            fs::write(&path, format!("{content:#}\n")).map_err(|error| Error::io(OPERATION, &path, &error))?;
        }
        println!("{} volumes in {}", names.len(), set.display());
        Ok(())
    }
}

/// The volumes that have both files, by name.
fn names(from: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(from).map_err(|error| Error::io(OPERATION, from, &error))?;
    let files: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    let mut names: Vec<String> = files
        .iter()
        .filter_map(|file| file.strip_suffix(IMAGE))
        .filter(|name| files.contains(&format!("{name}{LABEL}")))
        .map(str::to_owned)
        .collect();
    names.sort();
    if names.len() < 4 {
        return Err(Error::new(ErrorKind::NotFound, OPERATION, "there are not enough volumes to train, choose and test with")
            .file(from)
            .with("volumes", names.len())
            .hint(format!("give the folder with NAME{IMAGE} and NAME{LABEL}")));
    }
    Ok(names)
}

/// Half of the volumes to learn from, a quarter to choose by, a quarter to score.
fn split(names: &[String]) -> [Vec<String>; 3] {
    let all = shuffled(names, "split");
    let quarter = all.len() / 4;
    let (train, rest) = all.split_at(all.len() - 2 * quarter);
    [train.to_vec(), rest[..quarter].to_vec(), rest[quarter..].to_vec()]
}

/// In the order of the hashes of a word and the names.
fn shuffled(names: &[String], word: &str) -> Vec<String> {
    let mut names = names.to_vec();
    names.sort_by_key(|name| Sha256::digest(format!("{word} {name}")).to_vec());
    names
}

/// Writes image and labels of a volume in the size of the set.
fn prepare(from: &Path, set: &Path, name: &str) -> Result<()> {
    let path = |end: &str| from.join(format!("{name}{end}"));
    let (image, labels) = (open(&path(IMAGE), &Limits::default())?, open_labels(&path(LABEL), &Limits::default())?);
    let shape = image.shape;
    if (shape.t, shape.c) != (1, 1) || (shape.z, shape.y, shape.x) != (labels.z, labels.y, labels.x) {
        return Err(Error::new(ErrorKind::InvalidRequest, OPERATION, "image and labels are not volumes of one size")
            .file(path(LABEL))
            .with("image", format!("{shape:?}"))
            .with("labels", format!("{} x {} x {} (z, y, x)", labels.z, labels.y, labels.x)));
    }
    let calibration = Calibration {
        x: image.calibration.x.map(|size| size * shape.x as f64 / SIDE as f64),
        y: image.calibration.y.map(|size| size * shape.y as f64 / SIDE as f64),
        ..image.calibration.clone()
    };
    let planes: Vec<Maps> = (0..shape.z).map(|z| resample_image(&image.plane(0, z), SIDE, SIDE)).collect();
    let ids = (0..labels.z).flat_map(|z| resample_labels(&labels.plane(0, z), SIDE, SIDE).data);
    let small =
        LabelImage { t: 1, z: labels.z, y: SIDE, x: SIDE, ids: ids.map(class).collect(), calibration: calibration.clone() };
    let target = |folder: &str| set.join(folder).join(format!("{name}.nii.gz"));
    write_nifti_maps(&target("images"), &MapStack::slices(&planes, &calibration), None, true)?;
    write_nifti_labels(&target("labels"), &small, None, true)
}

/// The class of a value in the label files.
fn class(value: u32) -> u32 {
    STRUCTURES.iter().position(|structure| *structure == value).map_or(0, |place| place as u32 + 1)
}

#[cfg(test)]
mod tests {
    use fewlabel_image::read_order;

    use super::*;

    /// A volume of 8 x 6 pixels and two planes, whose labels are columns of two structures and a value that means nothing.
    fn volume(folder: &Path, name: &str) {
        let (y, x) = (8, 6);
        let calibration = Calibration { x: Some(2.0), y: Some(3.0), z: Some(1.5), unit: Some("mm".into()), frame_interval: None };
        let plane = |first: usize| Maps::new(1, y, x, (0..y * x).map(|n| (first + n % x) as f32).collect());
        let planes = [plane(0), plane(100)];
        let path = |end: &str| folder.join(format!("{name}{end}"));
        write_nifti_maps(&path(IMAGE), &MapStack::slices(&planes, &calibration), None, false).expect("written");
        let ids = (0..2 * y * x).map(|n| [500, 500, 850, 850, 421, 0][n % x]).collect();
        write_nifti_labels(&path(LABEL), &LabelImage { t: 1, z: 2, y, x, ids, calibration }, None, false).expect("written");
    }

    #[test]
    fn volumes_become_a_set() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, data) = (folder.path().join("given"), folder.path().join("data"));
        fs::create_dir_all(&from).expect("made");
        (0..8).for_each(|n| volume(&from, &format!("ct_train_{n}")));
        fs::write(from.join("ct_test_1_image.nii.gz"), "without labels").expect("written");
        Mmwhs { from, data: data.clone() }.run().expect("a set");

        let part = |way: &str| read_order(&format!("{}#{way}", data.join("mmwhs/split.json").display())).expect("names");
        let mut all = [part("train"), part("val"), part("test")].concat();
        assert_eq!((part("train").len(), part("val").len(), part("test").len()), (4, 2, 2));
        assert_ne!(part("fewlabel_order.0"), part("fewlabel_order.1"));
        all.sort();
        assert_eq!(all, (0..8).map(|n| format!("ct_train_{n}")).collect::<Vec<_>>());

        let file = |which: &str| data.join(format!("mmwhs/{which}/ct_train_3.nii.gz"));
        let image = open(&file("images"), &Limits::default()).expect("an image");
        assert_eq!((image.shape.z, image.shape.y, image.shape.x), (2, SIDE, SIDE));
        assert_eq!((image.calibration.x, image.calibration.y, image.calibration.z), (Some(0.075), Some(0.15), Some(1.5)));
        let labels = open_labels(&file("labels"), &Limits::default()).expect("labels");
        let mut found = labels.ids.clone();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, [0, 1, 7], "no value arises between two others");
        let row = &labels.ids[..SIDE];
        assert_eq!((row[0], row[SIDE / 3 + 1], row[2 * SIDE / 3 + 1], row[SIDE - 1]), (1, 7, 0, 0));
    }

    #[test]
    fn what_is_missing_is_said() {
        let folder = tempfile::tempdir().expect("a folder");
        volume(folder.path(), "a");
        let error = Mmwhs { from: folder.path().to_owned(), data: folder.path().to_owned() }.run().expect_err("too few");
        assert_eq!(error.kind, ErrorKind::NotFound);
        assert!(error.to_string().contains("volumes: 1"), "{error}");
    }
}
