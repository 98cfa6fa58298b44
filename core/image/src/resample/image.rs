//! Images in another size.

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
    let across = if width == maps.width { None } else { Some(triangle(maps.width, width)) };
    let down = if height == maps.height { None } else { Some(triangle(maps.height, height)) };
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

/// For each of `to` pixels, the source pixels whose centres lie less than one support away from its own centre
/// `(i + 1/2) · from / to`, weighted by `1 - distance / support`, where the support is the larger pixel.
fn triangle(from: usize, to: usize) -> Vec<Taps> {
    let scale = from as f64 / to as f64;
    let support = scale.max(1.0);
    (0..to)
        .map(|i| {
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
        })
        .collect()
}
