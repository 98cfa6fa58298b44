//! The working size: images are brought to a scale at which objects have one diameter.
//!
//! A convolutional network sees objects at a fixed scale. Learning from a few images goes fastest when the
//! objects in them have the size that the receptive field fits, and objects of other images, whose
//! scale is known, can be brought to the same size.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, ErrorKind, Find, ObjectDiameter, Result};
use fewlabel_image::Calibration;
use fewlabel_objects::median_diameter;

use crate::labels::LabelledImage;

/// Diameter in pixels of objects in what the network sees.
///
/// Between the 17 pixels of nuclei and the 30 of cells at which Cellpose works (Stringer et al., Nature Methods
/// 18, 100, 2021): a boundary of one pixel on either side still leaves an interior, objects three times as
/// large still fit into the receptive field of four levels, and a crop of 160 pixels holds some twenty.
pub const WORKING_DIAMETER: f64 = 24.0;

/// Sizes that differ from [`WORKING_DIAMETER`] by no more than this share are left alone: resampling costs
/// sharpness, and augmentation covers more than that.
const CLOSE_ENOUGH: f64 = 0.15;

/// Images shrink to no less than an eighth of their side and grow to no more than the fourfold: beyond,
/// little is left of the objects, or of the memory.
const FACTORS: (f64, f64) = (0.125, 4.0);

const OPERATION: &str = "find the size of the objects";

/// How images are brought to the network's working size.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WorkingSize {
    /// Diameter of the objects in `unit`, or in pixels of the image without one; `None` when nothing is
    /// known (`areas` without a given diameter), and then images keep their size.
    pub object_diameter: Option<f64>,
    /// Unit of `object_diameter`; `None` is pixels.
    pub unit: Option<String>,
    /// Diameter in pixels that objects have after scaling; `None` with `object_diameter`.
    pub working_diameter: Option<f64>,
    /// What the objects of an image measure in it, by its file, where nothing else says how large its pixels are: nobody
    /// knows then whether images were taken at one magnification.
    pub own_diameters: BTreeMap<PathBuf, f64>,
    /// Smallest and largest diameter in pixels that the objects of an image have in it; `None` with `object_diameter`.
    pub image_diameters: Option<(f64, f64)>,
}

impl WorkingSize {
    /// From the request, else from the labels of `objects`: the median over all planes of the median
    /// equivalent diameter in a plane, so that an image with many objects counts as one with few.
    ///
    /// Lengths are in the unit of the images when all are calibrated in the same one, else in pixels.
    ///
    /// # Errors
    /// `invalid-request` for a given diameter that is not a positive number, or would scale an image by less than
    /// 1/8 or more than 4.
    pub fn new(images: &[LabelledImage], given: ObjectDiameter, find: Find) -> Result<Self> {
        let unit = common_unit(images);
        let pixel_sizes: Vec<f64> =
            images.iter().map(|image| unit.as_ref().and(image.image.calibration.x).unwrap_or(1.0)).collect();
        let object_diameter = match given {
            ObjectDiameter::Size(size) if size.is_finite() && size > 0.0 => Some(size),
            ObjectDiameter::Size(size) => return Err(impossible("the diameter of the objects must be more than 0", size)),
            ObjectDiameter::Word(_) if find == Find::Objects => median_over_planes(images, &pixel_sizes),
            ObjectDiameter::Word(_) => None,
        };
        let in_pixels = object_diameter.map(|d| pixel_sizes.iter().map(|pixel| d / pixel).collect::<Vec<_>>());
        if let (ObjectDiameter::Size(size), Some(diameters)) = (given, &in_pixels)
            && diameters.iter().any(|d| !(FACTORS.0..=FACTORS.1).contains(&(WORKING_DIAMETER / d)))
        {
            return Err(impossible("with this diameter the images would be scaled out of all bounds", size)
                .with("unit", unit.as_deref().unwrap_or("pixels"))
                .with("allowed factors", format!("{} to {}", FACTORS.0, FACTORS.1)));
        }
        let working_diameter = in_pixels.clone().and_then(median).map(|d| {
            if (d / WORKING_DIAMETER - 1.0).abs() <= CLOSE_ENOUGH {
                d
            } else {
                d * (WORKING_DIAMETER / d).clamp(FACTORS.0, FACTORS.1)
            }
        });
        let own_diameters: BTreeMap<_, _> = match (given, &unit) {
            (ObjectDiameter::Word(_), None) if find == Find::Objects => images
                .iter()
                .filter_map(|image| Some((image.image_path.clone(), median_over_planes(std::slice::from_ref(image), &[1.0])?)))
                .collect(),
            _ => BTreeMap::new(),
        };
        let all: Vec<f64> = match &in_pixels {
            Some(diameters) if own_diameters.is_empty() => diameters.clone(),
            _ => own_diameters.values().copied().collect(),
        };
        let image_diameters = all.iter().copied().min_by(f64::total_cmp).zip(all.iter().copied().max_by(f64::total_cmp));
        Ok(Self { object_diameter, unit, working_diameter, own_diameters, image_diameters })
    }

    /// What the sides of an image are multiplied by; 0.125 to 4.
    pub fn factor(&self, labelled: &LabelledImage) -> f64 {
        self.factor_of(&labelled.image_path, &labelled.image.calibration)
    }

    /// The same of an image of which nothing more is known, as where nothing is labelled.
    ///
    /// An image that is not calibrated in `unit` is taken to have the scale of the working size.
    pub fn factor_of(&self, path: &Path, calibration: &Calibration) -> f64 {
        let pixel = match (&self.unit, &calibration.unit) {
            (None, _) => Some(1.0),
            (Some(ours), Some(theirs)) if ours == theirs => calibration.x,
            _ => None,
        };
        let object = self.own_diameters.get(path).copied().or(self.object_diameter);
        match (object, self.working_diameter, pixel) {
            (Some(object), Some(working), Some(pixel)) => (working * pixel / object).clamp(FACTORS.0, FACTORS.1),
            _ => 1.0,
        }
    }

    /// Height and width of an image at the working size; 1 or more.
    pub fn scaled(&self, labelled: &LabelledImage) -> (usize, usize) {
        let factor = self.factor(labelled);
        let side = |length: usize| ((length as f64 * factor).round() as usize).max(1);
        (side(labelled.image.shape.y), side(labelled.image.shape.x))
    }
}

/// The unit in which all images are calibrated.
fn common_unit(images: &[LabelledImage]) -> Option<String> {
    let unit = |image: &LabelledImage| image.image.calibration.x.and(image.image.calibration.unit.clone());
    let first = unit(images.first()?)?;
    images.iter().all(|image| unit(image).as_ref() == Some(&first)).then_some(first)
}

/// Median over all planes of the median equivalent diameter in a plane, in units of `pixel_sizes`, one an image.
fn median_over_planes(images: &[LabelledImage], pixel_sizes: &[f64]) -> Option<f64> {
    let of_image = |(image, pixel): (&LabelledImage, &f64)| {
        let in_pixels = image.planes.iter().filter_map(|plane| median_diameter(&plane.labels));
        in_pixels.map(|diameter| diameter * pixel).collect::<Vec<_>>()
    };
    median(images.iter().zip(pixel_sizes).flat_map(of_image).collect())
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}

fn impossible(message: &str, diameter: f64) -> Error {
    Error::new(ErrorKind::InvalidRequest, OPERATION, message)
        .with("object_diameter", diameter)
        .hint("leave it out, and it is measured on the labels; check the pixel size of the images")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use fewlabel_contract::ErrorKind;
    use fewlabel_image::{Calibration, Image, Pixels, Plane, Shape};

    use super::*;
    use crate::labels::LabelledPlane;

    /// A square of `side` pixels in the middle of a plane twice as wide.
    fn square(side: usize, pixel: Option<f64>) -> LabelledImage {
        let mut labels = Plane::filled(2 * side, 2 * side, 0);
        for y in side / 2..side / 2 + side {
            for x in side / 2..side / 2 + side {
                labels.set(y, x, 1);
            }
        }
        let shape = Shape::plane(1, 2 * side, 2 * side);
        let calibration = Calibration { x: pixel, y: pixel, unit: pixel.map(|_| "µm".into()), ..Calibration::default() };
        LabelledImage {
            name: "a".into(),
            image_path: PathBuf::from(format!("{side} at {pixel:?}")),
            label_path: PathBuf::new(),
            image: Arc::new(Image {
                shape,
                pixels: Pixels::U8(vec![0; shape.len()]),
                rgb: false,
                calibration,
                slice_labels: Vec::new(),
            }),
            channel_names: Vec::new(),
            planes: vec![LabelledPlane { t: 0, z: 0, labels, sparse: false }],
        }
    }

    fn estimated(images: &[LabelledImage]) -> WorkingSize {
        WorkingSize::new(images, ObjectDiameter::default(), Find::Objects).unwrap()
    }

    #[test]
    fn objects_of_another_size_are_brought_to_the_working_size() {
        // A square of 50 pixels has the area of a disc of diameter 56.42.
        let size = estimated(&[square(50, None)]);
        assert!((size.object_diameter.unwrap() - 56.419).abs() < 1e-3);
        assert_eq!(size.working_diameter, Some(WORKING_DIAMETER));
        assert_eq!(size.scaled(&square(50, None)), (43, 43));
        // 10 pixels: 11.28, to be enlarged.
        assert!((estimated(&[square(10, None)]).factor(&square(10, None)) - 2.1270).abs() < 1e-3);
        // 2 pixels: not more than the fourfold, and what they then measure is said.
        let tiny = estimated(&[square(2, None)]);
        assert_eq!(tiny.factor(&square(2, None)), 4.0);
        assert!((tiny.working_diameter.unwrap() - 4.0 * 2.2568).abs() < 1e-3);
    }

    #[test]
    fn within_fifteen_per_cent_nothing_is_resampled() {
        for side in [19, 22, 24] {
            let size = estimated(&[square(side, None)]);
            assert_eq!(size.factor(&square(side, None)), 1.0, "{side}");
            assert_eq!(size.working_diameter, size.object_diameter);
        }
        assert_ne!(estimated(&[square(18, None)]).factor(&square(18, None)), 1.0);
        assert_ne!(estimated(&[square(25, None)]).factor(&square(25, None)), 1.0);
    }

    #[test]
    fn without_calibration_each_image_has_its_own_scale() {
        let images = [10, 20, 60].map(|side| square(side, None));
        let size = estimated(&images);
        assert_eq!(size.working_diameter, size.object_diameter);
        for image in &images {
            let (here, ratio) = (median_over_planes(std::slice::from_ref(image), &[1.0]).unwrap(), size.factor(image));
            assert!((here * ratio - size.working_diameter.unwrap()).abs() < 1e-9, "{here} by {ratio}");
        }
        let (low, high) = size.image_diameters.unwrap();
        assert!((low - 11.284).abs() < 1e-3 && (high - 67.703).abs() < 1e-3, "{low} to {high}");
        // Of an image without labels nothing is known but that it is one of these.
        assert_eq!(size.factor_of(Path::new("another"), &Calibration::default()), 1.0);
        // What is kept aside of an image has the scale of the whole.
        let mut part = images[2].clone();
        part.planes[0].labels = part.planes[0].labels.map(|_| 0);
        assert_eq!(size.factor(&part), size.factor(&images[2]));
        // Whoever gives a diameter says that all images have it.
        let given = WorkingSize::new(&images, ObjectDiameter::Size(48.0), Find::Objects).unwrap();
        assert_eq!((given.factor(&images[0]), given.factor(&images[2])), (0.5, 0.5));
        assert_eq!(given.image_diameters, Some((48.0, 48.0)));
    }

    #[test]
    fn calibrated_images_meet_at_one_pixel_size() {
        // The same object of 5.64 µm at 0.1 and at 0.2 µm a pixel.
        let images = [square(50, Some(0.1)), square(25, Some(0.2))];
        let size = estimated(&images);
        assert_eq!(size.unit.as_deref(), Some("µm"));
        assert!((size.object_diameter.unwrap() - 5.6419).abs() < 1e-3);
        let factors = images.each_ref().map(|image| size.factor(image));
        assert!((factors[1] / factors[0] - 2.0).abs() < 1e-12);
        assert!((factors[0] * 56.419 - size.working_diameter.unwrap()).abs() < 1e-2);
        let coarse = Calibration { x: Some(0.2), unit: Some("µm".into()), ..Calibration::default() };
        assert_eq!(size.factor_of(Path::new("another"), &coarse), factors[1]);
        // One image without calibration, and all count in pixels.
        let mixed = estimated(&[square(50, Some(0.1)), square(50, None)]);
        assert_eq!((mixed.unit.as_deref(), mixed.object_diameter.map(f64::round)), (None, Some(56.0)));
    }

    #[test]
    fn a_given_diameter_counts_in_the_unit_of_the_image_and_must_be_possible() {
        let images = [square(50, Some(0.1))];
        let new = |size: f64, find: Find| WorkingSize::new(&images, ObjectDiameter::Size(size), find);
        // 5.6 µm are 56 pixels.
        let size = new(5.6, Find::Areas).unwrap();
        assert!((size.factor(&images[0]) - 24.0 / 56.0).abs() < 1e-9);
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY, 1000.0, 0.001] {
            assert_eq!(new(wrong, Find::Objects).unwrap_err().kind, ErrorKind::InvalidRequest, "{wrong}");
        }
    }

    #[test]
    fn areas_keep_their_size_unless_one_is_given() {
        let size = WorkingSize::new(&[square(50, None)], ObjectDiameter::default(), Find::Areas).unwrap();
        assert_eq!((size.object_diameter, size.working_diameter), (None, None));
        assert_eq!((size.scaled(&square(50, None)), size.image_diameters), ((100, 100), None));
    }
}
