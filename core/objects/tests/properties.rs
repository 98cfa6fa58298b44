//! Fast algorithms against slow ones that are easy to believe, on random small planes.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use fewlabel_image::Plane;
use fewlabel_objects::{components, distance_transform, fill_holes, geodesic_distance, peaks, relabel, remove_small, watershed};
use proptest::prelude::*;

fn plane<T: Copy + std::fmt::Debug>(value: impl Strategy<Value = T> + Clone) -> impl Strategy<Value = Plane<T>> {
    (1..11_usize, 1..11_usize).prop_flat_map(move |(height, width)| {
        prop::collection::vec(value.clone(), height * width).prop_map(move |data| Plane::new(height, width, data))
    })
}

fn mask() -> impl Strategy<Value = Plane<bool>> {
    plane(prop::bool::weighted(0.7))
}

/// Places of all pixels.
fn places<T: Copy>(plane: &Plane<T>) -> Vec<(usize, usize)> {
    (0..plane.height).flat_map(|y| (0..plane.width).map(move |x| (y, x))).collect()
}

/// Length of a step between two pixels, if they are neighbours.
fn step(a: (usize, usize), b: (usize, usize)) -> Option<f32> {
    match (a.0.abs_diff(b.0), a.1.abs_diff(b.1)) {
        (0, 1) | (1, 0) => Some(1.0),
        (1, 1) => Some(2_f32.sqrt()),
        _ => None,
    }
}

/// Highest level below which nothing has to be descended to come from one pixel to another: widest paths by relaxation.
fn pass(landscape: &Plane<f32>, mask: &Plane<bool>, from: (usize, usize)) -> Plane<f32> {
    let mut best = Plane::filled(mask.height, mask.width, f32::NEG_INFINITY);
    best.set(from.0, from.1, landscape.at(from.0, from.1));
    loop {
        let before = best.clone();
        for a in places(mask).into_iter().filter(|&(y, x)| mask.at(y, x)) {
            for b in places(mask).into_iter().filter(|&(y, x)| mask.at(y, x)) {
                if step(a, b).is_some() {
                    let level = best.at(b.0, b.1).min(landscape.at(a.0, a.1));
                    best.set(a.0, a.1, best.at(a.0, a.1).max(level));
                }
            }
        }
        if best == before {
            return best;
        }
    }
}

proptest! {
    #[test]
    fn distance_is_to_the_nearest_false_pixel(mask in mask()) {
        let distance = distance_transform(&mask);
        for (y, x) in places(&mask) {
            let to = |(v, u): (usize, usize)| (y.abs_diff(v) as f64).hypot(x.abs_diff(u) as f64) as f32;
            let outside = places(&mask).into_iter().filter(|&(v, u)| !mask.at(v, u));
            let nearest = outside.map(to).fold(f32::INFINITY, f32::min);
            prop_assert!(distance.at(y, x) == nearest || (distance.at(y, x) - nearest).abs() < 1e-6);
        }
    }

    #[test]
    fn components_are_what_paths_connect(mask in mask(), eight in any::<bool>()) {
        let (labels, count) = components(&mask, eight);
        // Numbers flow between neighbours until nothing changes.
        let mut flood: Vec<usize> = (0..mask.data.len()).collect();
        loop {
            let before = flood.clone();
            for (i, a) in places(&mask).into_iter().enumerate().filter(|&(_, (y, x))| mask.at(y, x)) {
                for (j, b) in places(&mask).into_iter().enumerate().filter(|&(_, (y, x))| mask.at(y, x)) {
                    if step(a, b).is_some_and(|length| eight || length == 1.0) {
                        flood[i] = flood[i].min(flood[j]);
                    }
                }
            }
            if flood == before {
                break;
            }
        }
        let mut firsts: Vec<usize> = flood.iter().copied().enumerate().filter(|&(i, f)| i == f && mask.data[i]).map(|p| p.0).collect();
        firsts.sort_unstable();
        prop_assert_eq!(firsts.len(), count as usize);
        for (pixel, &first) in flood.iter().enumerate() {
            let expected = if mask.data[pixel] { 1 + firsts.binary_search(&first).unwrap() as u32 } else { 0 };
            prop_assert_eq!(labels.data[pixel], expected);
        }
    }

    #[test]
    fn geodesic_distance_is_the_shortest_path(mask in mask(), start in (0..10_usize, 0..10_usize)) {
        let distance = geodesic_distance(&mask, start);
        let mut expected = Plane::filled(mask.height, mask.width, f32::INFINITY);
        if start.0 < mask.height && start.1 < mask.width && mask.at(start.0, start.1) {
            expected.set(start.0, start.1, 0.0);
        }
        loop {
            let before = expected.clone();
            for a in places(&mask).into_iter().filter(|&(y, x)| mask.at(y, x)) {
                for b in places(&mask) {
                    if let Some(length) = step(a, b) {
                        expected.set(a.0, a.1, expected.at(a.0, a.1).min(expected.at(b.0, b.1) + length));
                    }
                }
            }
            if expected == before {
                break;
            }
        }
        for (ours, expected) in distance.data.iter().zip(&expected.data) {
            prop_assert!(ours == expected || (ours - expected).abs() < 1e-4, "{} {}", ours, expected);
        }
    }

    /// Few heights, so that there are plateaus and ties.
    #[test]
    fn peaks_stand_above_every_pass_to_something_higher(
        landscape in plane((0..6_u8).prop_map(|v| f32::from(v) / 5.0)),
        holes in prop::collection::vec(prop::bool::weighted(0.8), 100),
        height in prop_oneof![Just(0.1_f32), Just(0.3), Just(0.5)],
    ) {
        let mask = Plane::new(landscape.height, landscape.width, holes[..landscape.data.len()].to_vec());
        let seeds = peaks(&landscape, &mask, height);
        for (i, a) in places(&mask).into_iter().enumerate().filter(|&(_, (y, x))| mask.at(y, x)) {
            let passes = pass(&landscape, &mask, a);
            let rank = |pixel: usize| (landscape.data[pixel], std::cmp::Reverse(pixel));
            let higher = (0..mask.data.len()).filter(|&j| mask.data[j] && rank(j) > rank(i));
            let highest_pass = higher.map(|j| passes.data[j]).fold(f32::NEG_INFINITY, f32::max);
            let is_peak = landscape.data[i] - highest_pass >= height;
            prop_assert_eq!(seeds.data[i] != 0, is_peak, "pixel {:?}", a);
        }
    }

    #[test]
    fn watershed_grows_each_seed_over_what_it_reaches(
        landscape in plane(0.0..1.0_f32),
        holes in prop::collection::vec(prop::bool::weighted(0.8), 100),
        height in 0.0..0.5_f32,
    ) {
        let mask = Plane::new(landscape.height, landscape.width, holes[..landscape.data.len()].to_vec());
        let seeds = peaks(&landscape, &mask, height);
        let objects = watershed(&landscape, &seeds, &mask);
        prop_assert_eq!(objects.map(|object| object != 0), mask);
        for (&seed, &object) in seeds.data.iter().zip(&objects.data) {
            prop_assert!(seed == 0 || seed == object);
        }
        for seed in 1..=seeds.data.iter().max().copied().unwrap_or(0) {
            prop_assert_eq!(components(&objects.map(|object| object == seed), true).1, 1);
        }
    }

    #[test]
    fn filters_change_what_they_say_and_nothing_else(labels in plane(0..4_u32), size in 0..8_usize) {
        let filled = fill_holes(&labels, size);
        for (pixel, (&before, &after)) in labels.data.iter().zip(&filled.data).enumerate() {
            prop_assert!(before == after || before == 0, "pixel {}", pixel);
        }
        prop_assert_eq!(fill_holes(&filled, size), filled);
        let large = remove_small(&labels, size);
        for object in 1..4 {
            let area = labels.data.iter().filter(|&&label| label == object).count();
            let left = large.data.iter().filter(|&&label| label == object).count();
            prop_assert_eq!(left, if area < size { 0 } else { area });
        }
        let (numbered, count) = relabel(&labels);
        let mut seen = 0;
        for &number in &numbered.data {
            prop_assert!(number <= seen + 1, "numbers come in raster order");
            seen = seen.max(number);
        }
        prop_assert_eq!(seen, count);
    }
}
