//! Small random networks in packages, and real images.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use fewlabel_contract::{CancelToken, Find, Result};
use fewlabel_image::{Calibration, Image, InMemory, Limits, Maps, Pixels, Shape, open};
use fewlabel_infer::{Forward, MemoryBudget, Pipeline, Recipe, SegmentOptions, Segmented, TileOptions, TractForward};
use fewlabel_model::{
    Activation, Block, Head, HeadGroup, Network, Norm, Normalisation, Package, PackageMeta, ParameterKind, Tensor, Weights,
    write_onnx,
};
use fewlabel_objects::DecodeObjects;

/// Reproducible numbers (SplitMix64), 0…1.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 40) as f32 / (1u64 << 24) as f32
    }

    fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.next()).sum::<f32>() - 6.0
    }
}

pub fn objects_head() -> Head {
    let group = |activation, channels| HeadGroup { activation, channels };
    Head { groups: vec![group(Activation::Softmax, 3), group(Activation::Sigmoid, 2)] }
}

/// Weights that keep the variance through the layers, and a head so steep that the maps use their whole range.
pub fn weights(network: &Network, seed: u64) -> Weights {
    let mut random = Random(seed);
    let mut fill = |spec: &fewlabel_model::ParameterSpec| -> Vec<f32> {
        let count = spec.shape.iter().product();
        let fan_in: usize = match spec.name.starts_with("up") {
            true => spec.shape[0],
            false => spec.shape.iter().skip(1).product(),
        };
        let gain = if spec.name.starts_with("head") { 40.0 } else { 2.0 };
        (0..count)
            .map(|_| match spec.kind {
                ParameterKind::Weight => random.normal() * (gain / fan_in as f32).sqrt(),
                ParameterKind::Bias | ParameterKind::NormBias | ParameterKind::RunningMean => 0.1 * random.normal(),
                ParameterKind::NormWeight | ParameterKind::RunningVar => 0.8 + 0.4 * random.next(),
            })
            .collect()
    };
    let parameters = network.parameters();
    parameters.iter().map(|spec| (spec.name.clone(), Tensor::new(spec.shape.clone(), fill(spec)))).collect()
}

/// A package for objects around any network.
pub fn package_of(network: Network, seed: u64) -> Package {
    let weights = weights(&network, seed);
    let onnx = write_onnx(&network, &weights).unwrap();
    let mut meta = PackageMeta::new("random", Find::Objects, network, Normalisation::default());
    // A random network is sure of nothing: take all that it shows.
    let decoder = DecodeObjects { foreground: 0.5, seed_height: 0.05, min_area: 4, confidence: 0.0, ..DecodeObjects::default() };
    meta.decoder = serde_json::to_value(decoder).unwrap();
    meta.object_diameter = Some(20.0);
    Package { meta, onnx, test: None, weights: None, run: serde_json::Value::Null, cover_png: None }
}

/// A random U-Net of width 4 and three levels: stride 4, halo 24.
pub fn package() -> Package {
    package_of(Network::unet(1, 4, 3, &objects_head()).unwrap(), 6)
}

/// The same with instance normalisation.
pub fn instance_package() -> Package {
    let blocks = Network::unet(1, 4, 2, &objects_head()).unwrap().blocks().to_vec();
    let blocks = blocks
        .into_iter()
        .map(|block| match block {
            Block::Conv3x3 { stage, number, inputs, outputs, nonlinearity, .. } => {
                Block::Conv3x3 { stage, number, inputs, outputs, norm: Norm::Instance, nonlinearity }
            }
            other => other,
        })
        .collect();
    package_of(Network::new(1, blocks).unwrap(), 2)
}

pub fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data").join(path)
}

/// A real fluorescence image, 520 x 696.
pub fn nuclei() -> Image {
    open(&data("bbbc039/images/C02_s4.png"), &Limits::default()).unwrap()
}

/// The upper left part of a real image.
pub fn crop(image: &Image, height: usize, width: usize) -> Image {
    let maps = image.plane(0, 0);
    let rows = maps.channel(0).chunks(maps.width).take(height);
    image_of(Maps::new(1, height, width, rows.flat_map(|row| row[..width].to_vec()).collect()))
}

/// A single plane.
pub fn image_of(maps: Maps) -> Image {
    stack_of(1, 1, maps.channels, maps.height, maps.width, maps.data)
}

pub fn stack_of(t: usize, z: usize, c: usize, y: usize, x: usize, data: Vec<f32>) -> Image {
    let shape = Shape { t, z, c, y, x };
    let calibration = Calibration { x: Some(0.65), y: Some(0.65), unit: Some("µm".into()), ..Calibration::default() };
    Image { shape, pixels: Pixels::F32(data), rgb: false, calibration, slice_labels: Vec::new() }
}

/// Tiles of a given side on so many threads, maps kept.
pub fn tiled(tile: Option<usize>, threads: usize) -> SegmentOptions {
    let tiles = TileOptions { tile, threads, budget: MemoryBudget::new(8 << 30), ..TileOptions::default() };
    SegmentOptions { tiles, maps: true, ..SegmentOptions::default() }
}

pub fn segment(package: &Package, image: &Image, options: &SegmentOptions) -> Result<Segmented> {
    let forward = TractForward::new(package)?;
    let recipe = Recipe::of(&package.meta)?;
    Pipeline { forward: &forward, recipe: &recipe, options }.segment(&InMemory::of(image), &CancelToken::new(), &mut |_, _| {})
}

/// Largest difference of two sets of maps.
pub fn difference(a: &[Maps], b: &[Maps]) -> f32 {
    assert_eq!(a.len(), b.len());
    let largest = a.iter().zip(b).map(|(a, b)| {
        assert_eq!((a.channels, a.height, a.width), (b.channels, b.height, b.width));
        assert!(a.data.iter().chain(&b.data).all(|value| value.is_finite()));
        a.data.iter().zip(&b.data).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    });
    largest.fold(0.0, f32::max)
}

/// Counts passes and cancels during one of them.
pub struct Counting<'a> {
    pub inner: &'a TractForward,
    pub runs: AtomicUsize,
    pub cancel_in: usize,
    pub token: CancelToken,
}

impl Forward for Counting<'_> {
    fn run(&self, input: &Maps) -> Result<Maps> {
        if self.runs.fetch_add(1, Ordering::SeqCst) + 1 == self.cancel_in {
            self.token.cancel();
        }
        self.inner.run(input)
    }

    fn input_channels(&self) -> usize {
        self.inner.input_channels()
    }

    fn output_channels(&self) -> usize {
        self.inner.output_channels()
    }

    fn stride(&self) -> usize {
        self.inner.stride()
    }

    fn halo(&self) -> usize {
        self.inner.halo()
    }

    fn peak_bytes(&self, height: usize, width: usize) -> u64 {
        self.inner.peak_bytes(height, width)
    }

    fn is_local(&self) -> bool {
        self.inner.is_local()
    }
}
