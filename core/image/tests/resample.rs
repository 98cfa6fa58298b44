//! Other sizes: against Pillow on real images, and what must hold for any image.

mod common;

use common::data;
use fewlabel_image::{Limits, Maps, Plane, ResampledPart, open, open_labels, resample_image, resample_labels};
use proptest::prelude::*;

/// Rows 100 to 104, columns 600 to 606 of `bbbc039/images/G22_s5.png`.
#[rustfmt::skip]
const CROP: [f32; 35] = [
    762., 783., 798., 838., 812., 773., 798.,
    734., 748., 786., 819., 816., 793., 804.,
    705., 685., 732., 814., 841., 802., 767.,
    635., 680., 718., 768., 774., 718., 672.,
    510., 588., 626., 705., 684., 625., 664.,
];

fn close(ours: &[f32], theirs: &[f32]) {
    assert_eq!(ours.len(), theirs.len());
    for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!((a - b).abs() <= 2e-3, "value {i}: {a}, Pillow has {b}");
    }
}

/// `Image.resize((width, height), BILINEAR)` of Pillow 13 on the crop in mode F.
#[test]
fn small_images_are_what_pillow_makes() {
    let crop = Maps::new(1, 5, 7, CROP.to_vec());
    let to = |height, width| resample_image(&crop, height, width).data;
    close(&to(3, 3), &[766.897_95, 810.873_96, 795.244_9, 706.388_9, 785.836_6, 780.015_87, 612.765_3, 704.016_8, 678.142_8]);
    close(
        &to(2, 7),
        &[
            731.818_2, 741.727_3, 774.454_5, 821.590_9, 818.5, 785.272_7, 787.681_8, //
            615.636_35, 654.954_5, 695.0, 760.727_3, 762.5, 710.909_1, 697.045_5,
        ],
    );
    close(
        &to(5, 4),
        &[
            772.714_3, 806.2, 811.48, 787.952_4, 742.476_2, 787.64, 812.24, 799.857_1, 697.714_3, 745.56, 825.64, 785.523_8,
            658.238_1, 724.4, 761.12, 696.571_4, 548.952_4, 640.52, 678.08, 648.238_1,
        ],
    );
    close(&to(1, 1), &[746.220_46]);
    // Growing; of seven rows the first two.
    close(
        &to(7, 10)[..20],
        &[
            762.0, 773.55, 786.75, 797.25, 824.0, 828.9, 810.05, 782.75, 784.25, 798.0, 746.0, 755.35, 770.035_7, 789.735_7,
            814.542_85, 822.642_9, 812.792_85, 791.892_9, 792.078_55, 801.428_6,
        ],
    );
}

/// Mean, standard deviation and three pixels of what Pillow makes of the whole image.
#[test]
fn a_real_image_is_what_pillow_makes() {
    let image = open(&data("bbbc039/images/G22_s5.png"), &Limits::default()).expect("an image").plane(0, 0);
    for (height, width, mean, deviation, pixels) in [
        (260, 348, 219.593_751, 145.650_235, [138.671_88, 142.859_38, 148.591_84]),
        (173, 211, 219.591_088, 143.471_081, [447.523_77, 143.251_46, 147.675_13]),
        (700, 900, 219.595_337, 147.390_981, [132.071_99, 139.866_29, 146.0]),
    ] {
        let ours = resample_image(&image, height, width);
        let n = ours.data.len() as f64;
        let sum: f64 = ours.data.iter().map(|&v| f64::from(v)).sum();
        let squares: f64 = ours.data.iter().map(|&v| (f64::from(v) - sum / n).powi(2)).sum();
        assert!((sum / n - mean).abs() < 1e-4, "mean of {height} x {width}: {}", sum / n);
        assert!(((squares / n).sqrt() - deviation).abs() < 1e-4, "deviation of {height} x {width}");
        let plane = ours.plane(0);
        close(&[plane.at(10, 20), plane.at(height / 2, width / 3), plane.at(height - 1, width - 1)], &pixels);
    }
}

/// Sum and middle row of `Image.resize((width, height), NEAREST)` of Pillow 13.
#[test]
fn real_labels_are_what_pillow_makes() {
    let all = open_labels(&data("bbbc039/labels/G22_s5.png"), &Limits::default()).expect("labels").plane(0, 0);
    let crop = Plane::new(29, 37, (100..129).flat_map(|y| all.row(y)[600..637].to_vec()).collect());
    let small = resample_labels(&crop, 12, 17);
    assert_eq!(small.data.iter().sum::<u32>(), 2939);
    assert_eq!(small.row(6), [34, 0, 0, 0, 0, 0, 0, 0, 0, 35, 35, 35, 35, 35, 35, 0, 0]);
    let large = resample_labels(&crop, 50, 41);
    assert_eq!(large.data.iter().sum::<u32>(), 29_224);
    assert_eq!(large.row(25)[..3], [34; 3]);
    assert_eq!(large.row(25)[22..37], [35; 15]);
}

#[test]
fn what_is_not_finite_stays_where_it_touches() {
    let mut maps = Maps::zeros(1, 1, 9);
    maps.data[0] = f32::NAN;
    let half = resample_image(&maps, 1, 3).data;
    assert!(half[0].is_nan() && half[2] == 0.0, "{half:?}");
    let same = resample_image(&maps, 1, 9);
    assert!(same.data[0].is_nan() && same.data[1..] == [0.0; 8]);
}

fn extent() -> impl Strategy<Value = usize> {
    1..24_usize
}

prop_compose! {
    fn any_maps()(channels in 1..4_usize, height in extent(), width in extent())
        (data in prop::collection::vec(-1000.0..1000.0_f32, channels * height * width),
         channels in Just(channels), height in Just(height), width in Just(width)) -> Maps {
        Maps::new(channels, height, width, data)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_part_is_a_part_of_the_whole(
        values in prop::collection::vec(-1000.0_f32..1000.0, 11 * 13),
        to in (1_usize..40, 1_usize..40),
        corners in any::<[u8; 4]>(),
    ) {
        let maps = Maps::new(1, 11, 13, values);
        let range = |a: u8, b: u8, side: usize| {
            let (a, b) = (usize::from(a) % side, usize::from(b) % side);
            a.min(b)..a.max(b) + 1
        };
        let (y, x) = (range(corners[0], corners[1], to.0), range(corners[2], corners[3], to.1));
        let part = ResampledPart::new((11, 13), to, y.clone(), x.clone());
        let (rows, columns) = part.source();
        let needed = rows.clone().flat_map(|y| maps.data[y * 13 + columns.start..y * 13 + columns.end].to_vec()).collect();
        let found = part.of(&Maps::new(1, rows.len(), columns.len(), needed));
        let whole = resample_image(&maps, to.0, to.1);
        let expected: Vec<f32> = y.flat_map(|y| whole.data[y * to.1 + x.start..y * to.1 + x.end].to_vec()).collect();
        prop_assert_eq!(found.data, expected);
    }

    #[test]
    fn the_same_size_changes_nothing(maps in any_maps()) {
        prop_assert_eq!(resample_image(&maps, maps.height, maps.width), maps);
    }

    #[test]
    fn a_constant_stays(maps in any_maps(), value in -1000.0..1000.0_f32, height in extent(), width in extent()) {
        let constant = Maps::new(maps.channels, maps.height, maps.width, vec![value; maps.data.len()]);
        let other = resample_image(&constant, height, width);
        prop_assert_eq!((other.channels, other.height, other.width), (maps.channels, height, width));
        prop_assert!(other.data.iter().all(|v| (v - value).abs() <= 2e-6 * value.abs()));
    }

    #[test]
    fn nothing_leaves_the_range(maps in any_maps(), height in extent(), width in extent()) {
        let (low, high) = maps.data.iter().fold((f32::MAX, f32::MIN), |(l, h), &v| (l.min(v), h.max(v)));
        for value in resample_image(&maps, height, width).data {
            prop_assert!(value >= low - 1e-2 && value <= high + 1e-2, "{} outside {} to {}", value, low, high);
        }
    }

    /// What is symmetric about its middle plus a constant has that constant as its mean at any size; so has a slope.
    #[test]
    fn the_mean_of_a_slope_stays(from in 1..60_usize, to in 1..60_usize, slope in -10.0..10.0_f32) {
        let slope_of = |x: usize| 500.0 + slope * (x as f32 + 0.5 - from as f32 / 2.0);
        let maps = Maps::new(1, 1, from, (0..from).map(slope_of).collect());
        let other = resample_image(&maps, 1, to);
        let mean = other.data.iter().map(|&v| f64::from(v)).sum::<f64>() / to as f64;
        prop_assert!((mean - 500.0).abs() < 1e-2, "{}", mean);
    }

    /// Each source pixel of a whole factor counts alike, but for the border, where the filter is cut: there the mean
    /// moves by less than one pixel's share for each border.
    #[test]
    fn the_mean_moves_at_the_border_only(factor in 2..6_usize, pixels in 2..12_usize, values in prop::collection::vec(0.0..1.0_f32, 72)) {
        let maps = Maps::new(1, 1, factor * pixels, values[..factor * pixels].to_vec());
        let mean = |data: &[f32]| data.iter().map(|&v| f64::from(v)).sum::<f64>() / data.len() as f64;
        let moved = mean(&resample_image(&maps, 1, pixels).data) - mean(&maps.data);
        prop_assert!(moved.abs() <= 0.5 / pixels as f64, "{}", moved);
    }

    #[test]
    fn flipped_images_are_flipped(maps in any_maps(), width in extent()) {
        let flip = |m: &Maps| {
            let rows = m.data.chunks(m.width).flat_map(|row| row.iter().rev().copied()).collect();
            Maps::new(m.channels, m.height, m.width, rows)
        };
        let (a, b) = (flip(&resample_image(&maps, maps.height, width)), resample_image(&flip(&maps), maps.height, width));
        prop_assert!(a.data.iter().zip(&b.data).all(|(a, b)| (a - b).abs() < 1e-2));
    }

    #[test]
    fn labels_come_from_the_pixel_under_the_centre(
        height in extent(), width in extent(), to_height in extent(), to_width in extent(),
    ) {
        let labels = Plane::new(height, width, (0..(height * width) as u32).collect());
        let other = resample_labels(&labels, to_height, to_width);
        for y in 0..to_height {
            for x in 0..to_width {
                let source = |i: usize, to: usize, from: usize| ((i as f64 + 0.5) * from as f64 / to as f64 + 1e-9) as usize;
                prop_assert_eq!(other.at(y, x), labels.at(source(y, to_height, height), source(x, to_width, width)));
            }
        }
        if (to_height, to_width) == (height, width) {
            prop_assert_eq!(other, labels);
        }
    }
}
