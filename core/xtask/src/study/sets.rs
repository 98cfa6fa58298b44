//! The sets of images that a study is about.

use fewlabel_contract::{Error, ErrorKind, Find, Result};

/// A folder of images with true labels, and who of them may be learned from.
#[derive(Debug, PartialEq)]
pub struct Set {
    /// What it is called in plans, rows and tables.
    pub name: &'static str,
    /// Folder below the folder of all data, with `images` and `labels`.
    pub folder: &'static str,
    /// File in the folder that holds the parts and the orders of the training images.
    pub split: &'static str,
    /// What is looked for.
    pub find: Find,
    /// Folder of the labels that are learned and scored. Objects always lie in `labels`.
    pub labels: &'static str,
}

/// All sets; `core/docs/data.md` says where they come from.
pub const SETS: [Set; 6] = [
    Set { name: "fluorescence", folder: "dsb2018", split: "split_fluorescence.json", find: Find::Objects, labels: "labels" },
    Set { name: "histology", folder: "dsb2018", split: "split_histology.json", find: Find::Objects, labels: "labels" },
    Set { name: "mixed", folder: "dsb2018", split: "split.json", find: Find::Objects, labels: "labels" },
    Set { name: "bbbc039", folder: "bbbc039", split: "split.json", find: Find::Objects, labels: "labels" },
    Set { name: "usiigaci", folder: "usiigaci", split: "split.json", find: Find::Objects, labels: "labels" },
    Set { name: "fib25", folder: "fib25", split: "split.json", find: Find::Areas, labels: "membranes" },
];

/// The set of this name.
///
/// # Errors
/// `invalid-request` when there is none.
pub fn set(name: &str) -> Result<&'static Set> {
    SETS.iter().find(|set| set.name == name).ok_or_else(|| {
        let names: Vec<&str> = SETS.iter().map(|set| set.name).collect();
        Error::new(ErrorKind::InvalidRequest, "choose sets", "there is no such set")
            .with("set", name)
            .with("sets", names.join(", "))
    })
}

impl Set {
    /// The part of the split file that `way` names, below the folder `data`: `DIR/dsb2018/split.json#val`.
    pub fn list(&self, data: &str, way: &str) -> String {
        format!("{data}/{}/{}#{way}", self.folder, self.split)
    }

    /// The training images of an order: `DIR/dsb2018/split.json#fewlabel_order.0`.
    pub fn order(&self, data: &str, order: u32) -> String {
        self.list(data, &format!("fewlabel_order.{order}"))
    }

    /// A folder of the set: `DIR/dsb2018/images`.
    pub fn folder(&self, data: &str, name: &str) -> String {
        format!("{data}/{}/{name}", self.folder)
    }
}
