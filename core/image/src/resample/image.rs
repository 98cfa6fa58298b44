//! Images in another size.

use std::ops::Range;

use crate::Maps;

/// Weights of the source pixels that make one pixel.
struct Taps {
    first: usize,
    weights: Vec<f32>,
}

/// Triangle filter on the half-pixel grid, widened by the factor when the image shrinks, so that what is too fine
/// for the new size is averaged instead of aliased; linear interpolation when it grows.
///
/// Weights are cut at the image's border and sum to 1 everywhere: a constant stays what it is, nothing leaves the
/// range of the image, and at the same size nothing changes. A value that is not finite spreads to the pixels that
/// it touches. Cost: about `2 · max(1, old / new)` multiplications a pixel and axis.
///
/// Source: the filter is that of Pillow's `Image.resize(…, BILINEAR)`, with which it agrees to rounding.
///
/// # Panics
/// When there is something to fill and `maps` has no pixel.
pub fn resample_image(maps: &Maps, height: usize, width: usize) -> Maps {
    let part = Part { from: (maps.height, maps.width), to: (height, width), y: 0..height, x: 0..width };
    part.of(maps, (0, 0))
}

/// A part of an image in another size, from the pixels that it needs alone: just what [`resample_image`] of the whole image
/// has there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResampledPart {
    part: Part,
}

impl ResampledPart {
    /// Rows `y` and columns `x` of an image of `from` rows and columns that is brought to `to` rows and columns. None of them may
    /// be 0, nor the part be empty or reach beyond.
    pub fn new(from: (usize, usize), to: (usize, usize), y: Range<usize>, x: Range<usize>) -> Self {
        Self { part: Part { from, to, y, x } }
    }

    /// Rows and columns of the image that it needs.
    pub fn source(&self) -> (Range<usize>, Range<usize>) {
        let needed = |from: usize, to: usize, range: &Range<usize>| match from == to {
            true => range.clone(),
            false => {
                let taps = [range.start, range.end - 1].map(|i| triangle(from, to, i));
                taps[0].first..taps[1].first + taps[1].weights.len()
            }
        };
        let Part { from, to, y, x } = &self.part;
        (needed(from.0, to.0, y), needed(from.1, to.1, x))
    }

    /// The part, from the pixels in the rows and columns that [`Self::source`] names.
    ///
    /// # Panics
    /// When `maps` has another size.
    pub fn of(&self, maps: &Maps) -> Maps {
        let (y, x) = self.source();
        assert_eq!((maps.height, maps.width), (y.len(), x.len()), "rows and columns that the part needs");
        self.part.of(maps, (y.start, x.start))
    }
}

/// Rows `y` and columns `x` of an image of `from` rows and columns in the size `to`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    from: (usize, usize),
    to: (usize, usize),
    y: Range<usize>,
    x: Range<usize>,
}

impl Part {
    /// The part, from pixels of the image that begin at a row and column.
    fn of(&self, maps: &Maps, (top, left): (usize, usize)) -> Maps {
        let taps = |from: usize, to: usize, range: &Range<usize>, start: usize| {
            let one = |i| {
                let taps = triangle(from, to, i);
                Taps { first: taps.first - start, ..taps }
            };
            (from != to).then(|| range.clone().map(one).collect::<Vec<_>>())
        };
        let across = taps(self.from.1, self.to.1, &self.x, left);
        let down = taps(self.from.0, self.to.0, &self.y, top);
        let (height, width) = (self.y.len(), self.x.len());
        let mut data = Vec::with_capacity(maps.channels * height * width);
        for c in 0..maps.channels {
            let channel = maps.channel(c);
            let narrowed: Vec<f32> = match &across {
                Some(taps) => channel.chunks_exact(maps.width).flat_map(|row| taps.iter().map(|t| weighted(row, t))).collect(),
                None => channel.to_vec(),
            };
            match &down {
                Some(taps) => taps.iter().for_each(|t| data.extend(weighted_rows(&narrowed, width, t))),
                None => data.extend(narrowed),
            }
        }
        Maps::new(maps.channels, height, width, data)
    }
}

fn weighted(row: &[f32], taps: &Taps) -> f32 {
    row[taps.first..].iter().zip(&taps.weights).map(|(value, weight)| value * weight).sum()
}

fn weighted_rows(data: &[f32], width: usize, taps: &Taps) -> Vec<f32> {
    let mut sum = vec![0.0; width];
    for (row, &weight) in data[taps.first * width..].chunks_exact(width).zip(&taps.weights) {
        for (total, value) in sum.iter_mut().zip(row) {
            *total += weight * value;
        }
    }
    sum
}

/// For pixel `i` of `to` pixels, the source pixels whose centres lie less than one support away from its own centre
/// `(i + 1/2) · from / to`, weighted by `1 - distance / support`, where the support is the larger pixel.
fn triangle(from: usize, to: usize, i: usize) -> Taps {
    let scale = from as f64 / to as f64;
    let support = scale.max(1.0);
    let centre = (i as f64 + 0.5) * scale;
    let weight = |j: usize| (1.0 - (j as f64 + 0.5 - centre).abs() / support).max(0.0);
    let mut first = (centre - support - 0.5).floor().max(0.0) as usize;
    let mut end = ((centre + support + 0.5).ceil() as usize).min(from);
    // Pixels at the very end of the support weigh nothing, but would spread what is not finite.
    while first + 1 < end && weight(first) == 0.0 {
        first += 1;
    }
    while first + 1 < end && weight(end - 1) == 0.0 {
        end -= 1;
    }
    let total: f64 = (first..end).map(weight).sum();
    Taps { first, weights: (first..end).map(|j| (weight(j) / total) as f32).collect() }
}
