//! What is to be learned: the network, what goes in and what comes out.

use std::collections::BTreeMap;

use fewlabel_contract::{Find, ObjectDiameter, Result, TrainArgs};
use fewlabel_infer::{Decoder, Recipe};
use fewlabel_model::{Activation, Head, HeadGroup, Network, Normalisation, Preprocessing};
use fewlabel_objects::{DecodeObjects, MAPS};

use super::settings::Settings;
use crate::channels::agreed_channels;
use crate::labels::LabelSet;
use crate::save::check_crop;
use crate::scale::WorkingSize;
use crate::start::Start;

/// What is to be learned.
#[derive(Clone, Debug)]
pub struct Task {
    /// What is looked for.
    pub find: Find,
    /// Names of the input channels.
    pub channels: Vec<String>,
    /// For `areas`: the value in label images of each output channel, 0 first. Empty for `objects`.
    pub classes: Vec<u32>,
    /// The network.
    pub network: Network,
    /// What is done to intensities.
    pub normalisation: Normalisation,
    /// What is done to sizes.
    pub size: WorkingSize,
}

impl Task {
    /// From the labels, the request and the start.
    ///
    /// # Errors
    /// `invalid-request` when the images do not agree in their channels; when the request asks for another network than that of the
    /// start.
    pub fn new(args: &TrainArgs, settings: &Settings, labels: &LabelSet, start: Option<&Start>) -> Result<Self> {
        let classes = classes_of(args.find, labels);
        let head = head_of(args.find, &classes);
        let images = labels.images.iter().map(|i| (i.image.shape.c, i.image.rgb, &i.channel_names[..]));
        let (channels, normalisation, network) = match start {
            Some(start) => {
                start.check_decoder()?;
                let (channels, normalisation) = start.inputs(images, &args.channels, args.find)?;
                let network = start.network_with(channels.len(), &head, &settings.network)?;
                (channels, normalisation, network)
            }
            None => {
                let channels = agreed_channels(images, &args.channels)?;
                let network = settings.network.unet(channels.len(), &head)?;
                (channels, Normalisation::default(), network)
            }
        };
        check_crop(settings.crop, network.stride())?;
        let size = WorkingSize::new(&labels.images, args.object_diameter, args.find)?;
        Ok(Self { find: args.find, channels, classes, network, normalisation, size })
    }

    /// What happens around the network, with the decoder as it is before it is tuned.
    pub fn recipe(&self) -> Recipe {
        Recipe {
            channels: self.channels.clone(),
            preprocessing: Preprocessing::Normalise(self.normalisation.clone()),
            postprocessing: Vec::new(),
            decoder: match self.find {
                Find::Objects | Find::Kinds => Decoder::Objects(match self.size.working_diameter {
                    Some(diameter) => DecodeObjects::default().for_diameter(diameter),
                    None => DecodeObjects::default(),
                }),
                Find::Areas => Decoder::Areas(self.classes.clone()),
            },
            object_diameter: self.size.working_diameter,
        }
    }

    /// Names of the output channels.
    pub fn output_channels(&self) -> Vec<String> {
        match self.find {
            Find::Objects | Find::Kinds => MAPS.map(str::to_owned).to_vec(),
            Find::Areas => self.classes.iter().map(|&value| class_name(value)).collect(),
        }
    }

    /// Names of the classes by value; the background is not listed.
    pub fn class_names(&self) -> BTreeMap<u32, String> {
        match self.find {
            Find::Objects | Find::Kinds => BTreeMap::from([(1, "object".to_owned())]),
            Find::Areas => self.classes.iter().filter(|value| **value != 0).map(|&value| (value, class_name(value))).collect(),
        }
    }

    /// The size of objects as a person measured it, if it is known.
    pub fn object_diameter(&self, given: ObjectDiameter) -> Option<f64> {
        match given {
            ObjectDiameter::Size(size) => Some(size),
            ObjectDiameter::Word(_) => self.size.object_diameter,
        }
    }
}

/// The label value of each output channel: the decoder of areas wants the background first, labelled or not.
fn classes_of(find: Find, labels: &LabelSet) -> Vec<u32> {
    match find {
        Find::Objects | Find::Kinds => Vec::new(),
        Find::Areas => std::iter::once(0).chain(labels.classes.iter().copied().filter(|value| *value != 0)).collect(),
    }
}

fn class_name(value: u32) -> String {
    if value == 0 { "background".to_owned() } else { format!("class {value}") }
}

/// The outputs that the decoder reads.
fn head_of(find: Find, classes: &[u32]) -> Head {
    let groups = match find {
        Find::Objects | Find::Kinds => vec![
            HeadGroup { activation: Activation::Softmax, channels: 3 },
            HeadGroup { activation: Activation::Sigmoid, channels: 2 },
        ],
        Find::Areas => vec![HeadGroup { activation: Activation::Softmax, channels: classes.len() }],
    };
    Head { groups }
}
