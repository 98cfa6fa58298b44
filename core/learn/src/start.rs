//! The model that training starts from.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::path::PathBuf;

use fewlabel_contract::{Error, ErrorKind, Find, Norm, Result, VolumePlane};
use fewlabel_model::{Block, Citation, Head, Network, Normalisation, Package, Preprocessing, Weights, find_model};

use crate::inputs::for_channels;
use crate::wished::Wished;

/// The shipped model that a request without `start` starts from when it is found.
const SHIPPED: &str = "microscopy";

/// A package to start from.
#[derive(Clone, Debug)]
pub struct Start {
    /// Where it lies.
    pub path: PathBuf,
    /// What is in it.
    pub package: Package,
}

/// Which parts of a start are taken over beside its encoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// What lies between encoder and head.
    pub decoder: bool,
    /// What gives the outputs.
    pub head: bool,
}

/// Which tensors a network takes over from a start, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Report {
    /// Taken over.
    pub matched: Vec<String>,
    /// Of these, made to fit images of other channels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adapted: Vec<String>,
    /// In the network but not in the start, or of another shape there: drawn anew.
    pub missing: Vec<String>,
    /// In the start but not in the network: left out.
    pub unexpected: Vec<String>,
}

impl Start {
    /// Opens the start that a request names: a model, `none`, or by default the shipped one where it is found.
    ///
    /// # Errors
    /// `not-found`, `bad-model`; `unsupported` for a model without a checkpoint.
    pub fn open(name: Option<&str>) -> Result<Option<Self>> {
        let path = match name {
            Some("none") => return Ok(None),
            Some(name) => find_model(name, None)?,
            None => match find_model(SHIPPED, None) {
                Ok(path) => path,
                Err(error) if error.kind == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            },
        };
        let package = Package::read(&path)?;
        package.checkpoint().map_err(|error| error.file(&path))?;
        Ok(Some(Self { path, package }))
    }

    /// Names of the channels that it wants.
    pub fn channels(&self) -> &[String] {
        &self.package.meta.channels
    }

    /// How it cuts volumes into planes.
    pub const fn plane(&self) -> Option<VolumePlane> {
        self.package.meta.plane
    }

    /// Whose data it learned from: who starts from it owes them thanks, too.
    pub fn data(&self) -> Vec<Citation> {
        self.package.meta.data.clone()
    }

    /// What it does to intensities.
    ///
    /// # Errors
    /// `unsupported` when its steps are not this program's.
    pub fn normalisation(&self) -> Result<Normalisation> {
        match &self.package.meta.preprocessing {
            Preprocessing::Normalise(normalisation) => Ok(normalisation.clone()),
            Preprocessing::Steps(_) => Err(Error::new(
                ErrorKind::Unsupported,
                "start from model",
                "it prepares images in a way that training does not know",
            )
            .file(&self.path)
            .hint("start from a model made by Fewlabel or from none")),
        }
    }

    /// Its network for images of so many channels, with another head where other things are looked for.
    ///
    /// # Errors
    /// `invalid-request` when the request names another width, number of levels or normalisation than it has.
    pub fn network_with(&self, channels: usize, head: &Head, wished: &Wished) -> Result<Network> {
        let (network, _) = self.package.checkpoint()?;
        let levels = network.stride().ilog2() as usize + 1;
        let width = network.shapes().first().map_or(0, |shape| shape.channels);
        let norm = if network.has_instance_norm() { Norm::Instance } else { Norm::Batch };
        self.check_wish("width", wished.width, width)?;
        self.check_wish("levels", wished.levels, levels)?;
        self.check_wish("norm", wished.norm.map(Norm::name), norm.name())?;
        let mut blocks = network.blocks().to_vec();
        if let Some(Block::Conv3x3 { inputs, .. } | Block::Conv { inputs, .. }) = blocks.first_mut() {
            *inputs = channels;
        }
        if network.head() == head {
            return Network::new(channels, blocks);
        }
        let (Some(Block::Activate { .. }), Some(Block::Conv1x1 { stage, inputs, .. })) = (blocks.pop(), blocks.pop()) else {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "start from model",
                "its network does not end in a head that can be changed",
            )
            .file(&self.path));
        };
        blocks.push(Block::Conv1x1 { stage, inputs, outputs: head.channels() });
        blocks.push(Block::Activate { head: head.clone() });
        Network::new(channels, blocks)
    }

    fn check_wish<T: PartialEq + Display>(&self, field: &str, wished: Option<T>, has: T) -> Result<()> {
        match wished {
            Some(wished) if wished != has => Err(Error::new(
                ErrorKind::InvalidRequest,
                "start from model",
                "the network of the start is another than the one asked for",
            )
            .with(field, wished)
            .with("of the start", has)
            .file(&self.path)
            .hint(format!("leave {field} out, or start from none"))),
            _ => Ok(()),
        }
    }

    /// Whether its outputs mean what is looked for now: the same kind of thing and the same classes.
    pub fn means(&self, find: Find, classes: &[u32]) -> bool {
        let theirs = self.package.meta.classes.keys();
        self.package.meta.find == Some(find) && (find != Find::Areas || theirs.eq(classes.iter().filter(|value| **value != 0)))
    }

    /// Whether its outputs are restored images.
    pub fn restores(&self) -> bool {
        self.package.meta.find.is_none() && !self.package.meta.foreign
    }

    /// Puts its weights into `weights`, those of a network that [`Self::network_with`] made or its encoder with another end: those of the
    /// encoder, and of the other parts as told. Outputs that mean something else are better learned anew.
    ///
    /// # Errors
    /// `bad-model` when anything of encoder or decoder that is to be taken over does not match, naming the first such tensor.
    pub fn load_into(&self, weights: &mut Weights, network: &Network, parts: Parts) -> Result<Report> {
        let (_, theirs) = self.package.checkpoint()?;
        let encoder: BTreeSet<String> = network.encoder().iter().flat_map(Block::parameters).map(|spec| spec.name).collect();
        let head = network.head_convolution().map_or("", |(stage, ..)| stage);
        let is_head = |name: &str| name.strip_prefix(head).is_some_and(|rest| rest.starts_with('.'));
        let wanted = |name: &str| if is_head(name) { parts.head } else { parts.decoder || encoder.contains(name) };
        let first = network.blocks().first().and_then(|block| block.parameters().into_iter().next()).map(|spec| spec.name);
        let mut report = Report::default();
        for (name, ours) in weights.iter_mut() {
            let tensor = theirs.get(name).filter(|_| wanted(name));
            let adapted = tensor
                .filter(|tensor| tensor.shape != ours.shape && first.as_ref() == Some(name))
                .and_then(|tensor| for_channels(tensor, network.input_channels()));
            if adapted.is_some() {
                report.adapted.push(name.clone());
            }
            match adapted.as_ref().or(tensor) {
                Some(tensor) if tensor.shape == ours.shape => {
                    ours.clone_from(tensor);
                    report.matched.push(name.clone());
                }
                _ => report.missing.push(name.clone()),
            }
        }
        report.unexpected = theirs.keys().filter(|name| !weights.contains_key(*name)).cloned().collect();
        let mut amiss = report.missing.iter().chain(&report.unexpected).filter(|name| wanted(name) && !is_head(name));
        if let Some(name) = amiss.next() {
            return Err(Error::new(ErrorKind::BadModel, "start from model", "the weights of the start do not fit the network")
                .with("tensor", name)
                .with("matched", report.matched.len())
                .with("missing", report.missing.len())
                .with("unexpected", report.unexpected.len())
                .file(&self.path));
        }
        Ok(report)
    }
}
