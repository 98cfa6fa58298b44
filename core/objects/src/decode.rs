//! From the network's maps to objects.

use fewlabel_contract::{Error, ErrorKind, Result};
use fewlabel_image::{Maps, Plane};
use serde::{Deserialize, Serialize};

use crate::{TiledObjects, fill_holes, gaussian, peaks, remove_small, watershed};

/// What the channels of the maps are, in their order: the softmax probabilities of background,
/// interior and boundary, then the distance to the edge of the object and the closeness to its
/// centre, both 0…1 as in [`crate::ObjectTargets`].
pub const MAPS: [&str; 5] = ["background", "interior", "boundary", "distance", "centre"];

/// How maps become objects.
///
/// Foreground is where 1 − background exceeds a threshold. On each of its connected components (eight
/// neighbours) stands a landscape, `distance_weight`·distance + `centre_weight`·centre −
/// `boundary_weight`·boundary, smoothed inside the component alone. Its peaks are the seeds of a
/// watershed; then small and doubtful objects go and holes are filled. Nothing outside a component
/// influences it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DecodeObjects {
    /// Pixels whose foreground probability is more than this belong to objects. 0…1.
    pub foreground: f32,
    /// How far a peak must stand above the pass to a higher one to be an object of its own. 0…2.
    pub seed_height: f32,
    /// Weight of the distance to the object's edge. 0…10.
    pub distance_weight: f32,
    /// Weight of the closeness to the object's centre. 0…10.
    pub centre_weight: f32,
    /// Weight of the boundary's probability, which lowers the landscape. 0…10.
    pub boundary_weight: f32,
    /// Standard deviation of the Gaussian that smooths the landscape, in pixels. 0…80; 0 leaves it as it is.
    pub smoothing: f32,
    /// An object is dropped unless at least a tenth of its pixels has this foreground probability. 0…1.
    pub confidence: f32,
    /// Objects of fewer pixels are dropped.
    pub min_area: usize,
    /// Holes of up to so many pixels are filled.
    pub max_hole: usize,
}

impl Default for DecodeObjects {
    fn default() -> Self {
        Self {
            foreground: 0.7,
            seed_height: 0.16,
            distance_weight: 0.25,
            centre_weight: 0.75,
            boundary_weight: 0.5,
            smoothing: 2.0,
            confidence: 0.97,
            min_area: 10,
            max_hole: 100,
        }
    }
}

impl DecodeObjects {
    /// Refuses parameters outside their ranges.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`], naming the parameter, its value and its range.
    pub fn check(&self) -> Result<()> {
        let ranges = [
            ("foreground", self.foreground, 1.0),
            ("seed_height", self.seed_height, 2.0),
            ("distance_weight", self.distance_weight, 10.0),
            ("centre_weight", self.centre_weight, 10.0),
            ("boundary_weight", self.boundary_weight, 10.0),
            ("smoothing", self.smoothing, 80.0),
            ("confidence", self.confidence, 1.0),
        ];
        for (name, value, most) in ranges {
            if !(0.0..=most).contains(&value) {
                return Err(Error::new(ErrorKind::InvalidRequest, "check decoder", "a parameter is out of range")
                    .with("parameter", name)
                    .with("value", value)
                    .with("allowed", format_args!("0 to {most}")));
            }
        }
        Ok(())
    }

    /// These settings for objects of about `diameter` pixels: what is smoothed, dropped and filled
    /// goes by their size.
    ///
    /// The Gaussian is a twelfth of the diameter wide; objects below a twentieth of a typical one's
    /// area are dropped, holes up to a quarter of it filled.
    #[must_use]
    pub fn for_diameter(self, diameter: f64) -> Self {
        let area = std::f64::consts::FRAC_PI_4 * diameter * diameter;
        Self {
            smoothing: (diameter / 12.0).clamp(0.5, 80.0) as f32,
            min_area: (area / 20.0) as usize,
            max_hole: (area / 4.0) as usize,
            ..self
        }
    }

    /// These settings for maps whose sides were multiplied by `factor`.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        let area = |pixels: usize| (pixels as f64 * factor * factor).round() as usize;
        Self {
            smoothing: (f64::from(self.smoothing) * factor).min(80.0) as f32,
            min_area: area(self.min_area),
            max_hole: area(self.max_hole),
            ..self
        }
    }

    /// These settings with other ways to split what touches, for objects of about `diameter` pixels: how much the
    /// landscape is smoothed, and how far a peak must stand out. The first is that of [`Self::for_diameter`], the one to take
    /// when labels do not tell: it did best or nearly so on all sets that were tried (decision 11).
    pub fn splits(&self, diameter: f64) -> Vec<Self> {
        let split = |(width, seed_height): (f64, f32)| Self {
            smoothing: (diameter / width).clamp(0.5, 80.0) as f32,
            seed_height,
            ..self.clone()
        };
        [(12.0, 0.16), (8.0, 0.13), (12.0, 0.1), (20.0, 0.08), (6.0, 0.2)].map(split).into()
    }

    /// These settings with other thresholds of what is foreground and what is sure. The first are themselves, the ones to
    /// take when labels do not tell (decision 11).
    pub fn thresholds(&self) -> Vec<Self> {
        let mut all = vec![self.clone()];
        for confidence in [0.97, 0.9] {
            for foreground in [0.7, 0.6, 0.5] {
                let other = Self { foreground, confidence, ..self.clone() };
                if other != *self {
                    all.push(other);
                }
            }
        }
        all
    }

    /// What the maps say at a pixel; `None` outside of the foreground. A pixel with a value that is
    /// no number is background.
    pub(crate) fn sample(&self, maps: &Maps, pixel: usize) -> Option<Sample> {
        let [background, interior, boundary, distance, centre] = std::array::from_fn(|c| maps.channel(c)[pixel]);
        let height = self.distance_weight * distance + self.centre_weight * centre - self.boundary_weight * boundary;
        let foreground = 1.0 - background;
        let known = (foreground + interior + height).is_finite();
        (known && foreground > self.foreground).then_some(Sample { foreground, height })
    }

    /// The objects of one component of the foreground; `None` lies outside of it.
    pub(crate) fn decode_component(&self, component: &Plane<Option<Sample>>) -> Plane<u32> {
        let mask = component.map(|sample| sample.is_some());
        let heights = component.map(|sample| sample.map_or(0.0, |s| s.height));
        let landscape = gaussian(&heights, &mask, self.smoothing);
        let seeds = peaks(&landscape, &mask, self.seed_height);
        let objects = self.without_doubtful(&watershed(&landscape, &seeds, &mask), component);
        fill_holes(&remove_small(&objects, self.min_area), self.max_hole)
    }

    /// Drops objects of which too few pixels are sure enough to be foreground.
    ///
    /// The surest tenth tells real objects from doubtful ones better than the mean, in which the blurred
    /// rim of a small object weighs more than that of a large one.
    fn without_doubtful(&self, objects: &Plane<u32>, component: &Plane<Option<Sample>>) -> Plane<u32> {
        let count = objects.data.iter().max().copied().unwrap_or(0) as usize;
        let mut pixels = vec![(0_u32, 0_u32); count + 1];
        for (&object, sample) in objects.data.iter().zip(&component.data) {
            let (sure, all) = &mut pixels[object as usize];
            *sure += u32::from(sample.is_some_and(|s| s.foreground >= self.confidence));
            *all += 1;
        }
        let is_doubtful = |(sure, all): (u32, u32)| u64::from(sure) * 10 < u64::from(all);
        objects.map(|object| if is_doubtful(pixels[object as usize]) { 0 } else { object })
    }
}

/// What the maps say at a pixel of the foreground.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// Probability of the foreground.
    pub(crate) foreground: f32,
    /// Height of the landscape, before smoothing.
    pub(crate) height: f32,
}

/// The objects that the five [`MAPS`] show, numbered from 1 in raster order of their first pixels.
///
/// # Errors
/// [`ErrorKind::Internal`] when there are not five maps.
pub fn decode_objects(maps: &Maps, parameters: &DecodeObjects) -> Result<Plane<u32>> {
    let mut objects = TiledObjects::new(maps.height, maps.width, parameters.clone());
    if !maps.data.is_empty() {
        objects.push(0, 0, maps)?;
    }
    objects.finish()
}
