//! Otsu's threshold, and the objects it finds: what learning is compared with.

use fewlabel_image::{Maps, Plane};

use crate::{components, gaussian};

/// Bins of the histogram between the smallest and the largest value.
const BINS: usize = 256;

/// The threshold that parts values into two classes with the largest variance between them (Otsu
/// 1979): values above it are the brighter class.
///
/// It is the centre of one of 256 bins between the smallest and the largest value, as in
/// scikit-image's `threshold_otsu` for floating-point images. Values that are not finite are left
/// out. When all are equal, it is that value; without any, 0.
pub fn otsu(values: &[f32]) -> f32 {
    let finite = || values.iter().copied().filter(|value| value.is_finite()).map(f64::from);
    let (low, high) = finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    if low >= high {
        return if low.is_finite() { low as f32 } else { 0.0 };
    }
    let width = (high - low) / BINS as f64;
    let centre = |bin: usize| low + (bin as f64 + 0.5) * width;
    let mut counts = [0_usize; BINS];
    for value in finite() {
        counts[(((value - low) / width) as usize).min(BINS - 1)] += 1;
    }
    let total: usize = counts.iter().sum();
    let total_weighted: f64 = counts.iter().enumerate().map(|(bin, &count)| count as f64 * centre(bin)).sum();
    let (mut best, mut threshold) = (f64::NEG_INFINITY, low);
    let (mut below, mut below_weighted) = (0, 0.0);
    for (bin, &count) in counts[..BINS - 1].iter().enumerate() {
        below += count;
        below_weighted += count as f64 * centre(bin);
        let above = total - below;
        let difference = below_weighted / below as f64 - (total_weighted - below_weighted) / above as f64;
        let between = below as f64 * above as f64 * difference * difference;
        if between > best {
            (best, threshold) = (between, centre(bin));
        }
    }
    threshold as f32
}

/// Objects without learning: the channels' mean, a Gaussian of 1 pixel, Otsu's threshold, connected
/// components (eight neighbours). The side of the threshold with fewer pixels is foreground. An image of
/// one value has no objects.
pub fn otsu_objects(image: &Maps) -> Plane<u32> {
    let pixels = image.height * image.width;
    let mean = |pixel: usize| (0..image.channels).map(|c| image.channel(c)[pixel]).sum::<f32>() / image.channels as f32;
    let grey = Plane::new(image.height, image.width, (0..pixels).map(mean).collect());
    let finite = grey.map(f32::is_finite);
    let mut values = grey.data.iter().filter(|value| value.is_finite());
    let first = values.next();
    if values.all(|value| Some(value) == first) {
        // The Gaussian would give it a contrast: that of rounding.
        return Plane::filled(image.height, image.width, 0);
    }
    let smooth = gaussian(&grey, &finite, 1.0);
    let threshold = otsu(&smooth.data);
    let bright = smooth.data.iter().filter(|&&value| value > threshold).count();
    let dark = smooth.data.iter().filter(|&&value| value <= threshold).count();
    components(&smooth.map(|value| if bright <= dark { value > threshold } else { value <= threshold }), true).0
}
