//! The unlabelled images that a start learns from.

use std::collections::HashSet;
use std::path::PathBuf;

use fewlabel_contract::{Error, ErrorKind, Result};
use fewlabel_image::{Found, list, read_order};
use serde::{Deserialize, Serialize};

use super::sets::Set;

/// Where they come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
pub enum Sources {
    /// The training images of the set.
    #[default]
    #[serde(rename = "own")]
    Own,
    /// These, and those elsewhere that show the same.
    #[serde(rename = "own+pools")]
    #[value(name = "own+pools")]
    OwnAndPools,
}

/// The images of a start: the training images, in the first order, so that few of them show each kind; then those elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// Where they come from.
    #[serde(rename = "pool", default)]
    pub sources: Sources,
    /// Only so many, the first ones.
    #[serde(rename = "pool_size", default, skip_serializing_if = "Option::is_none")]
    pub size: Option<usize>,
}

/// Set aside for scores.
const KEPT: [&str; 2] = ["val", "test"];

impl Pool {
    /// What decides which images these are, in words that do not depend on where the data lie.
    pub fn described(&self, set: &Set) -> Vec<String> {
        let mut words = vec![set.order(".", 0)];
        if self.sources == Sources::OwnAndPools {
            words.extend(set.elsewhere.iter().map(|other| format!("./{} {}*", other.list, other.prefix)));
        }
        words.extend(self.size.map(|size| format!("first {size}")));
        words
    }

    /// How many images there are without a limit.
    ///
    /// # Errors
    /// As [`Self::files`].
    pub fn available(self, set: &Set, data: &str) -> Result<usize> {
        Self { size: None, ..self }.files(set, data).map(|files| files.len())
    }

    /// The files.
    ///
    /// # Errors
    /// Those of reading the lists; `invalid-request` when one is an image of `val` or `test` by its name, or there are fewer than asked for.
    pub fn files(self, set: &Set, data: &str) -> Result<Vec<PathBuf>> {
        let named = |folder: String, of: String| list(&[folder, format!("@{of}")], false);
        let mut found = named(set.folder(data, "images"), set.order(data, 0))?;
        if self.sources == Sources::OwnAndPools {
            for other in set.elsewhere {
                let all = named(format!("{data}/{}", other.folder), format!("{data}/{}", other.list))?;
                found.extend(all.into_iter().filter(|image| image.from_folder().starts_with(other.prefix)));
            }
        }
        let mut kept = HashSet::new();
        for part in KEPT {
            kept.extend(read_order(&set.list(data, part))?);
        }
        let wrong = |message: &str| Error::new(ErrorKind::InvalidRequest, "choose pool", message).with("set", set.name);
        if let Some(image) = found.iter().find(|image| names(image).iter().any(|name| kept.contains(name))) {
            return Err(wrong("an image that is kept for scores is in the pool").file(&image.path));
        }
        let size = self.size.unwrap_or(found.len());
        if size > found.len() {
            return Err(wrong("the pool has fewer images than asked for").with("images", found.len()).with("asked for", size));
        }
        Ok(found.into_iter().take(size).map(|image| image.path).collect())
    }
}

impl std::fmt::Display for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sources = match self.sources {
            Sources::Own => "own",
            Sources::OwnAndPools => "own+pools",
        };
        match self.size {
            Some(size) => write!(f, "{size} of {sources}"),
            None => f.write_str(sources),
        }
    }
}

/// What a list of names may call an image.
fn names(image: &Found) -> [String; 2] {
    let file = image.from_folder();
    let folder = file.rfind('/').map_or("", |end| &file[..=end]);
    [format!("{folder}{}", image.name), file.clone()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::sets::{set, tests::data};

    fn files(pool: Pool, data: &str) -> Vec<String> {
        let files = pool.files(set("pbc").expect("a set"), data).expect("a pool");
        files.iter().map(|file| file.strip_prefix(data).expect("below").to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn own_images_come_first_and_those_of_other_kinds_do_not_come() {
        let folder = data();
        let data = folder.path().to_string_lossy();
        let own = ["pbc/images/a/1.jpg", "pbc/images/b/1.jpg", "pbc/images/a/2.jpg", "pbc/images/b/2.jpg"];
        assert_eq!(files(Pool::default(), &data), own);
        let all = Pool { sources: Sources::OwnAndPools, size: None };
        assert_eq!(files(all, &data), [&own[..], &["pools/pbc/x.jpg", "pools/pbc/y.jpg"]].concat());
        assert_eq!(files(Pool { size: Some(5), ..all }, &data)[3..], [own[3], "pools/pbc/x.jpg"]);
        assert_eq!(all.available(set("pbc").expect("a set"), &data).expect("a pool"), 6);
        let error = Pool { size: Some(7), ..all }.files(set("pbc").expect("a set"), &data).expect_err("too few");
        assert!(error.to_string().contains("fewer images"), "{error}");
    }

    #[test]
    fn what_is_kept_for_scores_is_in_no_pool() {
        let folder = data();
        let data = folder.path().to_string_lossy();
        let split = folder.path().join("pbc/split.json");
        for kept in ["val", "test"] {
            let other = if kept == "val" { "test" } else { "val" };
            let text = serde_json::json!({"train": ["a/1.jpg"], kept: ["a/2"], other: ["b/3.jpg"],
                "fewlabel_order": {"0": ["a/1.jpg", "a/2.jpg"]}});
            std::fs::write(&split, text.to_string()).expect("written");
            let error = Pool::default().files(set("pbc").expect("a set"), &data).expect_err("an image of val or test");
            assert!(error.to_string().contains("kept for scores") && error.to_string().contains("2.jpg"), "{error}");
        }
    }

    #[test]
    fn pools_are_told_apart_in_words() {
        let of = |sources, size| Pool { sources, size }.described(set("fib25").expect("a set")).join("; ");
        assert_eq!(of(Sources::Own, None), "./fib25/split.json#fewlabel_order.0");
        assert_eq!(
            of(Sources::OwnAndPools, Some(50)),
            "./fib25/split.json#fewlabel_order.0; ./unlabelled/split.json#unlabelled fib25_*; first 50"
        );
    }
}
