//! Logistic regression by Newton's method, in f64.

use super::LinearHead;
use super::cholesky::{backward, factorise, forward};

/// Newton steps at most; five to eight are needed.
const STEPS: usize = 25;
/// Largest change of a coefficient at which it has converged.
const CONVERGED: f64 = 1e-6;

/// What is regressed on: `n` rows of `inputs` features, what `outputs` classes each row has a share in, how much it counts.
#[derive(Clone, Debug)]
pub struct SharedRows<'a> {
    /// `[n, inputs]`.
    pub features: &'a [f32],
    /// `[n, outputs]`: shares, 0 to 1, that add up to 1 in each row.
    pub shares: &'a [f32],
    /// `[n]`: 0 or more.
    pub weights: &'a [f32],
    /// Features of a row.
    pub inputs: usize,
    /// Classes.
    pub outputs: usize,
}

/// The weights and constants B of all classes that minimise
///
/// Σ wᵢ · cross-entropy(shareᵢ, softmax(B·(xᵢ, 1))) / Σ wᵢ + ridge / 2 · Σ bₖⱼ² · varⱼ
///
/// where varⱼ is the variance of feature j: the penalty does not depend on the scale of features, and constants bear none but what
/// keeps them apart from adding the same to all classes. A function of its arguments alone.
pub fn logistic(rows: &SharedRows<'_>, ridge: f64) -> LinearHead {
    let SharedRows { inputs, outputs, .. } = *rows;
    let scaling = Scaling::of(rows);
    let width = inputs + 1;
    let mut coefficients = vec![0.0; outputs * width];
    let total: f64 = rows.weights.iter().map(|&w| f64::from(w)).sum();
    for _ in 0..if total > 0.0 { STEPS } else { 0 } {
        let (mut step, mut hessian) = derivatives(rows, &scaling, &coefficients, ridge, total);
        factorise(&mut hessian, outputs * width);
        forward(&hessian, &mut step);
        backward(&hessian, &mut step);
        // A step that would throw the shares to 0 and 1 at once is shortened: far from the optimum Newton overshoots.
        let longest = step.iter().fold(0.0_f64, |longest, change| longest.max(change.abs()));
        let share = (4.0 / longest.max(1e-12)).min(1.0);
        coefficients.iter_mut().zip(&step).for_each(|(c, change)| *c -= share * change);
        if longest < CONVERGED {
            break;
        }
    }
    scaling.undo(&coefficients, inputs)
}

/// Features less their mean, over their standard deviation.
struct Scaling {
    mean: Vec<f64>,
    deviation: Vec<f64>,
}

impl Scaling {
    fn of(rows: &SharedRows<'_>) -> Self {
        let mut sums = vec![(0.0, 0.0); rows.inputs];
        let mut total = 0.0;
        for (row, &weight) in rows.features.chunks_exact(rows.inputs).zip(rows.weights) {
            let weight = f64::from(weight);
            total += weight;
            for ((sum, squares), &value) in sums.iter_mut().zip(row) {
                *sum += weight * f64::from(value);
                *squares += weight * f64::from(value).powi(2);
            }
        }
        let total = f64::max(total, f64::MIN_POSITIVE);
        let mean: Vec<f64> = sums.iter().map(|(sum, _)| sum / total).collect();
        let deviation = sums
            .iter()
            .zip(&mean)
            .map(|((_, squares), mean)| {
                let variance = squares / total - mean.powi(2);
                // A feature that is the same everywhere says nothing.
                if variance > 1e-10 { variance.sqrt() } else { f64::INFINITY }
            })
            .collect();
        Self { mean, deviation }
    }

    /// A row with its constant.
    fn apply(&self, row: &[f32], out: &mut [f64]) {
        for (((out, &value), mean), deviation) in out.iter_mut().zip(row).zip(&self.mean).zip(&self.deviation) {
            *out = (f64::from(value) - mean) / deviation;
        }
        out[row.len()] = 1.0;
    }

    /// A head on features as they are, from the coefficients of scaled ones.
    fn undo(&self, coefficients: &[f64], inputs: usize) -> LinearHead {
        let mut head = LinearHead::default();
        for class in coefficients.chunks_exact(inputs + 1) {
            let scaled: Vec<f64> = class[..inputs].iter().zip(&self.deviation).map(|(c, d)| c / d).collect();
            let shift: f64 = scaled.iter().zip(&self.mean).map(|(c, m)| c * m).sum();
            head.weight.extend(scaled);
            head.bias.push(class[inputs] - shift);
        }
        head
    }
}

/// Gradient, and Hessian as a full symmetric matrix by rows.
fn derivatives(rows: &SharedRows<'_>, scaling: &Scaling, coefficients: &[f64], ridge: f64, total: f64) -> (Vec<f64>, Vec<f64>) {
    let SharedRows { inputs, outputs, .. } = *rows;
    let width = inputs + 1;
    let size = outputs * width;
    let mut gradient = vec![0.0; size];
    // One triangle of X' diag(v) X for each pair of classes.
    let pairs: Vec<(usize, usize)> = (0..outputs).flat_map(|a| (a..outputs).map(move |b| (a, b))).collect();
    let mut blocks = vec![vec![0.0; width * width]; pairs.len()];
    let mut x = vec![0.0; width];
    let mut shares = vec![0.0; outputs];
    let each = rows.features.chunks_exact(inputs).zip(rows.shares.chunks_exact(outputs)).zip(rows.weights);
    for ((row, wanted), &weight) in each.filter(|(_, weight)| **weight > 0.0) {
        let weight = f64::from(weight) / total;
        scaling.apply(row, &mut x);
        softmax(&x, coefficients, &mut shares);
        for (class, gradient) in gradient.chunks_exact_mut(width).enumerate() {
            let slope = weight * (shares[class] - f64::from(wanted[class]));
            gradient.iter_mut().zip(&x).for_each(|(g, x)| *g += slope * x);
        }
        for (&(a, b), block) in pairs.iter().zip(&mut blocks) {
            let bend = weight * shares[a] * (f64::from(u8::from(a == b)) - shares[b]);
            for (i, line) in block.chunks_exact_mut(width).enumerate() {
                let factor = bend * x[i];
                line[..=i].iter_mut().zip(&x[..=i]).for_each(|(h, x)| *h += factor * x);
            }
        }
    }
    let mut hessian = vec![0.0; size * size];
    for (&(a, b), block) in pairs.iter().zip(&blocks) {
        for i in 0..width {
            for j in 0..=i {
                let value = block[i * width + j];
                for (row, column) in [(a * width + i, b * width + j), (a * width + j, b * width + i)] {
                    hessian[row * size + column] = value;
                    hessian[column * size + row] = value;
                }
            }
        }
    }
    for (place, &coefficient) in coefficients.iter().enumerate() {
        // Adding the same to all constants changes nothing: without any penalty that direction is flat.
        let penalty = if place % width == inputs { 1e-9 } else { ridge };
        gradient[place] += penalty * coefficient;
        hessian[place * size + place] += penalty;
    }
    (gradient, hessian)
}

fn softmax(x: &[f64], coefficients: &[f64], shares: &mut [f64]) {
    for (share, class) in shares.iter_mut().zip(coefficients.chunks_exact(x.len())) {
        *share = class.iter().zip(x).map(|(c, x)| c * x).sum();
    }
    let largest = shares.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    shares.iter_mut().for_each(|share| *share = (*share - largest).exp());
    let sum: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|share| *share /= sum);
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEATURES: [f32; 16] = [0.0, 1.0, 1.0, 0.5, 2.0, -1.0, 3.0, 0.25, 4.0, 2.0, 5.0, 1.5, 6.0, -0.5, 7.0, 0.0];

    /// Shares of the classes by a head on two features.
    fn shares(head: &LinearHead, x: [f64; 2]) -> Vec<f64> {
        let lines = head.weight.chunks_exact(2).zip(&head.bias);
        let coefficients: Vec<f64> = lines.flat_map(|(weight, &bias)| [weight[0], weight[1], bias]).collect();
        let mut shares = vec![0.0; head.bias.len()];
        softmax(&[x[0], x[1], 1.0], &coefficients, &mut shares);
        shares
    }

    fn one_hot(classes: &[usize], outputs: usize) -> Vec<f32> {
        classes.iter().flat_map(|&class| (0..outputs).map(move |k| f32::from(u8::from(k == class)))).collect()
    }

    /// scikit-learn 1.9.1, `LogisticRegression(C=1 / (8 · 0.01), tol=1e-13)` on features less their mean over their deviation.
    #[test]
    fn three_classes_are_told_apart_as_by_another_program() {
        let wanted = one_hot(&[0, 0, 1, 0, 2, 1, 1, 2], 3);
        let rows = SharedRows { features: &FEATURES, shares: &wanted, weights: &[1.0; 8], inputs: 2, outputs: 3 };
        let found = logistic(&rows, 0.01);
        for (x, expected) in [
            ([3.0, 1.0], [0.531_192_731_0, 0.369_386_255_9, 0.099_421_013_1]),
            ([0.0, 0.0], [0.930_393_406_8, 0.069_155_214_8, 0.000_451_378_4]),
            ([7.0, -1.0], [0.002_758_042_7, 0.783_849_516_1, 0.213_392_441_2]),
        ] {
            let shares = shares(&found, x);
            assert!(shares.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5), "{shares:?} for {expected:?}");
        }
    }

    /// The same program on every row twice, once as 1 and once as 0, weighted by its share.
    #[test]
    fn shares_and_weights_count() {
        let ones = [0.1, 0.3, 0.2, 0.9, 0.6, 0.8, 0.95, 0.7];
        let wanted: Vec<f32> = ones.iter().flat_map(|&one| [1.0 - one, one]).collect();
        let weights = [1.0, 2.0, 1.0, 1.0, 0.5, 1.0, 1.0, 3.0];
        let found =
            logistic(&SharedRows { features: &FEATURES, shares: &wanted, weights: &weights, inputs: 2, outputs: 2 }, 0.01);
        let LinearHead { weight, bias } = found;
        let line = [weight[2] - weight[0], weight[3] - weight[1], bias[1] - bias[0]];
        for (found, expected) in line.iter().zip([0.385_739_098, 0.185_708_328, -1.238_040_242]) {
            assert!((found - expected).abs() < 1e-5, "{line:?}");
        }
    }

    #[test]
    fn what_cannot_be_told_apart_is_given_its_share() {
        let same = [2.0_f32; 6];
        let wanted = one_hot(&[0, 1, 1], 2);
        let found = logistic(&SharedRows { features: &same, shares: &wanted, weights: &[1.0; 3], inputs: 2, outputs: 2 }, 0.01);
        let shares = shares(&found, [2.0, 2.0]);
        assert!((shares[1] - 2.0 / 3.0).abs() < 1e-6, "{shares:?}");
        let none = logistic(&SharedRows { features: &same, shares: &wanted, weights: &[0.0; 3], inputs: 2, outputs: 2 }, 0.01);
        assert_eq!(none, LinearHead { weight: vec![0.0; 4], bias: vec![0.0; 2] });
    }

    #[test]
    fn what_is_told_apart_without_fault_stays_finite() {
        let features = [0.0_f32, 0.0, 1.0, 0.0, 100.0, 0.0, 101.0, 0.0];
        let wanted = one_hot(&[0, 0, 1, 1], 2);
        let found =
            logistic(&SharedRows { features: &features, shares: &wanted, weights: &[1.0; 4], inputs: 2, outputs: 2 }, 1e-3);
        assert!(
            found.weight.iter().chain(&found.bias).all(|c| c.is_finite()) && shares(&found, [100.5, 0.0])[1] > 0.95,
            "{found:?}"
        );
    }
}
