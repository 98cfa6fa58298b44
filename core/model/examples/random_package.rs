//! Writes the package of a small random U-Net, for tests with the tools of other people.
//!
//! `random_package OUT.zip IMAGE [SCOPE]`: the image (TIFF or PNG) gives the channels and the test input;
//! SCOPE is `stack` (default), `plane` or `dataset`.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use fewlabel_contract::Find;
use fewlabel_image::{Image, Limits, Maps, Plane, encode_png_rgb};
use fewlabel_model::{
    Activation, Head, HeadGroup, Network, Normalisation, Package, PackageMeta, ParameterKind, Scope, Tensor, Weights, write_onnx,
};
use tract_onnx::prelude::{
    Datum as _, Framework as _, InferenceFact, InferenceModelExt as _, IntoRunnable as _, Tensor as Values, tvec,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (out, image, scope) = match arguments.as_slice() {
        [out, image] => (out, image, "stack"),
        [out, image, scope] => (out, image, scope.as_str()),
        _ => return Err("usage: random_package OUT.zip IMAGE [stack|plane|dataset]".into()),
    };
    let image = fewlabel_image::open(Path::new(image), &Limits::default())?;
    let group = |activation, channels| HeadGroup { activation, channels };
    let head = Head { groups: vec![group(Activation::Softmax, 3), group(Activation::Sigmoid, 2)] };
    let network = Network::unet(image.shape.c, 8, 3, &head)?;
    let weights = random_weights(&network);
    let input = crop(&image, network.stride());
    let mut normalisation = Normalisation::default();
    let mut limits = normalisation.limits(|| [input.clone()].into_iter())?;
    normalisation.scope = match scope {
        "stack" => Scope::Stack,
        "plane" => Scope::Plane,
        "dataset" => {
            let whole = image.plane(0, 0);
            limits = normalisation.limits(|| [whole.clone()].into_iter())?;
            Scope::Dataset(limits.clone())
        }
        other => return Err(format!("there is no scope {other}").into()),
    };
    let mut normal = input.clone();
    normalisation.apply(&mut normal, &limits);
    let grey = |&value: &f32| [(value * 255.0).clamp(0.0, 255.0) as u8; 3];
    let picture = Plane::new(normal.height, normal.width, normal.channel(0).iter().map(grey).collect());
    let cover_png = encode_png_rgb(&picture)?;
    let onnx = write_onnx(&network, &weights)?;
    let output = run(&onnx, &normal)?;

    let mut meta = PackageMeta::new("random weights", Find::Objects, network, normalisation);
    meta.description = "A network of random weights that finds nothing.".into();
    meta.authors = vec!["Fewlabel".into()];
    meta.license = Some("CC0-1.0".into());
    meta.classes = BTreeMap::from([(1, "object".into())]);
    meta.output_channels = ["background", "interior", "boundary", "distance", "centre"].map(str::to_owned).to_vec();
    meta.decoder = serde_json::json!({"seed_height": 0.35, "small": 1e-7});
    let package = Package {
        meta,
        onnx,
        test: Some((input, output)),
        weights: Some(weights),
        run: serde_json::json!({"request": {"entry": "train"}}),
        cover_png: Some(cover_png),
    };
    package.write(Path::new(out), false)?;
    Ok(())
}

/// The first plane, its sides cut to multiples of the stride, at most 128 pixels long.
fn crop(image: &Image, stride: usize) -> Maps {
    let plane = image.plane(0, 0);
    let side = |extent: usize| extent.min(128) / stride * stride;
    let (height, width) = (side(plane.height), side(plane.width));
    let rows = (0..plane.channels).flat_map(|c| (0..height).map(move |y| (c, y)));
    let data = rows.flat_map(|(c, y)| plane.channel(c)[y * plane.width..][..width].to_vec()).collect();
    Maps::new(plane.channels, height, width, data)
}

/// Weights that keep the size of the maps (He et al. 2015), from a linear congruential sequence.
fn random_weights(network: &Network) -> Weights {
    let mut state = 1u64;
    let mut draw = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    let parameters = network.parameters().into_iter();
    parameters
        .map(|spec| {
            let size: usize = spec.shape.iter().product();
            let bound = (6.0 * spec.shape[0] as f32 / size as f32).sqrt();
            let data = (0..size).map(|_| match spec.kind {
                ParameterKind::Weight => draw() * bound,
                ParameterKind::NormWeight | ParameterKind::RunningVar => 1.0 + 0.5 * draw(),
                ParameterKind::Bias | ParameterKind::NormBias | ParameterKind::RunningMean => 0.1 * draw(),
            });
            (spec.name, Tensor::new(spec.shape, data.collect()))
        })
        .collect()
}

fn run(onnx: &[u8], maps: &Maps) -> Result<Maps, Box<dyn Error>> {
    let shape = [1, maps.channels, maps.height, maps.width];
    let model = tract_onnx::onnx()
        .model_for_read(&mut &*onnx)?
        .with_input_fact(0, InferenceFact::dt_shape(f32::datum_type(), shape))?
        .into_optimized()?
        .into_runnable()?;
    let outputs = model.run(tvec!(Values::from_shape(&shape, &maps.data)?.into()))?;
    let values = outputs[0].to_plain_array_view::<f32>()?;
    let channels = values.shape()[1];
    Ok(Maps::new(channels, maps.height, maps.width, values.iter().copied().collect()))
}
