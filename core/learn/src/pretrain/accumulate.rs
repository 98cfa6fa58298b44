//! A batch that is computed in pieces, as if it were computed at once.

use fewlabel_contract::{Error, Result};
use tch::{Kind, TchError, Tensor};

use super::batch::ViewBatch;
use super::contrast::Pair;
use super::method::{CONTRAST, Method, Whole, sum, whole};
use crate::net::{Mode, Net};
use crate::optim::Optimiser;
use crate::torch_result::TorchResult;

/// Parts of an error, by name.
pub type Parts = Vec<(&'static str, f64)>;

/// What a batch says.
#[derive(Debug)]
pub struct Step {
    /// The parts of its error.
    pub parts: Parts,
    /// What the contrast among them is by chance.
    pub by_chance: Option<f64>,
    /// Its gradients, as [`Optimiser::gradients`] lists them.
    pub gradients: Vec<Tensor>,
}

/// The error of a batch and its gradients for the optimiser; `piece` crops are computed at a time.
///
/// A contrast needs all crops together. So all pieces are encoded first without gradients; the contrast of the whole gives the gradient
/// of each encoded row, and that is brought back through the network piece by piece (Gao et al. 2021, "gradient cache"). The result is that
/// of the whole batch, but for normalisations that go by the batch: they see a piece.
///
/// # Errors
/// What libtorch says.
pub fn gradients(
    method: &dyn Method,
    net: &Net,
    optimiser: &Optimiser,
    batch: &ViewBatch,
    piece: i64,
    mode: Mode,
) -> Result<Step> {
    let count = batch.count();
    if piece >= count {
        let Whole { parts, by_chance, .. } = whole(method, net, batch, mode)?;
        return Ok(Step { parts: values(&parts)?, by_chance, gradients: optimiser.gradients(&sum(&parts)?)? });
    }
    let pieces: Vec<ViewBatch> = (0..count).step_by(piece as usize).map(|at| batch.part(at, piece)).collect::<Result<_>>()?;
    let mut parts = Parts::new();
    let mut gradients = Gradients::default();
    let mut by_chance = None;
    let mut pull = match method.contrast() {
        None => None,
        Some(contrast) => {
            let pair = encoded(method, net, &pieces, mode)?;
            let (loss, _) = contrast.loss(&pair)?;
            let rows = Tensor::f_run_backward(&[&loss], &[&pair.first, &pair.second], true, false).torch("run backward")?;
            by_chance = Some(contrast.by_chance(&pair));
            parts.push((CONTRAST, value(&loss)?));
            gradients.add(optimiser.gradients(&loss)?)?;
            Some((0, rows))
        }
    };
    for piece in &pieces {
        let share = piece.count() as f64 / count as f64;
        let losses = method.losses(net, piece, mode)?;
        for (name, part) in &losses.parts {
            let part = share * value(part)?;
            match parts.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => *known += part,
                None => parts.push((name, part)),
            }
        }
        let mut errors: Vec<Tensor> = losses.parts.iter().map(|(_, part)| part * share).collect();
        if let (Some((at, rows)), Some(pair)) = (&mut pull, &losses.pair) {
            errors.push(pulled(pair, rows, *at).torch("run backward")?);
            *at += pair.first.size()[0];
        }
        let error = Tensor::f_stack(&errors, 0).and_then(|all| all.f_sum(Kind::Float)).torch("add errors")?;
        gradients.add(optimiser.gradients(&error)?)?;
    }
    Ok(Step { parts, by_chance, gradients: gradients.0 })
}

/// What is contrasted of all pieces, as leaves of a graph of its own.
fn encoded(method: &dyn Method, net: &Net, pieces: &[ViewBatch], mode: Mode) -> Result<Pair> {
    let pairs = {
        let _no_grad = tch::no_grad_guard();
        let nothing = || Error::internal("pretrain", "a method with a contrast gave nothing to contrast");
        let pair = |piece| method.pair(net, piece, mode)?.ok_or_else(nothing);
        pieces.iter().map(pair).collect::<Result<Vec<_>>>()?
    };
    let all = |of: fn(&Pair) -> &Tensor| {
        let rows: Vec<&Tensor> = pairs.iter().map(of).collect();
        Tensor::f_cat(&rows, 0).torch("join pieces")
    };
    let leaf = |rows: Tensor| rows.f_detach().and_then(|rows| rows.f_set_requires_grad(true)).torch("join pieces");
    Ok(Pair { first: leaf(all(|p| &p.first)?)?, second: leaf(all(|p| &p.second)?)?, images: all(|p| &p.images)? })
}

/// A number whose gradient for the rows of a piece is that of the contrast: Σ rows · gradient.
fn pulled(pair: &Pair, rows: &[Tensor], at: i64) -> Result<Tensor, TchError> {
    let count = pair.first.size()[0];
    let one = |here: &Tensor, all: &Tensor| here.f_mul(&all.f_narrow(0, at, count)?)?.f_sum(Kind::Float);
    one(&pair.first, &rows[0])?.f_add(&one(&pair.second, &rows[1])?)
}

/// A sum of lists of gradients.
#[derive(Default)]
struct Gradients(Vec<Tensor>);

impl Gradients {
    fn add(&mut self, more: Vec<Tensor>) -> Result<()> {
        if self.0.is_empty() {
            self.0 = more;
            return Ok(());
        }
        let pairs = self.0.iter().zip(&more);
        self.0 = pairs.map(|(sum, more)| sum.f_add(more)).collect::<Result<_, _>>().torch("add gradients")?;
        Ok(())
    }
}

fn values(parts: &[(&'static str, Tensor)]) -> Result<Parts> {
    parts.iter().map(|(name, part)| Ok((*name, value(part)?))).collect()
}

fn value(part: &Tensor) -> Result<f64> {
    part.f_double_value(&[]).torch("read training error")
}

#[cfg(test)]
mod tests {
    use fewlabel_contract::{Device, PretrainArgs};
    use fewlabel_model::{Activation, Head, HeadGroup, Network};

    use super::*;
    use crate::device::Machine;
    use crate::device::Precision;
    use crate::net::initial_weights;
    use crate::pretrain::method::{BATCH, method};

    /// Values that look random. Not from libtorch's own generator: all tests of a program share that one.
    fn views(count: i64) -> ViewBatch {
        let random = |step: f64| {
            let places = Tensor::arange(count * 32 * 32, (Kind::Double, tch::Device::Cpu));
            ((places * step).sin() * 43_758.547).frac().abs().to_kind(Kind::Float).view([count, 1, 32, 32])
        };
        ViewBatch {
            first: random(12.9898),
            second: random(7.233),
            proxy: random(4.1414),
            hidden: random(9.8696).round(),
            images: Tensor::from_slice(&(0..count).map(|i| i / 2).collect::<Vec<i64>>()),
        }
    }

    /// Parts and gradients of seven crops, all at once and three at a time.
    fn both(args: serde_json::Value, mode: Mode) -> [(Parts, Vec<Tensor>); 2] {
        let mut whole = serde_json::json!({"images": ["a"], "save": "b", "seed": 5});
        whole.as_object_mut().unwrap().extend(args.as_object().unwrap().clone());
        let args: PretrainArgs = serde_json::from_value(whole).unwrap();
        assert_eq!(args.device, Device::default());
        let head = Head { groups: vec![HeadGroup { activation: Activation::Sigmoid, channels: 1 }] };
        let network = Network::unet(1, 4, 3, &head).unwrap();
        let machine = Machine::cpu(Precision { bf16: false });
        let net = Net::with_weights(network.clone(), &initial_weights(&network, 5), &machine).unwrap();
        let method = method(&args, &net, &machine).unwrap();
        let optimiser = crate::pretrain::optimiser(&net, &*method, true).unwrap();
        [7, 3].map(|piece| {
            let Step { parts, gradients, .. } = gradients(&*method, &net, &optimiser, &views(7), piece, mode).unwrap();
            (parts, gradients)
        })
    }

    /// Euclidean length of all gradients together.
    fn length(gradients: &[Tensor]) -> f64 {
        gradients.iter().map(|g| g.square().sum(Kind::Double).double_value(&[])).sum::<f64>().sqrt()
    }

    /// Length of the difference over that of the first.
    fn difference(a: &[Tensor], b: &[Tensor]) -> f64 {
        let apart: Vec<Tensor> = a.iter().zip(b).map(|(a, b)| a - b).collect();
        length(&apart) / length(a)
    }

    #[test]
    fn a_batch_in_pieces_gives_what_the_whole_gives() {
        for args in [
            serde_json::json!({"method": "tower"}),
            serde_json::json!({"method": "tower", "contrast": "crops", "same_image": "ignored"}),
            serde_json::json!({"method": "uncorrelated"}),
            serde_json::json!({"method": "contrast-proxy", "contrast": "same-crops"}),
            serde_json::json!({"method": "simclr"}),
            serde_json::json!({"method": "restore"}),
        ] {
            let [(parts, gradients), (in_pieces, of_pieces)] = both(args.clone(), Mode::Infer);
            assert!(length(&gradients) > 1e-2, "{args}: something is to be learned");
            let apart = difference(&gradients, &of_pieces);
            assert!(apart < 1e-5, "{args}: {apart}");
            for (name, part) in parts {
                let there = in_pieces.iter().find(|(other, _)| *other == name).unwrap().1;
                assert!((part - there).abs() < 1e-5, "{args}: {name} {part} {there}");
            }
        }
    }

    /// With statistics of the batch a piece sees its own: what comes out is close, not equal.
    #[test]
    fn normalisations_see_a_piece() {
        let [(_, whole), (_, of_pieces)] = both(serde_json::json!({"method": "tower"}), BATCH);
        assert!(difference(&whole, &of_pieces) > 1e-4);
    }
}
