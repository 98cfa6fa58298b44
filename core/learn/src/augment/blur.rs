//! Gaussian blur of a crop.

use fewlabel_image::Maps;

/// Blurs every channel with a Gaussian of `sigma` pixels, cut off at 3 sigma and normalised; the edge
/// value goes on outside.
pub fn blur(image: &mut Maps, sigma: f32) {
    let radius = (3.0 * sigma).ceil() as usize;
    if radius == 0 {
        return;
    }
    let half: Vec<f32> = (0..=radius).map(|i| (-0.5 * (i as f32 / sigma).powi(2)).exp()).collect();
    let total = 2.0 * half.iter().sum::<f32>() - half[0];
    let weights: Vec<f32> = half.iter().map(|w| w / total).collect();
    let (height, width) = (image.height, image.width);
    let mut rows = vec![0.0; height * width];
    let mut line = vec![0.0; width + 2 * radius];
    for c in 0..image.channels {
        let channel = image.channel_mut(c);
        for (source, out) in channel.chunks_exact(width).zip(rows.chunks_exact_mut(width)) {
            line[..radius].fill(source[0]);
            line[radius..radius + width].copy_from_slice(source);
            line[radius + width..].fill(source[width - 1]);
            for (out, &centre) in out.iter_mut().zip(source) {
                *out = weights[0] * centre;
            }
            for (i, &w) in weights.iter().enumerate().skip(1) {
                let (before, after) = (&line[radius - i..], &line[radius + i..]);
                for ((out, a), b) in out.iter_mut().zip(before).zip(after) {
                    *out += w * (a + b);
                }
            }
        }
        for (y, out) in channel.chunks_exact_mut(width).enumerate() {
            let row = |y: usize| &rows[y * width..(y + 1) * width];
            for (out, centre) in out.iter_mut().zip(row(y)) {
                *out = weights[0] * centre;
            }
            for (i, &w) in weights.iter().enumerate().skip(1) {
                let (above, below) = (row(y.saturating_sub(i)), row((y + i).min(height - 1)));
                for ((out, a), b) in out.iter_mut().zip(above).zip(below) {
                    *out += w * (a + b);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_bright_pixel_becomes_the_gaussian() {
        let mut image = Maps::zeros(1, 9, 9);
        image.data[4 * 9 + 4] = 1.0;
        blur(&mut image, 1.0);
        // exp(-d² / 2) over the square of the sum of exp(-i² / 2), i = -3..3: 2.5052.
        let at = |y: usize, x: usize| image.data[y * 9 + x];
        assert!((at(4, 4) - 0.15934).abs() < 1e-4, "{}", at(4, 4));
        assert!((at(4, 5) - 0.15934 * 0.60653).abs() < 1e-4);
        assert!((at(6, 3) - 0.15934 * 0.60653 * 0.13534).abs() < 1e-4);
        assert!((image.data.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        assert_eq!(at(0, 0), 0.0);
    }

    #[test]
    fn an_even_image_stays_even_up_to_its_edge() {
        let mut image = Maps::new(2, 3, 5, vec![0.75; 30]);
        blur(&mut image, 1.3);
        assert!(image.data.iter().all(|v| (v - 0.75).abs() < 1e-6));
    }
}
