//! Mean, spread and worst of several runs.

/// Of a score over the runs.
#[derive(Debug, PartialEq)]
pub struct Summary {
    /// How many values.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, that of a sample (n − 1); `None` for one value.
    pub deviation: Option<f64>,
    /// The smallest.
    pub worst: f64,
}

impl Summary {
    /// `None` without any value.
    pub fn of(values: &[f64]) -> Option<Self> {
        let count = values.len();
        let mean = values.iter().sum::<f64>() / count as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        (count > 0).then(|| Self {
            count,
            mean,
            deviation: (count > 1).then(|| (squares / (count - 1) as f64).sqrt()),
            worst: values.iter().copied().fold(f64::INFINITY, f64::min),
        })
    }

    /// For the terminal: `0.700 0.173 0.500`.
    pub fn written(&self) -> String {
        let deviation = self.deviation.map_or_else(|| "-".to_owned(), |deviation| format!("{deviation:.3}"));
        format!("{:.3} {deviation:>5} {:.3}", self.mean, self.worst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_deviation_and_worst() {
        let summary = Summary::of(&[0.5, 0.8, 0.8]).expect("values");
        assert!((summary.mean - 0.7).abs() < 1e-12 && (summary.deviation.expect("several") - 0.03f64.sqrt()).abs() < 1e-12);
        assert_eq!((summary.count, summary.worst), (3, 0.5));
        assert_eq!(Summary::of(&[0.25]), Some(Summary { count: 1, mean: 0.25, deviation: None, worst: 0.25 }));
        assert_eq!(Summary::of(&[]), None);
    }
}
