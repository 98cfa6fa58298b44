//! What a step on objects and areas learns from: crops with labels, and beside them some without where these say something, too.

use fewlabel_contract::Result;
use tch::Tensor;

use super::regulariser::Regulariser;
use super::subject::{Learner, Lesson};
use crate::device::Machine;
use crate::loader::{Batches, Source, ViewSource};
use crate::loss::Loss;
use crate::pool::Views;
use crate::sample::Batch;

/// Makes them.
#[derive(Clone, Debug)]
pub struct CropSource {
    /// Those with labels.
    pub labelled: Source,
    /// Those without.
    pub unlabelled: Option<ViewSource>,
}

/// The crops of a step.
#[derive(Clone, Debug)]
pub struct Crops {
    /// With labels.
    pub labelled: Batch,
    /// Without.
    pub unlabelled: Option<Views>,
}

impl Batches for CropSource {
    type Batch = Crops;

    fn batch(&self, step: u64) -> Result<Crops> {
        let unlabelled = self.unlabelled.as_ref().map(|source| source.batch(step)).transpose()?;
        Ok(Crops { labelled: self.labelled.batch(step)?, unlabelled })
    }
}

impl Lesson for Crops {
    fn images(&self, machine: &Machine) -> Result<Tensor> {
        self.labelled.images(machine)
    }

    fn loss(&self, learner: &Learner<'_>, step: u64) -> Result<Option<Loss>> {
        let Some(of_labels) = self.labelled.loss(learner, step)? else { return Ok(None) };
        match (&self.unlabelled, learner.regulariser) {
            (Some(views), Some(Regulariser::Consistency(consistency))) => {
                of_labels.with("consistency", consistency.loss(views, learner, step)?).map(Some)
            }
            _ => Ok(Some(of_labels)),
        }
    }
}
