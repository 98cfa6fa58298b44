//! The sets of images that a study is about.

use std::collections::BTreeSet;

use fewlabel_contract::{Error, ErrorKind, Find, Result};
use fewlabel_image::{KindLabels, read_order};

/// A folder of images with true labels, and who of them may be learned from.
#[derive(Debug, PartialEq)]
pub struct Set {
    /// What it is called in plans, rows and tables.
    pub name: &'static str,
    /// Folder below the folder of all data, with `images` and the labels.
    pub folder: &'static str,
    /// File in the folder that holds the parts and the orders of the training images.
    pub split: &'static str,
    /// What is looked for.
    pub find: Find,
    /// Folder of the labels that are learned and scored, or table of kinds. Objects always lie in `labels`.
    pub labels: &'static str,
    /// What a person who adapts a model to her images would measure with a line over one object, in pixels: the median over the
    /// training images of `fewlabel_objects::median_diameter`, which is the median of equivalent diameters of objects that the
    /// edge does not cut. `None` where there are no objects.
    pub object_diameter: Option<f64>,
    /// Further flags of each training, and of each pretraining.
    pub flags: (&'static [&'static str], &'static [&'static str]),
    /// Rows and columns that planes are brought to where others publish scores at another size.
    pub grid: Option<usize>,
    /// Unlabelled images that show the same.
    pub elsewhere: &'static [Elsewhere],
}

/// Unlabelled images outside of a set.
#[derive(Debug, PartialEq)]
pub struct Elsewhere {
    /// Folder below the folder of all data.
    pub folder: &'static str,
    /// List below the folder of all data.
    pub list: &'static str,
    /// What the names of those meant begin with.
    pub prefix: &'static str,
}

const POOLS: &str = "pools/split.json#unlabelled";
const HOECHST: Elsewhere = Elsewhere { folder: "pools", list: POOLS, prefix: "bbbc039/" };
const BLOOD: Elsewhere = Elsewhere { folder: "pools", list: POOLS, prefix: "pbc/" };
const FRAMES: Elsewhere = Elsewhere { folder: "unlabelled/images", list: "unlabelled/split.json#unlabelled", prefix: "t98g_" };
const SLICES: Elsewhere = Elsewhere { prefix: "fib25_", ..FRAMES };

const BBBC039: Set = Set {
    name: "bbbc039",
    folder: "bbbc039",
    split: "split.json",
    find: Find::Objects,
    labels: "labels",
    object_diameter: Some(29.1),
    flags: (&[], &[]),
    grid: None,
    elsewhere: &[HOECHST],
};

/// All sets; `core/docs/data.md` says where they come from.
pub const SETS: [Set; 9] = [
    Set { name: "fluorescence", folder: "dsb2018", split: "split_fluorescence.json", object_diameter: Some(18.5), ..BBBC039 },
    Set {
        name: "histology",
        folder: "dsb2018",
        split: "split_histology.json",
        object_diameter: Some(23.4),
        elsewhere: &[],
        ..BBBC039
    },
    Set { name: "mixed", folder: "dsb2018", object_diameter: Some(20.1), ..BBBC039 },
    BBBC039,
    Set { name: "usiigaci", folder: "usiigaci", object_diameter: Some(49.0), elsewhere: &[FRAMES], ..BBBC039 },
    Set {
        name: "fib25",
        folder: "fib25",
        find: Find::Areas,
        labels: "membranes",
        object_diameter: None,
        elsewhere: &[SLICES],
        ..BBBC039
    },
    Set {
        name: "pbc",
        folder: "pbc",
        find: Find::Kinds,
        labels: "labels.csv",
        object_diameter: None,
        elsewhere: &[BLOOD],
        ..BBBC039
    },
    Set {
        name: "hippocampus",
        folder: "hippocampus",
        find: Find::Areas,
        object_diameter: None,
        // Its planes have some 36 x 50 pixels.
        flags: (&["--crop", "64", "--batch", "16"], &["--crop", "64"]),
        grid: Some(64),
        elsewhere: &[],
        ..BBBC039
    },
    // `cargo xtask mmwhs` makes it.
    Set { name: "mmwhs", folder: "mmwhs", find: Find::Areas, object_diameter: None, elsewhere: &[], ..BBBC039 },
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

    /// How many images there are to learn from.
    ///
    /// # Errors
    /// Those of [`read_order`].
    pub fn training_images(&self, data: &str) -> Result<usize> {
        read_order(&self.list(data, "train")).map(|names| names.len())
    }

    /// How many labels one of `k` stands for: of kinds one for each class, else one.
    ///
    /// # Errors
    /// Those of [`KindLabels::read`].
    pub fn labels_of_one(&self, data: &str) -> Result<usize> {
        if self.find != Find::Kinds {
            return Ok(1);
        }
        let labels = KindLabels::read(&[self.folder(data, self.labels)])?;
        Ok(labels.rows().iter().map(|(_, class)| class).collect::<BTreeSet<_>>().len())
    }
}

#[cfg(test)]
pub mod tests {
    use std::fs;

    use super::*;

    /// A folder of data with a set of blood cells: two classes, two training images of each, one each of val and test, and a pool.
    pub fn data() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let mut rows = "file,class\n".to_owned();
        let [train, val, test] = [["a/1.jpg", "b/1.jpg", "a/2.jpg", "b/2.jpg"].to_vec(), vec!["a/3.jpg"], vec!["b/3.jpg"]];
        for name in train.iter().chain(&val).chain(&test) {
            let file = path("pbc/images").join(name);
            fs::create_dir_all(file.parent().expect("a folder")).expect("made");
            fs::write(file, format!("image {name}")).expect("written");
            rows += &format!("{name},{}\n", &name[..1]);
        }
        fs::write(path("pbc/labels.csv"), rows).expect("written");
        let split = serde_json::json!({"train": train, "val": val, "test": test, "fewlabel_order": {"0": train}});
        fs::write(path("pbc/split.json"), split.to_string()).expect("written");
        fs::create_dir_all(path("pools/pbc")).expect("made");
        for name in ["pbc/x.jpg", "pbc/y.jpg"] {
            fs::write(path("pools").join(name), name).expect("written");
        }
        let pool = serde_json::json!({"unlabelled": ["bbbc039/z.png", "pbc/x.jpg", "pbc/y.jpg"]});
        fs::write(path("pools/split.json"), pool.to_string()).expect("written");
        fs::create_dir_all(path("pools/bbbc039")).expect("made");
        fs::write(path("pools/bbbc039/z.png"), "z").expect("written");
        folder
    }

    #[test]
    fn labels_of_one_are_as_many_as_the_table_has_classes() {
        let folder = data();
        let data = folder.path().to_string_lossy();
        let set = set("pbc").expect("a set");
        assert_eq!(set.labels_of_one(&data).expect("a table"), 2);
        assert_eq!(set.training_images(&data).expect("a split"), 4);
        assert_eq!(super::set("fib25").expect("a set").labels_of_one("nowhere").expect("no table is read"), 1);
    }
}
