//! What is done around the network: the part of a model package that inference needs.

use fewlabel_contract::{Error, ErrorKind, Find, Result};
use fewlabel_image::{Maps, Plane};
use fewlabel_model::{PackageMeta, Preprocessing, Step};
use fewlabel_objects::{DecodeObjects, MAPS, decode_areas, decode_objects};

/// How maps become labels.
#[derive(Clone, Debug, PartialEq)]
pub enum Decoder {
    /// Separate objects, numbered from 1.
    Objects(DecodeObjects),
    /// Areas: the value in the label image for each channel of the maps, 0 for the background. Two
    /// values for maps of a single channel: the second is where the channel exceeds 0.5.
    Areas(Vec<u32>),
}

impl Decoder {
    /// The labels of whole maps.
    ///
    /// # Errors
    /// [`ErrorKind::BadModel`] when the maps have other channels than the decoder reads.
    pub fn decode(&self, maps: &Maps) -> Result<Plane<u32>> {
        self.check(maps.channels)?;
        match self {
            Self::Objects(parameters) => decode_objects(maps, parameters),
            Self::Areas(values) if maps.channels < values.len() => {
                Ok(maps.plane(0).map(|probability| values[usize::from(probability > 0.5)]))
            }
            Self::Areas(values) => Ok(decode_areas(maps, values)),
        }
    }

    /// This decoder for maps whose sides were multiplied by `factor`: a package counts in pixels of the network's
    /// input, maps are decoded on the grid of the image.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        match self {
            Self::Objects(parameters) => Self::Objects(parameters.clone().scaled(factor)),
            Self::Areas(values) => Self::Areas(values.clone()),
        }
    }

    /// # Errors
    /// [`ErrorKind::BadModel`] when a network with so many output channels does not fit.
    pub(crate) fn check(&self, channels: usize) -> Result<()> {
        let wanted = match self {
            Self::Objects(_) => MAPS.len(),
            Self::Areas(values) => values.len(),
        };
        let single = matches!(self, Self::Areas(values) if values.len() == 2) && channels == 1;
        if channels == wanted || single {
            return Ok(());
        }
        Err(Error::new(ErrorKind::BadModel, "decode maps", "the network gives other maps than the decoder reads")
            .with("network gives", channels)
            .with("decoder reads", wanted))
    }
}

/// What happens to an image before and after the network.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// Names of the channels that the network wants.
    pub channels: Vec<String>,
    /// What is done to the intensities of whole planes.
    pub preprocessing: Preprocessing,
    /// What is done to whole maps before they are decoded; only foreign packages want anything.
    pub postprocessing: Vec<Step>,
    /// How maps become labels; lengths and areas are in pixels of the network's input.
    pub decoder: Decoder,
    /// Diameter in pixels of the network's input of the objects that it was trained on.
    pub object_diameter: Option<f64>,
}

impl Recipe {
    /// The recipe of a package.
    ///
    /// # Errors
    /// [`ErrorKind::BadModel`] when the decoder's parameters are damaged, [`ErrorKind::Unsupported`] for
    /// packages that find kinds of whole images, or nothing yet.
    pub fn of(meta: &PackageMeta) -> Result<Self> {
        let decoder = match meta.find {
            Some(Find::Objects) => Decoder::Objects(decode_parameters(meta)?),
            Some(Find::Areas) => Decoder::Areas(std::iter::once(0).chain(meta.classes.keys().copied()).collect()),
            Some(Find::Kinds) => {
                return Err(Error::new(ErrorKind::Unsupported, "segment image", "this model tells kinds of whole images apart")
                    .with("model", &meta.name)
                    .hint("use it with classify"));
            }
            None => {
                return Err(Error::new(
                    ErrorKind::Unsupported,
                    "segment image",
                    "the model has learned from unlabelled images only and finds nothing yet",
                )
                .with("model", &meta.name)
                .hint("train a model from it: fewlabel train --start MODEL"));
            }
        };
        Ok(Self {
            channels: meta.channels.clone(),
            preprocessing: meta.preprocessing.clone(),
            postprocessing: meta.postprocessing.clone(),
            decoder,
            object_diameter: meta.object_diameter,
        })
    }
}

fn decode_parameters(meta: &PackageMeta) -> Result<DecodeObjects> {
    let damaged = |source: &(dyn std::error::Error + 'static)| {
        Error::new(ErrorKind::BadModel, "read model", "the parameters of the decoder are damaged")
            .with("model", &meta.name)
            .because(source)
    };
    let parameters: DecodeObjects = serde_json::from_value(meta.decoder.clone()).map_err(|source| damaged(&source))?;
    parameters.check().map_err(|source| damaged(&source))?;
    Ok(parameters)
}
