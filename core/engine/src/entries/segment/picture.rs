//! A picture of the outlines on the image.

use fewlabel_contract::Result;
use fewlabel_image::{LabelRows, Maps, Plane, Region, Source};
use fewlabel_objects::draw_outlines;

/// Longest side of a picture; larger images are shown smaller.
const LONGEST: usize = 8192;

/// Samples that are looked at together: a row alone would have its tiles unpacked for itself.
const BAND: usize = 1 << 22;

/// The outlines on the image; a stack is shown by its middle plane. Of a larger image every n-th row and column is shown.
pub(super) fn picture(image: &dyn Source, labels: &dyn LabelRows) -> Result<Plane<[u8; 3]>> {
    with_bounds(image, labels, LONGEST, BAND)
}

fn with_bounds(image: &dyn Source, labels: &dyn LabelRows, longest: usize, band: usize) -> Result<Plane<[u8; 3]>> {
    let shape = labels.shape();
    let (t, z) = (shape.t / 2, shape.z / 2);
    let whole = Region::plane(image.info().shape, t, z);
    let step = shape.y.max(shape.x).div_ceil(longest);
    if step == 1 {
        let plane = image.part(&whole)?.plane(0, 0);
        return Ok(draw_outlines(&plane, &Plane::new(shape.y, shape.x, labels.rows(t, z, 0..shape.y)?)));
    }
    let (height, width) = (shape.y.div_ceil(step), shape.x.div_ceil(step));
    let channels = image.info().shape.c;
    let mut small = Maps::zeros(channels, height, width);
    let mut ids = Vec::with_capacity(height * width);
    // Each band begins with a row that is shown.
    let rows = (band / (shape.x * channels)).max(1).next_multiple_of(step);
    for top in (0..shape.y).step_by(rows) {
        let here = top..(top + rows).min(shape.y);
        let labels = labels.rows(t, z, here.clone())?;
        ids.extend(labels.chunks_exact(shape.x).step_by(step).flat_map(|row| row.iter().step_by(step)));
        let samples = image.part(&whole.clone().rectangle(here, 0..shape.x))?.plane(0, 0);
        for c in 0..channels {
            let shown = samples.channel(c).chunks_exact(shape.x).step_by(step).flat_map(|row| row.iter().step_by(step));
            let to = &mut small.channel_mut(c)[top / step * width..];
            to.iter_mut().zip(shown).for_each(|(to, value)| *to = *value);
        }
    }
    Ok(draw_outlines(&small, &Plane::new(height, width, ids)))
}

#[cfg(test)]
mod tests {
    use fewlabel_image::{Calibration, Image, InMemory, LabelImage, Pixels, Shape};

    use super::*;

    #[test]
    fn a_large_image_is_shown_smaller() {
        let image = |pixels: Vec<u8>, y, x| {
            let (shape, pixels) = (Shape::plane(1, y, x), Pixels::U8(pixels));
            InMemory::new(Image { shape, pixels, rgb: false, calibration: Calibration::default(), slice_labels: Vec::new() })
        };
        let labels = |ids: Vec<u32>, y, x| LabelImage { t: 1, z: 1, y, x, ids, calibration: Calibration::default() };
        let large = image((0..20).collect(), 4, 5);
        let ids = (0..20).map(|pixel| u32::from(pixel % 5 > 1)).collect();
        let large_labels = labels(ids, 4, 5);
        let small = image(vec![0, 2, 4, 10, 12, 14], 2, 3);
        let expected = with_bounds(&small, &labels(vec![0, 1, 1, 0, 1, 1], 2, 3), 3, 100).unwrap();
        for band in [1, 15, 100] {
            assert_eq!(with_bounds(&large, &large_labels, 3, band).unwrap(), expected, "{band}");
        }
    }
}
