//! What a run was: the record beside its outputs, which `fewlabel run` can do again.

use std::io::Write;
use std::path::Path;

use fewlabel_contract::{Error, Request, Result};
use fewlabel_image::AtomicFile;
use serde::Serialize;

/// A record. `I` is what is kept about an image.
#[derive(Serialize)]
pub(super) struct Record<'a, I: Serialize> {
    /// The version that ran.
    pub fewlabel: &'a str,
    pub request: &'a Request,
    pub model: Model<'a>,
    /// Wall time.
    pub seconds: f64,
    pub images: Vec<I>,
}

/// The model of a run.
#[derive(Serialize)]
pub(super) struct Model<'a> {
    /// As the request calls it.
    pub name: &'a str,
    pub sha256: &'a str,
}

/// Writes a record, whole or not at all.
pub(super) fn write_record<I: Serialize>(path: &Path, record: &Record<'_, I>, existing_ok: bool) -> Result<()> {
    let mut file = AtomicFile::create(path, existing_ok)?;
    let text = serde_json::to_string_pretty(record).map_err(|error| Error::internal("write record", error.to_string()))?;
    writeln!(file, "{text}").map_err(|error| file.error(&error))?;
    file.commit()
}
