//! The background of sparse labels.

use std::collections::BTreeMap;

use fewlabel_image::{Maps, Plane};

use crate::{UNLABELLED, distance_transform};

/// Narrowest band in pixels.
const NARROWEST: f64 = 3.0;

/// Width of the band as a share of the object's equivalent diameter.
const SHARE: f64 = 0.25;

/// Share of a band that is taken for background even where neighbours crowd around the object.
const SURELY_BACKGROUND: f64 = 0.2;

/// Share of an object's own pixels that must look like it, for its looks to tell anything about others.
const TELLING: f64 = 0.7;

/// Rows and columns that an object reaches, and its pixels.
struct Extent {
    top: usize,
    bottom: usize,
    left: usize,
    right: usize,
    area: usize,
}

/// What is known of a pixel outside the objects from the nearest of them.
#[derive(Clone, Copy)]
struct Verdict {
    /// To the object's nearest pixel.
    distance: f32,
    is_background: bool,
}

/// Turns what nobody labelled around each object into background, as far as max(3 px, a quarter of the
/// object's equivalent diameter) from its nearest pixel, unless it looks like the object itself.
///
/// Whoever outlines an object says where it ends; so what lies just outside is background, unless it was
/// labelled as another object. But of objects in a crowd only some are outlined, and a band reaches into the
/// neighbours: what looks more like the object than like the rest of the band stays unlabelled, as all does that is
/// farther away. Where bands overlap the nearest object decides, of equally near ones the one of the lowest number.
/// Distances are Euclidean, from pixel centre to pixel centre; `image` holds the channels of the plane, or none, where no look
/// tells anything.
pub fn add_background_band(labels: &mut Plane<u32>, image: &Maps) {
    let unknown = Verdict { distance: f32::INFINITY, is_background: false };
    let mut verdicts = Plane::filled(labels.height, labels.width, unknown);
    for (id, object) in extents(labels) {
        let diameter = 2.0 * (object.area as f64 / std::f64::consts::PI).sqrt();
        let reach = (SHARE * diameter).max(NARROWEST);
        let grown = reach.floor() as usize;
        let (top, left) = (object.top.saturating_sub(grown), object.left.saturating_sub(grown));
        let bottom = (object.bottom + grown + 1).min(labels.height);
        let right = (object.right + grown + 1).min(labels.width);
        let outside = (top..bottom).flat_map(|y| labels.row(y)[left..right].iter().map(|&other| other != id)).collect();
        let distance = distance_transform(&Plane::new(bottom - top, right - left, outside));
        let (mut own, mut band) = (Vec::new(), Vec::new());
        for (y, x) in (top..bottom).flat_map(|y| (left..right).map(move |x| (y, x))) {
            let away = distance.at(y - top, x - left);
            match labels.at(y, x) {
                label if label == id => own.push(y * labels.width + x),
                UNLABELLED if f64::from(away) <= reach => band.push((y * labels.width + x, away)),
                _ => {}
            }
        }
        let places: Vec<usize> = band.iter().map(|(place, _)| *place).collect();
        for (&(place, distance), alike) in band.iter().zip(look_like_object(image, &own, &places)) {
            if distance < verdicts.data[place].distance {
                verdicts.data[place] = Verdict { distance, is_background: !alike };
            }
        }
    }
    for (label, verdict) in labels.data.iter_mut().zip(&verdicts.data) {
        if verdict.is_background {
            *label = 0;
        }
    }
}

/// Which pixels of an object's band look more like the object than like background.
///
/// Looks are intensities, seen along the line on which the means of object and band differ most against the spread of either
/// (Fisher's discriminant with channels taken as independent). A fifth of the band, that least like the object, stands for the
/// background; the border lies halfway between its end and the object's median. Where too many of the object's own pixels lie on
/// the other side (an object as grey as what surrounds it) looks say nothing, and no pixel is alike.
fn look_like_object(image: &Maps, own: &[usize], band: &[usize]) -> Vec<bool> {
    let nothing_alike = || vec![false; band.len()];
    if band.is_empty() {
        return nothing_alike();
    }
    let directions: Vec<f64> = (0..image.channels)
        .map(|c| {
            let (inside, spread_inside) = mean_and_variance(image.channel(c), own);
            let (outside, spread_outside) = mean_and_variance(image.channel(c), band);
            (inside - outside) / (spread_inside + spread_outside).max(f64::MIN_POSITIVE)
        })
        .collect();
    let seen = |place: &usize| -> f64 {
        directions.iter().enumerate().map(|(c, direction)| direction * f64::from(image.channel(c)[*place])).sum()
    };
    let (inside, outside): (Vec<f64>, Vec<f64>) = (own.iter().map(seen).collect(), band.iter().map(seen).collect());
    let border = 0.5 * (quantile(&inside, 0.5) + quantile(&outside, SURELY_BACKGROUND));
    let telling = inside.iter().filter(|value| **value > border).count() as f64;
    if telling < TELLING * inside.len() as f64 {
        return nothing_alike();
    }
    outside.iter().map(|value| *value > border).collect()
}

fn mean_and_variance(values: &[f32], places: &[usize]) -> (f64, f64) {
    let of = |value: &dyn Fn(f64) -> f64| {
        places.iter().map(|&place| value(f64::from(values[place]))).sum::<f64>() / places.len() as f64
    };
    let mean = of(&|value| value);
    (mean, of(&|value| (value - mean).powi(2)))
}

/// The value below which the `share` of them lie; of one or more values.
fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

fn extents(labels: &Plane<u32>) -> BTreeMap<u32, Extent> {
    let mut extents: BTreeMap<u32, Extent> = BTreeMap::new();
    for y in 0..labels.height {
        for (x, &id) in labels.row(y).iter().enumerate() {
            if id == 0 || id == UNLABELLED {
                continue;
            }
            let e = extents.entry(id).or_insert(Extent { top: y, bottom: y, left: x, right: x, area: 0 });
            e.bottom = y;
            e.left = e.left.min(x);
            e.right = e.right.max(x);
            e.area += 1;
        }
    }
    extents
}

#[cfg(test)]
mod tests {
    use super::*;

    const U: u32 = UNLABELLED;

    /// An image in which nothing looks different.
    fn grey(labels: &Plane<u32>) -> Maps {
        Maps::new(1, labels.height, labels.width, vec![1.0; labels.data.len()])
    }

    /// An outlined disc of radius 6 at (15, 12) and one of the same radius beside it at (15, 25) that nobody outlined, in two
    /// channels of which the second says nothing; `dark` discs are darker than their surroundings.
    fn neighbours(contrast: f32, noise: f32) -> (Plane<u32>, Maps, Plane<bool>) {
        let mut labels = Plane::filled(30, 40, U);
        let mut image = Maps::zeros(2, 30, 40);
        let mut other = Plane::filled(30, 40, false);
        for y in 0..30_usize {
            for x in 0..40_usize {
                let disc = |cx: usize| y.abs_diff(15).pow(2) + x.abs_diff(cx).pow(2) <= 36;
                if disc(12) {
                    labels.set(y, x, 3);
                }
                other.set(y, x, disc(25));
                let grain = ((y * 40 + x) * 7919 % 101) as f32 / 101.0 - 0.5;
                image.channel_mut(0)[y * 40 + x] = 100.0 + noise * grain + if disc(12) || disc(25) { contrast } else { 0.0 };
                image.channel_mut(1)[y * 40 + x] = 5000.0 * grain;
            }
        }
        (labels, image, other)
    }

    #[test]
    fn a_neighbour_that_nobody_outlined_is_not_background() {
        for contrast in [20.0, -20.0] {
            let (mut labels, image, other) = neighbours(contrast, 10.0);
            add_background_band(&mut labels, &image);
            let count = |label: u32| labels.data.iter().zip(&other.data).filter(|(l, other)| **other && **l == label).count();
            assert_eq!(count(0), 0, "contrast {contrast}");
            assert_eq!((labels.at(15, 4), labels.at(15, 20)), (0, U), "the far side has its band");
        }
    }

    #[test]
    fn where_looks_tell_nothing_the_band_is_whole() {
        let (mut labels, image, _) = neighbours(1.0, 40.0);
        let mut whole = labels.clone();
        add_background_band(&mut labels, &image);
        let grey = grey(&whole);
        add_background_band(&mut whole, &grey);
        assert_eq!(labels, whole);
    }

    #[test]
    fn around_one_pixel_lies_a_disc_of_radius_three() {
        let mut labels = Plane::filled(9, 9, U);
        labels.set(4, 4, 5);
        let grey = grey(&labels);
        add_background_band(&mut labels, &grey);
        #[rustfmt::skip]
        let expected = [
            U, U, U, U, U, U, U, U, U,
            U, U, U, U, 0, U, U, U, U,
            U, U, 0, 0, 0, 0, 0, U, U,
            U, U, 0, 0, 0, 0, 0, U, U,
            U, 0, 0, 0, 5, 0, 0, 0, U,
            U, U, 0, 0, 0, 0, 0, U, U,
            U, U, 0, 0, 0, 0, 0, U, U,
            U, U, U, U, 0, U, U, U, U,
            U, U, U, U, U, U, U, U, U,
        ];
        assert_eq!(labels.data, expected);
    }

    #[test]
    fn other_objects_stay_and_the_edge_of_the_image_is_no_trouble() {
        let mut labels = Plane::filled(5, 7, U);
        for y in 0..2 {
            labels.set(y, 0, 1);
            labels.set(y, 1, 1);
            labels.set(y, 2, 2);
        }
        let grey = grey(&labels);
        add_background_band(&mut labels, &grey);
        #[rustfmt::skip]
        let expected = [
            1, 1, 2, 0, 0, 0, U,
            1, 1, 2, 0, 0, 0, U,
            0, 0, 0, 0, 0, U, U,
            0, 0, 0, 0, 0, U, U,
            0, 0, 0, U, U, U, U,
        ];
        // Row 3, column 4 is (2, 2) from object 2; row 4, column 2 is (3, 0) from it; (4, 3) is (3, 1).
        assert_eq!(labels.data, expected);
    }

    #[test]
    fn a_large_object_has_a_wider_band() {
        // 16 x 16 pixels: equivalent diameter 18.05, a quarter is 4.51.
        let mut labels = Plane::filled(26, 30, U);
        for y in 5..21 {
            for x in 7..23 {
                labels.set(y, x, 9);
            }
        }
        let grey = grey(&labels);
        add_background_band(&mut labels, &grey);
        let row = labels.row(12);
        assert_eq!(row.iter().filter(|&&id| id == 0).count(), 8, "four pixels on either side");
        assert_eq!((row[2], row[3], row[26], row[27]), (U, 0, 0, U));
        // The corner: (3, 3) is 4.24 away, (3, 4) is 5.
        assert_eq!((labels.at(2, 4), labels.at(2, 3)), (0, U));
        assert_eq!(labels.data.iter().filter(|&&id| id == 9).count(), 256);
    }

    #[test]
    fn explicit_background_and_planes_without_objects_stay_as_they_are() {
        let mut labels = Plane::new(1, 4, vec![0, U, U, U]);
        let grey = grey(&labels);
        add_background_band(&mut labels, &grey);
        assert_eq!(labels.data, [0, U, U, U]);
    }
}
