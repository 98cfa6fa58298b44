//! Crops mixed two by two, and their training errors with them (Zhang et al., arXiv 1710.09412).

use fewlabel_contract::{Result, TrainArgs};
use fewlabel_model::Head;
use rand::seq::SliceRandom;
use tch::{TchError, Tensor};

use super::beta::symmetric_beta;
use crate::loss::{Loss, Target, loss};
use crate::stream::{Purpose, stream};
use crate::torch_result::TorchResult;

/// Of the published range of 0.1 to 0.4 for images.
const ALPHA: f64 = 0.2;

/// How crops are mixed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mixup {
    alpha: f64,
    seed: u64,
}

/// What is mixed in a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Mix {
    /// Share of each crop; the rest is its partner's.
    share: f64,
    /// `[n]`: the partner of each crop, which may be itself.
    partners: Vec<i64>,
}

impl Mixup {
    /// As a request says.
    pub fn new(args: &TrainArgs) -> Self {
        Self { alpha: args.mixup_alpha.unwrap_or(ALPHA), seed: args.seed }
    }

    /// Both parameters of the Beta distribution of the shares.
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// That of step `step`, of `count` crops: a function of the seed and these two.
    ///
    /// All crops of a step are mixed by one share, as in the authors' code: the training error sums over the pixels of all crops before it
    /// divides, so there is no error of one crop that a share of its own could stand before.
    pub fn draw(&self, step: u64, count: usize) -> Mix {
        let mut rng = stream(self.seed, step, 0, Purpose::Mixup);
        let share = symmetric_beta(self.alpha, &mut rng);
        let mut partners: Vec<i64> = (0..count as i64).collect();
        partners.shuffle(&mut rng);
        Mix { share, partners }
    }
}

impl Mix {
    /// λ x + (1 − λ) x' of images `[n, c, h, w]`.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn images(&self, images: &Tensor) -> Result<Tensor> {
        self.mixed(images, &self.of_partners(images)?).torch("mix crops")
    }

    /// λ L(y) + (1 − λ) L(y') of what the network says about mixed images, part by part.
    ///
    /// The targets themselves are not mixed. What is labelled in one crop alone counts in its own term; each term has the weights of its
    /// own pixels.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn loss(&self, logits: &Tensor, target: &Target, head: &Head) -> Result<Loss> {
        let partners = Target {
            class: self.of_partners(&target.class)?,
            values: self.of_partners(&target.values)?,
            weight: self.of_partners(&target.weight)?,
        };
        let (own, other) = (loss(logits, target, head)?, loss(logits, &partners, head)?);
        let parts = own.parts.iter().zip(&other.parts).map(|((name, own), (_, other))| Ok((*name, self.mixed(own, other)?)));
        let parts = parts.collect::<Result<Vec<_>, TchError>>().torch("mix errors")?;
        Ok(Loss { total: self.mixed(&own.total, &other.total).torch("mix errors")?, parts })
    }

    fn mixed(&self, own: &Tensor, other: &Tensor) -> Result<Tensor, TchError> {
        own.f_mul_scalar(self.share)?.f_add(&other.f_mul_scalar(1.0 - self.share)?)
    }

    fn of_partners(&self, rows: &Tensor) -> Result<Tensor> {
        Tensor::f_from_slice(&self.partners)
            .and_then(|partners| partners.f_to_device(rows.device()))
            .and_then(|partners| rows.f_index_select(0, &partners))
            .torch("mix crops")
    }
}

#[cfg(test)]
mod tests {
    use fewlabel_model::{Activation, HeadGroup};
    use tch::Kind;

    use super::*;
    use crate::loss::IGNORE;

    const SIDE: i64 = 5;

    fn head() -> Head {
        Head {
            groups: vec![
                HeadGroup { activation: Activation::Softmax, channels: 3 },
                HeadGroup { activation: Activation::Sigmoid, channels: 2 },
            ],
        }
    }

    /// Numbers that look like none in particular, from 0 to 1.
    fn numbers(shape: &[i64], phase: f64) -> Tensor {
        let count = shape.iter().product::<i64>();
        let values: Vec<f32> = (0..count).map(|i| ((0.7 * i as f64 + phase).sin() * 0.5 + 0.5) as f32).collect();
        Tensor::from_slice(&values).view(shape)
    }

    /// Of `n` crops, each with its own labelled pixels, classes and weights.
    fn target(n: i64) -> Target {
        let class: Vec<u8> =
            (0..n * SIDE * SIDE).map(|i| (i * 7 / 3 % 4) as u8).map(|class| if class == 3 { IGNORE } else { class }).collect();
        let class = Tensor::from_slice(&class).view([n, SIDE, SIDE]);
        let weight = class.ne(i64::from(IGNORE)).to_kind(Kind::Float) * (numbers(&[n, SIDE, SIDE], 2.0) + 1.0);
        Target { class, values: numbers(&[n, 2, SIDE, SIDE], 1.0), weight }
    }

    fn rows(target: &Target, rows: &[i64]) -> Target {
        let of = |tensor: &Tensor| tensor.index_select(0, &Tensor::from_slice(rows));
        Target { class: of(&target.class), values: of(&target.values), weight: of(&target.weight) }
    }

    fn values(loss: &Loss) -> Vec<f64> {
        std::iter::once(&loss.total).chain(loss.parts.iter().map(|(_, part)| part)).map(|value| value.double_value(&[])).collect()
    }

    fn assert_near(got: &[f64], wanted: &[f64]) {
        assert_eq!(got.len(), wanted.len());
        assert!(got.iter().zip(wanted).all(|(got, wanted)| (got - wanted).abs() < 1e-5), "{got:?} for {wanted:?}");
    }

    #[test]
    fn with_nothing_of_the_partner_it_is_the_plain_loss() {
        let (logits, target) = (numbers(&[3, 5, SIDE, SIDE], 0.3) * 4.0 - 2.0, target(3));
        let mix = Mix { share: 1.0, partners: vec![1, 2, 0] };
        let images = numbers(&[3, 1, SIDE, SIDE], 0.0);
        assert_eq!(mix.images(&images).unwrap(), images);
        let plain = loss(&logits, &target, &head()).unwrap();
        assert_near(&values(&mix.loss(&logits, &target, &head()).unwrap()), &values(&plain));
        // And with nothing of its own that of the partners.
        let other = Mix { share: 0.0, ..mix };
        let partners = loss(&logits, &rows(&target, &[1, 2, 0]), &head()).unwrap();
        assert_near(&values(&other.loss(&logits, &target, &head()).unwrap()), &values(&partners));
    }

    #[test]
    fn a_crop_mixed_with_its_like_is_itself() {
        let target = rows(&target(1), &[0, 0]);
        let images = numbers(&[1, 2, SIDE, SIDE], 0.0).repeat([2, 1, 1, 1]);
        let logits = numbers(&[2, 5, SIDE, SIDE], 0.3) * 4.0 - 2.0;
        let mix = Mix { share: 0.3, partners: vec![1, 0] };
        assert!((mix.images(&images).unwrap() - &images).abs().max().double_value(&[]) < 1e-6);
        let plain = loss(&logits, &target, &head()).unwrap();
        assert_near(&values(&mix.loss(&logits, &target, &head()).unwrap()), &values(&plain));
    }

    #[test]
    fn images_and_errors_are_mixed_by_one_share() {
        let (logits, target, images) = (numbers(&[2, 5, SIDE, SIDE], 0.3), target(2), numbers(&[2, 1, SIDE, SIDE], 0.0));
        let mix = Mix { share: 0.75, partners: vec![1, 0] };
        let first = images.get(0) * 0.75 + images.get(1) * 0.25;
        assert!((mix.images(&images).unwrap().get(0) - first).abs().max().double_value(&[]) < 1e-6);
        let own = values(&loss(&logits, &target, &head()).unwrap());
        let other = values(&loss(&logits, &rows(&target, &[1, 0]), &head()).unwrap());
        assert!((own[0] - other[0]).abs() > 1e-3, "the test tells nothing");
        let wanted: Vec<f64> = own.iter().zip(&other).map(|(own, other)| 0.75 * own + 0.25 * other).collect();
        assert_near(&values(&mix.loss(&logits, &target, &head()).unwrap()), &wanted);
    }

    #[test]
    fn a_step_is_a_function_of_seed_and_number() {
        let mixup = Mixup { alpha: 0.2, seed: 5 };
        assert_eq!(mixup.draw(7, 8), mixup.draw(7, 8));
        assert_ne!(mixup.draw(7, 8), mixup.draw(8, 8));
        assert_ne!(mixup.draw(7, 8), Mixup { seed: 6, ..mixup }.draw(7, 8));
        let mut partners = mixup.draw(7, 8).partners;
        partners.sort_unstable();
        assert_eq!(partners, (0..8).collect::<Vec<_>>(), "each is a partner once");
    }
}
