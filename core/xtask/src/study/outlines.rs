//! A few outlines instead of whole label images.
//!
//! "15 outlines" are five objects in each of the first three images of an order, drawn with the order's number as seed; "50
//! outlines" are as many in each of the first ten. Where the images run out, more are drawn in each. All that is not outlined is
//! unlabelled.

use std::collections::BTreeSet;
use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Find, Result};
use fewlabel_image::{LabelImage, Limits, Plane, open_labels, read_order, write_labels};
use fewlabel_objects::distance_transform;

use super::sets::Set;
use super::trial::sha256;

const OPERATION: &str = "draw outlines";

/// Outlines in an image, where there are images enough.
const EACH: usize = 5;

/// The value of pixels that nobody labelled: the largest that 16 bits hold.
pub const UNLABELLED: u32 = 65_535;

/// For areas, who outlines an object also sees where it ends: so far around it, in pixels, the areas are labelled too.
const AROUND: f32 = 3.0;

/// How many images so many outlines lie in.
pub fn images(outlines: usize) -> usize {
    outlines.div_ceil(EACH)
}

/// How many outlines each of so many images gets: as evenly as can be, the first ones more.
fn shares(outlines: usize, images: usize) -> impl Iterator<Item = usize> {
    (0..images).map(move |image| outlines / images + usize::from(image < outlines % images))
}

/// What to draw.
#[derive(Clone, Copy)]
pub struct Outlines {
    /// Outlines in all.
    pub count: usize,
    /// The first so many images of the order have them.
    pub images: usize,
    /// The order, which also is the seed.
    pub order: u32,
}

/// Writes the label images with the outlines of an order into `folder`, which must be there.
///
/// For `objects` they hold the drawn objects; for `areas` the classes on and 3 px around the drawn objects.
/// An image with fewer objects than its share gives all that it has.
///
/// # Errors
/// Those of reading the order and the labels and of writing; `unsupported` when a label is as large as [`UNLABELLED`].
pub fn write_outlines(set: &Set, data: &str, outlines: Outlines, folder: &Path) -> Result<()> {
    let Outlines { count, images, order } = outlines;
    for (name, share) in read_order(&set.order(data, order))?.iter().zip(shares(count, images)) {
        let read = |from: &str| open(&Path::new(&set.folder(data, from)).join(format!("{name}.png")));
        let objects = read("labels")?;
        let drawn = draw(&objects.plane(0, 0), name, u64::from(order), share);
        let labels = match set.find {
            Find::Areas => areas_around(&drawn, &read(set.labels)?.plane(0, 0)),
            Find::Objects | Find::Kinds => drawn,
        };
        write_labels(&folder.join(format!("{name}.tif")), &LabelImage::from_plane(labels, objects.calibration), &[], false)?;
    }
    Ok(())
}

fn open(path: &Path) -> Result<LabelImage> {
    let labels = open_labels(path, &Limits::default())?;
    match labels.ids.iter().max() {
        Some(&largest) if largest >= UNLABELLED => {
            Err(Error::new(ErrorKind::Unsupported, OPERATION, "no value is left for what is not labelled")
                .file(path)
                .with("largest label", largest))
        }
        _ => Ok(labels),
    }
}

/// Keeps `count` objects; all other pixels become [`UNLABELLED`]. The choice is a pure function of seed, name and the numbers
/// of the objects: those with the smallest SHA-256 of the three.
fn draw(objects: &Plane<u32>, name: &str, seed: u64, count: usize) -> Plane<u32> {
    let ids: BTreeSet<u32> = objects.data.iter().copied().filter(|&id| id != 0).collect();
    let mut ranked: Vec<(String, u32)> =
        ids.into_iter().map(|id| (sha256(format!("{seed} {name} {id}").as_bytes()), id)).collect();
    ranked.sort();
    let kept: BTreeSet<u32> = ranked.into_iter().take(count).map(|(_, id)| id).collect();
    objects.map(|id| if kept.contains(&id) { id } else { UNLABELLED })
}

/// The classes on and around drawn objects; all other pixels are [`UNLABELLED`].
fn areas_around(drawn: &Plane<u32>, classes: &Plane<u32>) -> Plane<u32> {
    let distance = distance_transform(&drawn.map(|id| id == UNLABELLED));
    let near = distance.data.iter().zip(&classes.data).map(|(&far, &class)| if far <= AROUND { class } else { UNLABELLED });
    Plane::new(drawn.height, drawn.width, near.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(plane: &Plane<u32>) -> Vec<u32> {
        let ids: BTreeSet<u32> = plane.data.iter().copied().filter(|&id| id != UNLABELLED).collect();
        ids.into_iter().collect()
    }

    /// 40 objects of two pixels with background between them; numbers with gaps.
    fn objects() -> Plane<u32> {
        Plane::new(10, 12, (0..120).map(|i| if i % 3 == 2 { 0 } else { 7 * (i / 3 + 1) }).collect())
    }

    #[test]
    fn as_many_as_asked_for_are_drawn_always_the_same() {
        let drawn = draw(&objects(), "a", 0, 5);
        assert_eq!(kept(&drawn).len(), 5);
        assert_eq!(drawn.data.iter().filter(|&&id| id != UNLABELLED).count(), 10, "whole objects, no background");
        assert_eq!(kept(&drawn), [98, 140, 161, 196, 266]);
    }

    #[test]
    fn five_lie_in_an_image_as_long_as_there_are_images() {
        let of = |outlines: usize, there: usize| {
            let images = images(outlines).min(there);
            shares(outlines, images).collect::<Vec<_>>()
        };
        assert_eq!([5, 15, 50].map(|n| of(n, 58)), [vec![5], vec![5; 3], vec![5; 10]]);
        assert_eq!(of(150, 20), [vec![8; 10], vec![7; 10]].concat());
        assert_eq!(of(7, 58), [4, 3]);
    }

    #[test]
    fn more_outlines_of_an_image_hold_those_that_were_there() {
        let few = kept(&draw(&objects(), "a", 0, 5));
        let many = kept(&draw(&objects(), "a", 0, 8));
        assert!(many.len() == 8 && few.iter().all(|id| many.contains(id)));
    }

    #[test]
    fn seed_and_image_decide() {
        let of = |name: &str, seed: u64| kept(&draw(&objects(), name, seed, 5));
        assert_ne!(of("a", 0), of("a", 1));
        assert_ne!(of("a", 0), of("b", 0));
    }

    #[test]
    fn an_image_with_few_objects_gives_all_it_has() {
        assert_eq!(kept(&draw(&Plane::new(1, 4, vec![0, 3, 9, 9]), "a", 0, 5)), [3, 9]);
        assert!(kept(&draw(&Plane::filled(2, 2, 0), "a", 0, 5)).is_empty());
    }

    #[test]
    fn areas_are_labelled_on_and_just_around_what_was_drawn() {
        let mut drawn = Plane::filled(1, 10, UNLABELLED);
        drawn.set(0, 1, 4);
        let classes = Plane::new(1, 10, vec![0, 0, 1, 1, 0, 0, 1, 1, 0, 0]);
        let far = UNLABELLED;
        assert_eq!(areas_around(&drawn, &classes).data, [0, 0, 1, 1, 0, far, far, far, far, far]);
        let none = Plane::filled(1, 10, UNLABELLED);
        assert!(kept(&areas_around(&none, &classes)).is_empty());
    }
}
