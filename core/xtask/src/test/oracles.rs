//! What the demo wrote, seen by programs that are not ours.
//!
//! Each `tests/oracles/check_*.py` prints a JSON line for every check: `{"check": "…", "ok": true, "found": "…"}`,
//! or `{"check": "…", "skipped": "why"}`. It runs in a virtual environment in the cache that holds what
//! `tests/oracles/requirements.txt` names.

use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, Result};
use serde::Deserialize;

use super::tally::Tally;
use crate::demo;
use crate::process::{command, watch};
use crate::python::environment;
use crate::workspace::{program, root};

/// Runs every oracle.
pub fn oracles() -> Result<Tally> {
    let folder = root().join("tests").join("oracles");
    if !demo::model()?.is_file() {
        return Ok(Tally::skipped("the oracles look at what the demo writes: run that part too"));
    }
    let python = environment("oracles", &folder.join("requirements.txt"), &[])?;
    let mut tally = Tally::default();
    for script in scripts(&folder)? {
        let mut oracle = command(&python);
        oracle.arg(&script).env("FEWLABEL", program("fewlabel")?).env("FEWLABEL_DEMO", demo::folder()?);
        let mut own = Tally::default();
        let good = watch(&mut oracle, &mut |line| count(line, &mut own))?;
        tally.add(own.ended(good));
    }
    Ok(tally)
}

fn scripts(folder: &Path) -> Result<Vec<PathBuf>> {
    let io_error = |error: std::io::Error| Error::io("list oracles", folder, &error);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io_error)? {
        let path = entry.map_err(io_error)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("check_") && name.ends_with(".py") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// A line that an oracle prints.
#[derive(Deserialize)]
struct Checked {
    check: String,
    #[serde(default)]
    ok: bool,
    skipped: Option<String>,
}

fn count(line: &str, tally: &mut Tally) {
    let Ok(checked) = serde_json::from_str::<Checked>(line) else { return };
    match checked.skipped {
        Some(reason) => tally.skip(1, &format!("{}: {reason}", checked.check)),
        None => tally.add(Tally::of(checked.ok)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_lines_with_a_check_are_counted() {
        let mut tally = Tally::default();
        for line in [
            r#"{"check": "labels open", "ok": true, "found": "uint16"}"#,
            r#"{"check": "scores agree", "ok": false, "found": "0.3"}"#,
            r#"{"check": "zoo", "skipped": "not for this Python"}"#,
            r#"{"progress": 1}"#,
            "Warning: something",
        ] {
            count(line, &mut tally);
        }
        assert_eq!(tally.line(), "1 passed, 1 failed, 1 skipped");
    }

    #[test]
    fn the_oracles_of_this_checkout_are_found() {
        let found = scripts(&root().join("tests/oracles")).expect("the folder of the oracles");
        assert!(!found.is_empty());
    }
}
