//! Reading a package.

use std::fs::File;
use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Find, Result};
use fewlabel_image::Maps;
use serde_json::Value;

use super::archive::{Archive, OPERATION, bad};
use super::description::{Axis, AxisSize, Description, FewlabelConfig, FileRef, TensorDescription};
use super::write::methods;
use super::{FORMAT, FORMAT_WITHOUT_PLANE, InputSize, Package, PackageMeta, PixelSize, Preprocessing, names, npy};
use crate::onnx::check_is_self_contained;
use crate::{PerChannel, Step, checkpoint, step};

/// Bytes of `run.json`, which takes some 20 times as much memory once it is read. The names and hashes of 100,000 images are less.
const MAX_RECORD: usize = 32 << 20;

impl Package {
    /// Reads a package, of this program or another, and checks everything that can be checked without
    /// running it.
    ///
    /// # Errors
    /// `not-found`, `io`; [`ErrorKind::BadModel`] when it is damaged, hostile or of a newer format;
    /// [`ErrorKind::Unsupported`] for a foreign package that wants what this program cannot do.
    pub fn read(path: &Path) -> Result<Self> {
        let mut archive = Archive::open(path)?;
        read(&mut archive).map_err(|error| error.file(path))
    }
}

impl PackageMeta {
    /// Reads only what the package says about its model; weights and hashes are not looked at.
    ///
    /// # Errors
    /// As [`Package::read`].
    pub fn read(path: &Path) -> Result<Self> {
        let mut archive = Archive::open(path)?;
        let described = description(&mut archive).and_then(|description| meta(&description));
        described.map_err(|error| error.file(path))
    }
}

fn unsupported(message: &str) -> Error {
    Error::new(ErrorKind::Unsupported, OPERATION, message)
}

fn read(archive: &mut Archive<File>) -> Result<Package> {
    let description = description(archive)?;
    let meta = meta(&description)?;
    let Some(weights) = &description.weights.onnx else {
        let others: Vec<&str> = description.weights.others.keys().map(String::as_str).collect();
        return Err(unsupported("the package has no ONNX weights").with("formats", others.join(", ")));
    };
    if weights.external_data.is_some() {
        return Err(unsupported("the weights lie outside of the ONNX file"));
    }
    let (name, sha256) = weights.file.parts();
    let onnx = archive.file(name, sha256)?;
    check_is_self_contained(&onnx)?;
    let test = test_tensors(archive, &description, meta.foreign)?;
    let mut attachment = |name: &str| {
        let listed = description.attachments.iter().map(FileRef::parts).find(|(listed, _)| *listed == name);
        listed.map(|(name, sha256)| archive.file(name, sha256)).transpose()
    };
    let weights = match (&meta.network, attachment(names::CHECKPOINT)?) {
        (Some(network), Some(file)) => Some(checkpoint::read(network, &file)?),
        _ => None,
    };
    let run = match attachment(names::RUN)?.filter(|_| !meta.foreign) {
        Some(file) if file.len() > MAX_RECORD => {
            return Err(bad("run.json is longer than allowed").with("bytes", file.len()).with("allowed bytes", MAX_RECORD));
        }
        Some(file) => serde_json::from_slice(&file).map_err(|error| bad("run.json is damaged").because(&error))?,
        None => Value::Null,
    };
    let cover_png = attachment(names::COVER)?;
    let mut package = Package { meta, onnx, test, weights, run, cover_png };
    if package.meta.foreign && package.check_test().is_err() {
        package.test = None;
    }
    package.check()?;
    Ok(package)
}

/// Reads `bioimageio.yaml`, whose format must be known.
fn description(archive: &mut Archive<File>) -> Result<Description> {
    let name = [names::DESCRIPTION, names::OLD_DESCRIPTION].into_iter().find(|name| archive.has(name));
    let name = name.ok_or_else(|| {
        bad("this zip is not a model package: it has no bioimageio.yaml")
            .hint("give a model made by Fewlabel or a package of bioimage.io")
    })?;
    let damaged = |error: &dyn std::error::Error| bad("bioimageio.yaml is damaged").with("cause", error);
    let bytes = archive.file(name, None)?;
    let text = std::str::from_utf8(&bytes).map_err(|error| damaged(&error))?;
    // YAML 1.2, as the zoo writes it: `y` is the name of an axis, not "yes".
    let options = serde_saphyr::options! { strict_booleans: true };
    let all: Value = serde_saphyr::from_str_with_options(text, options).map_err(|error| damaged(&error))?;
    let version = match all.get("format_version") {
        Some(Value::String(version)) => version.clone(),
        Some(Value::Number(version)) => version.to_string(),
        _ => return Err(bad("bioimageio.yaml does not say its format")),
    };
    if all.get("type").and_then(Value::as_str) != Some("model") {
        return Err(unsupported("the package does not describe a model"));
    }
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(0), Some(5)) => {}
        (Some(0), Some(older)) if older < 5 => {
            return Err(unsupported("the package is of an older format than 0.5")
                .with("format", version)
                .hint("bring it up to date with `bioimageio update-format`"));
        }
        _ => return Err(newer(&version)),
    }
    serde_json::from_value(all).map_err(|error| damaged(&error))
}

fn newer(version: &dyn std::fmt::Display) -> Error {
    bad("the package is of a newer format than this program knows").with("format", version).hint("use a newer Fewlabel")
}

fn meta(description: &Description) -> Result<PackageMeta> {
    let [input] = description.inputs.as_slice() else {
        return Err(unsupported("the model wants other than one input").with("inputs", description.inputs.len()));
    };
    let [output] = description.outputs.as_slice() else {
        return Err(unsupported("the model gives other than one output").with("outputs", description.outputs.len()));
    };
    let (channels, y, x) = image_axes(input)?;
    let (output_channels, out_y, out_x) = image_axes(output)?;
    let config = description.config.fewlabel.as_ref().map(own_config).transpose()?;
    let is_pooled = config.as_ref().is_some_and(|config| config.network.is_pooled());
    let input_size = input_size(y, x)?;
    let halo = out_y.halo.unwrap_or(0).max(out_x.halo.unwrap_or(0));
    for (axis, of) in [(out_y, y), (out_x, x)] {
        if is_pooled { one_pixel(axis)? } else { same_grid(axis, of, input)? }
    }
    let scale = y.scale.filter(|scale| Some(*scale) == x.scale).filter(|scale| *scale > 0.0);
    let pixel_size = scale.zip(y.unit.clone()).map(|(size, unit)| PixelSize { size, unit });
    let authors = description.authors.iter().map(|author| author.name.clone()).collect();
    let base = PackageMeta {
        name: description.name.clone(),
        description: description.description.clone(),
        authors,
        license: description.license.clone(),
        data: description.cite.iter().filter(|work| !methods().contains(work)).cloned().collect(),
        find: Some(Find::Areas),
        classes: output_channels.iter().enumerate().skip(1).map(|(c, name)| (c as u32, name.clone())).collect(),
        channels,
        output_channels,
        preprocessing: Preprocessing::Steps(Vec::new()),
        postprocessing: Vec::new(),
        decoder: Value::Null,
        object_diameter: None,
        size_range: None,
        pixel_size,
        image_diameters: None,
        plane: None,
        input_size,
        halo,
        network: None,
        foreign: true,
    };
    let meta = match config {
        Some(config) => own(base, config),
        None => foreign(base, input, output)?,
    };
    meta.check()?;
    Ok(meta)
}

/// What this program says about its package.
fn own_config(config: &Value) -> Result<FewlabelConfig> {
    match config.get("format").and_then(Value::as_u64) {
        Some(format) if (u64::from(FORMAT_WITHOUT_PLANE)..=u64::from(FORMAT)).contains(&format) => {}
        Some(format) if format > u64::from(FORMAT) => return Err(newer(&format)),
        _ => return Err(bad("config.fewlabel does not say its format")),
    }
    serde_json::from_value(config.clone()).map_err(|error| bad("config.fewlabel is damaged").with("cause", error))
}

/// A package of this program: `config.fewlabel` counts.
fn own(base: PackageMeta, config: FewlabelConfig) -> PackageMeta {
    PackageMeta {
        name: config.name,
        find: config.find,
        classes: config.classes.into_iter().map(|class| (class.value, class.name)).collect(),
        preprocessing: Preprocessing::Normalise(config.normalisation),
        decoder: config.decoder,
        object_diameter: config.object_diameter,
        size_range: config.size_range,
        image_diameters: config.image_diameters,
        plane: config.plane,
        halo: config.halo,
        network: Some(config.network),
        foreign: false,
        ..base
    }
}

/// A package of another program: the zoo's steps count. One output channel is one class.
fn foreign(base: PackageMeta, input: &TensorDescription, output: &TensorDescription) -> Result<PackageMeta> {
    let preprocessing = step::parse(&input.preprocessing)?;
    let postprocessing = step::parse(&output.postprocessing)?;
    one_value_a_channel(&preprocessing, base.channels.len())?;
    one_value_a_channel(&postprocessing, base.output_channels.len())?;
    let classes = match base.output_channels.as_slice() {
        [only] => [(1, only.clone())].into(),
        _ => base.classes,
    };
    Ok(PackageMeta { classes, preprocessing: Preprocessing::Steps(preprocessing), postprocessing, ..base })
}

fn one_value_a_channel(steps: &[Step], channels: usize) -> Result<()> {
    let fits = |values: &PerChannel| {
        matches!(values, PerChannel::All(_)) || matches!(values, PerChannel::Each(list) if list.len() == channels)
    };
    let all_fit = steps.iter().all(|step| match step {
        Step::FixedZeroMeanUnitVariance { mean, std } => fits(mean) && fits(std),
        Step::ScaleLinear { gain, offset } => fits(gain) && fits(offset),
        Step::Binarize { threshold } => fits(threshold),
        _ => true,
    });
    if all_fit { Ok(()) } else { Err(bad("a processing step has another number of values than there are channels")) }
}

/// The channel names and the y and x axes of a tensor `batch channel y x`.
fn image_axes(tensor: &TensorDescription) -> Result<(Vec<String>, &Axis, &Axis)> {
    let [batch, channel, y, x] = tensor.axes.as_slice() else {
        return Err(other_axes(tensor));
    };
    let space = |axis: &Axis, id: &str| axis.kind == "space" && axis.id.as_deref() == Some(id);
    if batch.kind != "batch" || channel.kind != "channel" || !space(y, "y") || !space(x, "x") {
        return Err(other_axes(tensor));
    }
    let names = channel.channel_names.clone().filter(|names| !names.is_empty());
    Ok((names.ok_or_else(|| bad("the channels of a tensor have no names").with("tensor", &tensor.id))?, y, x))
}

fn other_axes(tensor: &TensorDescription) -> Error {
    let axes: Vec<&str> = tensor.axes.iter().map(|axis| axis.id.as_deref().unwrap_or(&axis.kind)).collect();
    unsupported("a tensor of the model is not an image of batch, channel, y, x")
        .with("tensor", &tensor.id)
        .with("axes", axes.join(", "))
}

fn input_size(y: &Axis, x: &Axis) -> Result<InputSize> {
    let one = |axis: &Axis| match axis.size {
        Some(AxisSize::Fixed(size)) if size > 0 => Ok(InputSize { min: size, step: 0 }),
        Some(AxisSize::Stepped { min, step }) if min > 0 && step > 0 => Ok(InputSize { min, step }),
        Some(AxisSize::Reference { .. }) => Err(unsupported("the size of one side of the input depends on another")),
        _ => Err(bad("the input has no size")),
    };
    let (y, x) = (one(y)?, one(x)?);
    if y != x {
        return Err(unsupported("the model takes other sizes along y than along x"));
    }
    Ok(y)
}

/// That an output axis lies on the grid of the input axis.
fn same_grid(axis: &Axis, of: &Axis, input: &TensorDescription) -> Result<()> {
    let same_size = match (&axis.size, &of.size) {
        (Some(AxisSize::Reference { tensor_id, axis_id, offset: 0 }), _) => {
            *tensor_id == input.id && Some(axis_id) == of.id.as_ref()
        }
        (Some(AxisSize::Fixed(size)), Some(AxisSize::Fixed(given))) => size == given,
        _ => false,
    };
    if same_size && axis.scale.unwrap_or(1.0) == of.scale.unwrap_or(1.0) {
        return Ok(());
    }
    Err(unsupported("the output does not lie on the pixels of the input"))
}

/// That an output axis holds the one pixel that stands for the whole image.
fn one_pixel(axis: &Axis) -> Result<()> {
    match axis.size {
        Some(AxisSize::Fixed(1)) => Ok(()),
        _ => Err(bad("the output of a model that tells kinds apart is not one pixel")),
    }
}

/// The test input and output. A foreign package may lack them or have them in another form.
fn test_tensors(archive: &mut Archive<File>, description: &Description, foreign: bool) -> Result<Option<(Maps, Maps)>> {
    let mut tensor = |of: &[TensorDescription]| -> Result<Option<Maps>> {
        let Some(file) = of.first().and_then(|tensor| tensor.test_tensor.as_ref()) else { return Ok(None) };
        let (name, sha256) = file.parts();
        let bytes = archive.file(name, sha256)?;
        match npy::read(&bytes) {
            Ok(maps) => Ok(Some(maps)),
            Err(_) if foreign => Ok(None),
            Err(error) => Err(error.with("entry", name)),
        }
    };
    let pair = tensor(&description.inputs)?.zip(tensor(&description.outputs)?);
    if pair.is_none() && !foreign {
        return Err(bad("the package has no test tensors"));
    }
    Ok(pair)
}
