//! A rectangle of an image gives what the whole image has there.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use std::collections::HashMap;

use fewlabel_contract::{CancelToken, ErrorKind, Find};
use fewlabel_image::{Image, InMemory, Rectangle};
use fewlabel_infer::{SegmentOptions, Segmented, TractForward, segment_image};
use fewlabel_model::{Activation, Head, HeadGroup, Network, Package};
use support::*;

fn at(package: &Package, image: &Image, diameter: Option<f64>, region: Option<Rectangle>) -> Segmented {
    let options = SegmentOptions { object_diameter: diameter, region, ..tiled(Some(32), 2) };
    let forward = TractForward::new(package).unwrap();
    segment_image(&InMemory::of(image), &package.meta, &forward, &options, &CancelToken::new(), &mut |_, _| {}).unwrap()
}

/// The labels in a rectangle, numbered anew in the order of their first pixels.
fn cut(whole: &Segmented, region: &Rectangle, objects: bool) -> Vec<u32> {
    let (labels, mut numbers) = (&whole.labels, HashMap::new());
    let mut ids = Vec::new();
    for plane in labels.ids.chunks(labels.y * labels.x) {
        for y in region.y.clone() {
            ids.extend(plane[y * labels.x + region.x.start..y * labels.x + region.x.end].iter().map(|&id| {
                let next = numbers.len() as u32 + 1;
                if id == 0 || !objects { id } else { *numbers.entry(id).or_insert(next) }
            }));
        }
    }
    ids
}

/// Share of the pixels where two label images differ.
fn differing(a: &[u32], b: &[u32]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).filter(|(a, b)| a != b).count() as f64 / a.len() as f64
}

/// Share of the pixels that do not lie in the object with which theirs has most in common. An object that only one of the two sees,
/// as the maps of a random network have on the edge of being any, shifts the numbers of those behind it.
fn outside_of_partner(a: &[u32], b: &[u32]) -> f64 {
    let mut shared: HashMap<(u32, u32), usize> = HashMap::new();
    a.iter().zip(b).for_each(|pair| *shared.entry((*pair.0, *pair.1)).or_default() += 1);
    let mut best: HashMap<u32, usize> = HashMap::new();
    for ((id, _), &pixels) in &shared {
        let most = best.entry(*id).or_default();
        *most = pixels.max(*most);
    }
    1.0 - best.values().sum::<usize>() as f64 / a.len() as f64
}

fn stack() -> Image {
    let maps = crop(&nuclei(), 300, 320).plane(0, 0);
    let darker = maps.data.iter().map(|value| 0.5 * value + 3.0);
    stack_of(2, 1, 1, 300, 320, maps.data.iter().copied().chain(darker).collect())
}

const REGIONS: [Rectangle; 3] =
    [Rectangle { y: 0..300, x: 0..320 }, Rectangle { y: 101..187, x: 130..251 }, Rectangle { y: 270..300, x: 0..33 }];

#[test]
fn objects_and_maps_of_a_rectangle_are_those_of_the_whole() {
    let (package, image) = (package(), stack());
    for diameter in [20.0, 13.0, 27.0] {
        let whole = at(&package, &image, Some(diameter), None);
        for region in REGIONS {
            let part = at(&package, &image, Some(diameter), Some(region.clone()));
            assert_eq!((part.labels.y, part.labels.x, part.labels.t), (region.y.len(), region.x.len(), 2));
            let expected = cut(&whole, &region, true);
            assert_eq!(part.found.objects, *part.labels.ids.iter().max().unwrap() as usize);
            assert!(part.found.objects > 0);
            let off = outside_of_partner(&part.labels.ids, &expected);
            // A random network shows one clump that reaches through the image, and where it is cut depends on all of it.
            assert!(off < 0.06, "{diameter} {region:?} {off}");
            for (part, whole) in part.maps.unwrap().iter().zip(whole.maps.as_ref().unwrap()) {
                for c in 0..part.channels {
                    for y in 0..part.height {
                        let row = &whole.channel(c)[(region.y.start + y) * whole.width..][region.x.clone()];
                        let ours = &part.channel(c)[y * part.width..(y + 1) * part.width];
                        assert!(ours.iter().zip(row).all(|(a, b)| (a - b).abs() < 1e-4), "{diameter} {region:?} {c} {y}");
                    }
                }
            }
        }
    }
}

#[test]
fn areas_of_a_rectangle_are_those_of_the_whole() {
    let head = Head { groups: vec![HeadGroup { activation: Activation::Softmax, channels: 3 }] };
    let mut package = package_of(Network::unet(1, 4, 2, &head).unwrap(), 9);
    package.meta.find = Some(Find::Areas);
    package.meta.classes = [(2, "membrane".to_owned()), (7, "nucleus".to_owned())].into();
    let image = stack();
    let whole = at(&package, &image, None, None);
    for region in REGIONS {
        let part = at(&package, &image, None, Some(region.clone()));
        let expected = cut(&whole, &region, false);
        assert!(differing(&part.labels.ids, &expected) < 0.001, "{region:?}");
        assert_eq!(part.found.objects > 0, expected.iter().any(|&class| class != 0), "{region:?}");
    }
}

#[test]
fn a_network_that_looks_at_whole_planes_does_so_for_a_rectangle() {
    let (package, image) = (instance_package(), crop(&nuclei(), 120, 140));
    let options = SegmentOptions { object_diameter: Some(20.0), ..tiled(None, 1) };
    let forward = TractForward::new(&package).unwrap();
    let run = |region: Option<Rectangle>| {
        let options = SegmentOptions { region, ..options.clone() };
        segment_image(&InMemory::of(&image), &package.meta, &forward, &options, &CancelToken::new(), &mut |_, _| {}).unwrap()
    };
    let region = Rectangle { y: 31..90, x: 40..111 };
    assert_eq!(run(Some(region.clone())).labels.ids, cut(&run(None), &region, true));
}

#[test]
fn the_scale_is_that_of_the_whole_image() {
    let (mut package, image) = (package(), stack());
    package.meta.object_diameter = Some(9.0);
    let whole = at(&package, &image, None, None);
    let part = at(&package, &image, None, Some(REGIONS[1].clone()));
    assert_eq!(part.found.factor, whole.found.factor);
}

#[test]
fn a_rectangle_outside_is_refused() {
    let (package, image) = (package(), crop(&nuclei(), 40, 50));
    let forward = TractForward::new(&package).unwrap();
    for region in [Rectangle { y: 0..41, x: 0..50 }, Rectangle { y: 3..3, x: 0..50 }] {
        let options = SegmentOptions { region: Some(region), ..tiled(None, 1) };
        let run = segment_image(&InMemory::of(&image), &package.meta, &forward, &options, &CancelToken::new(), &mut |_, _| {});
        assert_eq!(run.unwrap_err().kind, ErrorKind::InvalidRequest);
    }
}
