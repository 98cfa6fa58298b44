//! Measurements of objects.

use std::f64::consts::PI;

use fewlabel_image::{Calibration, Maps, Plane};

use crate::convex_hull::{convex_hull, feret_diameter, polygon_area};
use crate::perimeter::perimeter;
use crate::window::{Window, windows};

/// What was measured on one object. Lengths are in the calibration's unit, areas in its square;
/// without a calibration in pixels. The bounding box is always in pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// Number of the object in the label plane.
    pub label: u32,
    /// Area of its pixels.
    pub area: f64,
    /// Length of its outline, holes included, by Crofton's formula in four directions (as in
    /// MorphoLibJ and scikit-image's `perimeter_crofton`).
    pub perimeter: f64,
    /// Row and column of its centroid, from the upper left corner of the plane: the centre of the
    /// first pixel is at half a pixel, as in ImageJ.
    pub centroid: (f64, f64),
    /// First row of the bounding box.
    pub top: usize,
    /// First column of the bounding box.
    pub left: usize,
    /// Rows of the bounding box.
    pub height: usize,
    /// Columns of the bounding box.
    pub width: usize,
    /// 4π·area / perimeter², 0…1; 1 for a disc. Where a few pixels give more than 1, it is 1.
    pub circularity: f64,
    /// Largest distance of two points of the object (maximum Feret diameter), between pixel corners.
    pub feret: f64,
    /// Area over the area of the convex hull of the pixels' corners, 0…1.
    pub solidity: f64,
    /// Whether it touches the edge of the plane, and may be cut.
    pub border: bool,
    /// Intensities in each channel.
    pub intensities: Vec<Intensity>,
}

/// Sample values of one channel inside an object. Samples that are not finite are left out; without
/// any finite one everything but `integrated` is not a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Intensity {
    /// Arithmetic mean.
    pub mean: f64,
    /// Median; of an even number the mean of the two in the middle.
    pub median: f64,
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
    /// Sum over the pixels, without regard to their size.
    pub integrated: f64,
}

/// Measures every object of a label plane, and its intensities in every channel of `image`, in
/// order of the labels. Pixels of one label count as one object even where they do not touch.
///
/// ```
/// use fewlabel_image::{Calibration, Maps, Plane};
/// let labels = Plane::new(5, 5, vec![
///     0, 0, 0, 0, 0,
///     0, 3, 3, 0, 0,
///     0, 3, 3, 0, 0,
///     0, 0, 0, 0, 0,
///     0, 0, 0, 0, 0,
/// ]);
/// let image = Maps::new(1, 5, 5, (0..25).map(|v| v as f32).collect());
/// let calibration = Calibration { x: Some(0.5), y: Some(0.5), ..Default::default() };
/// let square = &fewlabel_objects::measure(&labels, &image, &calibration)[0];
/// assert_eq!((square.label, square.area, square.centroid), (3, 1.0, (1.0, 1.0)));
/// assert_eq!((square.solidity, square.feret), (1.0, 2_f64.sqrt()));
/// assert_eq!((square.intensities[0].median, square.intensities[0].integrated), (9.0, 36.0));
/// ```
///
/// # Panics
/// When labels and image differ in size.
pub fn measure(labels: &Plane<u32>, image: &Maps, calibration: &Calibration) -> Vec<Measurement> {
    assert!((labels.height, labels.width) == (image.height, image.width), "labels and image have the same size");
    let (pixel_height, pixel_width) = pixel_size(calibration);
    let one = |(label, window): (u32, Window)| {
        let inside = window.crop(labels).map(|other| other == label);
        let pixels: Vec<(usize, usize)> = (0..inside.data.len())
            .filter(|&pixel| inside.data[pixel])
            .map(|pixel| (window.top + pixel / window.width, window.left + pixel % window.width))
            .collect();
        let count = pixels.len() as f64;
        let centre = |sum: usize| sum as f64 / count + 0.5;
        let hull = convex_hull(&inside);
        let area = count * pixel_height * pixel_width;
        let perimeter = perimeter(&inside, pixel_height, pixel_width);
        Measurement {
            label,
            area,
            perimeter,
            centroid: (
                centre(pixels.iter().map(|p| p.0).sum()) * pixel_height,
                centre(pixels.iter().map(|p| p.1).sum()) * pixel_width,
            ),
            top: window.top,
            left: window.left,
            height: window.height,
            width: window.width,
            circularity: (4.0 * PI * area / perimeter.powi(2)).min(1.0),
            feret: feret_diameter(&hull, pixel_height, pixel_width),
            solidity: count / polygon_area(&hull),
            border: window.top == 0
                || window.left == 0
                || window.top + window.height == labels.height
                || window.left + window.width == labels.width,
            intensities: (0..image.channels).map(|c| intensity(image, c, &pixels)).collect(),
        }
    };
    windows(labels).into_iter().map(one).collect()
}

/// Height and width of a pixel: both sizes where they are known, a square where one is, else 1.
fn pixel_size(calibration: &Calibration) -> (f64, f64) {
    let square = calibration.x.or(calibration.y).unwrap_or(1.0);
    (calibration.y.unwrap_or(square), calibration.x.unwrap_or(square))
}

fn intensity(image: &Maps, channel: usize, pixels: &[(usize, usize)]) -> Intensity {
    let samples = image.channel(channel);
    let mut values: Vec<f64> =
        pixels.iter().map(|&(y, x)| f64::from(samples[y * image.width + x])).filter(|value| value.is_finite()).collect();
    values.sort_unstable_by(f64::total_cmp);
    let integrated: f64 = values.iter().sum();
    let (Some(&min), Some(&max)) = (values.first(), values.last()) else {
        return Intensity { mean: f64::NAN, median: f64::NAN, min: f64::NAN, max: f64::NAN, integrated };
    };
    let middle = values.len() / 2;
    let median = if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 };
    Intensity { mean: integrated / values.len() as f64, median, min, max, integrated }
}
