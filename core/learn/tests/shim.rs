//! What the shim adds to tch, each against a definition.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use fewlabel_contract::ErrorKind;
use fewlabel_learn::shim::{self, AdamW, Autocast};
use tch::{Device, Kind, Tensor};

const NUMBERS: AdamW = AdamW { rate: 0.1, beta1: 0.9, beta2: 0.99, decay: 0.01, epsilon: 1e-8 };

#[test]
fn version_is_the_pinned_one() {
    assert_eq!(shim::torch_version(), "2.11.0");
}

#[test]
fn autocast_computes_convolutions_in_bfloat16_and_ends_with_its_guard() {
    let (image, kernel) =
        (Tensor::ones([1, 2, 8, 8], (Kind::Float, Device::Cpu)), Tensor::ones([2, 2, 3, 3], (Kind::Float, Device::Cpu)));
    let convolve = || image.conv2d(&kernel, None::<&Tensor>, 1, 1, 1, 1).kind();
    {
        let _outer = Autocast::begin(false).unwrap();
        {
            let _inner = Autocast::begin(false).unwrap();
            assert_eq!(convolve(), Kind::BFloat16);
        }
        assert_eq!(convolve(), Kind::BFloat16);
    }
    assert_eq!(convolve(), Kind::Float);
    let unwound = std::panic::catch_unwind(|| {
        let _guard = Autocast::begin(false).unwrap();
        panic!("in a region");
    });
    assert!(unwound.is_err());
    assert_eq!(convolve(), Kind::Float);
}

#[test]
fn channels_last_changes_strides_and_no_value() {
    let image = Tensor::arange(2 * 3 * 4 * 5, (Kind::Float, Device::Cpu)).view([2, 3, 4, 5]);
    let last = shim::channels_last(&image).unwrap();
    assert_eq!(last.stride(), [60, 1, 15, 3]);
    assert!(last.equal(&image));
}

/// A tensor of one channel lies both ways at once; its strides must say channels last, or what is made of it does not.
#[test]
fn maps_of_one_channel_convolve_to_channels_last() {
    let image = shim::channels_last(&Tensor::ones([2, 1, 8, 8], (Kind::Float, Device::Cpu))).unwrap();
    let weight = shim::channels_last(&Tensor::ones([4, 1, 3, 3], (Kind::Float, Device::Cpu))).unwrap();
    assert_eq!(image.stride(), [64, 1, 8, 1]);
    assert_eq!(weight.stride(), [9, 1, 3, 1]);
    let maps = image.conv2d(&weight, None::<&Tensor>, 1, 1, 1, 1);
    assert_eq!(maps.stride(), [256, 1, 32, 4]);
}

/// Two steps of AdamW (Loshchilov & Hutter 2019, algorithm 2) in plain numbers.
#[test]
fn adamw_is_adamw() {
    let weight = Tensor::from_slice(&[1.0f32, -2.0, 0.5]);
    let (first, second) = (weight.zeros_like(), weight.zeros_like());
    let steps = Tensor::zeros([0i64; 0], (Kind::Float, Device::Cpu));
    let (mut w, mut m, mut v) = ([1.0f64, -2.0, 0.5], [0.0f64; 3], [0.0f64; 3]);
    for (t, gradient) in [[0.3f32, -0.1, 2.0], [-0.2, 0.4, 1.0]].iter().enumerate() {
        let list = |tensor: &Tensor| [tensor.shallow_clone()];
        shim::adamw(&list(&weight), &[Tensor::from_slice(gradient)], &list(&first), &list(&second), &list(&steps), NUMBERS)
            .unwrap();
        for i in 0..3 {
            let g = f64::from(gradient[i]);
            m[i] = 0.9 * m[i] + 0.1 * g;
            v[i] = 0.99 * v[i] + 0.01 * g * g;
            let t = t as i32 + 1;
            let step = (m[i] / (1.0 - 0.9f64.powi(t))) / ((v[i] / (1.0 - 0.99f64.powi(t))).sqrt() + 1e-8);
            w[i] -= 0.1 * (step + 0.01 * w[i]);
        }
    }
    assert_eq!(steps.double_value(&[]), 2.0);
    for (i, expected) in w.iter().enumerate() {
        assert!((weight.double_value(&[i as i64]) - expected).abs() < 1e-6);
    }
}

/// A gradient in another memory layout than its weight must not be applied to other elements.
#[test]
fn adamw_minds_the_layout_of_gradients() {
    let start = Tensor::arange(16, (Kind::Float, Device::Cpu)).view([2, 2, 2, 2]);
    let gradient = Tensor::arange(16, (Kind::Float, Device::Cpu)).view([2, 2, 2, 2]) - 7.5;
    let stepped = |weight: Tensor, gradient: Tensor| {
        let steps = Tensor::zeros([0i64; 0], (Kind::Float, Device::Cpu));
        let moments = [weight.zeros_like()];
        let second = [weight.zeros_like()];
        shim::adamw(&[weight.shallow_clone()], &[gradient], &moments, &second, &[steps], NUMBERS).unwrap();
        weight
    };
    let plain = stepped(start.copy(), gradient.copy());
    let mixed = stepped(shim::channels_last(&start).unwrap(), gradient.copy());
    assert!(plain.equal(&mixed));
}

#[test]
fn clipping_scales_all_gradients_by_their_joint_norm() {
    let gradients = [Tensor::from_slice(&[3.0f32, 0.0]), Tensor::from_slice(&[4.0f32])];
    assert!((shim::clip(&gradients, 1.0).unwrap() - 5.0).abs() < 1e-6);
    assert!((gradients[0].double_value(&[0]) - 0.6).abs() < 1e-6);
    assert!((gradients[1].double_value(&[0]) - 0.8).abs() < 1e-6);
    assert!((shim::clip(&gradients, 2.0).unwrap() - 1.0).abs() < 1e-6);
    assert!((gradients[1].double_value(&[0]) - 0.8).abs() < 1e-6);
}

#[test]
fn averages_move_by_their_share() {
    let average = [Tensor::from_slice(&[0.0f32, 10.0])];
    shim::lerp(&average, &[Tensor::from_slice(&[1.0f32, 0.0])], 0.25).unwrap();
    assert!(average[0].equal(&Tensor::from_slice(&[0.25f32, 7.5])));
}

#[test]
fn a_cpp_exception_comes_back_as_one_line() {
    let error = shim::channels_last(&Tensor::from_slice(&[1.0f32])).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Internal);
    assert!(!error.message.contains('\n') && error.message.contains("rank 4"), "{error}");
    let wrong = [Tensor::from_slice(&[1.0f32, 2.0])];
    assert!(shim::lerp(&wrong, &[], 0.5).is_err());
}
