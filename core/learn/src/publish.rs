//! From weights to a package that was checked.

use fewlabel_contract::{Event, Result};
use fewlabel_image::Maps;
use fewlabel_infer::verify;
use fewlabel_model::{Network, Normalisation, Package, PackageMeta, Weights, write_onnx};
use serde_json::Value;

use crate::device::{Machine, Precision};
use crate::net::Net;
use crate::proof::test_tensors;
use crate::run::Run;
use crate::save::Save;

/// What a run learned, and what is to be said of it.
pub(crate) struct Learned<'a> {
    pub network: &'a Network,
    pub normalisation: &'a Normalisation,
    pub weights: Weights,
    pub meta: PackageMeta,
    /// A plane in the network's channels, with its own intensities, of which the test tensors are made.
    pub plane: Maps,
    /// The cover, as PNG.
    pub cover: Vec<u8>,
    /// The record.
    pub record: Value,
}

impl Learned<'_> {
    /// Makes the package, checks that tract gives what libtorch gives, and writes it; its SHA-256. `operation` is what may be cancelled.
    ///
    /// # Errors
    /// `bad-model` when it does not; `io`; `cancelled`.
    pub fn publish(self, save: &Save, run: &Run<'_>, operation: &str) -> Result<String> {
        let Self { network, normalisation, weights, meta, plane, cover, record } = self;
        // What goes out is computed in f32, as everywhere else; learning alone may use bfloat16.
        let exact = Net::with_weights(network.clone(), &weights, &Machine::cpu(Precision { bf16: false }))?;
        let package = Package {
            onnx: write_onnx(network, &weights)?,
            test: Some(test_tensors(&plane, normalisation, &meta.input_size, exact)?),
            cover_png: Some(cover),
            run: record,
            meta,
            weights: Some(weights),
        };
        run.token.check(operation)?;
        verify(&package)?;
        let sha256 = package.write(&save.path, save.overwrite)?;
        run.sink.event(Event::Artifact { path: save.path.clone(), sha256: sha256.clone() });
        Ok(sha256)
    }
}
