//! Percentiles of many samples.

use fewlabel_image::Maps;

/// Samples up to which percentiles of arbitrary values are exact.
const EXACT: usize = 1 << 26;
/// Bins of the histogram above that, and whole numbers that are counted one by one.
const BINS: usize = 1 << 16;

/// The finite samples of one channel, in as little memory as exactness allows.
pub(crate) enum Sampled {
    /// How often each whole number 0…65,535 occurs: 8- and 16-bit images of any size.
    Counts(Vec<u64>),
    /// Every sample, in no order.
    Values(Vec<f32>),
    /// A histogram between the smallest and the largest sample.
    Histogram { low: f64, high: f64, counts: Vec<u64> },
}

impl Sampled {
    /// Collects each channel over all planes; goes through them twice when there is too much for [`Self::Values`].
    pub(crate) fn collect<I: Iterator<Item = Maps>>(planes: &impl Fn() -> I) -> Vec<Self> {
        Self::collect_within(EXACT, planes)
    }

    /// The same with another bound on the samples that are kept.
    fn collect_within<I: Iterator<Item = Maps>>(exact: usize, planes: &impl Fn() -> I) -> Vec<Self> {
        let mut channels: Vec<Collector> = Vec::new();
        for maps in planes() {
            channels.resize_with(channels.len().max(maps.channels), || Collector::new(exact));
            for (c, collector) in channels.iter_mut().enumerate().take(maps.channels) {
                collector.add(maps.channel(c));
            }
        }
        if channels.iter().any(|collector| collector.full) {
            for maps in planes() {
                for (c, collector) in channels.iter_mut().enumerate().take(maps.channels) {
                    collector.bin(maps.channel(c));
                }
            }
        }
        channels.into_iter().map(|collector| collector.sampled).collect()
    }

    /// The samples of one slice.
    pub(crate) fn of(samples: &[f32]) -> Self {
        let mut collector = Collector::new(EXACT);
        collector.add(samples);
        if collector.full {
            collector.bin(samples);
        }
        collector.sampled
    }

    /// The value below which `percent` of the samples lie, 0…100, with NumPy's linear interpolation:
    /// position `percent/100 · (n − 1)` in the sorted samples. Zero without samples.
    pub(crate) fn percentile(&mut self, percent: f64) -> f32 {
        match self {
            Self::Counts(counts) => {
                let Some(position) = position(counts.iter().sum(), percent) else { return 0.0 };
                interpolate(position, |rank| bin_of(counts, rank) as f64)
            }
            Self::Values(values) => {
                let Some(position) = position(values.len() as u64, percent) else { return 0.0 };
                interpolate(position, |rank| f64::from(*values.select_nth_unstable_by(rank as usize, f32::total_cmp).1))
            }
            Self::Histogram { low, high, counts } => {
                let Some(position) = position(counts.iter().sum(), percent) else { return 0.0 };
                // Samples are spread evenly over their bin.
                let (low, width) = (*low, (*high - *low) / BINS as f64);
                interpolate(position, |rank| {
                    let bin = bin_of(counts, rank);
                    let before: u64 = counts[..bin].iter().sum();
                    low + width * (bin as f64 + ((rank - before) as f64 + 0.5) / counts[bin] as f64)
                })
            }
        }
    }
}

/// Where a percentile lies among `n` sorted samples, from 0.
fn position(n: u64, percent: f64) -> Option<f64> {
    (n > 0).then(|| percent / 100.0 * (n - 1) as f64)
}

fn interpolate(position: f64, mut sample: impl FnMut(u64) -> f64) -> f32 {
    let below = position.floor();
    let fraction = position - below;
    let low = sample(below as u64);
    if fraction == 0.0 {
        return low as f32;
    }
    (low + fraction * (sample(below as u64 + 1) - low)) as f32
}

/// The bin that holds the sample of this rank.
fn bin_of(counts: &[u64], rank: u64) -> usize {
    let mut seen = 0;
    for (bin, &count) in counts.iter().enumerate() {
        seen += count;
        if rank < seen {
            return bin;
        }
    }
    counts.len() - 1
}

/// One channel while its samples come in.
struct Collector {
    sampled: Sampled,
    low: f32,
    high: f32,
    /// Samples that may be kept one by one.
    exact: usize,
    /// There were more: a second pass bins them.
    full: bool,
}

impl Collector {
    fn new(exact: usize) -> Self {
        let sampled = Sampled::Counts(vec![0; BINS]);
        Self { sampled, low: f32::INFINITY, high: f32::NEG_INFINITY, exact, full: false }
    }

    fn add(&mut self, samples: &[f32]) {
        for &sample in samples.iter().filter(|sample| sample.is_finite()) {
            self.low = self.low.min(sample);
            self.high = self.high.max(sample);
            if self.full {
                continue;
            }
            if let Sampled::Counts(counts) = &mut self.sampled {
                let whole = sample as usize;
                if sample >= 0.0 && whole < BINS && whole as f32 == sample {
                    counts[whole] += 1;
                    continue;
                }
                self.spread();
                if self.full {
                    continue;
                }
            }
            if let Sampled::Values(values) = &mut self.sampled {
                if values.len() == self.exact {
                    self.give_up();
                } else {
                    values.push(sample);
                }
            }
        }
    }

    /// A sample is not a whole number: every sample counted so far is listed by itself.
    fn spread(&mut self) {
        let Sampled::Counts(counts) = &self.sampled else { return };
        let total: u64 = counts.iter().sum();
        if total > self.exact as u64 {
            self.give_up();
            return;
        }
        let mut values = Vec::with_capacity(total as usize);
        for (whole, &count) in counts.iter().enumerate() {
            values.extend(std::iter::repeat_n(whole as f32, count as usize));
        }
        self.sampled = Sampled::Values(values);
    }

    fn give_up(&mut self) {
        self.full = true;
        self.sampled = Sampled::Values(Vec::new());
    }

    /// Second pass of a full channel.
    fn bin(&mut self, samples: &[f32]) {
        if !self.full {
            return;
        }
        if !matches!(self.sampled, Sampled::Histogram { .. }) {
            self.sampled = Sampled::Histogram { low: f64::from(self.low), high: f64::from(self.high), counts: vec![0; BINS] };
        }
        let Sampled::Histogram { low, high, counts } = &mut self.sampled else { return };
        let scale = BINS as f64 / (*high - *low);
        for &sample in samples.iter().filter(|sample| sample.is_finite()) {
            let bin = ((f64::from(sample) - *low) * scale) as usize;
            counts[bin.min(BINS - 1)] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(values: &[f32]) -> Vec<Maps> {
        values.chunks_exact(4).map(|plane| Maps::new(1, 2, 2, plane.to_vec())).collect()
    }

    fn percentile_within(exact: usize, values: &[f32], percent: f64) -> f32 {
        let planes = stack(values);
        Sampled::collect_within(exact, &|| planes.iter().cloned())[0].percentile(percent)
    }

    #[test]
    fn a_histogram_is_off_by_one_bin_at_most() {
        // 1000 fractions between -3 and 5, in no order.
        let values: Vec<f32> = (0..1000).map(|i| ((i * 577) % 1000) as f32 / 125.0 - 3.0).collect();
        let bin = 8.0 / BINS as f32;
        for percent in [0.0, 0.5, 1.0, 37.3, 50.0, 99.8, 100.0] {
            let exact = percentile_within(1000, &values, percent);
            let binned = percentile_within(999, &values, percent);
            assert!((exact - binned).abs() <= bin, "{percent}: {exact} {binned}");
        }
        assert_ne!(percentile_within(999, &values, 37.3), percentile_within(1000, &values, 37.3), "both ways were tried");
    }

    #[test]
    fn whole_numbers_are_exact_in_any_number() {
        let values: Vec<f32> = (0..400).map(|i| ((i * 7919) % 60_000) as f32).collect();
        for percent in [1.0, 50.0, 99.8] {
            assert_eq!(percentile_within(3, &values, percent), percentile_within(400, &values, percent));
        }
        assert!(matches!(Sampled::of(&values), Sampled::Counts(_)));
    }

    #[test]
    fn one_fraction_late_in_a_stack_loses_nothing_before_it() {
        let mut values: Vec<f32> = (0..100).map(|i| i as f32).collect();
        values[99] = 99.5;
        assert_eq!(percentile_within(1000, &values, 100.0), 99.5);
        assert_eq!(percentile_within(1000, &values, 50.0), 49.5);
        // The same when the samples counted so far are too many to list.
        let binned = percentile_within(10, &values, 50.0);
        assert!((binned - 49.5).abs() <= 100.0 / BINS as f32, "{binned}");
    }

    #[test]
    fn constant_samples_survive_the_histogram() {
        assert_eq!(percentile_within(2, &[0.25; 8], 99.8), 0.25);
    }

    #[test]
    fn planes_without_a_finite_sample_give_zero() {
        assert_eq!(percentile_within(10, &[f32::NAN; 4], 50.0), 0.0);
        assert!(Sampled::collect(&std::iter::empty::<Maps>).is_empty());
    }
}
