//! The background of sparse labels.

use std::collections::BTreeMap;

use fewlabel_image::Plane;
use fewlabel_objects::{UNLABELLED, distance_transform};

/// Narrowest band in pixels.
const NARROWEST: f64 = 3.0;

/// Width of the band as a share of the object's equivalent diameter.
const SHARE: f64 = 0.25;

/// Rows and columns that an object reaches, and its pixels.
struct Extent {
    top: usize,
    bottom: usize,
    left: usize,
    right: usize,
    area: usize,
}

/// Turns what nobody labelled around each object into background, as far as max(3 px, a quarter of the
/// object's equivalent diameter) from its nearest pixel.
///
/// Whoever outlines an object says where it ends; so what lies just outside is background, unless it was
/// labelled as another object. All that is farther away stays unlabelled. Distances are Euclidean, from
/// pixel centre to pixel centre.
pub fn add_background_band(labels: &mut Plane<u32>) {
    for (id, object) in extents(labels) {
        let diameter = 2.0 * (object.area as f64 / std::f64::consts::PI).sqrt();
        let reach = (SHARE * diameter).max(NARROWEST);
        let grown = reach.floor() as usize;
        let (top, left) = (object.top.saturating_sub(grown), object.left.saturating_sub(grown));
        let bottom = (object.bottom + grown + 1).min(labels.height);
        let right = (object.right + grown + 1).min(labels.width);
        let outside = (top..bottom).flat_map(|y| labels.row(y)[left..right].iter().map(|&other| other != id)).collect();
        let distance = distance_transform(&Plane::new(bottom - top, right - left, outside));
        for y in top..bottom {
            for x in left..right {
                if labels.at(y, x) == UNLABELLED && f64::from(distance.at(y - top, x - left)) <= reach {
                    labels.set(y, x, 0);
                }
            }
        }
    }
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

    #[test]
    fn around_one_pixel_lies_a_disc_of_radius_three() {
        let mut labels = Plane::filled(9, 9, U);
        labels.set(4, 4, 5);
        add_background_band(&mut labels);
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
        add_background_band(&mut labels);
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
        add_background_band(&mut labels);
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
        add_background_band(&mut labels);
        assert_eq!(labels.data, [0, U, U, U]);
    }
}
