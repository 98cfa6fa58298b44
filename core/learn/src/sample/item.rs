//! One labelled plane, ready to be sampled from.

use std::sync::Arc;

use fewlabel_contract::Find;
use fewlabel_image::{Maps, Plane};
use fewlabel_objects::{UNLABELLED, object_targets};

use super::places::Places;

/// Class of a pixel that counts for nothing.
pub const IGNORED: u8 = 255;

/// One labelled plane at the working size, normalised, with its targets.
#[derive(Clone, Debug)]
pub struct TrainingItem {
    /// Stem of the image, with frame and slice when it is a stack.
    pub name: String,
    /// The plane's channels, normalised, at the working size.
    pub image: Arc<Maps>,
    /// Object ids with 0 as background (`objects`), or the network's class of each pixel (`areas`);
    /// `UNLABELLED` counts for nothing.
    pub labels: Plane<u32>,
    /// What the network is to say beyond the labels; `None` for `areas`.
    pub targets: Option<ContinuousTargets>,
    /// Whether only some of what the plane shows is labelled, here and there: what lies elsewhere may be covered.
    pub sparse: bool,
    /// Whether objects are brighter than what lies around them, as where they give light themselves.
    pub(super) glows: bool,
    pub(super) places: Places,
}

/// What the network is to say about each pixel of an object, beside its class. The boundary class is not
/// kept: each crop makes it anew from its labels.
#[derive(Clone, Debug, PartialEq)]
pub struct ContinuousTargets {
    /// Distance to the outside of the object over the object's largest, 0 to 1; 0 outside.
    pub distance: Plane<f32>,
    /// Nearness to the object's centre, 0 to 1; 0 outside.
    pub centre: Plane<f32>,
}

impl TrainingItem {
    /// Computes the targets of one plane. `classes` are the label values of `areas`, the network's classes
    /// in their order; empty for `objects`. `None` when nothing is labelled.
    ///
    /// # Panics
    /// When image and labels differ in size.
    pub fn new(name: String, image: Arc<Maps>, labels: Plane<u32>, classes: &[u32]) -> Option<Self> {
        assert_eq!((image.height, image.width), (labels.height, labels.width), "an image as large as its labels");
        let (labels, find) = if classes.is_empty() {
            (labels, Find::Objects)
        } else {
            let class = |value: u32| (0..).zip(classes).find(|(_, class)| **class == value).map_or(UNLABELLED, |(i, _)| i);
            (labels.map(class), Find::Areas)
        };
        let places = Places::new(&labels, find);
        if places.is_empty() {
            return None;
        }
        let targets = (find == Find::Objects).then(|| {
            let targets = object_targets(&labels);
            ContinuousTargets { distance: targets.distance, centre: targets.centre }
        });
        let glows = find == Find::Objects && objects_are_brighter(&image, &labels);
        Some(Self { name, image, labels, targets, sparse: false, glows, places })
    }
}

/// Whether the mean over the objects, all channels together, is more than that over the background.
fn objects_are_brighter(image: &Maps, labels: &Plane<u32>) -> bool {
    let (mut objects, mut background) = ((0.0, 0_usize), (0.0, 0_usize));
    for c in 0..image.channels {
        for (&value, &id) in image.channel(c).iter().zip(&labels.data) {
            let sum = match id {
                UNLABELLED => continue,
                0 => &mut background,
                _ => &mut objects,
            };
            sum.0 += f64::from(value);
            sum.1 += 1;
        }
    }
    let mean = |(sum, count): (f64, usize)| sum / count.max(1) as f64;
    objects.1 > 0 && mean(objects) > mean(background)
}
