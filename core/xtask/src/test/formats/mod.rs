//! Files of every format: what others write is read, and what we write is read by others.
//!
//! `tests/formats/make.py` makes a corpus with tifffile, roifile, nibabel, zarr, ome-zarr, imageio, Pillow and imagecodecs,
//! and says what must be found in each file. Then we write, `tests/formats/check.py` reads it with those packages, and ImageJ
//! reads and writes, too.

mod corpus;
mod differences;
mod drawing;
mod imagej;
mod manifest;
mod reading;
mod table;
mod writing;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use fewlabel_contract::Result;
use serde::Deserialize;

use self::manifest::Case;
use self::table::Table;
use self::writing::Written;
use super::tally::Tally;
use crate::process::{command, output};
use crate::python::environment;
use crate::workspace::{root, target};

/// Makes or finds the corpus, and looks at it from all sides.
pub fn formats() -> Result<Tally> {
    let scripts = root().join("tests").join("formats");
    let python = environment("formats", &scripts.join("requirements.txt"), &[])?;
    let corpus = corpus::corpus(&python, &scripts)?;
    let cases = manifest::read(&corpus.join("manifest.jsonl"))?;
    let mut table = Table::default();
    for case in &cases {
        table.add(&format!("read: {}", case.format), &case.file, &reading::check(&corpus, case));
    }
    let folder = target("formats")?.join("written");
    let written = write(&folder, &corpus, &cases)?;
    let seen = seen_by_python(&python, &scripts, &folder)?;
    for case in &written.cases {
        let differences = match seen.get(&case.file) {
            Some(Checked { ok: true, .. }) => Vec::new(),
            Some(checked) => vec![checked.found.clone()],
            None => vec!["nothing is said of it".to_owned()],
        };
        table.add(&format!("written: {}", case.format), &case.file, &differences);
    }
    let seen = imagej::imagej(&scripts.join("imagej"), &corpus, &cases, &written, &mut table);
    for line in table.lines() {
        println!("{line}");
    }
    let mut tally = table.tally();
    tally.add(seen?);
    Ok(tally)
}

/// Where a file of a manifest lies.
fn place(folder: &Path, file: &str) -> PathBuf {
    if file.starts_with("tests/") { root().join(file) } else { folder.join(file) }
}

/// Writes everything that can be written, and a manifest.
fn write(folder: &Path, corpus: &Path, cases: &[Case]) -> Result<Written> {
    corpus::fresh(folder)?;
    let is_nifti = |case: &&Case| case.format == "NIfTI" && case.error.is_none();
    let nifti: Vec<PathBuf> = cases.iter().filter(is_nifti).map(|case| place(corpus, &case.file)).collect();
    let mut written = Written::images(folder, &nifti)?;
    drawing::outlines(&mut written)?;
    manifest::write(&folder.join("manifest.jsonl"), &written.cases)?;
    Ok(written)
}

/// A line that `check.py` prints.
#[derive(Deserialize)]
struct Checked {
    file: String,
    ok: bool,
    found: String,
}

/// What the packages of Python find, by file.
fn seen_by_python(python: &Path, scripts: &Path, folder: &Path) -> Result<HashMap<String, Checked>> {
    let text = output(command(python).arg("-B").arg(scripts.join("check.py")).arg(folder))?;
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Checked>(line).ok());
    Ok(lines.map(|checked| (checked.file.clone(), checked)).collect())
}
