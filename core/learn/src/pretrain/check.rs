//! What images that were kept aside say about what was learned.

use std::collections::BTreeMap;
use std::sync::Arc;

use fewlabel_contract::Result;
use fewlabel_image::Maps;
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::batch::ViewBatch;
use super::health::Health;
use super::method::{BATCH, Method, Whole, whole};
use super::restoration::{Distance, everywhere};
use crate::device::Machine;
use crate::net::Net;
use crate::pictures;
use crate::pool::{Pool, ViewPlan};
use crate::torch_result::TorchResult;

/// One of so many images is kept aside.
const ONE_OF: usize = 10;
/// Fewer images than that are all learned from; then crops of the same images are looked at.
const FEW: usize = 5;
/// Batches that are looked at.
const BATCHES: u64 = 4;
/// Told apart from the seed of training crops.
const SEED: u64 = 0xc4ec_0000_c4ec_0000;
/// Rows of a preview.
const SHOWN: usize = 3;

/// What was seen at one time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Checked {
    /// Steps done.
    pub step: u64,
    /// Mean absolute difference between what was restored and the truth, where the method restores.
    pub restoration_error: Option<f64>,
    /// The same of the images before they were restored.
    pub unrestored_error: Option<f64>,
    /// What the projections look like, where there are any.
    pub health: Option<Health>,
}

impl Checked {
    /// What is compared: the share of places found again, and the share of the changes undone; higher is better.
    pub fn merit(&self) -> f64 {
        let undone = self.restoration_error.zip(self.unrestored_error).map_or(0.0, |(left, all)| 1.0 - left / all.max(1e-6));
        self.health.map_or(0.0, |health| health.retrieval_accuracy) + undone
    }

    /// As progress tells it.
    pub fn metrics(&self) -> BTreeMap<String, f64> {
        let health = self.health;
        let named = [
            ("restoration_error", self.restoration_error),
            ("retrieval_accuracy", health.map(|h| h.retrieval_accuracy)),
            ("effective_rank", health.map(|h| h.effective_rank)),
            ("spread", health.map(|h| h.spread)),
        ];
        named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

/// Looks at images that were kept aside, always at the same views of them.
#[derive(Debug)]
pub struct Checker {
    pool: Arc<Pool>,
    /// Parts of the pool that are learned from.
    pub learned_from: Arc<Vec<usize>>,
    aside: Vec<usize>,
    plan: ViewPlan,
    seed: u64,
    /// Places and side of a batch.
    size: (usize, usize),
}

impl Checker {
    /// Keeps a tenth of the images aside, if there are at least five.
    pub fn new(pool: &Arc<Pool>, plan: ViewPlan, seed: u64, size: (usize, usize)) -> Self {
        let is_aside = |part: &usize| pool.images() >= FEW && pool.image_of(*part) % ONE_OF == ONE_OF / 2 % pool.images();
        let (aside, learned_from): (Vec<usize>, Vec<usize>) = (0..pool.len()).partition(is_aside);
        let aside = if aside.is_empty() { learned_from.clone() } else { aside };
        Self { pool: Arc::clone(pool), learned_from: Arc::new(learned_from), aside, plan, seed: seed ^ SEED, size }
    }

    /// Batches of one look.
    pub fn batches(&self) -> u64 {
        BATCHES
    }

    /// What was learned so far, and a picture of it where there is one.
    ///
    /// # Errors
    /// Those of reading; what libtorch says.
    pub fn check(&self, method: &dyn Method, net: &Net, step: u64, machine: &Machine) -> Result<(Checked, Option<Vec<u8>>)> {
        let _no_grad = tch::no_grad_guard();
        let (count, side) = self.size;
        let mut picture = None;
        let (mut firsts, mut seconds) = (Vec::new(), Vec::new());
        let (mut restored_error, mut unrestored_error) = (Vec::new(), Vec::new());
        for number in 0..BATCHES {
            let views = self.pool.views(&self.plan, &self.aside, self.seed, number, count, side)?;
            let batch = ViewBatch::new(&views, machine)?;
            let Whole { projections, restored, .. } = whole(method, net, &batch, BATCH)?;
            if let Some((first, second)) = projections {
                firsts.push(first);
                seconds.push(second);
            }
            if let Some(restored) = restored {
                restored_error.push(distance(&restored, &batch.first)?);
                unrestored_error.push(distance(&batch.proxy, &batch.first)?);
                if number == 0 {
                    picture = Some(shown(&[&batch.proxy, &restored, &batch.first])?);
                }
            }
        }
        let mean = |values: &[f64]| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
        let health = match firsts.is_empty() {
            true => None,
            false => {
                let all = |views: &[Tensor]| Tensor::f_cat(views, 0).torch("look at projections");
                Some(Health::of(&all(&firsts)?, &all(&seconds)?)?)
            }
        };
        let (restoration_error, unrestored_error) = (mean(&restored_error), mean(&unrestored_error));
        Ok((Checked { step, restoration_error, unrestored_error, health }, picture))
    }
}

fn distance(a: &Tensor, b: &Tensor) -> Result<f64> {
    everywhere(a, b, Distance::Absolute)?.f_double_value(&[]).torch("compare with the truth")
}

/// The first places of a batch, a row for each: what went in, what came out, what it should be.
fn shown(columns: &[&Tensor]) -> Result<Vec<u8>> {
    let maps = |tensor: &Tensor, place: i64| -> Result<Maps> {
        let [_, c, h, w] = tensor.size()[..] else { return Ok(Maps::zeros(1, 1, 1)) };
        let values = tensor
            .f_narrow(0, place, 1)
            .and_then(|t| t.f_to_device(tch::Device::Cpu))
            .and_then(|t| t.f_to_kind(Kind::Float))
            .and_then(|t| t.f_contiguous())
            .and_then(|t| t.f_view(-1))
            .and_then(|t| Vec::<f32>::try_from(&t))
            .torch("show views")?;
        Ok(Maps::new(c as usize, h as usize, w as usize, values))
    };
    let rows = (0..SHOWN.min(columns[0].size()[0] as usize) as i64)
        .map(|place| columns.iter().map(|column| maps(column, place)).collect::<Result<Vec<_>>>())
        .collect::<Result<Vec<_>>>()?;
    pictures::in_rows(&rows)
}
