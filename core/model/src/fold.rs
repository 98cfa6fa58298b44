//! Folding batch normalisation into the convolution before it.

use fewlabel_contract::Result;

use crate::block::NORM_EPS;
use crate::tensor::check_weights;
use crate::{Block, Network, Norm, Tensor, Weights};

/// The same function without batch normalisation: y = γ (Wx − μ) / √(σ² + ε) + β becomes
/// y = W′x + b′ with W′ = W γ/√(σ² + ε) and b′ = β − μ γ/√(σ² + ε), computed in 64 bit.
///
/// # Errors
/// [`fewlabel_contract::ErrorKind::BadModel`] when the weights are not those of the network.
pub fn fold_batch_norm(network: &Network, weights: &Weights) -> Result<(Network, Weights)> {
    check_weights(network, weights, "fold batch normalisation")?;
    let mut folded = weights.clone();
    let mut blocks = network.blocks().to_vec();
    for block in &mut blocks {
        let (Block::Conv3x3 { stage, number, norm, .. } | Block::Conv { stage, number, norm, .. }) = block else { continue };
        if *norm != Norm::Batch {
            continue;
        }
        *norm = Norm::None;
        // `check_weights` has seen every name.
        let mut take =
            |part: &str| folded.remove(&format!("{stage}.norm{number}.{part}")).map_or(Vec::new(), |tensor| tensor.data);
        let (gamma, beta, mean, var) = (take("weight"), take("bias"), take("mean"), take("var"));
        let scale: Vec<f64> = gamma.iter().zip(&var).map(|(&g, &v)| f64::from(g) / (f64::from(v) + NORM_EPS).sqrt()).collect();
        let bias: Vec<f32> =
            scale.iter().zip(beta.iter().zip(&mean)).map(|(s, (&b, &m))| (f64::from(b) - f64::from(m) * s) as f32).collect();
        if let Some(weight) = folded.get_mut(&format!("{stage}.conv{number}.weight")) {
            let size = weight.data.len() / scale.len();
            for (values, s) in weight.data.chunks_exact_mut(size).zip(&scale) {
                values.iter_mut().for_each(|value| *value = (f64::from(*value) * s) as f32);
            }
        }
        folded.insert(format!("{stage}.conv{number}.bias"), Tensor::new(vec![bias.len()], bias));
    }
    Ok((Network::new(network.input_channels(), blocks)?, folded))
}
