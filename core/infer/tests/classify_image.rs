//! Whole images: what the network sees, and what is refused.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::sync::Mutex;

use fewlabel_contract::{CancelToken, Error, ErrorKind, Find, Result};
use fewlabel_image::{Calibration, Image, InMemory, Maps, Pixels, Shape};
use fewlabel_infer::{Classified, Forward, MemoryBudget, check_kinds, classify_image};
use fewlabel_model::{Activation, Head, HeadGroup, InputSize, Network, Normalisation, PackageMeta, Scope};

const SIDE: usize = 16;

/// Stands for a network of two kinds: the mean of what it sees is the probability of the second.
#[derive(Default)]
struct Mean {
    seen: Mutex<Vec<Maps>>,
    gives: Option<Maps>,
}

impl Forward for Mean {
    fn run(&self, input: &Maps) -> Result<Maps> {
        self.seen.lock().unwrap().push(input.clone());
        let mean = input.data.iter().sum::<f32>() / input.data.len() as f32;
        Ok(self.gives.clone().unwrap_or_else(|| Maps::new(2, 1, 1, vec![1.0 - mean, mean])))
    }
    fn input_channels(&self) -> usize {
        1
    }
    fn output_channels(&self) -> usize {
        2
    }
    fn stride(&self) -> usize {
        1
    }
    fn input_size(&self) -> InputSize {
        InputSize { min: SIDE, step: 0 }
    }
    fn halo(&self) -> usize {
        0
    }
    fn peak_bytes(&self, height: usize, width: usize) -> u64 {
        (height * width) as u64
    }
    fn is_local(&self) -> bool {
        false
    }
}

fn meta(scope: Scope) -> PackageMeta {
    let head = Head { groups: vec![HeadGroup { activation: Activation::Softmax, channels: 2 }] };
    let network = Network::classifier(1, 1, 1, &head).unwrap();
    let normalisation = Normalisation { scope, low: 0.0, high: 100.0 };
    PackageMeta { input_size: InputSize { min: SIDE, step: 0 }, ..PackageMeta::new("kinds", Find::Kinds, network, normalisation) }
}

fn image(shape: Shape, pixels: Pixels, rgb: bool) -> InMemory<'static> {
    InMemory::new(Image { shape, pixels, rgb, calibration: Calibration::default(), slice_labels: Vec::new() })
}

fn classify(image: &InMemory<'_>, meta: &PackageMeta, forward: &Mean) -> Result<Classified, Error> {
    classify_image(image, meta, forward, &MemoryBudget::new(1 << 20), &CancelToken::new())
}

/// Values 0 and 50 in the first plane, 0 and 100 in the second.
fn two_slices() -> InMemory<'static> {
    let shape = Shape { z: 2, ..Shape::plane(1, SIDE, SIDE) };
    let samples = (0..2 * SIDE * SIDE).map(|i| if i % 2 == 0 { 0 } else { 50 * (1 + i / (SIDE * SIDE)) as u8 });
    image(shape, Pixels::U8(samples.collect()), false)
}

#[test]
fn intensities_are_those_of_the_scope() {
    for (scope, expected) in [(Scope::Stack, [0.25, 0.5]), (Scope::Plane, [0.5, 0.5])] {
        let classified = classify(&two_slices(), &meta(scope), &Mean::default()).unwrap();
        let second: Vec<f32> = classified.planes.iter().map(|plane| plane[1]).collect();
        assert!(second.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5), "{second:?}");
        assert!(classified.notes.is_empty());
    }
}

#[test]
fn the_network_sees_a_square_of_its_own_size_whatever_the_image() {
    for (y, x) in [(1, 1), (3, 100), (40, 7), (SIDE, SIDE)] {
        let network = Mean::default();
        classify(&image(Shape::plane(1, y, x), Pixels::U8(vec![9; y * x]), false), &meta(Scope::Stack), &network).unwrap();
        let seen = network.seen.lock().unwrap();
        assert_eq!((seen.len(), seen[0].channels, seen[0].height, seen[0].width), (1, 1, SIDE, SIDE));
        assert!(seen[0].data.iter().all(|value| *value == 0.0), "no contrast is no intensity, and still an image");
    }
}

#[test]
fn colours_become_luminance_and_broken_samples_are_told() {
    let shape = Shape::plane(3, 4, 4);
    let classified = classify(&image(shape, Pixels::U8((0..48).collect()), true), &meta(Scope::Stack), &Mean::default()).unwrap();
    assert!(classified.notes[0].contains("luminance"), "{:?}", classified.notes);
    let mut samples: Vec<f32> = (0..16).map(|v| v as f32).collect();
    samples[3] = f32::NAN;
    let broken = image(Shape::plane(1, 4, 4), Pixels::F32(samples), false);
    let classified = classify(&broken, &meta(Scope::Stack), &Mean::default()).unwrap();
    assert!(classified.planes[0][1].is_finite() && classified.notes[0].contains("not finite"), "{:?}", classified.notes);
}

#[test]
fn what_does_not_fit_is_an_error() {
    let kind = |result: Result<Classified, Error>| result.unwrap_err().kind;
    let (meta, network) = (meta(Scope::Stack), Mean::default());
    let two_channels = image(Shape::plane(2, 4, 4), Pixels::U8(vec![0; 32]), false);
    assert_eq!(kind(classify(&two_channels, &meta, &network)), ErrorKind::InvalidRequest);
    let small = MemoryBudget::new(1000);
    let over = classify_image(&two_slices(), &meta, &network, &small, &CancelToken::new());
    assert_eq!(kind(over), ErrorKind::LimitExceeded);
    let token = CancelToken::new();
    token.cancel();
    assert_eq!(kind(classify_image(&two_slices(), &meta, &network, &MemoryBudget::new(1 << 20), &token)), ErrorKind::Cancelled);
    for gives in [Maps::new(2, 1, 1, vec![f32::NAN, 1.0]), Maps::new(3, 1, 1, vec![0.3; 3]), Maps::new(2, 1, 2, vec![0.5; 4])] {
        let network = Mean { gives: Some(gives), ..Mean::default() };
        assert_eq!(kind(classify(&two_slices(), &meta, &network)), ErrorKind::BadModel);
    }
}

#[test]
fn only_models_of_kinds_are_taken() {
    let of = |find, foreign| check_kinds(&PackageMeta { find, foreign, ..meta(Scope::Stack) });
    of(Some(Find::Kinds), false).unwrap();
    for (find, foreign, word) in [
        (Some(Find::Objects), false, "use it with segment"),
        (Some(Find::Areas), false, "use it with segment"),
        (Some(Find::Areas), true, "fewlabel train --find kinds"),
        (None, false, "--start MODEL"),
    ] {
        let error = of(find, foreign).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unsupported);
        assert!(error.hint.as_deref().unwrap().contains(word), "{error}");
    }
}
