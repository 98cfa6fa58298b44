//! What a model, an image or this installation is.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use fewlabel_contract::{
    DescribeArgs, DescribeResult, ENTRIES, EntryRow, EntryState, KNOBS, ModelCard, Request, Response, Result, RunsIn,
};
use fewlabel_image::{Limits, is_zarr, open_source};
use fewlabel_infer::{available_threads, memory_budget};
use fewlabel_model::{Package, find_model};
use sha2::{Digest, Sha256};

use super::model::{hexadecimal, refuse_otsu};
use crate::engine::Context;
use crate::{VERSION, learner};

pub(super) fn run(request: &Request, context: &Context) -> Result<Response> {
    let args: DescribeArgs = request.parse_args()?;
    args.check()?;
    let mut result = DescribeResult { version: VERSION.to_owned(), ..DescribeResult::default() };
    match &args.path {
        Some(name) => describe_path(name, context, &mut result)?,
        None if args.devices => result.devices = devices(context),
        None if args.knobs => {
            result.knobs = KNOBS
                .iter()
                .map(|knob| {
                    (knob.name.to_owned(), format!("{}; not set: {}", knob.does, knob.unset), std::env::var(knob.name).ok())
                })
                .collect();
        }
        None => {
            let learner = learner::find(None, &context.config);
            let missing = learner.err().map(|error| error.to_string());
            result.entries = ENTRIES.iter().map(|row| state(row, missing.as_deref())).collect();
        }
    }
    Response::new(request.entry, &result)
}

fn state(row: &EntryRow, learner_missing: Option<&str>) -> EntryState {
    let built = row.forms.is_some();
    let missing = match (built, row.runs_in) {
        (false, _) => Some("not in this version".to_owned()),
        (true, RunsIn::Learner) => learner_missing.map(str::to_owned),
        (true, RunsIn::Host) => None,
    };
    EntryState { entry: row.name.to_owned(), does: row.does.to_owned(), built, ready: missing.is_none(), missing }
}

/// The processor, and what the learner finds; why not, where there is no learner.
fn devices(context: &Context) -> Vec<String> {
    let gigabytes = memory_budget() as f64 / 1e9;
    let mut devices = vec![format!("cpu: {} threads, {gigabytes:.1} GB for networks", available_threads())];
    match learner::greet(&context.config, &context.events) {
        Ok(hello) => {
            let others: Vec<String> = hello.devices.into_iter().filter(|device| device != "cpu").collect();
            if others.is_empty() {
                devices.push("cuda: none found".to_owned());
            }
            devices.extend(others);
        }
        Err(error) => devices.push(format!("cuda: not known, {error}")),
    }
    devices
}

fn describe_path(name: &str, context: &Context, result: &mut DescribeResult) -> Result<()> {
    refuse_otsu(name, "describe")?;
    let path = Path::new(name);
    if path.is_file() && !is_zip(path) || is_zarr(path) {
        result.image = Some(open_source(path, &Limits::default())?.info().summary());
    } else {
        result.model = Some(card(&Package::read(&find_model(name, context.config.beside.as_deref())?)?));
    }
    Ok(())
}

/// Whether a file begins as zip files do: model packages are told from images by content, not by name.
fn is_zip(path: &Path) -> bool {
    let mut begin = [0; 4];
    File::open(path).and_then(|mut file| file.read_exact(&mut begin)).is_ok() && begin == *b"PK\x03\x04"
}

fn card(package: &Package) -> ModelCard {
    let meta = &package.meta;
    let parameters = meta
        .network
        .as_ref()
        .map_or(0, |network| network.parameters().iter().map(|parameter| parameter.shape.iter().product::<usize>() as u64).sum());
    ModelCard {
        name: meta.name.clone(),
        description: meta.description.clone(),
        find: meta.find,
        channels: meta.channels.clone(),
        classes: meta.classes.clone(),
        plane: meta.plane,
        object_diameter: meta.object_diameter,
        trainable: package.checkpoint().is_ok(),
        parameters,
        sha256: hexadecimal(Sha256::new_with_prefix(&package.onnx)),
    }
}
