//! What a file holds, as a line of JSON: as its maker says, or as a reader finds it.

use std::path::Path;

use fewlabel_contract::{Error, Result};
use serde::{Deserialize, Serialize};

/// A file and what should be found in it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Case {
    /// Its path, from the folder of the manifest on, or, where it begins with `tests/`, from that of the checkout.
    pub file: String,
    /// Row of the table that it counts in.
    pub format: String,
    /// How it was made.
    #[serde(default)]
    pub made: String,
    /// What is read from it.
    #[serde(default)]
    pub reads: Reads,
    /// The kind of error that reading must end with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Where decoders may differ: the samples, and by how much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near: Option<Near>,
    /// What is in it.
    #[serde(flatten)]
    pub facts: Facts,
}

/// What is read from a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reads {
    /// An image.
    #[default]
    Image,
    /// Labels.
    Labels,
    /// Outlines.
    Outlines,
}

/// Samples that are equal up to a difference.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Near {
    /// The file with them as bytes, in order `t z c y x`.
    pub samples: String,
    /// The largest difference, in numbers.
    pub within: u8,
}

/// What is in a file. What a format or a reader does not know is missing, or empty.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct Facts {
    /// `t z c y x`.
    pub shape: [usize; 5],
    /// Type of the samples: `U8` and so on; empty for labels and outlines.
    #[serde(rename = "type")]
    pub pixel_type: String,
    /// Whether the channels are red, green and blue.
    pub rgb: bool,
    /// SHA-256 of the samples as bytes, the lowest of each first, in order `t z c y x`. Labels that are read and painted
    /// outlines are numbers of 32 bits.
    pub sha256: String,
    /// Size of a pixel.
    pub calibration: Size,
    /// One for each channel, or none.
    pub channel_names: Vec<String>,
    /// One for each plane in order `t z c`, or none.
    pub slice_labels: Vec<String>,
    /// The levels of a pyramid below the first.
    pub levels: Vec<Level>,
    /// The lowest and the highest value on display.
    pub range: Option<[f64; 2]>,
    /// Outlines in the order of the file.
    pub outlines: Vec<Drawn>,
}

/// Size of a pixel.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct Size {
    /// Along x, in `unit`.
    pub x: Option<f64>,
    /// Along y.
    pub y: Option<f64>,
    /// Along z.
    pub z: Option<f64>,
    /// Unit of length.
    pub unit: Option<String>,
    /// Seconds between frames.
    pub frame_interval: Option<f64>,
}

/// A smaller copy.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct Level {
    /// Rows.
    pub y: usize,
    /// Columns.
    pub x: usize,
    /// As [`Facts::sha256`].
    pub sha256: String,
}

/// An outline.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct Drawn {
    /// Kind of its shape, in small letters: `rotated rectangle` and so on.
    pub kind: String,
    /// Its name.
    pub name: Option<String>,
    /// ImageJ's group; 0 for none.
    pub group: u8,
    /// Plane of the stack, channel, slice and frame, from 1 on; 0 for all.
    pub position: [u32; 4],
    /// Width of the line; 0 for none.
    pub stroke_width: f64,
    /// Class of QuPath.
    pub class: Option<String>,
    /// SHA-256 of its pixels in a plane of the image, a byte each, 0 or 1; empty where that is not compared.
    pub sha256: String,
}

/// The cases in a file, a line each.
///
/// # Errors
/// `io`; `internal` for a line that is none.
pub fn read(path: &Path) -> Result<Vec<Case>> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::io("read manifest", path, &error))?;
    let case = |(number, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| {
            Error::internal("read manifest", "a line is no case").file(path).with("line", number + 1).because(&error)
        })
    };
    text.lines().enumerate().map(case).collect()
}

/// Writes cases to a file, a line each.
///
/// # Errors
/// `io`.
pub fn write(path: &Path, cases: &[Case]) -> Result<()> {
    let lines = cases.iter().map(|case| {
        serde_json::to_string(case).map_err(|error| Error::internal("write manifest", "a case is no JSON").because(&error))
    });
    let text: String = lines.map(|line| line.map(|line| line + "\n")).collect::<Result<_>>()?;
    std::fs::write(path, text).map_err(|error| Error::io("write manifest", path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_come_back_and_need_not_say_everything() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("manifest.jsonl");
        std::fs::write(&path, r#"{"file": "a.tif", "format": "TIFF", "shape": [1, 2, 3, 4, 5], "type": "U8"}"#).expect("written");
        let mut cases = read(&path).expect("one case");
        assert_eq!((cases[0].facts.shape, cases[0].reads), ([1, 2, 3, 4, 5], Reads::Image));
        assert_eq!(cases[0].facts.pixel_type, "U8");
        cases[0].facts.outlines = vec![Drawn { kind: "oval".into(), position: [0, 1, 2, 3], ..Drawn::default() }];
        write(&path, &cases).expect("written");
        assert_eq!(read(&path).expect("one case")[0].facts, cases[0].facts);
    }
}
