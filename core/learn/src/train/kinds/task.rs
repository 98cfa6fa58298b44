//! What is to be told apart: the network and what goes in.

use std::collections::BTreeMap;

use fewlabel_contract::{Find, Result, TrainArgs};
use fewlabel_model::{Activation, Head, HeadGroup, Network, Normalisation};

use crate::channels::agreed_channels;
use crate::kinds::{KindSet, image_info};
use crate::save::check_crop;
use crate::start::Start;
use crate::train::settings::Settings;

/// What is to be told apart.
#[derive(Clone, Debug)]
pub struct Task {
    /// Names of the input channels.
    pub channels: Vec<String>,
    /// The network.
    pub network: Network,
    /// What is done to intensities.
    pub normalisation: Normalisation,
}

impl Task {
    /// From the images, the request and the start. A start that tells kinds apart says the side of images, unless the request does.
    ///
    /// # Errors
    /// `invalid-request` when the images do not agree in their channels, when the request asks for another network than that of the
    /// start, or for a side that the network cannot halve; those of reading images.
    pub fn new(args: &TrainArgs, settings: &mut Settings, set: &KindSet, start: Option<&Start>) -> Result<Self> {
        let head = Head { groups: vec![HeadGroup { activation: Activation::Softmax, channels: set.classes.len() }] };
        let infos = set.images.iter().map(|image| image_info(&image.path, &args.channels)).collect::<Result<Vec<_>>>()?;
        let infos = infos.iter().map(|info| (info.shape.c, info.rgb, &info.channel_names[..]));
        let (channels, normalisation, network) = match start {
            Some(start) => {
                let (channels, normalisation) = start.inputs(infos, &args.channels, Find::Kinds)?;
                let network = start.classifier_with(channels.len(), &head, &settings.network)?;
                let meta = &start.package.meta;
                if args.crop.is_none() && meta.find == Some(Find::Kinds) {
                    settings.crop = meta.input_size.min;
                }
                (channels, normalisation, network)
            }
            None => {
                let channels = agreed_channels(infos, &args.channels)?;
                let network = settings.network.unet(channels.len(), &head)?.to_classifier(&head)?;
                (channels, Normalisation::default(), network)
            }
        };
        check_crop(settings.crop, network.stride())?;
        Ok(Self { channels, network, normalisation })
    }
}

/// The classes as packages number them.
pub(super) fn numbered(classes: &[String]) -> BTreeMap<u32, String> {
    (1..).zip(classes.iter().cloned()).collect()
}
