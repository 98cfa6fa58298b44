//! Answers that do not change when an image without labels is turned: TCSM (Li et al., arXiv 1903.00348), with the mean teacher of
//! Tarvainen & Valpola (arXiv 1703.01780).

use fewlabel_contract::{Result, TrainArgs};
use tch::{Kind, Tensor};

use super::symmetry::{Symmetry, turned};
use crate::net::{Mode, Net, activated, image_batch};
use crate::pool::Views;
use crate::torch_result::TorchResult;
use crate::train::Learner;
use crate::upright::Upright;

const WEIGHT: f64 = 1.0;

/// What the normalisations do in both passes. The average's running statistics are not kept up between validations, so the teacher goes by
/// the batch, as in the authors' code of the mean teacher; so does the student: a turn changes no statistics of a batch, and what differs is
/// what was learned. Neither moves running statistics.
const BATCH: Mode = Mode::Train { momentum: 0.0 };

/// How answers are held together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Consistency {
    weight: f64,
    /// Whether crops are turned and mirrored; those of images that always lie the same way round differ in their intensities alone.
    turns: bool,
    seed: u64,
}

impl Consistency {
    /// As a request says.
    pub fn new(args: &TrainArgs, upright: Upright) -> Self {
        Self { weight: args.consistency_weight.unwrap_or(WEIGHT), turns: !upright.is(), seed: args.seed }
    }

    /// Factor of the error at the end of its rise.
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// Whether crops are turned and mirrored.
    pub fn turns(&self) -> bool {
        self.turns
    }

    /// The error on crops without labels at step `step`, with its weight at that time. The first views are the teacher's, the second ones,
    /// of the same places, the student's.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn loss(&self, views: &Views, learner: &Learner<'_>, step: u64) -> Result<Tensor> {
        let load = |images: &[f32]| image_batch(images, (views.count, views.channels, views.size), learner.machine);
        let symmetry = |item| if self.turns { Symmetry::draw(self.seed, step, item) } else { Symmetry::IDENTITY };
        let symmetries: Vec<Symmetry> = (0..views.count as u64).map(symmetry).collect();
        let error = disagreement((learner.net, &load(&views.second)?), (learner.teacher, &load(&views.first)?), &symmetries)?;
        error.f_mul_scalar(self.weight * ramp(learner.progress)).torch("weigh consistency")
    }
}

/// The published rise of the weight, exp(−5 (1 − t)²): 0.0067 at t = 0, 1 from t = 1 on.
fn ramp(progress: f64) -> f64 {
    (-5.0 * (1.0 - progress.clamp(0.0, 1.0)).powi(2)).exp()
}

/// Mean over crops, pixels and output channels of (f(π(x); θ) − π(f(x'; θ')))², f with its activations. The gradient goes into the student
/// alone.
fn disagreement(student: (&Net, &Tensor), teacher: (&Net, &Tensor), symmetries: &[Symmetry]) -> Result<Tensor> {
    let answer = |(net, images): (&Net, &Tensor)| activated(&net.logits(images, BATCH)?, net.network.head());
    let wanted = {
        let _no_grad = tch::no_grad_guard();
        turned(&answer(teacher)?, symmetries)?
    };
    let said = answer((student.0, &turned(student.1, symmetries)?))?;
    said.f_sub(&wanted).and_then(|apart| apart.f_square()).and_then(|apart| apart.f_mean(Kind::Float)).torch("compare answers")
}

#[cfg(test)]
mod tests {
    use fewlabel_model::{Activation, Block, Head, HeadGroup, Network, Weights};

    use super::*;
    use crate::device::{Machine, Precision};
    use crate::net::initial_weights;

    const UNTURNED: [Symmetry; 2] = [Symmetry::IDENTITY; 2];
    const TURNED: [Symmetry; 2] = [Symmetry { quarters: 1, mirrored: false }, Symmetry { quarters: 2, mirrored: true }];

    fn head() -> Head {
        Head {
            groups: vec![
                HeadGroup { activation: Activation::Softmax, channels: 3 },
                HeadGroup { activation: Activation::Sigmoid, channels: 2 },
            ],
        }
    }

    fn machine() -> Machine {
        Machine::cpu(Precision { bf16: false })
    }

    fn unet(seed: u64) -> Net {
        let network = Network::unet(1, 4, 2, &head()).unwrap();
        let weights = initial_weights(&network, seed);
        Net::with_weights(network, &weights, &machine()).unwrap()
    }

    /// Each pixel by itself.
    fn point_wise(seed: u64) -> Net {
        let conv = Block::Conv1x1 { stage: "head".into(), inputs: 1, outputs: 5 };
        let network = Network::new(1, vec![conv, Block::Activate { head: head() }]).unwrap();
        let weights = initial_weights(&network, seed);
        Net::with_weights(network, &weights, &machine()).unwrap()
    }

    fn images(phase: f64) -> Tensor {
        let values: Vec<f32> = (0..2 * 16 * 16).map(|i| (0.37 * f64::from(i) + phase).sin() as f32).collect();
        Tensor::from_slice(&values).view([2, 1, 16, 16])
    }

    fn between(student: &Net, teacher: &Net, symmetries: &[Symmetry]) -> f64 {
        disagreement((student, &images(0.0)), (teacher, &images(0.0)), symmetries).unwrap().double_value(&[])
    }

    #[test]
    fn the_weight_rises_as_published() {
        for (progress, wanted) in
            [(0.0, 0.006_737_947), (0.5, 0.286_504_797), (0.9, 0.951_229_425), (1.0, 1.0), (1.7, 1.0), (-1.0, 0.006_737_947)]
        {
            assert!((ramp(progress) - wanted).abs() < 1e-8, "{progress}");
        }
    }

    #[test]
    fn a_network_agrees_with_itself_and_with_no_other() {
        assert_eq!(between(&unet(1), &unet(1), &UNTURNED), 0.0);
        assert!(between(&unet(1), &unet(2), &UNTURNED) > 1e-5);
        let (net, noisy) = (unet(1), images(0.3));
        assert!(disagreement((&net, &images(0.0)), (&net, &noisy), &UNTURNED).unwrap().double_value(&[]) > 1e-5);
    }

    #[test]
    fn what_looks_at_single_pixels_does_not_mind_being_turned() {
        assert!(between(&point_wise(1), &point_wise(1), &TURNED) < 1e-12);
        assert!(between(&point_wise(1), &point_wise(2), &TURNED) > 1e-5);
        // What looks at neighbours, too, does.
        assert!(between(&unet(1), &unet(1), &TURNED) > 1e-8);
    }

    #[test]
    fn the_error_is_the_mean_of_squares_of_activated_outputs() {
        let (student, teacher) = (point_wise(1), point_wise(2));
        let answer = |net: &Net| {
            let logits = net.logits(&images(0.0), BATCH).unwrap();
            Tensor::cat(&[logits.narrow(1, 0, 3).softmax(1, Kind::Float), logits.narrow(1, 3, 2).sigmoid()], 1)
        };
        let wanted = (answer(&student) - answer(&teacher)).square().mean(Kind::Float).double_value(&[]);
        assert!((between(&student, &teacher, &TURNED) - wanted).abs() < 1e-7);
    }

    #[test]
    fn only_the_student_learns_and_running_statistics_stay() {
        let (student, teacher) = (unet(1), unet(2));
        let statistics = |net: &Net| -> Weights {
            let all = net.parameters.to_weights().unwrap();
            all.into_iter().filter(|(name, _)| name.ends_with(".mean") || name.ends_with(".var")).collect()
        };
        let before = (statistics(&student), statistics(&teacher));
        assert!(!before.0.is_empty());
        disagreement((&student, &images(0.0)), (&teacher, &images(0.1)), &TURNED).unwrap().backward();
        let learns = |net: &Net| {
            net.parameters.listed().any(|(_, _, t)| t.grad().defined() && t.grad().abs().max().double_value(&[]) > 0.0)
        };
        assert!(learns(&student) && !learns(&teacher));
        assert_eq!((statistics(&student), statistics(&teacher)), before);
    }
}
