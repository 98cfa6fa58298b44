//! From a label plane to the maps that a network learns.

use fewlabel_image::Plane;

use crate::components::equal_components;
use crate::distance_transform::{NOWHERE, squared_distance};
use crate::neighbours::neighbours;
use crate::window::windows;
use crate::{UNLABELLED, geodesic_distance};

/// Class of a pixel outside of all objects.
const BACKGROUND: u8 = 0;
/// Class of a pixel inside an object, away from its edge.
const INTERIOR: u8 = 1;
/// Class of an object's pixel at its edge.
const BOUNDARY: u8 = 2;
/// Class of a pixel about which nothing is known.
const IGNORE: u8 = 255;

/// What a network learns of a label plane, pixel by pixel.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectTargets {
    /// 0 background, 1 interior, 2 boundary, 255 unknown: there the other two maps mean nothing either.
    pub class: Plane<u8>,
    /// Euclidean distance to the nearest pixel that is not the object's, divided by the object's largest: 0 outside, up to 1 inside.
    pub distance: Plane<f32>,
    /// 1 at the object's centre, falling with the distance along paths inside the object to 0 at its farthest pixel; 0 outside.
    pub centre: Plane<f32>,
}

/// Makes the maps that a network learns from a label plane.
///
/// * **Object**: a connected piece (eight neighbours) of pixels of one number; several pieces of one
///   number are objects of their own.
/// * **Boundary**: an object's pixels of whose eight neighbours one belongs to something else, on
///   both sides where objects touch. The edge of the plane is no boundary. An object that is so thin
///   that nothing else would remain keeps as interior its pixels farthest from the edge.
/// * **Centre**: of the pixels farthest from the edge the one nearest to the centroid.
/// * **Unlabelled** ([`UNLABELLED`]) pixels are of class 255, and so are an object's pixels that are
///   nearer to an unlabelled pixel than to one that is known to be outside: whether the object ends
///   there, nobody knows. For the distances of its other pixels the object ends there.
///
/// ```
/// use fewlabel_image::Plane;
/// let labels = Plane::new(5, 5, vec![
///     0, 0, 0, 0, 0,
///     0, 7, 7, 7, 0,
///     0, 7, 7, 7, 0,
///     0, 7, 7, 7, 0,
///     0, 0, 0, 0, 0,
/// ]);
/// let targets = fewlabel_objects::object_targets(&labels);
/// assert_eq!(targets.class.row(2), [0, 2, 1, 2, 0]);
/// assert_eq!(targets.distance.row(2), [0.0, 0.5, 1.0, 0.5, 0.0]);
/// assert_eq!(targets.centre.at(2, 2), 1.0);
/// assert_eq!(targets.centre.at(1, 1), 0.0);
/// ```
pub fn object_targets(labels: &Plane<u32>) -> ObjectTargets {
    let (height, width) = (labels.height, labels.width);
    let mut targets = ObjectTargets {
        class: labels.map(|label| if label == UNLABELLED { IGNORE } else { BACKGROUND }),
        distance: Plane::filled(height, width, 0.0),
        centre: Plane::filled(height, width, 0.0),
    };
    let (pieces, _) = equal_components(labels, true);
    for (piece, window) in windows(&pieces) {
        // One pixel more on each side: all that an object's nearest outside can be.
        let window = window.grown(1, height, width);
        let inside = window.crop(&pieces).map(|p| p == piece);
        let object = Object::new(&inside, &window.crop(labels));
        for pixel in (0..inside.data.len()).filter(|&pixel| inside.data[pixel]) {
            let (y, x) = (window.top + pixel / inside.width, window.left + pixel % inside.width);
            targets.class.set(y, x, object.class[pixel]);
            targets.distance.set(y, x, object.distance[pixel]);
            targets.centre.set(y, x, object.centre[pixel]);
        }
    }
    targets
}

/// The targets of one object in its window.
struct Object {
    class: Vec<u8>,
    distance: Vec<f32>,
    centre: Vec<f32>,
}

impl Object {
    /// `inside` marks the object's pixels, `labels` are those of the window.
    fn new(inside: &Plane<bool>, labels: &Plane<u32>) -> Self {
        let squared = squared_distance(inside).data;
        let farthest = squared.iter().copied().max().unwrap_or(0);
        let mut class: Vec<u8> = (0..squared.len()).map(|pixel| class_of(inside, labels, pixel)).collect();
        if !class.contains(&INTERIOR) {
            for pixel in (0..class.len()).filter(|&pixel| inside.data[pixel] && squared[pixel] == farthest) {
                class[pixel] = INTERIOR;
            }
        }
        forget_near_unlabelled(&mut class, &squared, inside, labels);
        let centre = centre_of(inside, &squared, farthest);
        Self { class, distance: distance_map(&squared, farthest), centre: centre_map(inside, centre) }
    }
}

fn class_of(inside: &Plane<bool>, labels: &Plane<u32>, pixel: usize) -> u8 {
    if !inside.data[pixel] {
        return BACKGROUND;
    }
    let meets_other = neighbours(pixel, labels.height, labels.width).any(|next| labels.data[next] != labels.data[pixel]);
    if meets_other { BOUNDARY } else { INTERIOR }
}

/// Sets the class to unknown where an unlabelled pixel is nearer than a known one outside.
fn forget_near_unlabelled(class: &mut [u8], squared: &[u64], inside: &Plane<bool>, labels: &Plane<u32>) {
    if !labels.data.contains(&UNLABELLED) {
        return;
    }
    let known_outside = inside.data.iter().zip(&labels.data).map(|(&inside, &label)| inside || label == UNLABELLED);
    let known = squared_distance(&Plane::new(labels.height, labels.width, known_outside.collect()));
    for (pixel, class) in class.iter_mut().enumerate() {
        if squared[pixel] < known.data[pixel] {
            *class = IGNORE;
        }
    }
}

/// Distance to the outside over the largest; 1 throughout an object without an outside.
fn distance_map(squared: &[u64], farthest: u64) -> Vec<f32> {
    let relative = |&squared: &u64| match (squared, farthest) {
        (0, _) => 0.0,
        (_, NOWHERE) => 1.0,
        _ => (squared as f64 / farthest as f64).sqrt() as f32,
    };
    squared.iter().map(relative).collect()
}

/// Of the pixels farthest from the outside, the one nearest to the centroid; the first of equals.
fn centre_of(inside: &Plane<bool>, squared: &[u64], farthest: u64) -> (usize, usize) {
    let place = |pixel: usize| (pixel / inside.width, pixel % inside.width);
    let pixels = || (0..squared.len()).filter(|&pixel| inside.data[pixel]);
    let (mut area, mut sum_y, mut sum_x) = (0_u128, 0, 0);
    for (y, x) in pixels().map(place) {
        area += 1;
        sum_y += y as u128;
        sum_x += x as u128;
    }
    // Distances to the centroid times the area stay whole numbers, so that ties are ties everywhere.
    let off_centroid =
        |(y, x): (usize, usize)| (y as u128 * area).abs_diff(sum_y).pow(2) + (x as u128 * area).abs_diff(sum_x).pow(2);
    pixels().filter(|&pixel| squared[pixel] == farthest).map(place).min_by_key(|&p| off_centroid(p)).unwrap_or((0, 0))
}

/// 1 at the centre, falling with the distance inside the object to 0 at the farthest pixel.
fn centre_map(inside: &Plane<bool>, centre: (usize, usize)) -> Vec<f32> {
    let distance = geodesic_distance(inside, centre).data;
    let farthest = distance.iter().copied().filter(|d| d.is_finite()).fold(0.0, f32::max);
    let closeness = |&distance: &f32| match distance {
        d if d.is_infinite() => 0.0,
        0.0 => 1.0,
        d => 1.0 - d / farthest,
    };
    distance.iter().map(closeness).collect()
}
