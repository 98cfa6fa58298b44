//! A model in another form.

use std::io::Write;
use std::path::Path;

use fewlabel_contract::{Error, Existing, ExportArgs, ExportResult, ModelForm, Request, Response, Result};
use fewlabel_image::AtomicFile;
use fewlabel_infer::verify;
use fewlabel_model::{Exported, Package, export_onnx};
use sha2::{Digest, Sha256};

use super::existing::of_another_request;
use super::folder::{folder_of, prepare};
use super::model::{hexadecimal, refuse_otsu};
use crate::engine::Context;

const OPERATION: &str = "export";

pub(super) fn run(request: &Request, context: &Context) -> Result<Response> {
    let args: ExportArgs = request.parse_args()?;
    args.check()?;
    refuse_otsu(&args.model, OPERATION)?;
    let path = fewlabel_model::find_model(&args.model, context.config.beside.as_deref())?;
    let mut package = Package::read(&path)?;
    let Exported { bytes, opset, operators } = match args.form {
        ModelForm::Onnx => export_onnx(&package, args.opset).map_err(|error| error.file(&path))?,
    };
    context.token.check(OPERATION)?;
    package.onnx = bytes;
    let verified = package.test.is_some();
    if verified {
        verify(&package).map_err(|error| error.file(&path))?;
    }
    context.token.check(OPERATION)?;
    write(&args.output, &package.onnx, args.existing)?;
    let sha256 = hexadecimal(Sha256::new_with_prefix(&package.onnx));
    context.events.send(fewlabel_contract::Event::Artifact { path: args.output.clone(), sha256: sha256.clone() });
    Response::new(request.entry, &ExportResult { output: args.output, sha256, opset, operators, verified })
}

/// Writes the file whole, or keeps the one that is there.
fn write(path: &Path, bytes: &[u8], existing: Existing) -> Result<()> {
    if existing == Existing::Skip && path.exists() {
        let there = std::fs::read(path).map_err(|error| Error::io(OPERATION, path, &error))?;
        return if there == bytes { Ok(()) } else { Err(of_another_request(OPERATION, path, "name")) };
    }
    prepare(folder_of(path))?;
    let mut file = AtomicFile::create(path, existing == Existing::Overwrite)?;
    file.write_all(bytes).map_err(|error| file.error(&error))?;
    file.commit()
}
