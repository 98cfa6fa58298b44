//! Labels kept aside: what stopping, checkpoint and thresholds are chosen by.
//!
//! A run at k labels chooses by those k and by nothing else. With five images or more every fifth is only
//! scored. With fewer, no image can be spared; then a strip of each plane is, at one end of its longer axis:
//! it holds a fifth of the plane's objects and the background between them. A contiguous strip, because the
//! surroundings of an object that is trained on have been seen too.

use fewlabel_contract::Find;
use fewlabel_image::Plane;
use fewlabel_objects::UNLABELLED;

use crate::labels::{LabelledImage, LabelledPlane};

/// Every how many images or objects one is kept aside.
const EVERY: usize = 5;

/// From how many objects in a plane on one of them can be spared.
const SPARED_FROM: usize = 3;

/// A split of the labels into those trained on and those only scored.
///
/// Each labelled pixel is in exactly one of the two; in the other it is `UNLABELLED`.
#[derive(Clone, Debug)]
pub struct Aside {
    /// What is trained on while the run chooses.
    pub training: Vec<LabelledImage>,
    /// What is scored. Empty when there are too few objects to keep any aside.
    pub scoring: Vec<LabelledImage>,
}

/// Keeps labels aside; the images themselves are shared, not copied.
pub fn keep_aside(images: &[LabelledImage], find: Find) -> Aside {
    let mut aside = Aside { training: Vec::new(), scoring: Vec::new() };
    for (index, image) in images.iter().enumerate() {
        if images.len() >= EVERY {
            let part = if index % EVERY == EVERY - 1 { &mut aside.scoring } else { &mut aside.training };
            part.push(image.clone());
            continue;
        }
        // The ends take turns, so that a corner darkened by the lens is not all that is scored.
        let at_start = index % 2 == 0;
        let strips: Vec<Option<Strip>> = image.planes.iter().map(|plane| Strip::new(&plane.labels, find, at_start)).collect();
        let part = |scored: bool| {
            let planes: Vec<LabelledPlane> = image
                .planes
                .iter()
                .zip(&strips)
                .filter(|(_, strip)| strip.is_some() || !scored)
                .map(|(plane, strip)| {
                    let labels = strip.as_ref().map_or_else(|| plane.labels.clone(), |s| s.part(&plane.labels, scored));
                    LabelledPlane { labels, ..*plane }
                })
                .collect();
            (!planes.is_empty()).then(|| LabelledImage { planes, ..image.clone() })
        };
        aside.training.extend(part(false));
        aside.scoring.extend(part(true));
    }
    aside
}

/// The strip of a plane that is kept aside.
struct Strip {
    /// Whether position is the row; else it is the column.
    by_row: bool,
    /// Whether the strip lies before `cut`; else from there on.
    at_start: bool,
    /// Position of the cut, in pixels.
    cut: usize,
    /// Objects that belong to the strip as a whole, by their centroid, sorted; `None` for `areas`.
    objects: Option<Vec<u32>>,
}

impl Strip {
    /// `None` when the plane has too few objects, or for `areas` nothing to score.
    fn new(labels: &Plane<u32>, find: Find, at_start: bool) -> Option<Self> {
        let by_row = labels.height >= labels.width;
        let position = |index: usize| if by_row { index / labels.width } else { index % labels.width };
        let length = labels.height.max(labels.width);
        // Pixels of what is looked for: place along the axis, sum and number for each object.
        let mut objects = std::collections::BTreeMap::<u32, (usize, usize)>::new();
        let mut along = vec![0; length];
        for (index, &id) in labels.data.iter().enumerate().filter(|(_, id)| **id != 0 && **id != UNLABELLED) {
            let (sum, area) = objects.entry(id).or_default();
            *sum += position(index);
            *area += 1;
            along[position(index)] += 1;
        }
        if find == Find::Areas {
            let cut = fifth_of_pixels(&along, at_start)?;
            return Some(Self { by_row, at_start, cut, objects: None });
        }
        if objects.len() < SPARED_FROM {
            return None;
        }
        let mut centroids: Vec<(f64, u32)> =
            objects.into_iter().map(|(id, (sum, area))| (sum as f64 / area as f64, id)).collect();
        centroids.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        if !at_start {
            centroids.reverse();
        }
        let spared = ((centroids.len() + EVERY / 2) / EVERY).max(1);
        let cut = ((centroids[spared - 1].0 + centroids[spared].0) / 2.0).round() as usize + usize::from(at_start);
        let mut kept: Vec<u32> = centroids[..spared].iter().map(|(_, id)| *id).collect();
        kept.sort_unstable();
        Some(Self { by_row, at_start, cut, objects: Some(kept) })
    }

    /// The labels of the strip (`scored`) or of the rest; all else `UNLABELLED`.
    fn part(&self, labels: &Plane<u32>, scored: bool) -> Plane<u32> {
        let mut part = labels.clone();
        for (index, id) in part.data.iter_mut().enumerate() {
            let position = if self.by_row { index / labels.width } else { index % labels.width };
            let in_strip = match &self.objects {
                Some(objects) if *id != 0 => objects.binary_search(id).is_ok(),
                _ => (position < self.cut) == self.at_start,
            };
            if in_strip != scored {
                *id = UNLABELLED;
            }
        }
        part
    }
}

/// Where to cut so that one end holds a fifth of the pixels that are not background; `None` without any.
fn fifth_of_pixels(along: &[usize], at_start: bool) -> Option<usize> {
    let total: usize = along.iter().sum();
    let wanted = total.div_ceil(EVERY);
    let mut seen = 0;
    let mut reached = |n: &usize| {
        seen += n;
        seen >= wanted
    };
    match (total, at_start) {
        (0, _) => None,
        (_, true) => along.iter().position(&mut reached).map(|last| last + 1),
        (_, false) => along.iter().rposition(&mut reached),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use fewlabel_image::{Calibration, Image, Pixels, Shape};
    use proptest::prelude::*;

    use super::*;

    const U: u32 = UNLABELLED;

    fn image(labels: Plane<u32>) -> LabelledImage {
        let shape = Shape::plane(1, labels.height, labels.width);
        LabelledImage {
            name: "a".into(),
            image_path: PathBuf::new(),
            label_path: PathBuf::new(),
            image: Arc::new(Image {
                shape,
                pixels: Pixels::U8(vec![0; shape.len()]),
                rgb: false,
                calibration: Calibration::default(),
                slice_labels: Vec::new(),
            }),
            channel_names: Vec::new(),
            planes: vec![LabelledPlane { t: 0, z: 0, labels, sparse: false }],
        }
    }

    /// Five objects in a row of 10 columns, two columns each of which the second is background.
    fn five() -> Plane<u32> {
        #[rustfmt::skip]
        let data = vec![
            1, 0, 2, 0, 3, 0, 4, 0, 5, 0,
            1, 0, 2, 0, 3, 0, 4, 0, 5, 0,
        ];
        Plane::new(2, 10, data)
    }

    #[test]
    fn below_five_images_a_fifth_of_the_objects_is_kept_aside_at_either_end() {
        let aside = keep_aside(&[image(five()), image(five())], Find::Objects);
        let row = |images: &[LabelledImage], i: usize| images[i].planes[0].labels.row(1).to_vec();
        assert_eq!(row(&aside.scoring, 0), [1, 0, U, U, U, U, U, U, U, U]);
        assert_eq!(row(&aside.training, 0), [U, U, 2, 0, 3, 0, 4, 0, 5, 0]);
        assert_eq!(row(&aside.scoring, 1), [U, U, U, U, U, U, U, 0, 5, 0]);
        assert_eq!(row(&aside.training, 1), [1, 0, 2, 0, 3, 0, 4, U, U, U]);
    }

    #[test]
    fn with_five_images_or_more_every_fifth_is_kept_aside_whole() {
        let images: Vec<LabelledImage> = (0..11).map(|i| LabelledImage { name: i.to_string(), ..image(five()) }).collect();
        let aside = keep_aside(&images, Find::Objects);
        let names = |images: &[LabelledImage]| images.iter().map(|i| i.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&aside.scoring), ["4", "9"]);
        assert_eq!(names(&aside.training), ["0", "1", "2", "3", "5", "6", "7", "8", "10"]);
        assert_eq!(aside.scoring[0].planes, images[4].planes);
    }

    #[test]
    fn a_plane_with_two_objects_is_trained_on_whole() {
        let labels = Plane::new(1, 3, vec![1, 0, 2]);
        let aside = keep_aside(&[image(labels.clone())], Find::Objects);
        assert!(aside.scoring.is_empty());
        assert_eq!(aside.training[0].planes[0].labels, labels);
    }

    #[test]
    fn areas_are_cut_where_a_fifth_of_the_foreground_lies() {
        let labels = Plane::new(10, 1, vec![0, 0, 1, 1, 2, 2, 1, 0, 0, 0]);
        let aside = keep_aside(&[image(labels)], Find::Areas);
        assert_eq!(aside.scoring[0].planes[0].labels.data, [0, 0, 1, U, U, U, U, U, U, U]);
        assert_eq!(aside.training[0].planes[0].labels.data, [U, U, U, 1, 2, 2, 1, 0, 0, 0]);
    }

    proptest! {
        #[test]
        fn training_and_scoring_part_the_labels(
            height in 1usize..12, width in 1usize..12, count in 1usize..4, areas: bool,
            ids in proptest::collection::vec(prop_oneof![Just(0u32), Just(U), 1u32..9], 144),
        ) {
            let find = if areas { Find::Areas } else { Find::Objects };
            let labels = Plane::new(height, width, ids[..height * width].to_vec());
            let images = vec![image(labels.clone()); count];
            let aside = keep_aside(&images, find);
            prop_assert_eq!(aside.training.len(), count);
            prop_assert!(aside.scoring.len() == count || aside.scoring.is_empty());
            for (i, training) in aside.training.iter().enumerate() {
                let training = &training.planes[0].labels;
                let Some(scoring) = aside.scoring.get(i).map(|s| &s.planes[0].labels) else {
                    prop_assert_eq!(training, &labels);
                    continue;
                };
                let mut scored_ids = std::collections::BTreeSet::new();
                let mut trained_ids = std::collections::BTreeSet::new();
                for ((&whole, &t), &s) in labels.data.iter().zip(&training.data).zip(&scoring.data) {
                    // Disjoint, and together all there is.
                    prop_assert!(t == U || s == U);
                    prop_assert_eq!(if t == U { s } else { t }, whole);
                    if t != U && t != 0 { trained_ids.insert(t); }
                    if s != U && s != 0 { scored_ids.insert(s); }
                }
                if find == Find::Objects {
                    prop_assert!(trained_ids.is_disjoint(&scored_ids), "an object is never cut");
                    let all = trained_ids.len() + scored_ids.len();
                    prop_assert_eq!(scored_ids.len(), ((all + 2) / 5).max(1));
                } else {
                    prop_assert!(!scored_ids.is_empty());
                }
            }
        }
    }
}
