//! Says in a package what it is, who made it, under which licence, and whose data it learned from: `sign_package PACKAGE.zip CARD.json`.
//! `cargo xtask models` runs it on the models that are passed on with the program.

use std::error::Error;
use std::path::Path;

use fewlabel_model::Package;
use serde::Deserialize;

/// What a package of one's own training does not say.
#[derive(Deserialize)]
struct Card {
    name: String,
    description: String,
    license: String,
    authors: Vec<String>,
    /// Citations of the data, which go into `run.json`.
    data: Vec<String>,
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
    package.run["data"] = card.data.into();
    package.write(path, true)?;
    Ok(())
}
