//! Where the labelled pixels of a plane lie.

use fewlabel_contract::Find;
use fewlabel_image::Plane;
use fewlabel_objects::UNLABELLED;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// The labelled pixels of one plane, grouped by label, and how many there are in any rectangle.
#[derive(Clone, Debug)]
pub struct Places {
    height: usize,
    width: usize,
    find: Find,
    /// Labelled pixels as `y * width + x`, rising within a group; groups follow each other by label value.
    pixels: Vec<u32>,
    /// Label and range in `pixels` of each group.
    groups: Vec<(u32, std::ops::Range<usize>)>,
    /// `(height + 1) * (width + 1)`: labelled pixels above and left of a corner.
    integral: Vec<u32>,
}

impl Places {
    /// Indexes `labels`: object ids or class values, 0 background, `UNLABELLED` left out.
    pub fn new(labels: &Plane<u32>, find: Find) -> Self {
        let (height, width) = (labels.height, labels.width);
        let mut labelled: Vec<(u32, u32)> =
            (0..).zip(&labels.data).filter(|(_, id)| **id != UNLABELLED).map(|(place, &id)| (id, place)).collect();
        labelled.sort_unstable();
        let mut groups = Vec::new();
        let mut start = 0;
        for group in labelled.chunk_by(|a, b| a.0 == b.0) {
            groups.push((group[0].0, start..start + group.len()));
            start += group.len();
        }
        let mut integral = vec![0; (height + 1) * (width + 1)];
        for y in 0..height {
            let mut in_row = 0;
            for x in 0..width {
                in_row += u32::from(labels.at(y, x) != UNLABELLED);
                integral[(y + 1) * (width + 1) + x + 1] = integral[y * (width + 1) + x + 1] + in_row;
            }
        }
        Self { height, width, find, pixels: labelled.into_iter().map(|(_, place)| place).collect(), groups, integral }
    }

    /// Whether nothing is labelled.
    pub fn is_empty(&self) -> bool {
        self.pixels.is_empty()
    }

    /// Row and column of a pixel drawn evenly from all that is labelled.
    ///
    /// # Panics
    /// When nothing is labelled.
    pub fn anywhere(&self, rng: &mut ChaCha8Rng) -> (usize, usize) {
        self.position(rng.random_range(0..self.pixels.len()))
    }

    /// Row and column of a pixel on an object, or for `areas` in a class; anywhere when there is no object.
    ///
    /// Half of the objects are drawn evenly, which favours the many small ones, half in proportion to
    /// their area, which favours the few large ones. Classes are drawn evenly, so that a rare one is seen.
    ///
    /// # Panics
    /// When nothing is labelled.
    pub fn on_object(&self, rng: &mut ChaCha8Rng) -> (usize, usize) {
        let groups = match self.find {
            Find::Areas => self.groups.as_slice(),
            Find::Objects | Find::Kinds => &self.groups[usize::from(self.groups[0].0 == 0)..],
        };
        let (Some(first), Some(last)) = (groups.first(), groups.last()) else { return self.anywhere(rng) };
        let evenly = self.find == Find::Areas || rng.random_bool(0.5);
        let range = if evenly { groups[rng.random_range(0..groups.len())].1.clone() } else { first.1.start..last.1.end };
        self.position(rng.random_range(range))
    }

    /// Number of labelled pixels in rows `top..bottom` and columns `left..right`, as far as they lie inside.
    pub fn labelled_in(&self, top: i64, left: i64, bottom: i64, right: i64) -> u32 {
        let inside = |value: i64, size: usize| value.clamp(0, size as i64) as usize;
        let (top, bottom) = (inside(top, self.height), inside(bottom, self.height));
        let (left, right) = (inside(left, self.width), inside(right, self.width));
        let at = |y: usize, x: usize| self.integral[y * (self.width + 1) + x];
        at(bottom, right) + at(top, left) - at(top, right) - at(bottom, left)
    }

    fn position(&self, index: usize) -> (usize, usize) {
        let place = self.pixels[index] as usize;
        (place / self.width, place % self.width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Purpose, stream};

    const U: u32 = UNLABELLED;

    fn plane() -> Plane<u32> {
        #[rustfmt::skip]
        let data = vec![
            0, 0, 0, U, U,
            0, 7, 0, U, U,
            0, 0, 0, U, U,
            3, 3, 3, U, U,
            3, 3, 3, U, U,
        ];
        Plane::new(5, 5, data)
    }

    #[test]
    fn only_labelled_pixels_are_drawn_and_every_object_is_met() {
        let labels = plane();
        let places = Places::new(&labels, Find::Objects);
        let mut rng = stream(0, 0, 0, Purpose::Place);
        let mut seen = std::collections::BTreeMap::<u32, u32>::new();
        for _ in 0..1000 {
            let (y, x) = places.on_object(&mut rng);
            *seen.entry(labels.at(y, x)).or_default() += 1;
            let (y, x) = places.anywhere(&mut rng);
            assert_ne!(labels.at(y, x), U);
        }
        // Object 7 has 1 of 7 pixels: half of 1/2 and half of 1/7 make 0.32 of all draws.
        assert_eq!(seen.keys().copied().collect::<Vec<_>>(), [3, 7]);
        assert!((270..=370).contains(&seen[&7]), "{seen:?}");
    }

    #[test]
    fn classes_take_even_shares() {
        let labels = plane();
        let places = Places::new(&labels, Find::Areas);
        let mut rng = stream(0, 0, 0, Purpose::Place);
        let mut seen = std::collections::BTreeMap::<u32, u32>::new();
        for _ in 0..900 {
            let (y, x) = places.on_object(&mut rng);
            *seen.entry(labels.at(y, x)).or_default() += 1;
        }
        assert_eq!(seen.len(), 3);
        assert!(seen.values().all(|n| (250..=350).contains(n)), "{seen:?}");
    }

    #[test]
    fn a_plane_of_background_is_drawn_from_anywhere() {
        let places = Places::new(&Plane::filled(2, 2, 0), Find::Objects);
        let (y, x) = places.on_object(&mut stream(0, 0, 0, Purpose::Place));
        assert!(y < 2 && x < 2);
        assert!(Places::new(&Plane::filled(2, 2, U), Find::Objects).is_empty());
    }

    #[test]
    fn labelled_pixels_of_a_rectangle_are_counted() {
        let places = Places::new(&plane(), Find::Objects);
        assert_eq!(places.labelled_in(0, 0, 5, 5), 15);
        assert_eq!(places.labelled_in(-4, -4, 9, 9), 15);
        assert_eq!(places.labelled_in(1, 2, 4, 4), 3);
        assert_eq!(places.labelled_in(0, 3, 5, 5), 0);
        assert_eq!(places.labelled_in(7, 7, 9, 9), 0);
    }
}
