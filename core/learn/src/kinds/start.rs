//! What a model to start from gives to a classifier: its encoder.

use fewlabel_contract::{Error, ErrorKind, Find, Result};
use fewlabel_model::{Head, Network};

use crate::start::Start;
use crate::wished::Wished;

impl Start {
    /// A classifier of images of so many channels, with its encoder.
    ///
    /// # Errors
    /// `invalid-request` when the request names another width, number of levels or normalisation than it has; `unsupported` when it has no head that
    /// can be changed.
    pub fn classifier_with(&self, channels: usize, head: &Head, wished: &Wished) -> Result<Network> {
        let network = self.network_with(channels, head, wished)?;
        network.to_classifier(head).map_err(|error| error.file(&self.path))
    }

    /// Whether it tells the same kinds apart, in the same order.
    pub fn tells_apart(&self, classes: &[String]) -> bool {
        self.package.meta.find == Some(Find::Kinds) && self.package.meta.output_channels == classes
    }

    /// Refuses a model of kinds as a start for what needs a decoder.
    ///
    /// # Errors
    /// `unsupported`.
    pub fn check_decoder(&self) -> Result<()> {
        match self.package.meta.network.as_ref().is_some_and(Network::is_pooled) {
            true => Err(Error::new(
                ErrorKind::Unsupported,
                "start from model",
                "it tells kinds of whole images apart: there is no decoder to find objects or areas with",
            )
            .file(&self.path)
            .hint("start from a model of objects or areas, from a pretrained one, or from none")),
            false => Ok(()),
        }
    }
}
