//! From an image to the class of each of its planes.

use fewlabel_contract::{CancelToken, Error, ErrorKind, Find, Result};
use fewlabel_image::{PixelType, Source};
use fewlabel_model::PackageMeta;

use crate::budget::megabytes;
use crate::pipeline::replaced_note;
use crate::planes::Planes;
use crate::{Forward, MemoryBudget, whole_image};

const OPERATION: &str = "classify image";

/// Copies of a plane in 32-bit numbers that are held at once while it is brought to the network's size: as read, normalised, and
/// scaled along one axis.
const COPIES: u64 = 3;

/// What came out for an image.
#[derive(Clone, Debug, PartialEq)]
pub struct Classified {
    /// Of each plane, in order `t z`: the probability of each class, in the order of the network's outputs.
    pub planes: Vec<Vec<f32>>,
    /// What a person should know, a sentence each.
    pub notes: Vec<String>,
}

/// Refuses packages that do not tell kinds of whole images apart.
///
/// # Errors
/// [`ErrorKind::Unsupported`], with what the model is good for.
pub fn check_kinds(meta: &PackageMeta) -> Result<()> {
    let (message, hint) = match meta.find {
        Some(Find::Kinds) => return Ok(()),
        _ if meta.foreign => (
            "models of other programs are not taken for telling kinds of whole images apart",
            "use it with segment, or train a model: fewlabel train --find kinds",
        ),
        Some(Find::Objects | Find::Areas) => {
            ("this model finds what lies in an image, not the kind of the whole image", "use it with segment")
        }
        None => (
            "the model has learned from unlabelled images only and finds nothing yet",
            "train a model from it: fewlabel train --find kinds --start MODEL",
        ),
    };
    Err(Error::new(ErrorKind::Unsupported, OPERATION, message).with("field", "model").with("model", &meta.name).hint(hint))
}

/// The class of each plane of an image, as a package of kinds says: intensities are normalised over the package's scope, then the
/// whole plane is brought to the square that the network sees ([`whole_image`]).
///
/// `token` is looked at once a plane. Any number of threads may call this with one `budget`, which bounds what they hold at once.
///
/// # Errors
/// Those of [`check_kinds`]; `invalid-request` for channels that do not fit; `limit-exceeded` when a plane does not fit the memory
/// budget; `bad-model` when the network gives no probabilities; `cancelled`; those of reading the image.
pub fn classify_image(
    image: &dyn Source,
    meta: &PackageMeta,
    forward: &dyn Forward,
    budget: &MemoryBudget,
    token: &CancelToken,
) -> Result<Classified> {
    check_kinds(meta)?;
    let info = image.info();
    let shape = info.shape;
    if shape.is_empty() {
        return Err(Error::new(ErrorKind::InvalidRequest, OPERATION, "the image has no pixels"));
    }
    let side = forward.input_size().min;
    let samples = [shape.c, shape.y, shape.x].iter().fold(1_u64, |product, &side| product.saturating_mul(side as u64));
    let of_sample = if info.pixel_type == PixelType::F64 { 8 } else { 4 };
    let bytes = samples.saturating_mul(COPIES * 4 + of_sample).saturating_add(forward.peak_bytes(side, side));
    if bytes > budget.total() {
        return Err(Error::new(ErrorKind::LimitExceeded, OPERATION, "an image needs more memory than the budget allows")
            .with("width", shape.x)
            .with("height", shape.y)
            .with("needed", megabytes(bytes))
            .with("budget", megabytes(budget.total()))
            .hint("allow more memory (memory), or give smaller images"));
    }
    let _lease = budget.take(bytes, token)?;
    let planes = Planes::new(image, &meta.channels, &meta.preprocessing, (shape.y, shape.x))?;
    let class = |index: usize| {
        token.check(OPERATION)?;
        let output = forward.run(&whole_image(&planes.whole(index)?, side))?;
        let sizes = (output.channels, output.height, output.width);
        if sizes != (meta.output_channels.len(), 1, 1) || output.data.iter().any(|value| !value.is_finite()) {
            return Err(Error::new(ErrorKind::BadModel, OPERATION, "the network does not give one probability a class")
                .with("model", &meta.name));
        }
        Ok(output.data)
    };
    let probabilities = (0..planes.count()).map(class).collect::<Result<_>>()?;
    let notes = [planes.channel_note().map(str::to_owned), replaced_note(planes.replaced())];
    Ok(Classified { planes: probabilities, notes: notes.into_iter().flatten().collect() })
}
