//! One crop: its place, its geometry, its targets, its intensities.

use fewlabel_image::{Maps, Plane};
use fewlabel_objects::object_targets;
use rand::seq::SliceRandom;

use super::item::{IGNORED, TrainingItem};
use super::place::place;
use super::touching::touches;
use super::{Marks, SampleConfig};
use crate::augment::{Geometry, Intensity, Warped, Window, warp};
use crate::loss::local::{BACKGROUND as BACKGROUND_MARK, UNLABELLED};
use crate::stream::{Purpose, stream};

/// Labels this far outside the crop are read too: the boundary of an object that the crop cuts must not
/// run along the cut, and objects touch within this distance.
const MARGIN: usize = 2;

/// Class of a pixel outside all objects.
const BACKGROUND: u8 = 0;

/// One crop and its targets, each map `size * size`, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Crop {
    /// Channels of the image.
    pub image: Maps,
    /// Class of the softmax group; [`IGNORED`] where nothing is labelled.
    pub class: Vec<u8>,
    /// 0 to 1, 0 outside objects and where nothing is labelled; empty for `areas`.
    pub distance: Vec<f32>,
    /// 0 to 1, 0 outside objects and where nothing is labelled; empty for `areas`.
    pub centre: Vec<f32>,
    /// 0 where the class is ignored, else 1 or more.
    pub weight: Vec<f32>,
    /// The same crop with other intensities, where two views are wanted.
    pub second: Option<Maps>,
    /// What each pixel is marked by, where two views are wanted: [`UNLABELLED`], 0 for background, or more.
    pub marks: Vec<i64>,
}

/// Crop `index` of step `step`: a function of the items, `(seed, step, index)`, `size` and `config` alone.
///
/// Within a step the items take turns in an order drawn for the step, so that a batch holds each of few
/// images equally often.
///
/// # Panics
/// When there is no item.
pub fn crop(items: &[TrainingItem], seed: u64, step: u64, index: usize, size: usize, config: &SampleConfig) -> Crop {
    let mut turns: Vec<usize> = (0..items.len()).collect();
    turns.shuffle(&mut stream(seed, step, 0, Purpose::Turn));
    let turn = turns[index % items.len()];
    let item = &items[turn];

    let rng = |purpose| stream(seed, step, index as u64, purpose);
    let reach = size as f32 / 2.0 + MARGIN as f32;
    let geometry = Geometry::draw(&config.augment, reach, &mut rng(Purpose::Geometry));
    let extent = (item.labels.height, item.labels.width);
    let half_extent = geometry.half_extent(size);
    let origin = place(&item.places, extent, size, half_extent, config.object_share, &mut rng(Purpose::Place));
    let (mut crop, labels) = read(item, &Window { origin, size, geometry: &geometry }, config.touching_weight);
    let change = |image: &mut Maps, intensity: Purpose, noise: Purpose| {
        let intensity = Intensity::draw(&config.augment, item.image.channels, &mut rng(intensity));
        // Light from out of focus comes from objects that give light; a bright background only loses by it.
        let intensity = if item.glows { intensity } else { intensity.without_haze() };
        intensity.apply(image, &mut rng(noise));
    };
    if let Some(marks) = config.marks {
        crop.marks = marked(&crop.class, &labels, marks, turn);
        let mut second = crop.image.clone();
        change(&mut second, Purpose::SecondIntensity, Purpose::SecondNoise);
        crop.second = Some(second);
    }
    change(&mut crop.image, Purpose::Intensity, Purpose::Noise);
    crop
}

/// What each pixel of a crop of plane number `plane` is marked by; `labels` reach a margin further than the crop.
fn marked(class: &[u8], labels: &Plane<u32>, marks: Marks, plane: usize) -> Vec<i64> {
    let side = labels.width - 2 * MARGIN;
    let of = |(place, &class): (usize, &u8)| match (class, marks) {
        (IGNORED, _) => UNLABELLED,
        (class, Marks::Classes) => i64::from(class),
        (_, Marks::Objects) => match labels.at(MARGIN + place / side, MARGIN + place % side) {
            0 => BACKGROUND_MARK,
            object => ((plane as i64 + 1) << u32::BITS) | i64::from(object),
        },
    };
    class.iter().enumerate().map(of).collect()
}

/// Reads image and targets through the window.
///
/// Distance and centre are read from the plane's own, so that an object cut by the crop keeps the values
/// it has as a whole; the boundary class is made from the warped labels, so that it is as wide in a
/// scaled crop as in any other.
fn read(item: &TrainingItem, window: &Window, touching_weight: f32) -> (Crop, Plane<u32>) {
    let maps: Vec<_> = item.targets.iter().flat_map(|targets| [&targets.distance, &targets.centre]).collect();
    let Warped { image, maps, labels, inside } = warp(&item.image, &maps, &item.labels, window, MARGIN);
    let classes = match item.targets {
        Some(_) => object_targets(&labels).class,
        None => labels.map(|class| u8::try_from(class).unwrap_or(IGNORED)),
    };
    let pixels = window.size * window.size;
    let mut crop = Crop {
        image,
        class: Vec::with_capacity(pixels),
        weight: Vec::with_capacity(pixels),
        distance: Vec::new(),
        centre: Vec::new(),
        second: None,
        marks: Vec::new(),
    };
    for y in MARGIN..MARGIN + window.size {
        for x in MARGIN..MARGIN + window.size {
            let class = if inside.at(y, x) { classes.at(y, x) } else { IGNORED };
            crop.class.push(class);
            crop.weight.push(match &item.targets {
                _ if class == IGNORED => 0.0,
                Some(_) if touches(&labels, y, x, MARGIN) => touching_weight,
                _ => 1.0,
            });
        }
    }
    let mut maps = maps.into_iter().map(|mut map| {
        for (value, &class) in map.iter_mut().zip(&crop.class) {
            if class == BACKGROUND || class == IGNORED {
                *value = 0.0;
            }
        }
        map
    });
    crop.distance = maps.next().unwrap_or_default();
    crop.centre = maps.next().unwrap_or_default();
    (crop, labels)
}
