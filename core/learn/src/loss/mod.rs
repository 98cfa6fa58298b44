//! What training makes smaller. All losses are f32 and leave out unlabelled pixels.

mod cross_entropy;
mod dice;
pub mod local;
mod nt_xent;
mod smoothed;
mod soft_target;

pub use nt_xent::{NtXent, chance_level, unit_rows};
pub use smoothed::smoothed_cross_entropy;

use fewlabel_contract::Result;
use fewlabel_model::{Activation, Head};
use tch::{Kind, TchError, Tensor};

use crate::torch_result::TorchResult;

/// The class that means: not labelled.
pub const IGNORE: u8 = 255;

/// What the network is to say, on the device.
#[derive(Debug)]
pub struct Target {
    /// `[n, h, w]`, u8: class of the softmax group, [`IGNORE`] where nothing is labelled.
    pub class: Tensor,
    /// `[n, k, h, w]`, f32, 0…1: one channel for each sigmoid channel of the head, k may be 0.
    pub values: Tensor,
    /// `[n, h, w]`, f32: how much a pixel counts; 0 where nothing is labelled.
    pub weight: Tensor,
}

/// The parts of the training error, each a scalar that can be differentiated.
#[derive(Debug)]
pub struct Loss {
    /// Sum of the parts: what is minimised.
    pub total: Tensor,
    /// Name and value of each part, for reports.
    pub parts: Vec<(&'static str, Tensor)>,
}

impl Loss {
    /// With one part more.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn with(mut self, name: &'static str, part: Tensor) -> Result<Self> {
        self.total = self.total.f_add(&part).torch("compute loss")?;
        self.parts.push((name, part));
        Ok(self)
    }
}

/// Cross-entropy and soft Dice of the softmax group, cross-entropy against soft targets of the sigmoid group.
///
/// `logits` is `[n, outputs, h, w]`, f32. A batch without any labelled pixel gives 0.
///
/// # Errors
/// What libtorch says.
pub fn loss(logits: &Tensor, target: &Target, head: &Head) -> Result<Loss> {
    let mut parts = Vec::new();
    let mut start = 0;
    for group in &head.groups {
        let channels = group.channels as i64;
        let part = logits.f_narrow(1, start, channels).torch("compute loss")?;
        match group.activation {
            Activation::Softmax => {
                let log_share = part.f_log_softmax(1, Kind::Float).torch("compute loss")?;
                let wanted = one_hot(&target.class, channels).torch("compute loss")?;
                parts.push((
                    "cross_entropy",
                    cross_entropy::cross_entropy(&log_share, &wanted, target).torch("compute cross-entropy")?,
                ));
                parts.push(("dice_loss", dice::soft_dice(&log_share, &wanted, target).torch("compute Dice loss")?));
            }
            Activation::Sigmoid => {
                parts.push(("distance_loss", soft_target::soft_target(&part, target).torch("compute distance loss")?));
            }
            Activation::None => {}
        }
        start += channels;
    }
    let values: Vec<_> = parts.iter().map(|(_, value)| value).collect();
    let total = Tensor::f_stack(&values, 0).and_then(|all| all.f_sum(Kind::Float)).torch("compute loss")?;
    Ok(Loss { total, parts })
}

/// `[n, classes, h, w]`, f32: 1 at the class of a pixel; 0 throughout where nothing is labelled. Its channels lie
/// side by side in memory, as those of the logits.
fn one_hot(class: &Tensor, classes: i64) -> Result<Tensor, TchError> {
    let numbers = Tensor::f_arange(classes, (Kind::Uint8, class.device()))?;
    class.f_unsqueeze(-1)?.f_eq_tensor(&numbers)?.f_to_kind(Kind::Float)?.f_permute([0, 3, 1, 2])
}
