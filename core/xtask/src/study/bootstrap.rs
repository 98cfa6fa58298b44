//! How sure a number is: resampling with replacement (Efron, Annals of Statistics 7, 1, 1979), percentile interval.

use rand::RngExt;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// How often is drawn.
pub const RESAMPLES: usize = 2_000;

/// The same draws for every table.
const SEED: u64 = 0;

/// Ends of the interval that holds 95 % of what was drawn.
const ENDS: [f64; 2] = [0.025, 0.975];

/// The 95 % interval of a number that comes from runs and groups of images. Each draw has as many runs and as many groups as there are,
/// given as their places from 0, some of them several times. Draws for which there is no number are left out; `None` when that is
/// half of them or more, and for one run on one group, which do not tell how they vary.
pub fn interval(runs: usize, groups: usize, mut number: impl FnMut(&[usize], &[usize]) -> Option<f64>) -> Option<(f64, f64)> {
    if runs == 0 || groups == 0 || runs * groups == 1 {
        return None;
    }
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let mut draw = |n: usize| -> Vec<usize> { (0..n).map(|_| random.random_range(0..n)).collect() };
    let mut numbers: Vec<f64> = (0..RESAMPLES)
        .filter_map(|_| {
            let (runs, groups) = (draw(runs), draw(groups));
            number(&runs, &groups)
        })
        .collect();
    if 2 * numbers.len() <= RESAMPLES {
        return None;
    }
    numbers.sort_by(f64::total_cmp);
    let [low, high] = ENDS.map(|end| quantile(&numbers, end));
    Some((low, high))
}

/// Of sorted numbers, linear between two of them.
fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = part * (sorted.len() - 1) as f64;
    let below = sorted[place.floor() as usize];
    let above = sorted[place.ceil() as usize];
    below + (above - below) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(values: &[f64], drawn: &[usize]) -> f64 {
        drawn.iter().map(|&n| values[n]).sum::<f64>() / drawn.len() as f64
    }

    #[test]
    fn a_mean_of_many_has_the_interval_of_theory() {
        // 400 numbers, half 0 and half 1: the mean has a standard error of 0.025, and the interval is 0.5 ± 1.96 · 0.025.
        let values: Vec<f64> = (0..400).map(|n| f64::from(n % 2)).collect();
        let (low, high) = interval(1, 400, |_, groups| Some(mean(&values, groups))).expect("an interval");
        // 2,000 draws know the ends of the interval to 0.0015.
        assert!((low - 0.451).abs() < 0.006 && (high - 0.549).abs() < 0.006, "{low} {high}");
    }

    #[test]
    fn what_does_not_vary_has_no_width_and_both_runs_and_groups_widen() {
        assert_eq!(interval(3, 5, |_, _| Some(0.25)), Some((0.25, 0.25)));
        let runs = [0.0, 0.5, 1.0];
        let groups = [0.0, 0.25, 0.5, 0.75];
        let width = |of_runs: bool, of_groups: bool| {
            let (low, high) = interval(3, 4, |r, g| {
                Some(if of_runs { mean(&runs, r) } else { 0.0 } + if of_groups { mean(&groups, g) } else { 0.0 })
            })
            .expect("an interval");
            high - low
        };
        assert_eq!(interval(3, 1, |r, _| Some(mean(&runs, r))), Some((0.0, 1.0)), "one draw in 27 has the first run alone");
        assert!(width(true, true) > width(true, false) && width(true, true) > width(false, true));
        assert_eq!(width(true, true).to_bits(), width(true, true).to_bits());
    }

    #[test]
    fn without_numbers_there_is_no_interval() {
        assert_eq!(interval(0, 3, |_, _| Some(1.0)), None);
        assert_eq!(interval(3, 0, |_, _| Some(1.0)), None);
        assert_eq!(interval(1, 1, |_, _| Some(1.0)), None);
        assert_eq!(interval(3, 3, |_, _| None), None);
    }

    #[test]
    fn quantiles_lie_between_numbers() {
        assert_eq!([0.0, 0.25, 0.5, 1.0].map(|part| quantile(&[1.0, 2.0, 4.0], part)), [1.0, 1.5, 2.0, 4.0]);
    }
}
