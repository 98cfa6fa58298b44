//! Names of images in a list: a text file, or a part of a JSON file.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, ErrorKind, Result};
use serde_json::Value;

const OPERATION: &str = "read list of names";

/// The names in a list, in its order.
///
/// `spec` is a text file with one name a line (empty lines do not count), or a JSON file and the way to a list
/// of names in it: `split.json#train`, `split.json#fewlabel_order.0`.
///
/// # Errors
/// `not-found` without such a file; `invalid-request` when the JSON file or the way into it is wrong, the list
/// is empty, or names something twice.
pub fn read_order(spec: &str) -> Result<Vec<String>> {
    let names = read_names(spec)?;
    let mut seen = HashSet::new();
    match names.iter().find(|name| !seen.insert(name.as_str())) {
        Some(twice) => Err(invalid("the list names something twice", spec).with("name", twice)),
        None => Ok(names),
    }
}

/// As [`read_order`], but a name may occur twice.
pub(super) fn read_names(spec: &str) -> Result<Vec<String>> {
    let (file, way) = split(spec);
    let text = std::fs::read_to_string(&file).map_err(|e| Error::io(OPERATION, &file, &e))?;
    let names = match way {
        Some(way) => in_json(&text, way, spec)?,
        None if is_json(&file) => {
            return Err(invalid("which part of this JSON file is not said", spec)
                .hint("write the part after a #, for instance split.json#train"));
        }
        None => lines(&text),
    };
    if names.is_empty() {
        return Err(invalid("the list is empty", spec));
    }
    Ok(names)
}

/// Whether a list is a part of a JSON file, and not lines of text.
pub(super) fn is_part_of_json(spec: &str) -> bool {
    split(spec).1.is_some()
}

/// The folder that a list lies in.
pub(super) fn folder_of(spec: &str) -> PathBuf {
    split(spec).0.parent().map(Path::to_owned).unwrap_or_default()
}

/// Splits at the last `#` behind a JSON file; in any other name `#` is a letter like others.
fn split(spec: &str) -> (PathBuf, Option<&str>) {
    match spec.rsplit_once('#') {
        Some((file, way)) if is_json(Path::new(file)) => (PathBuf::from(file), Some(way)),
        _ => (PathBuf::from(spec), None),
    }
}

fn is_json(file: &Path) -> bool {
    file.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"))
}

fn lines(text: &str) -> Vec<String> {
    // Text editors of some systems put a byte order mark in front.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn in_json(text: &str, way: &str, spec: &str) -> Result<Vec<String>> {
    let root: Value = serde_json::from_str(text).map_err(|e| invalid("this is not a JSON file", spec).because(&e))?;
    let mut value = &root;
    for key in way.split('.') {
        let Value::Object(parts) = value else {
            return Err(invalid("the JSON file has no such part", spec).with("part", key));
        };
        value = parts.get(key).ok_or_else(|| {
            let there = parts.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            invalid("the JSON file has no such part", spec).with("part", key).with("parts there", there)
        })?;
    }
    let names = value.as_array().and_then(|list| list.iter().map(|v| v.as_str().map(str::to_owned)).collect());
    names.ok_or_else(|| invalid("this part of the JSON file is not a list of names", spec).with("part", way))
}

fn invalid(message: &str, spec: &str) -> Error {
    Error::new(ErrorKind::InvalidRequest, OPERATION, message).file(spec)
}
