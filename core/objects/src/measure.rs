//! Measurements of objects.

use std::collections::HashMap;
use std::f64::consts::PI;

use fewlabel_image::{Calibration, Maps, Plane};

use crate::UNLABELLED;
use crate::convex_hull::{convex_hull, feret_diameter, polygon_area};
use crate::perimeter::LineEntries;
use crate::samples::Samples;

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
    let mut ends = ObjectEnds::new();
    ends.add(&labels.data, labels.width);
    let mut measurer = Measurer::new((labels.height, labels.width), calibration, ends);
    measurer.add(&labels.data, image);
    measurer.finish()
}

/// The last row of each object, of labels that come a few rows at a time.
#[derive(Clone, Debug, Default)]
pub struct ObjectEnds {
    rows: usize,
    last: HashMap<u32, usize>,
}

impl ObjectEnds {
    /// Before the first row.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next rows, of `width` labels each.
    pub fn add(&mut self, labels: &[u32], width: usize) {
        for row in labels.chunks(width.max(1)) {
            let mut before = 0;
            for &label in row {
                if label != before && label != 0 && label != UNLABELLED {
                    self.last.insert(label, self.rows);
                }
                before = label;
            }
            self.rows += 1;
        }
    }
}

/// Measures the objects of a plane that comes a few rows at a time. Held are the objects that have begun and not ended.
#[derive(Debug)]
pub struct Measurer {
    height: usize,
    width: usize,
    /// Height and width of a pixel.
    pixel: (f64, f64),
    ends: ObjectEnds,
    /// The next row.
    y: usize,
    above: Vec<u32>,
    open: HashMap<u32, Outlined>,
    done: Vec<Measurement>,
}

/// An object as far as it was seen.
#[derive(Debug)]
struct Outlined {
    count: usize,
    /// Sums of the rows and of the columns of its pixels.
    sums: (usize, usize),
    entries: LineEntries,
    /// Row, first and last column of each row that it reaches.
    extremes: Vec<(usize, usize, usize)>,
    channels: Vec<Samples>,
}

impl Measurer {
    /// For a plane of so many rows and columns, whose objects end as `ends` says.
    pub fn new((height, width): (usize, usize), calibration: &Calibration, ends: ObjectEnds) -> Self {
        let pixel = calibration.pixel_size();
        Self { height, width, pixel, ends, y: 0, above: vec![0; width], open: HashMap::new(), done: Vec::new() }
    }

    /// Takes the next rows of labels, and what the image has there.
    ///
    /// # Panics
    /// When labels and image differ in size.
    pub fn add(&mut self, labels: &[u32], image: &Maps) {
        assert!(labels.len() == image.height * image.width && image.width == self.width, "labels and image have the same size");
        for (row, labels) in labels.chunks_exact(self.width.max(1)).enumerate() {
            self.add_row(labels, image, row);
        }
    }

    /// All objects, in order of their labels.
    pub fn finish(mut self) -> Vec<Measurement> {
        self.done.sort_unstable_by_key(|one| one.label);
        self.done
    }

    fn add_row(&mut self, labels: &[u32], image: &Maps, row: usize) {
        let y = self.y;
        let at = |row: &[u32], x: Option<usize>| x.and_then(|x| row.get(x)).copied().unwrap_or(0);
        let mut x = 0;
        while x < labels.len() {
            let label = labels[x];
            let end = x + labels[x..].iter().position(|other| *other != label).unwrap_or(labels.len() - x);
            if label != 0 && label != UNLABELLED {
                let object = self.open.entry(label).or_insert_with(|| Outlined::new(image.channels));
                object.count += end - x;
                object.sums.0 += y * (end - x);
                object.sums.1 += (x..end).sum::<usize>();
                match object.extremes.last_mut() {
                    Some((last, _, right)) if *last == y => *right = end - 1,
                    _ => object.extremes.push((y, x, end - 1)),
                }
                object.entries.rows += 1;
                for x in x..end {
                    object.entries.columns += usize::from(self.above[x] != label);
                    object.entries.diagonals += usize::from(at(&self.above, x.checked_sub(1)) != label);
                    object.entries.diagonals += usize::from(at(&self.above, Some(x + 1)) != label);
                }
                for (c, samples) in object.channels.iter_mut().enumerate() {
                    samples.add(&image.channel(c)[row * self.width + x..row * self.width + end]);
                }
            }
            x = end;
        }
        self.above.copy_from_slice(labels);
        self.y += 1;
        let mut before = 0;
        for &label in labels {
            if label != before
                && self.ends.last.get(&label) == Some(&y)
                && let Some(object) = self.open.remove(&label)
            {
                self.done.push(self.measured(label, object));
            }
            before = label;
        }
    }

    fn measured(&self, label: u32, object: Outlined) -> Measurement {
        let (pixel_height, pixel_width) = self.pixel;
        let count = object.count as f64;
        let centre = |sum: usize| sum as f64 / count + 0.5;
        let hull = convex_hull(&object.extremes);
        let area = count * pixel_height * pixel_width;
        let perimeter = object.entries.perimeter(pixel_height, pixel_width);
        let rows = object.extremes.iter().map(|extreme| extreme.0);
        let (top, bottom) = (rows.clone().min().unwrap_or(0), rows.max().unwrap_or(0));
        let left = object.extremes.iter().map(|extreme| extreme.1).min().unwrap_or(0);
        let right = object.extremes.iter().map(|extreme| extreme.2).max().unwrap_or(0);
        Measurement {
            label,
            area,
            perimeter,
            centroid: (centre(object.sums.0) * pixel_height, centre(object.sums.1) * pixel_width),
            top,
            left,
            height: bottom - top + 1,
            width: right - left + 1,
            circularity: (4.0 * PI * area / perimeter.powi(2)).min(1.0),
            feret: feret_diameter(&hull, pixel_height, pixel_width),
            solidity: count / polygon_area(&hull),
            border: top == 0 || left == 0 || bottom + 1 == self.height || right + 1 == self.width,
            intensities: object.channels.into_iter().map(Samples::intensity).collect(),
        }
    }
}

impl Outlined {
    fn new(channels: usize) -> Self {
        Self {
            count: 0,
            sums: (0, 0),
            entries: LineEntries::default(),
            extremes: Vec::new(),
            channels: vec![Samples::default(); channels],
        }
    }
}
