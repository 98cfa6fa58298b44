//! How unsure a model is about an image.

use fewlabel_image::Maps;

/// Mean over all pixels of the probability that another class than the most probable one is right, 0…1.
///
/// `classes` says which maps belong to one class: for objects the background alone, interior and boundary together.
/// Pixels without a finite probability are left out; `None` when there is no other.
pub(super) fn unsure(planes: &[Maps], classes: &[&[usize]]) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0_u64);
    for maps in planes {
        for pixel in 0..maps.height * maps.width {
            let probability = |class: &&[usize]| class.iter().map(|&c| f64::from(maps.channel(c)[pixel])).sum::<f64>();
            let best = classes.iter().map(probability).fold(f64::NEG_INFINITY, f64::max);
            if best.is_finite() {
                sum += (1.0 - best).max(0.0);
                count += 1;
            }
        }
    }
    (count > 0).then(|| sum / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interior_and_boundary_are_one_class() {
        // Background, interior, boundary of two pixels: a sure one and one of which 0.6 speaks for an object.
        let maps = Maps::new(3, 1, 2, vec![1.0, 0.4, 0.0, 0.35, 0.0, 0.25]);
        let mean = unsure(&[maps], &[&[0], &[1, 2]]).unwrap();
        assert!((mean - 0.2).abs() < 1e-6, "{mean}");
        assert_eq!(unsure(&[], &[&[0]]), None);
    }
}
