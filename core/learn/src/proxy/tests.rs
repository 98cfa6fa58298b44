//! Views as a whole.

use proptest::prelude::*;
use rand::RngExt;

use super::*;

const ALL: [MaskKind; 5] = [MaskKind::Rows, MaskKind::Blocks, MaskKind::Rays, MaskKind::Polylines, MaskKind::Discs];

/// Every task is applied to every image.
fn everything(masks: &[MaskKind]) -> ProxyConfig {
    ProxyConfig { masks: masks.to_vec(), shuffle_share: 1.0, paint_share: 1.0, ..ProxyConfig::default() }
}

/// Values over the whole range, its ends included, other ones in each channel.
fn image(channels: usize, height: usize, width: usize, item: u64) -> Maps {
    let mut rng = stream(9, 0, item, Purpose::Noise);
    let data = (0..channels * height * width).map(|_| f32::from(rng.random::<u8>()) / 255.0).collect();
    Maps::new(channels, height, width, data)
}

fn share(hidden: &Plane<bool>) -> f64 {
    hidden.data.iter().filter(|hidden| **hidden).count() as f64 / hidden.data.len() as f64
}

#[test]
fn a_view_is_a_function_of_its_address() {
    let image = image(2, 50, 40, 0);
    for config in [ProxyConfig::default(), everything(&ALL)] {
        let view = |seed, step, item| proxy_view(&image, &config, seed, step, item);
        let base = view(1, 2, 3);
        assert_eq!(base, view(1, 2, 3));
        for other in [view(2, 2, 3), view(1, 3, 3), view(1, 2, 4)] {
            assert_ne!(base.image, other.image);
        }
    }
}

#[test]
fn no_task_leaves_the_image() {
    let image = image(3, 20, 30, 0);
    let view = proxy_view(&image, &ProxyConfig::none(), 1, 2, 3);
    assert_eq!(view.image, image);
    assert!(view.curve.is_none() && !view.hidden.data.contains(&true));
}

#[test]
fn what_is_not_hidden_went_through_the_curve_and_what_is_masked_is_0() {
    let image = image(2, 64, 48, 0);
    for item in 0..20 {
        let view = proxy_view(&image, &ProxyConfig::default(), 1, 2, item);
        let curve = view.curve.as_ref().unwrap();
        for c in 0..2 {
            for ((value, original), hidden) in view.image.channel(c).iter().zip(image.channel(c)).zip(&view.hidden.data) {
                assert_eq!(*value, if *hidden { 0.0 } else { curve.at(*original) });
            }
        }
    }
}

#[test]
fn switching_one_task_off_leaves_the_others() {
    let image = image(1, 64, 48, 0);
    let all = everything(&ALL);
    for item in 0..10 {
        let view = |config: ProxyConfig| proxy_view(&image, &config, 1, 2, item);
        let base = view(all.clone());
        assert_eq!(view(ProxyConfig { shuffle_share: 0.0, ..all.clone() }).hidden, base.hidden);
        assert_eq!(view(ProxyConfig { curve: CurveFamily::None, ..all.clone() }).hidden, base.hidden);
        let unpainted = view(ProxyConfig { paint_share: 0.0, ..all.clone() });
        let unmasked = view(ProxyConfig { masks: Vec::new(), ..all.clone() });
        assert_eq!((&unpainted.curve, &unmasked.curve), (&base.curve, &base.curve));
        let both = unpainted.hidden.data.iter().zip(&unmasked.hidden.data).map(|(a, b)| a | b);
        assert!(both.eq(base.hidden.data.iter().copied()));
        // What neither hides is shuffled and mapped alike in all three.
        for (place, _) in base.hidden.data.iter().enumerate().filter(|(_, hidden)| !**hidden) {
            assert_eq!(unpainted.image.data[place], base.image.data[place]);
            assert_eq!(unmasked.image.data[place], base.image.data[place]);
        }
    }
}

#[test]
fn channels_are_hidden_alike() {
    let ones = Maps::new(3, 64, 64, vec![1.0; 3 * 64 * 64]);
    for kind in ALL {
        let config = ProxyConfig { curve: CurveFamily::None, masks: vec![kind], ..ProxyConfig::default() };
        let view = proxy_view(&ones, &config, 1, 2, 3);
        assert!(view.hidden.data.contains(&true) && view.hidden.data.contains(&false), "{kind:?}");
        for c in 0..3 {
            assert!(view.image.channel(c).iter().zip(&view.hidden.data).all(|(value, hidden)| (*value == 0.0) == *hidden));
        }
    }
}

#[test]
fn masks_hide_their_ratio_and_at_its_ends_nothing_and_everything() {
    let image = image(1, 160, 160, 0);
    for kind in ALL.into_iter().filter(|kind| *kind != MaskKind::Rays) {
        let hidden = |mask_ratio, item| {
            let config = ProxyConfig { masks: vec![kind], mask_ratio, ..ProxyConfig::default() };
            share(&proxy_view(&image, &config, 1, 2, item).hidden)
        };
        for item in 0..20 {
            assert_eq!((hidden(0.0, item), hidden(1.0, item)), (0.0, 1.0), "{kind:?}");
            for ratio in [0.1, 0.25, 0.5, 0.75] {
                // Beyond it at most one disc of 30 pixels, 2.8 %.
                let got = hidden(ratio, item);
                assert!((f64::from(ratio) - 1e-6..f64::from(ratio) + 0.028).contains(&got), "{kind:?}: {got} for {ratio}");
            }
        }
    }
}

#[test]
fn the_configuration_reads_what_it_writes_and_refuses_what_it_does_not_know() {
    let config = everything(&ALL);
    let text = serde_json::to_string(&config).unwrap();
    assert!(text.contains(r#""masks":["rows","blocks","rays","polylines","discs"]"#) && text.contains(r#""curve":"fixed""#));
    assert_eq!(serde_json::from_str::<ProxyConfig>(&text).unwrap(), config);
    assert_eq!(serde_json::from_str::<ProxyConfig>("{}").unwrap(), ProxyConfig::default());
    assert!(serde_json::from_str::<ProxyConfig>(r#"{"mask":[]}"#).is_err());
}

proptest! {
    #[test]
    fn an_image_of_any_size_gives_a_view_of_its_size_within_0_and_1(
        channels in 0..4_usize,
        height in 0..48_usize,
        width in 0..48_usize,
        family in prop::sample::select(vec![CurveFamily::Fixed, CurveFamily::Free, CurveFamily::None]),
        masks in prop::collection::vec(prop::sample::select(ALL.to_vec()), 0..3),
        mask_ratio in -0.5_f32..1.5,
        (block_cells, ray_count) in (0..70_usize, 0..5_usize),
        object_diameter in prop_oneof![-10.0_f32..200.0, Just(f32::NAN), Just(f32::INFINITY)],
        shares in (0.0_f32..1.2, 0.0_f32..1.2),
        item in any::<u64>(),
    ) {
        let image = image(channels, height, width, item);
        let config = ProxyConfig {
            curve: family,
            masks,
            mask_ratio,
            block_cells,
            ray_count,
            object_diameter,
            shuffle_share: shares.0,
            paint_share: shares.1,
        };
        let view = proxy_view(&image, &config, 1, 2, item);
        prop_assert_eq!((view.image.channels, view.image.height, view.image.width), (channels, height, width));
        prop_assert_eq!((view.hidden.height, view.hidden.width, view.hidden.data.len()), (height, width, height * width));
        prop_assert!(view.image.data.iter().all(|value| (0.0..=1.0).contains(value)));
        prop_assert_eq!(view, proxy_view(&image, &config, 1, 2, item));
    }
}
