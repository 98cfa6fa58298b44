//! Exact Euclidean distance transform.

use fewlabel_image::Plane;

/// The squared distance of a pixel from which no `false` pixel can be reached.
pub(crate) const NOWHERE: u64 = u64::MAX;

/// For each `true` pixel the Euclidean distance, in pixels, from its centre to the centre of the
/// nearest `false` pixel; 0 at `false` pixels; infinite when no pixel is `false`. What lies beyond
/// the edge of the plane does not count as `false`.
///
/// Exact and separable: columns first, then in each row the lower envelope of parabolas
/// (Felzenszwalb and Huttenlocher, Distance transforms of sampled functions, 2012).
///
/// ```
/// use fewlabel_image::Plane;
/// let mut mask = Plane::filled(5, 5, true);
/// mask.set(0, 0, false);
/// let distance = fewlabel_objects::distance_transform(&mask);
/// assert_eq!(distance.at(4, 3), 5.0);
/// ```
pub fn distance_transform(mask: &Plane<bool>) -> Plane<f32> {
    squared_distance(mask).map(|squared| if squared == NOWHERE { f32::INFINITY } else { (squared as f64).sqrt() as f32 })
}

/// The squares of [`distance_transform`], in whole numbers; [`NOWHERE`] when no pixel is `false`.
pub(crate) fn squared_distance(mask: &Plane<bool>) -> Plane<u64> {
    let (height, width) = (mask.height, mask.width);
    let mut squared = column_distances(mask);
    let mut envelope = Envelope::with_capacity(width);
    for y in 0..height {
        let row = &mut squared.data[y * width..(y + 1) * width];
        envelope.build(row);
        envelope.sample(row);
    }
    squared
}

/// Squared distance to the nearest `false` pixel of the same column.
fn column_distances(mask: &Plane<bool>) -> Plane<u64> {
    let mut steps = Plane::filled(mask.height, mask.width, NOWHERE);
    count_steps(mask, 0..mask.height, &mut steps);
    count_steps(mask, (0..mask.height).rev(), &mut steps);
    steps.map(|n| if n == NOWHERE { NOWHERE } else { n * n })
}

/// Walks over the rows in the given order and counts steps since the last `false` pixel of each column.
fn count_steps(mask: &Plane<bool>, rows: impl Iterator<Item = usize>, steps: &mut Plane<u64>) {
    let mut since = vec![NOWHERE; mask.width];
    for y in rows {
        for (x, since) in since.iter_mut().enumerate() {
            *since = if mask.at(y, x) { since.saturating_add(1) } else { 0 };
            steps.set(y, x, steps.at(y, x).min(*since));
        }
    }
}

/// The parabolas `(x - vertex)² + height` that are lowest somewhere, from left to right.
struct Envelope {
    vertices: Vec<(i64, i64)>,
    /// First whole x at which the parabola of the same number is lowest.
    starts: Vec<i64>,
}

impl Envelope {
    fn with_capacity(width: usize) -> Self {
        Self { vertices: Vec::with_capacity(width), starts: Vec::with_capacity(width) }
    }

    fn build(&mut self, row: &[u64]) {
        self.vertices.clear();
        self.starts.clear();
        for (x, &height) in row.iter().enumerate() {
            if height == NOWHERE {
                continue;
            }
            let (x, height) = (x as i64, height as i64);
            let mut start = 0;
            while let (Some(&(left, left_height)), Some(&left_start)) = (self.vertices.last(), self.starts.last()) {
                // The new parabola is below the last one right of where the two cross.
                let crossing = (x * x + height - left * left - left_height).div_euclid(2 * (x - left));
                start = crossing + 1;
                if start > left_start {
                    break;
                }
                self.vertices.pop();
                self.starts.pop();
                start = 0;
            }
            self.vertices.push((x, height));
            self.starts.push(start);
        }
    }

    fn sample(&self, row: &mut [u64]) {
        let mut k = 0;
        for (x, value) in row.iter_mut().enumerate() {
            let x = x as i64;
            while k + 1 < self.starts.len() && self.starts[k + 1] <= x {
                k += 1;
            }
            if let Some(&(vertex, height)) = self.vertices.get(k) {
                *value = ((x - vertex) * (x - vertex) + height) as u64;
            }
        }
    }
}
