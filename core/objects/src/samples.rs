//! The samples of one channel inside an object.

use crate::Intensity;

/// So many samples are kept one by one. Beyond, whole numbers below 65,536 are counted, and of others as many are kept.
const KEPT: usize = 1 << 22;

/// Values that are counted instead of kept.
const COUNTED: usize = 1 << 16;

/// Finite samples, as they come.
#[derive(Clone, Debug)]
pub(crate) enum Samples {
    /// One by one.
    Kept {
        values: Vec<f32>,
        /// Of the samples every so many are kept: 1, or a power of two.
        step: usize,
        /// All samples.
        count: usize,
        sum: f64,
        least: f32,
        most: f32,
    },
    /// How often each whole number occurs.
    Counted(Vec<u64>),
}

impl Default for Samples {
    fn default() -> Self {
        Self::Kept { values: Vec::new(), step: 1, count: 0, sum: 0.0, least: f32::INFINITY, most: f32::NEG_INFINITY }
    }
}

impl Samples {
    /// Takes more; what is not finite is left out.
    pub(crate) fn add(&mut self, samples: &[f32]) {
        for &value in samples.iter().filter(|value| value.is_finite()) {
            match self {
                Self::Kept { values, step, count, sum, least, most } => {
                    if count.is_multiple_of(*step) {
                        values.push(value);
                    }
                    *count += 1;
                    *sum += f64::from(value);
                    (*least, *most) = (least.min(value), most.max(value));
                }
                Self::Counted(counts) if is_counted(value) => counts[value as usize] += 1,
                Self::Counted(_) => {
                    self.keep_again();
                    self.add(&[value]);
                }
            }
        }
        self.bound();
    }

    /// Holds less when it has become too much.
    fn bound(&mut self) {
        let Self::Kept { values, step, .. } = self else { return };
        if values.len() < KEPT {
            return;
        }
        if *step == 1 && values.iter().all(|value| is_counted(*value)) {
            let mut counts = vec![0; COUNTED];
            values.iter().for_each(|value| counts[*value as usize] += 1);
            *self = Self::Counted(counts);
            return;
        }
        *step *= 2;
        let mut number = 0;
        values.retain(|_| {
            number += 1;
            number % 2 == 1
        });
    }

    /// From counts back to samples, when one comes that cannot be counted: evenly, as many as are kept.
    fn keep_again(&mut self) {
        let Self::Counted(counts) = self else { return };
        let count = counts.iter().sum::<u64>() as usize;
        let step = count.div_ceil(KEPT / 2).next_power_of_two();
        let (mut values, mut seen) = (Vec::new(), 0_usize);
        for (value, &times) in counts.iter().enumerate() {
            let end = seen + times as usize;
            values.extend((seen.next_multiple_of(step)..end).step_by(step).map(|_| value as f32));
            seen = end;
        }
        let sum = counts.iter().enumerate().map(|(value, times)| value as f64 * *times as f64).sum();
        let there = |place: Option<usize>| place.unwrap_or(0) as f32;
        let least = there(counts.iter().position(|times| *times > 0));
        let most = there(counts.iter().rposition(|times| *times > 0));
        *self = Self::Kept { values, step, count, sum, least, most };
    }

    /// What they say together. Exact up to 4 million samples, and beyond for whole numbers below 65,536; of more others the median is
    /// that of an even choice among them.
    pub(crate) fn intensity(self) -> Intensity {
        match self {
            Self::Kept { mut values, step, count, sum, least, most } => {
                if count == 0 {
                    let nan = f64::NAN;
                    return Intensity { mean: nan, median: nan, min: nan, max: nan, integrated: 0.0 };
                }
                values.sort_unstable_by(f32::total_cmp);
                // Sorted, so that the order in which pixels come changes no digit.
                let integrated = if step == 1 { values.iter().map(|value| f64::from(*value)).sum() } else { sum };
                let middle = values.len() / 2;
                let at = |place: usize| f64::from(values[place]);
                let median = if values.len() % 2 == 1 { at(middle) } else { (at(middle - 1) + at(middle)) / 2.0 };
                Intensity { mean: integrated / count as f64, median, min: least.into(), max: most.into(), integrated }
            }
            Self::Counted(counts) => {
                let count: u64 = counts.iter().sum();
                let at = |rank: u64| {
                    let mut seen = 0;
                    let place = counts.iter().position(|times| {
                        seen += times;
                        seen > rank
                    });
                    place.unwrap_or(0) as f64
                };
                let integrated: f64 = counts.iter().enumerate().map(|(value, times)| value as f64 * *times as f64).sum();
                let median = if count % 2 == 1 { at(count / 2) } else { (at(count / 2 - 1) + at(count / 2)) / 2.0 };
                Intensity { mean: integrated / count as f64, median, min: at(0), max: at(count - 1), integrated }
            }
        }
    }
}

fn is_counted(value: f32) -> bool {
    (0.0..COUNTED as f32).contains(&value) && value.fract() == 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f32]) -> Intensity {
        let mut samples = Samples::default();
        values.chunks(1000).for_each(|some| samples.add(some));
        samples.intensity()
    }

    #[test]
    fn many_whole_numbers_are_measured_exactly() {
        let values: Vec<f32> = (0..KEPT + 5).map(|i| (i % 1001) as f32).collect();
        let all = of(&values);
        let mut sorted = values.clone();
        sorted.sort_unstable_by(f32::total_cmp);
        assert_eq!(all.median, f64::from(sorted[sorted.len() / 2]));
        assert_eq!((all.min, all.max), (0.0, 1000.0));
        assert_eq!(all.integrated, values.iter().map(|v| f64::from(*v)).sum::<f64>());
    }

    #[test]
    fn of_many_other_numbers_the_median_is_near() {
        for odd in [0.5, 70_000.0] {
            let mut values: Vec<f32> = (0..KEPT + 7).map(|i| (i * 7919 % 1009) as f32).collect();
            values.push(odd);
            values.extend(values.clone());
            let all = of(&values);
            assert!((all.median - 504.0).abs() < 5.0, "{}", all.median);
            assert_eq!(all.max, f64::from(odd.max(1008.0)));
            let sum: f64 = values.iter().map(|v| f64::from(*v)).sum();
            assert!((all.integrated / sum - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn nothing_finite_is_not_a_number() {
        let all = of(&[f32::NAN, f32::INFINITY]);
        assert!(all.mean.is_nan() && all.median.is_nan() && all.min.is_nan() && all.max.is_nan());
        assert_eq!(all.integrated, 0.0);
    }
}
