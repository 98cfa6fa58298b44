//! What the shipped models are made of: the one place that says so.

use std::path::PathBuf;

use fewlabel_contract::{Find, Method, Result};
use fewlabel_image::list;
use serde::Serialize;

use crate::study::pool::{Pool, Sources};
use crate::study::sets::set;

/// The model that others start from.
pub const MICROSCOPY: Recipe = Recipe {
    name: "microscopy",
    description: "A start for microscopy images of one channel: fluorescence, phase contrast and electron microscopy. Learned from images \
                  without labels (TOWER); it finds nothing yet.",
    sets: &["fluorescence", "bbbc039", "usiigaci", "fib25"],
    learns: Learns::WithoutLabels(Method::Tower),
    minutes: 180.0,
};

/// Nuclei in fluorescence.
pub const NUCLEI: Recipe = Recipe {
    name: "nuclei",
    description: "Finds nuclei that are bright on a dark ground, each by itself.",
    sets: &["fluorescence", "bbbc039"],
    learns: Learns::From { start: "microscopy", find: Find::Objects },
    minutes: 60.0,
};

/// All of them; what others start from comes first.
pub const RECIPES: [&Recipe; 2] = [&MICROSCOPY, &NUCLEI];

/// How a model is made.
#[derive(Debug)]
pub struct Recipe {
    /// Its name, and that of its file.
    pub name: &'static str,
    /// What it is, in a sentence or two.
    pub description: &'static str,
    /// Sets of images of one channel that it learns from: their training images, and without labels also those elsewhere that show
    /// the same. Sets under terms that what comes of them would have to carry on (share-alike) are not among them.
    pub sets: &'static [&'static str],
    /// How it learns.
    pub learns: Learns,
    /// Wall time on two cores, where nobody asks for another.
    pub minutes: f64,
}

/// How a model learns.
#[derive(Clone, Copy, Debug)]
pub enum Learns {
    /// From images alone.
    WithoutLabels(Method),
    /// From another model of these, and labels.
    From {
        /// The other model.
        start: &'static str,
        /// What it learns to find.
        find: Find,
    },
}

/// Licence of the shipped models: the data are under CC0, MIT and CC BY.
pub const LICENSE: &str = "CC-BY-4.0";

/// A work, as the package's `cite` has it.
#[derive(Debug, Serialize)]
pub struct Citation {
    text: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    doi: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'static str>,
}

/// Who asks to be named by those who use a set.
const CITATIONS: [(&str, Citation); 5] = [
    (
        "fluorescence",
        Citation {
            text: "Caicedo et al., Nucleus segmentation across imaging experiments: the 2018 Data Science Bowl, Nature Methods 16, 1247 \
                   (2019); image set BBBC038v1, CC0-1.0.",
            doi: Some("10.1038/s41592-019-0612-7"),
            url: None,
        },
    ),
    (
        "fluorescence",
        Citation {
            text: "Ljosa et al., Annotated high-throughput microscopy image sets for validation, Nature Methods 9, 637 (2012).",
            doi: Some("10.1038/nmeth.2083"),
            url: None,
        },
    ),
    (
        "bbbc039",
        Citation {
            text: "Caicedo et al., Evaluation of deep learning strategies for nucleus segmentation in fluorescence images, Cytometry A 95, \
                   952 (2019); image set BBBC039v1, CC0-1.0.",
            doi: Some("10.1002/cyto.a.23863"),
            url: None,
        },
    ),
    (
        "usiigaci",
        Citation {
            text: "Tsai et al., Usiigaci: instance-aware cell tracking in stain-free phase contrast microscopy enabled by machine learning, \
                   SoftwareX 9, 230 (2019). MIT, Copyright 2018 Okinawa Institute of Science and Technology Graduate University.",
            doi: Some("10.1016/j.softx.2019.02.007"),
            url: None,
        },
    ),
    (
        "fib25",
        Citation {
            text: "FlyEM project, Janelia Research Campus: NeuroProof example data, Drosophila medulla, FIB-SEM. CC BY 3.0 US.",
            doi: None,
            url: Some("https://github.com/janelia-flyem/neuroproof_examples"),
        },
    ),
];

impl Recipe {
    /// Whom the model's card names.
    pub fn citations(&self) -> Vec<&'static Citation> {
        CITATIONS.iter().filter(|(set, _)| self.sets.contains(set)).map(|(_, work)| work).collect()
    }

    /// The images that it learns from, each once.
    ///
    /// # Errors
    /// Those of [`Pool::files`]: none of them is kept for scores.
    pub fn images(&self, data: &str) -> Result<Vec<PathBuf>> {
        let sources = match self.learns {
            Learns::WithoutLabels(_) => Sources::OwnAndPools,
            Learns::From { .. } => Sources::Own,
        };
        let mut files = Vec::new();
        for name in self.sets {
            files.extend(Pool { sources, size: None }.files(set(name)?, data)?);
        }
        files.sort();
        files.dedup();
        Ok(files)
    }

    /// The labels of these images.
    ///
    /// # Errors
    /// Those of [`list`].
    pub fn labels(&self, data: &str) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for name in self.sets {
            let set = set(name)?;
            let found = list(&[set.folder(data, set.labels), format!("@{}", set.list(data, "train"))], false)?;
            files.extend(found.into_iter().map(|label| label.path));
        }
        Ok(files)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_set_that_a_model_learns_from_is_known_and_cited() {
        for recipe in RECIPES {
            for name in recipe.sets {
                set(name).expect("a set");
                assert!(CITATIONS.iter().any(|(set, _)| set == name), "{name}");
            }
            assert!(recipe.citations().iter().all(|work| work.doi.is_some() != work.url.is_some()));
            assert!(recipe.description.len() < 1024);
        }
    }

    #[test]
    fn what_is_started_from_is_made_before() {
        for (n, recipe) in RECIPES.iter().enumerate() {
            if let Learns::From { start, .. } = recipe.learns {
                assert!(RECIPES[..n].iter().any(|earlier| earlier.name == start), "{start}");
            }
        }
    }
}
