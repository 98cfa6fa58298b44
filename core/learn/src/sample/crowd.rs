//! Labelled planes with objects moved together.
//!
//! Who labels two images may have labelled no two objects that touch, and a network that has never seen what lies between
//! them takes them for one. So objects of a plane are copied next to others of the same plane: the same stain, lamp and
//! camera, and the border is known exactly. Where labels are sparse, copies bring the background that is known around them and
//! cover what nobody labelled. (Pasting objects as augmentation: Ghiasi et al., Simple copy-paste is a strong
//! data augmentation method for instance segmentation, 2021; here within an image, and only so that they touch.)

use std::collections::BTreeMap;
use std::f32::consts::TAU;
use std::sync::Arc;

use fewlabel_image::{Maps, Plane};
use fewlabel_objects::{UNLABELLED, Window, distance_transform, windows};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::item::TrainingItem;
use super::touching::touches;
use crate::stream::{Purpose, stream, uniform};

/// Crowded planes made of each.
const VARIANTS: u64 = 3;
/// Share of touching objects from which on the labels show enough of them.
const ENOUGH: f64 = 0.3;
/// Objects within so many pixels along rows and columns touch.
const REACH: usize = 1;
/// Surroundings that are copied along, in pixels; they fade out.
const HALO: usize = 4;
/// Places that are tried for a copy.
const TRIES: usize = 6;
/// Largest share of a copy that may lie behind other objects.
const HIDDEN: f64 = 0.2;
/// Most pixels of all planes together: with more of them labelled there is no need, and memory is not free.
const MOST_PIXELS: usize = 1 << 24;

/// Crowded planes for `items`, whose labels are objects; none when enough of their objects touch already.
/// A function of the items and the seed alone.
pub fn crowded(items: &[TrainingItem], seed: u64) -> Vec<TrainingItem> {
    let pixels: usize = items.iter().map(|item| item.labels.data.len()).sum();
    let (touching, objects) = items.iter().map(|item| count_touching(&item.labels)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    if pixels > MOST_PIXELS || touching as f64 >= ENOUGH * objects as f64 {
        return Vec::new();
    }
    (0..)
        .zip(items)
        .flat_map(|(index, item)| (0..VARIANTS).map(move |variant| (index, item, variant)))
        .filter_map(|(index, item, variant)| crowd(item, &mut stream(seed, variant, index, Purpose::Crowd)))
        .collect()
}

/// Objects that touch another, and objects.
fn count_touching(labels: &Plane<u32>) -> (usize, usize) {
    let mut objects = BTreeMap::new();
    for y in 0..labels.height {
        for (x, &id) in labels.row(y).iter().enumerate().filter(|(_, id)| **id != 0 && **id != UNLABELLED) {
            *objects.entry(id).or_insert(false) |= touches(labels, y, x, REACH);
        }
    }
    (objects.values().filter(|touches| **touches).count(), objects.len())
}

/// A copy of a plane in which copies of its objects touch others, as many as there are objects; `None` when none fits.
fn crowd(item: &TrainingItem, rng: &mut ChaCha8Rng) -> Option<TrainingItem> {
    let stamps = stamps(item);
    let mut anchors: Vec<Anchor> = stamps.iter().map(|(corner, stamp)| stamp.anchor.moved(*corner)).collect();
    let mut image = Maps::clone(&item.image);
    let mut labels = item.labels.clone();
    let mut next = labels.data.iter().copied().filter(|id| *id != UNLABELLED).max()?;
    for _ in 0..stamps.len() {
        let stamp = stamps[rng.random_range(0..stamps.len())].1.turned(rng.random_range(0..8));
        let anchor = anchors[rng.random_range(0..anchors.len())];
        let placed = (0..TRIES).find_map(|_| stamp.beside(anchor, &labels, uniform(rng, (0.0, TAU))));
        if let Some(corner) = placed {
            next += 1;
            stamp.paste(&mut image, &mut labels, corner, next);
            anchors.push(stamp.anchor.moved(corner));
        }
    }
    if anchors.len() == stamps.len() {
        return None;
    }
    let crowded = TrainingItem::new(format!("{}, crowded", item.name), Arc::new(image), labels, &[])?;
    Some(TrainingItem { sparse: item.sparse, ..crowded })
}

/// Where an object lies and how far it reaches.
#[derive(Clone, Copy, Debug)]
struct Anchor {
    y: f32,
    x: f32,
    /// Largest distance of one of its pixels from the centroid.
    radius: f32,
}

impl Anchor {
    /// The place in a plane of what lies here in a stamp whose corner is at this row and column.
    fn moved(self, (top, left): (usize, usize)) -> Self {
        Self { y: top as f32 + self.y, x: left as f32 + self.x, ..self }
    }
}

/// An object that can be copied, with its surroundings.
#[derive(Clone, Debug)]
struct Stamp {
    image: Maps,
    /// Which pixels are the object's.
    object: Plane<bool>,
    /// 1 on the object, fading to 0 around it, 0 where something else lies.
    share: Plane<f32>,
    /// Whether a copy may lie on what nobody labelled.
    covers_unlabelled: bool,
    /// Where the object lies in the stamp.
    anchor: Anchor,
    /// Pixels of the object.
    area: usize,
}

/// The objects that lie alone, whole inside the plane and inside what is labelled, each with row and column of the stamp's
/// corner.
fn stamps(item: &TrainingItem) -> Vec<((usize, usize), Stamp)> {
    let labels = &item.labels;
    let whole = |w: &Window| {
        w.top > HALO && w.left > HALO && w.top + w.height + HALO <= labels.height && w.left + w.width + HALO <= labels.width
    };
    let around = |w: Window| w.grown(HALO, labels.height, labels.width);
    windows(labels)
        .into_iter()
        .filter(|(_, window)| whole(window))
        .map(|(id, window)| (id, around(window)))
        .filter_map(|(id, window)| Some(((window.top, window.left), stamp(item, id, window)?)))
        .collect()
}

fn stamp(item: &TrainingItem, id: u32, window: Window) -> Option<Stamp> {
    let ids = window.crop(&item.labels);
    if !item.sparse && ids.data.contains(&UNLABELLED) {
        return None;
    }
    let outside = distance_transform(&ids.map(|other| other != id));
    // What lies behind or in front of a neighbour shows a cut that no lone object has.
    if ids.data.iter().zip(&outside.data).any(|(other, distance)| *other != id && *other != 0 && *distance < 2.0) {
        return None;
    }
    let fading = |distance: f32| match item.sparse {
        // What is covered may be an object, so it must not shine through.
        true => (HALO + 1) as f32 - distance,
        false => 1.0 - distance / (HALO + 1) as f32,
    };
    let share = ids.data.iter().zip(&outside.data).map(|(other, distance)| match *other {
        other if other == id => 1.0,
        0 => fading(*distance).clamp(0.0, 1.0),
        _ => 0.0,
    });
    let share = Plane::new(window.height, window.width, share.collect());
    let image = gathered(&item.image, window.height, window.width, |place| {
        (window.top + place / window.width) * item.labels.width + window.left + place % window.width
    });
    let object = ids.map(|other| other == id);
    let anchor = Anchor { y: 0.0, x: 0.0, radius: 0.0 };
    Some(Stamp { image, object, share, covers_unlabelled: item.sparse, anchor, area: 0 }.measured())
}

/// Maps of `height` rows and `width` columns; each pixel is that of `image` at `from` it, both counted row by row.
fn gathered(image: &Maps, height: usize, width: usize, from: impl Fn(usize) -> usize) -> Maps {
    let channel = |c: usize| (0..height * width).map(|place| image.channel(c)[from(place)]).collect::<Vec<_>>();
    Maps::new(image.channels, height, width, (0..image.channels).flat_map(channel).collect())
}

impl Stamp {
    /// Row and column, in the stamp, of each pixel of the object.
    fn object(&self) -> impl Iterator<Item = (usize, usize)> {
        let width = self.object.width;
        self.object.data.iter().enumerate().filter(|(_, inside)| **inside).map(move |(i, _)| (i / width, i % width))
    }

    /// With its centroid, radius and area.
    fn measured(self) -> Self {
        let area = self.object().count();
        let mean = |of: fn((usize, usize)) -> usize| self.object().map(of).sum::<usize>() as f32 / area as f32;
        let (y, x) = (mean(|p| p.0), mean(|p| p.1));
        let radius = self.object().map(|p| (p.0 as f32 - y).hypot(p.1 as f32 - x)).fold(0.0, f32::max);
        Self { anchor: Anchor { y, x, radius }, area, ..self }
    }

    /// Mirrored and turned: `way` is one of the eight ways to lay a square on itself.
    fn turned(&self, way: u8) -> Self {
        let (height, width) = (self.share.height, self.share.width);
        let (rows, columns) = if way & 4 == 0 { (height, width) } else { (width, height) };
        let from = |place: usize| {
            let (y, x) = (place / columns, place % columns);
            let (y, x) = if way & 4 == 0 { (y, x) } else { (x, y) };
            let y = if way & 1 == 0 { y } else { height - 1 - y };
            let x = if way & 2 == 0 { x } else { width - 1 - x };
            y * width + x
        };
        let image = gathered(&self.image, rows, columns, from);
        let share = Plane::new(rows, columns, (0..rows * columns).map(|place| self.share.data[from(place)]).collect());
        let object = Plane::new(rows, columns, (0..rows * columns).map(|place| self.object.data[from(place)]).collect());
        Self { image, object, share, ..*self }.measured()
    }

    /// Row and column of the stamp's corner so that the object just touches another one, seen from the `anchor` in a
    /// direction; `None` when it would leave the plane or what is labelled, or would be hidden too much.
    fn beside(&self, anchor: Anchor, labels: &Plane<u32>, direction: f32) -> Option<(usize, usize)> {
        let mut found = None;
        let mut distance = anchor.radius + self.anchor.radius + 1.0;
        while distance >= 0.0 {
            let top = (anchor.y + distance * direction.sin() - self.anchor.y).round();
            let left = (anchor.x + distance * direction.cos() - self.anchor.x).round();
            let fits = |start: f32, length: usize, size: usize| start >= 0.0 && start as usize + length <= size;
            if !fits(top, self.share.height, labels.height) || !fits(left, self.share.width, labels.width) {
                return None;
            }
            let (top, left) = (top as usize, left as usize);
            let mut hidden = 0;
            for (y, x) in self.object() {
                match labels.at(top + y, left + x) {
                    UNLABELLED if !self.covers_unlabelled => return None,
                    0 | UNLABELLED => {}
                    _ => hidden += 1,
                }
            }
            if hidden as f64 > HIDDEN * self.area as f64 {
                return None;
            }
            found = Some((top, left));
            if hidden > 0 {
                return found;
            }
            distance -= 1.0;
        }
        found
    }

    /// Copies the object behind what lies there already.
    fn paste(&self, image: &mut Maps, labels: &mut Plane<u32>, (top, left): (usize, usize), id: u32) {
        let (width, plane_width) = (self.share.width, labels.width);
        for (place, &share) in self.share.data.iter().enumerate().filter(|(_, share)| **share > 0.0) {
            let there = (top + place / width) * plane_width + left + place % width;
            match labels.data[there] {
                0 => {}
                UNLABELLED if self.covers_unlabelled => {}
                _ => continue,
            }
            if self.object.data[place] {
                labels.data[there] = id;
            } else if share == 1.0 {
                labels.data[there] = 0;
            }
            for c in 0..image.channels {
                let value = &mut image.channel_mut(c)[there];
                *value += share * (self.image.channel(c)[place] - *value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: usize = 60;

    /// Discs of radius 4 at some places; pixels of object `id` are `id` bright in the first channel, 1 in the second.
    fn item(centres: &[(usize, usize)], unlabelled_from: usize) -> TrainingItem {
        let mut labels = Plane::filled(SIDE, SIDE, 0);
        let mut image = Maps::zeros(2, SIDE, SIDE);
        for y in 0..SIDE {
            for x in 0..SIDE {
                for (id, &(cy, cx)) in (1..).zip(centres) {
                    if y.abs_diff(cy).pow(2) + x.abs_diff(cx).pow(2) <= 16 {
                        labels.set(y, x, id);
                        image.channel_mut(0)[y * SIDE + x] = id as f32;
                        image.channel_mut(1)[y * SIDE + x] = 1.0;
                    }
                }
                if x >= unlabelled_from {
                    labels.set(y, x, UNLABELLED);
                }
            }
        }
        TrainingItem::new("discs".into(), Arc::new(image), labels, &[]).expect("labels")
    }

    const ALONE: [(usize, usize); 3] = [(12, 12), (40, 14), (24, 38)];

    #[test]
    fn copies_touch_and_hide_nothing() {
        let item = item(&ALONE, SIDE);
        let all = crowded(std::slice::from_ref(&item), 1);
        assert_eq!(all.len(), VARIANTS as usize);
        assert_eq!(count_touching(&item.labels), (0, 3));
        for crowd in &all {
            let (touching, objects) = count_touching(&crowd.labels);
            assert!(objects > 3 && touching > objects - 3, "{touching} of {objects} touch");
            for (place, &id) in crowd.labels.data.iter().enumerate() {
                let (first, second) = (crowd.image.channel(0)[place], crowd.image.channel(1)[place]);
                match item.labels.data[place] {
                    0 if id == 0 => assert!(first <= 3.0 && second < 1.0, "background stays darker than an object"),
                    // A copy is as bright as one of the objects, all channels of the same.
                    0 => assert!(id > 3 && [1.0, 2.0, 3.0].contains(&first) && second == 1.0),
                    before => assert!(id == before && first == before as f32, "what was there stays in front"),
                }
            }
            assert_eq!(
                crowd.targets,
                TrainingItem::new(String::new(), item.image.clone(), crowd.labels.clone(), &[]).unwrap().targets
            );
        }
    }

    #[test]
    fn nothing_is_copied_into_what_is_not_labelled_nor_what_was_seen_in_part() {
        let item = item(&ALONE, 39);
        for seed in 0..20 {
            for crowd in crowded(std::slice::from_ref(&item), seed) {
                for (after, before) in crowd.labels.data.iter().zip(&item.labels.data) {
                    assert_eq!(*after == UNLABELLED, *before == UNLABELLED);
                }
                // The third disc is cut by the border of the labels, so only the others are copied.
                let copied =
                    crowd.labels.data.iter().zip(crowd.image.channel(0)).filter(|(id, _)| **id > 3 && **id != UNLABELLED);
                assert!(copied.into_iter().all(|(_, value)| *value < 3.0));
            }
        }
    }

    #[test]
    fn copies_of_outlined_objects_cover_what_nobody_labelled_and_bring_their_background() {
        let mut item = item(&ALONE, SIDE);
        // Labelled are the discs and two pixels around them: a stamp's corners and a copy's place are not.
        let objects = item.labels.map(|id| id == 0);
        let away = distance_transform(&objects);
        for (id, distance) in item.labels.data.iter_mut().zip(&away.data) {
            if *distance > 2.0 {
                *id = UNLABELLED;
            }
        }
        assert!(crowded(std::slice::from_ref(&item), 1).is_empty(), "dense labels: all else is kept aside");
        item.sparse = true;
        let all = crowded(std::slice::from_ref(&item), 1);
        assert_eq!(all.len(), VARIANTS as usize);
        for crowd in &all {
            assert!(crowd.sparse);
            let (touching, objects) = count_touching(&crowd.labels);
            assert!(objects > 3 && touching > objects - 3, "{touching} of {objects} touch");
            for (place, &id) in crowd.labels.data.iter().enumerate() {
                let value = crowd.image.channel(0)[place];
                match item.labels.data[place] {
                    UNLABELLED | 0 if id == 0 => assert_eq!(value, 0.0, "known background is background"),
                    UNLABELLED | 0 if id != UNLABELLED => assert!(id > 3 && [1.0, 2.0, 3.0].contains(&value)),
                    before => assert_eq!(id, before),
                }
            }
        }
        let labelled = |labels: &Plane<u32>| labels.data.iter().filter(|id| **id == 0).count();
        assert!(all.iter().any(|crowd| labelled(&crowd.labels) > labelled(&item.labels)));
    }

    #[test]
    fn enough_touching_objects_are_left_as_they_are() {
        assert!(crowded(&[item(&[(12, 12), (12, 20), (40, 40)], SIDE)], 0).is_empty());
        assert!(crowded(&[item(&[], SIDE)], 0).is_empty());
    }

    #[test]
    fn the_seed_alone_decides() {
        let item = item(&ALONE, SIDE);
        let labels = |seed| crowded(std::slice::from_ref(&item), seed).into_iter().map(|crowd| crowd.labels).collect::<Vec<_>>();
        assert_eq!(labels(5), labels(5));
        assert_ne!(labels(5), labels(6));
    }

    #[test]
    fn a_stamp_turned_in_every_way_is_the_same_object() {
        let mut item = item(&[(12, 12)], SIDE);
        item.labels.set(12, 17, 1);
        let (_, stamp) = stamps(&item).swap_remove(0);
        for way in 0..8 {
            let turned = stamp.turned(way);
            assert_eq!(turned.area, stamp.area);
            assert!((turned.anchor.radius - stamp.anchor.radius).abs() < 1e-4);
        }
        assert_ne!(stamp.turned(0).share, stamp.turned(2).share);
        assert_eq!(stamp.turned(2).turned(2).share, stamp.share);
    }
}
