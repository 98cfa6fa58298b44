//! Gaussian smoothing of a region.

use fewlabel_image::Plane;

/// The Gaussian of `sigma` pixels, from 0 to 3 σ to one side, but no farther than `longest` pixels.
fn kernel(sigma: f32, longest: usize) -> Vec<f32> {
    let radius = ((3.0 * sigma).ceil() as usize).min(longest);
    (0..=radius).map(|i| (-0.5 * (i as f32 / sigma).powi(2)).exp()).collect()
}

/// Smooths `values` inside `mask` with a Gaussian of `sigma` pixels, cut off at 3 σ.
///
/// Only pixels of `mask` are averaged (normalised convolution, Knutsson and Westin 1993), so what
/// lies outside has no influence, and the edge of the plane needs no padding. Outside `mask` the
/// values stay. `sigma` 0 (or less) changes nothing.
///
/// # Panics
/// When the two planes differ in size.
pub fn gaussian(values: &Plane<f32>, mask: &Plane<bool>, sigma: f32) -> Plane<f32> {
    assert!((values.height, values.width) == (mask.height, mask.width), "values and mask have the same size");
    if sigma.is_nan() || sigma <= 0.0 {
        return values.clone();
    }
    let kernel = kernel(sigma, values.height.max(values.width));
    let inside = |&m: &bool| if m { 1.0 } else { 0.0 };
    let weights = Plane::new(mask.height, mask.width, mask.data.iter().map(inside).collect());
    let weighted = values.data.iter().zip(&mask.data).map(|(&v, &m)| if m { v } else { 0.0 }).collect();
    let sums = convolve(&Plane::new(mask.height, mask.width, weighted), &kernel);
    let norms = convolve(&weights, &kernel);
    let mut smooth = values.clone();
    for (pixel, value) in smooth.data.iter_mut().enumerate() {
        if mask.data[pixel] {
            *value = sums.data[pixel] / norms.data[pixel];
        }
    }
    smooth
}

/// Rows, then columns, with zeros beyond the edges.
fn convolve(values: &Plane<f32>, kernel: &[f32]) -> Plane<f32> {
    let (height, width) = (values.height, values.width);
    let mut rows = Plane::filled(height, width, 0.0);
    for y in 0..height {
        let row = values.row(y);
        for x in 0..width {
            let mut sum = kernel[0] * row[x];
            for (i, &weight) in kernel.iter().enumerate().skip(1) {
                let left = if x >= i { row[x - i] } else { 0.0 };
                let right = if x + i < width { row[x + i] } else { 0.0 };
                sum += weight * (left + right);
            }
            rows.set(y, x, sum);
        }
    }
    let mut columns = Plane::filled(height, width, 0.0);
    for y in 0..height {
        for x in 0..width {
            columns.set(y, x, kernel[0] * rows.at(y, x));
        }
        for (i, &weight) in kernel.iter().enumerate().skip(1) {
            for other in [y.checked_sub(i), Some(y + i).filter(|&o| o < height)].into_iter().flatten() {
                for x in 0..width {
                    columns.set(y, x, columns.at(y, x) + weight * rows.at(other, x));
                }
            }
        }
    }
    columns
}
