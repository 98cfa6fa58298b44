//! What a package says about its model.

use std::collections::BTreeMap;

use fewlabel_contract::{Error, ErrorKind, Find, Result, VolumePlane};
use serde::{Deserialize, Serialize};

use super::PixelSize;
use crate::{Network, Normalisation, Scope, Step};

/// Sizes along y and x that a graph takes: `min`, `min + step`, `min + 2 step` …
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputSize {
    /// The smallest, in pixels; 1 or more.
    pub min: usize,
    /// In pixels; 0 when no other size than `min` is taken.
    pub step: usize,
}

/// A work that wants to be named, as `cite` of `bioimageio.yaml`: the zoo wants a DOI or a URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// As a list of references has it.
    pub text: String,
    /// `10.1038/s41592-019-0612-7`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doi: Option<String>,
    /// Where there is no DOI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What is done to the intensities before the network sees them. Always on whole planes, never on tiles.
#[derive(Clone, Debug, PartialEq)]
pub enum Preprocessing {
    /// This program's packages: percentiles over the scope of the model.
    Normalise(Normalisation),
    /// Foreign packages: the zoo's steps, one after another.
    Steps(Vec<Step>),
}

/// Everything that `bioimageio.yaml` says: what inference needs beside the graph.
#[derive(Clone, Debug, PartialEq)]
pub struct PackageMeta {
    /// Name of the model.
    pub name: String,
    /// What it is for, in one sentence.
    pub description: String,
    /// Names of the authors; may be empty.
    pub authors: Vec<String>,
    /// SPDX name of the licence of the weights: `CC-BY-4.0`.
    pub license: Option<String>,
    /// Whose data it learned from, itself or what it started from, and wants to be named.
    pub data: Vec<Citation>,
    /// What it finds. Foreign packages do not say; they are read as areas. `None`: it has learned from unlabelled images only
    /// and is a start for training.
    pub find: Option<Find>,
    /// Names of the classes by number (the value in the label image); the background is not listed. Of `kinds` the names of the output
    /// channels, numbered from 1.
    pub classes: BTreeMap<u32, String>,
    /// Names of the channels of the input.
    pub channels: Vec<String>,
    /// Names of the channels of the output.
    pub output_channels: Vec<String>,
    /// What is done to the intensities.
    pub preprocessing: Preprocessing,
    /// What a foreign package wants done to the output; empty in this program's packages.
    pub postprocessing: Vec<Step>,
    /// Parameters and thresholds of the decoder; `null` in foreign packages.
    pub decoder: serde_json::Value,
    /// Diameter in pixels of the network's input of the objects that it was trained on.
    pub object_diameter: Option<f64>,
    /// Smallest and largest diameter in pixels of the network's input that it has seen.
    pub size_range: Option<(f64, f64)>,
    /// Size of a pixel of the network's input, where the training images were calibrated.
    pub pixel_size: Option<PixelSize>,
    /// Smallest and largest diameter that the objects of a training image typically had, in pixels of that image, where
    /// they were not calibrated: images of which nobody knows the scale are expected to lie between.
    pub image_diameters: Option<(f64, f64)>,
    /// How volumes are cut into the planes that it sees; as they are stored where it does not say.
    pub plane: Option<VolumePlane>,
    /// Sizes that the graph is given, the halo on both sides included.
    pub input_size: InputSize,
    /// Pixels around a tile that must be given and are cut off its result.
    pub halo: usize,
    /// The network as a list of blocks; none in foreign packages.
    pub network: Option<Network>,
    /// The package was not written by this program.
    pub foreign: bool,
}

impl PackageMeta {
    /// About a model of this program: what follows from the network is filled in, channels are numbered,
    /// the rest is empty. `find` is [`Find`], or `None` for a model that finds nothing yet.
    ///
    /// ```
    /// use fewlabel_contract::Find;
    /// use fewlabel_model::{Activation, Head, HeadGroup, Network, Normalisation, PackageMeta};
    /// let head = Head { groups: vec![HeadGroup { activation: Activation::Softmax, channels: 2 }] };
    /// let network = Network::unet(1, 8, 2, &head)?;
    /// let meta = PackageMeta::new("membranes", Find::Areas, network, Normalisation::default());
    /// assert_eq!((meta.channels.len(), meta.output_channels.len()), (1, 2));
    /// # Ok::<(), fewlabel_contract::Error>(())
    /// ```
    pub fn new(name: &str, find: impl Into<Option<Find>>, network: Network, normalisation: Normalisation) -> Self {
        let numbered = |n: usize| (0..n).map(|c| format!("channel{c}")).collect();
        let (stride, halo) = (network.stride(), network.halo());
        Self {
            name: name.to_owned(),
            description: String::new(),
            authors: Vec::new(),
            license: None,
            data: Vec::new(),
            find: find.into(),
            classes: BTreeMap::new(),
            channels: numbered(network.input_channels()),
            output_channels: numbered(network.output_channels()),
            preprocessing: Preprocessing::Normalise(normalisation),
            postprocessing: Vec::new(),
            decoder: serde_json::Value::Null,
            object_diameter: None,
            size_range: None,
            pixel_size: None,
            image_diameters: None,
            plane: None,
            // Of kinds the caller says the one size that images are brought to. The zoo wants something to be left of the smallest size when the halo is cut off.
            input_size: InputSize { min: 2 * halo + stride, step: stride },
            halo,
            network: Some(network),
            foreign: false,
        }
    }

    /// That what it says fits together.
    ///
    /// # Errors
    /// [`ErrorKind::BadModel`], saying what does not.
    pub(super) fn check(&self) -> Result<()> {
        let bad = |message: &str| Err(Error::new(ErrorKind::BadModel, "check model", message).with("model", &self.name));
        if self.name.is_empty() || self.name.chars().any(char::is_control) {
            return bad("the model has no readable name");
        }
        if self.channels.is_empty() || self.output_channels.is_empty() {
            return bad("the model has no channels");
        }
        if self.classes.contains_key(&0) {
            return bad("a class has the number 0, which is the background");
        }
        if self.find.is_none() && !self.classes.is_empty() {
            return bad("a model that finds nothing has classes");
        }
        let positive = |value: f64| value.is_finite() && value > 0.0;
        if self.object_diameter.is_some_and(|diameter| !positive(diameter))
            || self.pixel_size.as_ref().is_some_and(|pixel| !positive(pixel.size))
            || [self.size_range, self.image_diameters]
                .into_iter()
                .flatten()
                .any(|(low, high)| !positive(low) || !positive(high) || low > high)
        {
            return bad("a size is not more than zero");
        }
        if self.halo > 1 << 16 || self.input_size.min == 0 || self.input_size.min > 1 << 20 {
            return bad("the sizes of tiles are beyond reason");
        }
        if let Preprocessing::Normalise(normalisation) = &self.preprocessing {
            normalisation.check()?;
            if let Scope::Dataset(limits) = &normalisation.scope
                && limits.len() != self.channels.len()
            {
                return bad("the stored limits of intensity are not one pair a channel");
            }
        }
        let Some(network) = &self.network else { return Ok(()) };
        if network.input_channels() != self.channels.len() || network.output_channels() != self.output_channels.len() {
            return bad("the channels are not those of the network");
        }
        if self.halo < network.halo() {
            return bad("the halo is smaller than the network needs");
        }
        if (self.find == Some(Find::Kinds)) != network.is_pooled() {
            return bad("what the model finds is not what its network gives");
        }
        if network.is_pooled() { self.check_kinds(network.stride()) } else { Ok(()) }
    }

    /// That a class belongs to each output, and images are brought to one size.
    fn check_kinds(&self, stride: usize) -> Result<()> {
        let bad = |message: &str| Err(Error::new(ErrorKind::BadModel, "check model", message).with("model", &self.name));
        if !self.classes.iter().map(|(value, name)| (*value, name)).eq((1..).zip(&self.output_channels)) {
            return bad("the classes are not those of the outputs");
        }
        if self.output_channels.len() < 2 {
            return bad("a model that tells kinds apart knows one kind only");
        }
        if self.input_size.step != 0 || !self.input_size.min.is_multiple_of(stride) || self.halo != 0 {
            return bad("whole images are of one size, which the network can halve, without a halo");
        }
        if self.plane.is_some() {
            return bad("a model that tells kinds apart cuts volumes");
        }
        Ok(())
    }
}
