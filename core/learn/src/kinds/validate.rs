//! Scores on the images kept aside.

use std::collections::BTreeMap;

use fewlabel_contract::{CancelToken, Result};
use fewlabel_infer::Forward;
use fewlabel_score::{accuracy, macro_auc};

use super::prepare::KindItem;
use crate::forward::TchForward;
use crate::net::Net;
use crate::train::Validate;
use crate::validate::Scores;

/// The images kept aside.
#[derive(Clone, Debug)]
pub struct KindValidator {
    /// What is scored, each plane by itself.
    pub items: Vec<KindItem>,
}

impl Validate for KindValidator {
    /// Probability of each class, of each item.
    type Seen = Vec<Vec<f64>>;

    fn score(&self, net: &mut Net, token: &CancelToken) -> Result<(Scores, Self::Seen)> {
        let forward = TchForward::new(net);
        let mut seen = Vec::new();
        for item in &self.items {
            token.check("validate")?;
            seen.push(forward.run(&item.image)?.data.into_iter().map(f64::from).collect());
        }
        let truth: Vec<usize> = self.items.iter().map(|item| item.class).collect();
        let mut scores = BTreeMap::from([("accuracy".to_owned(), accuracy(&truth, &seen))]);
        scores.extend(macro_auc(&truth, &seen).map(|area| ("auc".to_owned(), area)));
        Ok((Scores(scores), seen))
    }

    fn preview(&self, _: &Self::Seen) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }

    /// A share of so many images scatters by a half at the most.
    fn standard_error(&self) -> f64 {
        0.5 / (self.items.len().max(1) as f64).sqrt()
    }

    fn working_pixels(&self) -> usize {
        self.items.iter().map(|item| item.image.height * item.image.width).sum()
    }
}
