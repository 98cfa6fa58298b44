//! A linear classifier in closed form: ridge regression on the classes, its penalty and the sharpness of its probabilities chosen by
//! leaving each image out.

use rayon::prelude::*;

use super::LinearHead;
use super::cholesky::{backward, dot, factorise, forward};

/// Penalties that are tried, in units of the number of images (features have unit variance).
const PENALTIES: [f64; 7] = [1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2, 1e3];
/// Sharpnesses between which the best is sought.
const SHARPNESS: (f64, f64) = (1.0, 50.0);
/// Halvings of that range.
const HALVINGS: usize = 40;
/// Features that scatter less than this share of their size are constant.
const CONSTANT: f64 = 1e-6;

/// Features of images, several rows of one image following each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Features a row.
    pub features: usize,
    /// `[rows, features]`.
    pub values: Vec<f64>,
    /// Rows, and class, of each image.
    pub images: Vec<(usize, usize)>,
}

/// The weights W that make Σ w |W x + b − y|² + λ |W|² smallest, where y is 1 at the class and 0 elsewhere; features x are standardised,
/// and w lets all classes weigh the same, and within them all images.
///
/// λ is the one of a few with the smallest error on images left out, all their rows at once: without fitting again, as
/// (I − H)⁻¹ (y − ŷ) over the rows of an image with the projection H (Allen's PRESS for blocks; Golub, Heath, Wahba,
/// Technometrics 21, 215, 1979). Then logits are the regression times a sharpness, which makes the likelihood of the images left out
/// largest.
///
/// # Panics
/// When a class is not below `classes`, or there are fewer than two images.
pub fn fit(rows: &Rows, classes: usize) -> LinearHead {
    let problem = Problem::new(rows, classes);
    let tried = PENALTIES.iter().map(|penalty| problem.solve(penalty * rows.images.len() as f64));
    let best = tried.min_by(|a, b| a.error.total_cmp(&b.error)).unwrap_or_else(|| problem.solve(1.0));
    let sharpness = problem.sharpness(&best.left_out);
    let features = rows.features;
    let mut head = LinearHead { weight: vec![0.0; classes * features], bias: best.bias };
    for (class, bias) in head.bias.iter_mut().enumerate() {
        for feature in 0..features {
            let weight = sharpness * best.weight[class * features + feature] * problem.scale[feature];
            head.weight[class * features + feature] = weight;
        }
        let weights = &head.weight[class * features..][..features];
        *bias = sharpness * *bias - dot(weights, &problem.mean);
    }
    head
}

/// Standardised rows, each times the root of its weight.
struct Problem<'a> {
    rows: &'a Rows,
    classes: usize,
    mean: Vec<f64>,
    /// One over the standard deviation; 0 for a constant feature.
    scale: Vec<f64>,
    /// `[rows, features]`.
    x: Vec<f64>,
    /// Root of the weight of each row.
    root: Vec<f64>,
    /// Class of each row.
    class: Vec<usize>,
    /// `xᵀ x`.
    gram: Vec<f64>,
}

/// What one penalty gives.
struct Solution {
    weight: Vec<f64>,
    bias: Vec<f64>,
    /// Regression of each row from all other images, `[rows, classes]`.
    left_out: Vec<f64>,
    /// Sum of their weighted squared errors.
    error: f64,
}

impl<'a> Problem<'a> {
    fn new(rows: &'a Rows, classes: usize) -> Self {
        let features = rows.features;
        let mut images = vec![0.0; classes];
        rows.images.iter().for_each(|(_, class)| images[*class] += 1.0);
        let present = images.iter().filter(|count| **count > 0.0).count() as f64;
        let all = rows.images.len() as f64;
        let of_image = |&(count, class): &(usize, usize)| {
            let weight: f64 = all / (present * images[class] * count as f64);
            std::iter::repeat_n((weight.sqrt(), class), count)
        };
        let (root, class): (Vec<f64>, Vec<usize>) = rows.images.iter().flat_map(of_image).unzip();
        let weighted_mean = |value: &dyn Fn(f64, usize) -> f64| {
            let mut sums = vec![0.0; features];
            for (row, root) in rows.values.chunks_exact(features).zip(&root) {
                for (feature, (sum, x)) in sums.iter_mut().zip(row).enumerate() {
                    *sum += root * root * value(*x, feature) / all;
                }
            }
            sums
        };
        let mean = weighted_mean(&|x, _| x);
        let variance = weighted_mean(&|x, feature| (x - mean[feature]).powi(2));
        let scale: Vec<f64> = variance
            .iter()
            .zip(&mean)
            .map(|(variance, mean)| if variance.sqrt() <= CONSTANT * mean.abs() { 0.0 } else { 1.0 / variance.sqrt() })
            .collect();
        let standardised =
            rows.values.chunks_exact(features).zip(&root).flat_map(|(row, root)| {
                row.iter().zip(&mean).zip(&scale).map(move |((x, mean), scale)| root * (x - mean) * scale)
            });
        let x: Vec<f64> = standardised.collect();
        let gram = gram(&x, features);
        Self { rows, classes, mean, scale, x, root, class, gram }
    }

    fn solve(&self, penalty: f64) -> Solution {
        let (features, classes) = (self.rows.features, self.classes);
        let mut lower = self.gram.clone();
        (0..features).for_each(|i| lower[i * features + i] += penalty);
        factorise(&mut lower, features);
        // z = L⁻¹ x, so that H = z zᵀ + √w √wᵀ / Σ w: the intercept stands apart, for features have mean 0.
        let mut z = self.x.clone();
        z.par_chunks_exact_mut(features).for_each(|row| forward(&lower, row));
        let mut bias = vec![0.0; classes];
        let mut weight = vec![0.0; classes * features];
        for ((row, root), &class) in z.chunks_exact(features).zip(&self.root).zip(&self.class) {
            bias[class] += root * root / self.rows.images.len() as f64;
            weight[class * features..][..features].iter_mut().zip(row).for_each(|(sum, z)| *sum += root * z);
        }
        let mut left_out = Vec::with_capacity(self.root.len() * classes);
        let mut error = 0.0;
        let mut first = 0;
        for &(count, _) in &self.rows.images {
            let range = first..first + count;
            let z = &z[range.start * features..range.end * features];
            let root = &self.root[range.clone()];
            let residual = |r: usize, class: usize| {
                let fitted = dot(&z[r * features..][..features], &weight[class * features..][..features]) + root[r] * bias[class];
                root[r] * f64::from(u8::from(self.class[first + r] == class)) - fitted
            };
            let mut rest = vec![0.0; count * count];
            for r in 0..count {
                for s in 0..count {
                    let shared = dot(&z[r * features..][..features], &z[s * features..][..features]);
                    let h = shared + root[r] * root[s] / self.rows.images.len() as f64;
                    rest[r * count + s] = f64::from(u8::from(r == s)) - h;
                }
            }
            factorise(&mut rest, count);
            let mut regressions = vec![0.0; count * classes];
            for class in 0..classes {
                let mut errors: Vec<f64> = (0..count).map(|r| residual(r, class)).collect();
                forward(&rest, &mut errors);
                backward(&rest, &mut errors);
                for (r, e) in errors.iter().enumerate() {
                    error += e * e;
                    regressions[r * classes + class] = f64::from(u8::from(self.class[first + r] == class)) - e / root[r];
                }
            }
            left_out.extend(regressions);
            first = range.end;
        }
        weight.chunks_exact_mut(features).for_each(|of_class| backward(&lower, of_class));
        Solution { weight, bias, left_out, error }
    }

    /// The factor on regressions that makes the likelihood of the classes largest. The slope of the log-likelihood falls with it.
    fn sharpness(&self, regressions: &[f64]) -> f64 {
        let slope = |sharpness: f64| -> f64 {
            regressions
                .chunks_exact(self.classes)
                .zip(&self.root)
                .zip(&self.class)
                .map(|((row, root), &class)| {
                    let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    let shares: Vec<f64> = row.iter().map(|value| (sharpness * (value - largest)).exp()).collect();
                    let expected = dot(&shares, row) / shares.iter().sum::<f64>();
                    root * root * (row[class] - expected)
                })
                .sum()
        };
        let (mut low, mut high) = SHARPNESS;
        for _ in 0..HALVINGS {
            let middle = (low * high).sqrt();
            if slope(middle) > 0.0 { low = middle } else { high = middle }
        }
        low
    }
}

/// `xᵀ x` of rows.
fn gram(x: &[f64], features: usize) -> Vec<f64> {
    let count = x.len() / features.max(1);
    let columns: Vec<f64> = (0..features).flat_map(|f| (0..count).map(move |r| x[r * features + f])).collect();
    let column = |f: usize| &columns[f * count..(f + 1) * count];
    let mut gram = vec![0.0; features * features];
    gram.par_chunks_exact_mut(features.max(1)).enumerate().for_each(|(i, row)| {
        row.iter_mut().take(i + 1).enumerate().for_each(|(j, value)| *value = dot(column(i), column(j)));
    });
    gram
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two rows each of ten images of three classes, of which one has fewer; the last feature is constant.
    fn rows() -> Rows {
        let classes = [0, 1, 0, 2, 1, 0, 0, 1, 2, 0];
        let row = |r: usize| {
            let (class, r) = (classes[r / 2], r as f64);
            let wave = move |f: f64| ((f + 1.0) * 2.3 * r * r + r * (0.3 + f)).sin();
            let second = if class == 1 { 1.2 } else { 0.0 };
            [wave(0.0) + 1.4 * class as f64, wave(1.0) + second, wave(2.0), 5.0]
        };
        Rows { features: 4, values: (0..20).flat_map(row).collect(), images: classes.map(|class| (2, class)).to_vec() }
    }

    /// scikit-learn 1.9.1: `Ridge` with these weights on standardised features, for each penalty fitted ten times without one image; the
    /// best penalty is 0.1 · 10, the sharpness 4.91297 (`scipy.optimize.minimize_scalar` on the log-likelihood of the images left out).
    #[test]
    fn the_head_is_what_fitting_without_each_image_chooses() {
        let head = fit(&rows(), 3);
        let weight = [
            [-1.234_132_888_205_831_6, -0.914_396_989_841_127_8, 0.657_690_005_649_972_9, 0.0],
            [-0.084_064_584_161_583_04, 1.575_201_368_819_084_2, -0.235_946_083_181_537_73, 0.0],
            [1.318_197_472_367_414_8, -0.660_804_378_977_957, -0.421_743_922_468_434_95, 0.0],
        ];
        let bias = [3.983_491_614_792_229_5, 0.939_507_076_255_791, -0.010_027_488_761_893_633];
        for (found, expected) in head.weight.iter().zip(weight.as_flattened()).chain(head.bias.iter().zip(&bias)) {
            assert!((found - expected).abs() < 1e-6, "{found} instead of {expected}");
        }
    }

    /// A class whose images all look the same, features without any scatter, as many features as there are rows: all finite.
    #[test]
    fn no_features_break_the_fit() {
        for (features, value) in [(1, 0.0), (6, 3.0), (40, 1.0)] {
            let mut rows = Rows { features, values: vec![value; features * 4], images: vec![(1, 0), (1, 1), (1, 0), (1, 1)] };
            assert!(fit(&rows, 2).weight.iter().all(|weight| *weight == 0.0));
            rows.values.iter_mut().enumerate().for_each(|(i, x)| *x += ((i * i) as f64).sin() * 1e3);
            let head = fit(&rows, 3);
            assert!(head.weight.iter().chain(&head.bias).all(|weight| weight.is_finite()), "{head:?}");
        }
    }
}
