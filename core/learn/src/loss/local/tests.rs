use proptest::prelude::*;
use tch::{Device, Kind, Tensor};

use super::*;

/// The fixture, `[view · image, c, y, x]`, view by view, not brought to length 1.
fn maps() -> Tensor {
    let mut values = Vec::new();
    for (v, b) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        for (c, y, x) in (0..4 * 8 * 8).map(|i| (f64::from(i / 64), f64::from(i / 8 % 8), f64::from(i % 8))) {
            let angle = 1.0 + 0.7 * f64::from(b) + 0.31 * f64::from(v) + 0.53 * c + 0.17 * y + 0.29 * x + 0.05 * c * y;
            values.push(angle.sin() as f32);
        }
    }
    Tensor::from_slice(&values).view([4, 4, 8, 8])
}

fn labels() -> Tensor {
    let label = |b: i64, y: i64, x: i64| (y / 2 + x / 3 + b) % 3;
    let values: Vec<i64> = [0, 1, 0, 1].iter().flat_map(|&b| (0..64).map(move |i| label(b, i / 8, i % 8))).collect();
    Tensor::from_slice(&values).view([4, 8, 8])
}

fn with(form: Form, temperature: f64) -> LocalContrast {
    LocalContrast { form, temperature, rows_at_a_time: 50 }
}

fn picked(sampling: Sampling) -> Picked {
    pick(&labels(), sampling, Positives::SameLabel, 0).unwrap()
}

fn value(contrast: &LocalContrast, maps: &Tensor, picked: &Picked) -> f64 {
    contrast.loss(&picked.rows(maps).unwrap(), picked).unwrap().double_value(&[])
}

fn assert_near(found: f64, expected: f64, what: &str) {
    assert!((found / expected - 1.0).abs() < 1e-4, "{what}: {found} for {expected}");
}

/// Computed in two independent programs in double precision.
#[test]
fn golden_values() {
    let all = picked(Sampling::Full);
    assert_eq!(all.anchors(), 172);
    let ratio = |outer_mean| Form::Ratio { outer_mean };
    for (form, temperature, expected) in [
        (Form::ShareOfAll, 0.1, 10.117_202_174_814_052),
        (Form::ShareOfAll, 0.07, 12.583_849_126_928_634),
        (Form::ShareOfAll, 0.5, 5.991_185_198_809_307),
        (ratio(true), 0.1, 0.003_253_182_128_882_966_7),
        (ratio(true), 0.07, 0.002_435_545_736_199_674_5),
        (ratio(true), 0.5, 0.007_178_580_938_640_756),
        (ratio(false), 0.1, 0.276_009_657_004_504_7),
        (ratio(false), 0.07, 0.206_621_751_952_853_4),
        (ratio(false), 0.5, 0.609_522_443_741_846_9),
    ] {
        assert_near(value(&with(form, temperature), &maps(), &all), expected, &format!("{form:?} {temperature}"));
    }
}

#[test]
fn golden_values_of_samples() {
    let contrast = with(Form::ShareOfAll, 0.1);
    for (step, anchors, expected) in [(4, 10, 7.372_556_348_246_528), (2, 42, 8.770_929_487_020_135)] {
        let sample = picked(Sampling::Stride(step));
        assert_eq!(sample.anchors(), anchors);
        assert_near(value(&contrast, &maps(), &sample), expected, &format!("stride {step}"));
    }
    let blocks = picked(Sampling::Block(4));
    assert_eq!(blocks.sets.len(), 4);
    assert_near(value(&contrast, &maps(), &blocks), 4.901_037_573_939_279, "mean of blocks");
    let corners = [(0, 0), (0, 4), (4, 0), (4, 4)];
    let each = [4.301_194_498_739_612, 5.711_654_610_039_291, 5.711_378_916_208_78, 3.879_922_270_769_432];
    for ((y, x), expected) in corners.into_iter().zip(each) {
        let cut = |all: &Tensor, axis: i64| all.narrow(axis, y, 4).narrow(axis + 1, x, 4);
        let one = pick(&cut(&labels(), 1), Sampling::Full, Positives::SameLabel, 0).unwrap();
        assert_near(value(&contrast, &cut(&maps(), 2), &one), expected, "block");
    }
    let other_view = pick(&labels(), Sampling::Stride(4), Positives::SamePixel, 0).unwrap();
    assert_eq!(other_view.anchors(), 16);
    assert_near(value(&contrast, &maps(), &other_view), 1.451_522_315_168_576_8, "other view");
}

fn gradient(contrast: &LocalContrast, maps: &Tensor, picked: &Picked) -> Tensor {
    let maps = maps.detach().copy().set_requires_grad(true);
    let loss = contrast.loss(&picked.rows(&maps).unwrap(), picked).unwrap();
    Tensor::run_backward(&[loss], &[&maps], false, false).remove(0)
}

#[test]
fn golden_gradient() {
    let (contrast, all) = (with(Form::ShareOfAll, 0.1), picked(Sampling::Full));
    let found = gradient(&contrast, &maps(), &all);
    // b, v, c, y, x; maps lie view by view.
    for ([b, v, c, y, x], expected) in [
        ([0, 0, 0, 0, 3], -0.012_629_055_2),
        ([1, 1, 2, 5, 6], 0.028_580_296_3),
        ([0, 1, 3, 7, 7], 0.022_093_426_8),
        ([0, 0, 1, 0, 0], 0.000_207_429_1),
    ] {
        assert!((found.double_value(&[2 * v + b, c, y, x]) - expected).abs() < 1e-5, "{:?}", [b, v, c, y, x]);
    }
    let rows = unit_rows(&all.rows(&maps()).unwrap()).unwrap();
    let set = Set::new(&rows, &all.sets[0]).unwrap();
    let (_, towards) = compared(&contrast, &set).unwrap().unwrap();
    assert_near(towards.norm().double_value(&[]), 1.015_172_918_9, "length of the gradient");
}

/// By libtorch's own gradients, with the whole matrix.
fn by_the_book(rows: &Tensor, picked: &Picked, contrast: &LocalContrast) -> Tensor {
    let rows = unit_rows(rows).unwrap();
    let mut sets = Vec::new();
    for set in &picked.sets {
        let m = set.classes.len() as i64;
        let rows = rows.narrow(0, set.first, m);
        let likeness = rows.mm(&rows.transpose(0, 1)) / contrast.temperature;
        let itself = Tensor::eye(m, (Kind::Bool, Device::Cpu));
        let classes = Tensor::from_slice(&set.classes);
        let same = classes.unsqueeze(1).eq_tensor(&classes.unsqueeze(0));
        let others = same.logical_and(&itself.logical_not());
        let each: Vec<Tensor> = set
            .anchors
            .iter()
            .filter_map(|&anchor| {
                let row = likeness.get(anchor);
                let take = |mask: &Tensor| row.masked_select(&mask.get(anchor));
                let (near, far) = (take(&others), take(&same.logical_not()));
                match contrast.form {
                    Form::ShareOfAll => Some(Tensor::cat(&[&near, &far], 0).logsumexp(0, false) - near.mean(Kind::Float)),
                    Form::Ratio { .. } if set.counts.len() < 2 => None,
                    Form::Ratio { outer_mean } => {
                        let value = far.logsumexp(0, false) - near.logsumexp(0, false);
                        Some(if outer_mean { value / near.size()[0] as f64 } else { value })
                    }
                }
            })
            .collect();
        if !each.is_empty() {
            sets.push(Tensor::stack(&each, 0).mean(Kind::Float));
        }
    }
    match sets.is_empty() {
        true => rows.sum(Kind::Float) * 0.0,
        false => Tensor::stack(&sets, 0).mean(Kind::Float),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Some rows at a time give what the whole matrix gives, value and gradient: over sizes, classes, unlabelled pixels, samples and forms.
    #[test]
    fn in_pieces_as_by_the_book(
        (n, h, w) in (1..4i64, 1..7i64, 1..7i64),
        classes in 1..5i64,
        unlabelled in 0..4i64,
        rows_at_a_time in 1..40usize,
        sampling in prop::sample::select(vec![Sampling::Full, Sampling::Stride(2), Sampling::Block(3), Sampling::PerClass(5)]),
        form in prop::sample::select(vec![Form::ShareOfAll, Form::Ratio { outer_mean: true }, Form::Ratio { outer_mean: false }]),
        temperature in 0.07..0.6f64,
        seed in any::<u64>(),
    ) {
        let numbers = |count: i64, salt: u64| -> Vec<f64> {
            (0..count).map(|i| ((i as f64 + 1.0) * 12.9898 + (seed % 1000 + salt) as f64 * 0.618).sin() * 43758.547).map(f64::fract).collect()
        };
        let drawn: Vec<i64> = numbers(2 * n * h * w, 3)
            .into_iter()
            .map(|x| ((x.abs() * (classes + unlabelled) as f64) as i64).min(classes + unlabelled - 1))
            .map(|label| if label >= classes { UNLABELLED } else { label })
            .collect();
        let labels = Tensor::from_slice(&drawn).view([2 * n, h, w]);
        let maps = Tensor::from_slice(&numbers(2 * n * 5 * h * w, 7)).to_kind(Kind::Float).view([2 * n, 5, h, w]);
        let picked = pick(&labels, sampling, Positives::SameLabel, seed).unwrap();
        let contrast = LocalContrast { form, temperature, rows_at_a_time };
        let book = {
            let maps = maps.copy().set_requires_grad(true);
            let loss = by_the_book(&picked.rows(&maps).unwrap(), &picked, &contrast);
            (loss.double_value(&[]), Tensor::run_backward(&[loss], &[&maps], false, false).remove(0))
        };
        prop_assert!((value(&contrast, &maps, &picked) - book.0).abs() <= 1e-5 * book.0.abs().max(1.0));
        let off = (gradient(&contrast, &maps, &picked) - book.1).abs().max().double_value(&[]);
        prop_assert!(off <= 1e-5, "{off}");
    }
}

#[test]
fn nothing_to_ask_about_is_no_error_and_no_gradient() {
    let all = |label: i64| Tensor::full([4, 8, 8], label, (Kind::Int64, Device::Cpu));
    let once = all(BACKGROUND);
    let _ = once.get(0).get(0).get(0).fill_(5);
    for labels in [all(BACKGROUND), all(UNLABELLED), once] {
        for sampling in [Sampling::Full, Sampling::Stride(3), Sampling::Block(3), Sampling::PerClass(4)] {
            let none = pick(&labels, sampling, Positives::SameLabel, 0).unwrap();
            assert!(none.is_empty() && none.anchors() == 0);
            assert_eq!(value(&LocalContrast::default(), &maps(), &none), 0.0);
            assert_eq!(gradient(&LocalContrast::default(), &maps(), &none).abs().max().double_value(&[]), 0.0);
        }
    }
    // A single class: everything is alike, and still a number. The ratio has nothing to set it against.
    let one = pick(&all(3), Sampling::Full, Positives::SameLabel, 0).unwrap();
    assert!(value(&LocalContrast::default(), &maps(), &one).is_finite());
    assert_eq!(value(&with(Form::Ratio { outer_mean: true }, 0.1), &maps(), &one), 0.0);
    for sampling in [Sampling::Stride(0), Sampling::Block(0), Sampling::PerClass(0)] {
        assert!(pick(&labels(), sampling, Positives::SameLabel, 0).is_err());
    }
}

#[test]
fn order_and_length_do_not_matter() {
    let contrast = with(Form::ShareOfAll, 0.1);
    let expected = value(&contrast, &maps(), &picked(Sampling::Full));
    let order = Tensor::from_slice(&[3i64, 0, 2, 1]);
    let turned = pick(&labels().index_select(0, &order), Sampling::Full, Positives::SameLabel, 0).unwrap();
    assert_near(value(&contrast, &maps().index_select(0, &order), &turned), expected, "order");
    assert_near(value(&contrast, &(maps() * 7.5), &picked(Sampling::Full)), expected, "length");
    assert_near(value(&contrast, &maps(), &picked(Sampling::Stride(1))), expected, "every pixel");
    assert_near(value(&contrast, &maps(), &picked(Sampling::Block(8))), expected, "one block");
    assert_near(value(&contrast, &maps(), &picked(Sampling::Block(100))), expected, "a block beyond the image");
    assert_near(value(&contrast, &maps(), &picked(Sampling::PerClass(500))), expected, "all of each class");
    let half = maps().to_kind(Kind::BFloat16);
    let widened = value(&contrast, &half.to_kind(Kind::Float), &picked(Sampling::Full));
    assert_near(value(&contrast, &half, &picked(Sampling::Full)), widened, "short floating point");
}

#[test]
fn blocks_of_maps_that_they_do_not_fit_into_hold_the_rest() {
    let labels = Tensor::ones([2, 5, 7], (Kind::Int64, Device::Cpu));
    let blocks = pick(&labels, Sampling::Block(3), Positives::SameLabel, 0).unwrap();
    let sizes: Vec<usize> = blocks.sets.iter().map(|set| set.classes.len() / 2).collect();
    assert_eq!(sizes, [9, 9, 3, 6, 6, 2]);
}

#[test]
fn as_many_of_each_class_are_drawn_and_others_each_time() {
    let classes = |seed| {
        let drawn = pick(&labels(), Sampling::PerClass(10), Positives::SameLabel, seed).unwrap();
        (drawn.sets[0].counts.clone(), Vec::<i64>::try_from(drawn.places).unwrap())
    };
    assert_eq!(classes(1).0, [10, 10, 10]);
    assert_eq!(classes(1), classes(1));
    assert_ne!(classes(1).1, classes(2).1);
    let pairs = pick(&labels(), Sampling::PerClass(6), Positives::SamePixel, 1).unwrap();
    assert_eq!(pairs.sets[0].counts, [2; 6]);
}

#[test]
fn regions_of_both_views_attract_each_other() {
    let contrast = RegionContrast { side: 2, ..RegionContrast::default() };
    let (first, second) = (maps().narrow(0, 0, 2), maps().narrow(0, 2, 2));
    let value = |a: &Tensor, b: &Tensor| contrast.loss(a, b, 3).unwrap().double_value(&[]);
    assert!((value(&first, &second) - value(&second, &first)).abs() < 1e-5, "which view is first does not matter");
    assert!(value(&first, &first) < value(&first, &second));
    // Where all regions are alike each of the partner and ten others is as likely.
    let same = Tensor::ones([2, 4, 8, 8], (Kind::Float, Device::Cpu));
    assert!((value(&same, &same) - 11f64.ln()).abs() < 1e-5);
    let error = contrast.loss(&same.narrow(2, 0, 2).narrow(3, 0, 3), &same, 3).unwrap_err();
    assert!(error.to_string().contains("fewer than two regions"), "{error}");
    let first = first.set_requires_grad(true);
    let gradient = Tensor::run_backward(&[contrast.loss(&first, &second, 3).unwrap()], &[&first], false, false).remove(0);
    assert!(gradient.abs().max().double_value(&[]) > 1e-4);
}
