//! Says in a package what it is, who made it, under which licence, and whose data it learned from: `sign_package PACKAGE.zip CARD.json`.
//! `cargo xtask models` runs it on the models that are passed on with the program. Where the data lay is left out of the record.

use std::error::Error;
use std::path::Path;

use fewlabel_model::{Citation, Package};
use serde::Deserialize;
use serde_json::Value;

/// What a package of one's own training does not say.
#[derive(Deserialize)]
struct Card {
    name: String,
    description: String,
    license: String,
    authors: Vec<String>,
    data: Vec<Citation>,
    /// Folders that paths in the record begin with, and what stands for them.
    folders: Vec<(String, String)>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [package, card] = arguments.as_slice() else {
        return Err("usage: sign_package PACKAGE.zip CARD.json".into());
    };
    let card: Card = serde_json::from_slice(&std::fs::read(card)?)?;
    let path = Path::new(package);
    let mut package = Package::read(path)?;
    package.meta.name = card.name;
    package.meta.description = card.description;
    package.meta.license = Some(card.license);
    package.meta.authors = card.authors;
    package.meta.data = card.data;
    anonymous(&mut package.run, &card.folders);
    package.write(path, true)?;
    Ok(())
}

/// Puts what stands for folders into all texts of a record.
fn anonymous(record: &mut Value, folders: &[(String, String)]) {
    match record {
        Value::String(text) => folders.iter().for_each(|(folder, name)| *text = text.replace(folder, name)),
        Value::Array(items) => items.iter_mut().for_each(|item| anonymous(item, folders)),
        Value::Object(fields) => fields.values_mut().for_each(|field| anonymous(field, folders)),
        _ => {}
    }
}
