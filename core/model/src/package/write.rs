//! Writing a package.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Find, Result};
use fewlabel_image::AtomicFile;
use serde_json::{Value, json};

use super::archive::{pack, sha256_hex};
use super::description::{
    Author, Axis, AxisSize, Class, Config, Description, FewlabelConfig, FileRef, OnnxWeights, TensorDescription, WeightFormats,
};
use super::{Citation, FORMAT, FORMAT_WITHOUT_PLANE, InputSize, Package, PackageMeta, Preprocessing, names, npy, readme};
use crate::onnx::{INPUT, OPSET, OUTPUT};
use crate::step::Described;
use crate::{NORMALISE_EPS, Network, Normalisation, Scope, checkpoint};

const OPERATION: &str = "write model";

impl Package {
    /// Writes the package under a temporary name and renames it; returns the SHA-256 of the file.
    ///
    /// The same package gives the same bytes. The caller has run the graph on the test input. Weights are
    /// rounded to 16 bit in the checkpoint, not in the graph.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when `path` is there and `existing_ok` is false; `io`;
    /// [`ErrorKind::BadModel`] when the parts do not fit together; [`ErrorKind::Unsupported`] for a
    /// foreign package, or one without checkpoint or test tensors.
    pub fn write(&self, path: &Path, existing_ok: bool) -> Result<String> {
        let mut file = AtomicFile::create(path, existing_ok)?;
        let bytes = self.to_bytes().map_err(|error| error.file(path))?;
        file.write_all(&bytes).map_err(|error| file.error(&error))?;
        file.commit()?;
        Ok(sha256_hex(&bytes))
    }

    /// The zip in memory.
    fn to_bytes(&self) -> Result<Vec<u8>> {
        self.check()?;
        let (network, weights) = self.checkpoint()?;
        let (Preprocessing::Normalise(normalisation), Some((test_input, test_output))) = (&self.meta.preprocessing, &self.test)
        else {
            return Err(Error::new(ErrorKind::Unsupported, OPERATION, "only packages of this program are written")
                .with("model", &self.meta.name));
        };
        let mut files: BTreeMap<&str, Vec<u8>> = BTreeMap::from([
            (names::ONNX, self.onnx.clone()),
            (names::TEST_INPUT, npy::write(test_input)),
            (names::TEST_OUTPUT, npy::write(test_output)),
            (names::CHECKPOINT, checkpoint::write(network, weights)?),
            (names::RUN, pretty(&self.run)?),
            (names::README, readme::text(&self.meta, network, normalisation).into_bytes()),
        ]);
        if let Some(cover) = &self.cover_png {
            files.insert(names::COVER, cover.clone());
        }
        let description = describe(&self.meta, network, normalisation, &files)?;
        let yaml = serde_saphyr::to_string(&description).map_err(|error| Error::internal(OPERATION, error.to_string()))?;
        files.insert(names::DESCRIPTION, yaml.into_bytes());
        pack(&files)
    }
}

fn pretty(value: &Value) -> Result<Vec<u8>> {
    serde_json::to_vec_pretty(value).map_err(|error| Error::internal(OPERATION, error.to_string()))
}

fn describe(
    meta: &PackageMeta,
    network: &Network,
    normalisation: &Normalisation,
    files: &BTreeMap<&str, Vec<u8>>,
) -> Result<Description> {
    let hashed = |name: &str| FileRef::Hashed { source: name.to_owned(), sha256: files.get(name).map(|bytes| sha256_hex(bytes)) };
    let there = |name: &&str| files.contains_key(*name);
    let does = match meta.find {
        Some(Find::Objects | Find::Areas) => "segmentation",
        Some(Find::Kinds) => "classification",
        None => "pretraining",
    };
    let config = FewlabelConfig {
        format: if meta.plane.is_some() { FORMAT } else { FORMAT_WITHOUT_PLANE },
        name: meta.name.clone(),
        find: meta.find,
        classes: meta.classes.iter().map(|(&value, name)| Class { value, name: name.clone() }).collect(),
        decoder: meta.decoder.clone(),
        normalisation: normalisation.clone(),
        halo: meta.halo,
        object_diameter: meta.object_diameter,
        size_range: meta.size_range,
        image_diameters: meta.image_diameters,
        plane: meta.plane,
        network: network.clone(),
    };
    Ok(Description {
        format_version: "0.5.7".into(),
        kind: "model".into(),
        name: zoo_name(&meta.name),
        description: meta.description.chars().take(1024).collect(),
        authors: meta.authors.iter().map(|name| Author { name: name.clone() }).collect(),
        license: meta.license.clone(),
        cite: methods().into_iter().chain(meta.data.iter().cloned()).collect(),
        tags: ["2d", "few-label", "fewlabel", "microscopy", does, "unet"].map(str::to_owned).to_vec(),
        documentation: Some(names::README.into()),
        covers: [names::COVER].iter().filter(|name| there(name)).map(|name| FileRef::Name((*name).to_owned())).collect(),
        attachments: [names::CHECKPOINT, names::RUN, names::COVER]
            .iter()
            .filter(|name| there(name))
            .map(|name| hashed(name))
            .collect(),
        inputs: vec![TensorDescription {
            id: INPUT.into(),
            description: "Intensities as they come from the microscope.".into(),
            axes: input_axes(meta),
            test_tensor: Some(hashed(names::TEST_INPUT)),
            data: Some(json!({"type": "float32"})),
            optional: false,
            preprocessing: zoo_steps(normalisation),
            postprocessing: Vec::new(),
        }],
        outputs: vec![TensorDescription {
            id: OUTPUT.into(),
            description: match network.is_pooled() {
                true => "Probability of each kind, of the whole image.".into(),
                false => "What the network thinks of each pixel.".into(),
            },
            axes: output_axes(meta, network.is_pooled()),
            test_tensor: Some(hashed(names::TEST_OUTPUT)),
            data: Some(json!({"type": "float32"})),
            optional: false,
            preprocessing: Vec::new(),
            postprocessing: Vec::new(),
        }],
        weights: WeightFormats {
            onnx: Some(OnnxWeights { file: hashed(names::ONNX), opset_version: OPSET, external_data: None }),
            others: BTreeMap::new(),
        },
        config: Config {
            fewlabel: Some(serde_json::to_value(config).map_err(|error| Error::internal(OPERATION, error.to_string()))?),
        },
    })
}

fn batch() -> Axis {
    Axis { kind: "batch".into(), ..Axis::default() }
}

fn channels(names: &[String]) -> Axis {
    Axis { kind: "channel".into(), channel_names: Some(names.to_vec()), ..Axis::default() }
}

fn input_axes(meta: &PackageMeta) -> Vec<Axis> {
    let space = |id: &str| Axis {
        kind: "space".into(),
        id: Some(id.into()),
        size: Some(match meta.input_size {
            InputSize { min, step: 0 } => AxisSize::Fixed(min),
            InputSize { min, step } => AxisSize::Stepped { min, step },
        }),
        unit: meta.pixel_size.as_ref().map(|pixel| pixel.unit.clone()),
        scale: meta.pixel_size.as_ref().map(|pixel| pixel.size),
        ..Axis::default()
    };
    vec![batch(), channels(&meta.channels), space("y"), space("x")]
}

fn output_axes(meta: &PackageMeta, is_pooled: bool) -> Vec<Axis> {
    if is_pooled {
        let one =
            |id: &str| Axis { kind: "space".into(), id: Some(id.into()), size: Some(AxisSize::Fixed(1)), ..Axis::default() };
        return vec![batch(), channels(&meta.output_channels), one("y"), one("x")];
    }
    let space = |id: &str| Axis {
        kind: "space".into(),
        id: Some(id.into()),
        size: Some(AxisSize::Reference { tensor_id: INPUT.into(), axis_id: id.into(), offset: 0 }),
        halo: (meta.halo > 0).then_some(meta.halo),
        unit: meta.pixel_size.as_ref().map(|pixel| pixel.unit.clone()),
        scale: meta.pixel_size.as_ref().map(|pixel| pixel.size),
        ..Axis::default()
    };
    vec![batch(), channels(&meta.output_channels), space("y"), space("x")]
}

/// The normalisation in the zoo's words.
///
/// Statistics of the stack are written as those of each plane: over `batch`, along which the zoo's tools
/// put the planes of a stack, they would be those of all images of a call, or of its first
/// (bioimageio.core 0.11). For images of one plane both are the same.
fn zoo_steps(normalisation: &Normalisation) -> Vec<Described> {
    let step = |id: &str, kwargs: Value| Described { id: id.into(), kwargs };
    let scaled = match &normalisation.scope {
        Scope::Stack | Scope::Plane => step(
            "scale_range",
            json!({"axes": ["y", "x"], "min_percentile": normalisation.low, "max_percentile": normalisation.high}),
        ),
        Scope::Dataset(limits) => {
            let mean: Vec<f64> = limits.iter().map(|&(low, _)| f64::from(low)).collect();
            // The zoo's tools add the same eps; they take no deviation below it.
            let std: Vec<f64> = limits.iter().map(|&(low, high)| (f64::from(high) - f64::from(low)).max(NORMALISE_EPS)).collect();
            step("fixed_zero_mean_unit_variance", json!({"axis": "channel", "mean": mean, "std": std}))
        }
    };
    let float = || step("ensure_dtype", json!({"dtype": "float32"}));
    vec![float(), scaled, float()]
}

/// The zoo takes 5 to 128 letters, digits, spaces and `_+-()`.
fn zoo_name(name: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+- ()".contains(c);
    let plain: String = name.chars().map(|c| if allowed(c) { c } else { '-' }).take(100).collect();
    if plain.chars().count() < 5 { format!("Fewlabel {plain}") } else { plain }
}

/// The methods that the program trains with.
pub(super) fn methods() -> Vec<Citation> {
    vec![
        Citation {
            text: "TOWER: Chen, Li, Chen, Luo, Neural Networks 167:810-826 (2023).".into(),
            doi: Some("10.1016/j.neunet.2023.09.001".into()),
            url: None,
        },
        Citation {
            text: "Hu, Zeng, Xu, Shi: Semi-supervised contrastive learning for label-efficient medical image segmentation, MICCAI 2021, pp. 481-490.".into(),
            doi: None,
            url: Some("https://arxiv.org/abs/2109.07407".into()),
        },
    ]
}
