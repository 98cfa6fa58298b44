//! Connected components.

use fewlabel_image::Plane;

use crate::UNLABELLED;

/// Numbers the connected components of the `true` pixels from 1, in raster order of their first
/// pixels, and says how many there are; `false` pixels get 0.
///
/// With `eight`, pixels that touch at a corner are connected; without, only those that share an edge.
/// Two passes and a union-find over provisional numbers (Rosenfeld and Pfaltz 1966).
///
/// ```
/// use fewlabel_image::Plane;
/// let mask = Plane::new(5, 5, [
///     1, 1, 0, 0, 0,
///     0, 0, 1, 0, 0,
///     0, 0, 0, 0, 0,
///     0, 1, 0, 1, 1,
///     0, 1, 0, 0, 1,
/// ].map(|v| v == 1).to_vec());
/// assert_eq!(fewlabel_objects::components(&mask, true).1, 3);
/// assert_eq!(fewlabel_objects::components(&mask, false).1, 4);
/// ```
pub fn components(mask: &Plane<bool>, eight: bool) -> (Plane<u32>, u32) {
    equal_components(&mask.map(u32::from), eight)
}

/// Like [`components`], for the connected pieces of pixels of one number; 0 and [`UNLABELLED`] get 0.
pub(crate) fn equal_components(labels: &Plane<u32>, eight: bool) -> (Plane<u32>, u32) {
    let (height, width) = (labels.height, labels.width);
    let mut pieces = Plane::filled(height, width, 0_u32);
    let mut parents = vec![0_u32];
    for y in 0..height {
        for x in 0..width {
            let label = labels.at(y, x);
            if label == 0 || label == UNLABELLED {
                continue;
            }
            let mut piece = 0;
            let mut join = |y: usize, x: usize| {
                if labels.at(y, x) == label {
                    let other = pieces.at(y, x);
                    piece = if piece == 0 { find(&mut parents, other) } else { unite(&mut parents, piece, other) };
                }
            };
            if x > 0 {
                join(y, x - 1);
            }
            if y > 0 {
                join(y - 1, x);
                if eight && x > 0 {
                    join(y - 1, x - 1);
                }
                if eight && x + 1 < width {
                    join(y - 1, x + 1);
                }
            }
            if piece == 0 {
                piece = parents.len() as u32;
                parents.push(piece);
            }
            pieces.set(y, x, piece);
        }
    }
    number(&pieces, &mut parents)
}

/// Replaces provisional numbers by consecutive ones. A root is the smallest number of its
/// component, given at its first pixel, so the order of roots is the raster order of first pixels.
fn number(labels: &Plane<u32>, parents: &mut [u32]) -> (Plane<u32>, u32) {
    let mut finals = vec![0_u32; parents.len()];
    let mut count = 0;
    for label in 1..parents.len() as u32 {
        let root = find(parents, label);
        if root == label {
            count += 1;
            finals[label as usize] = count;
        } else {
            finals[label as usize] = finals[root as usize];
        }
    }
    (labels.map(|label| finals[label as usize]), count)
}

/// The root of `label`, with path halving.
pub(crate) fn find(parents: &mut [u32], mut label: u32) -> u32 {
    while parents[label as usize] != label {
        let above = parents[parents[label as usize] as usize];
        parents[label as usize] = above;
        label = above;
    }
    label
}

/// Joins two trees under the smaller root, and returns it.
pub(crate) fn unite(parents: &mut [u32], a: u32, b: u32) -> u32 {
    let (a, b) = (find(parents, a), find(parents, b));
    let (root, child) = (a.min(b), a.max(b));
    parents[child as usize] = root;
    root
}
