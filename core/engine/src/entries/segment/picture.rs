//! A picture of the outlines on the image.

use fewlabel_contract::Result;
use fewlabel_image::{LabelRows, Maps, Plane, Region, Source};
use fewlabel_objects::draw_outlines;

/// Longest side of a picture; larger images are shown smaller.
const LONGEST: usize = 8192;

/// The outlines on the image; a stack is shown by its middle plane. Of a larger image every n-th row and column is shown.
pub(super) fn picture(image: &dyn Source, labels: &dyn LabelRows) -> Result<Plane<[u8; 3]>> {
    with_bound(image, labels, LONGEST)
}

fn with_bound(image: &dyn Source, labels: &dyn LabelRows, longest: usize) -> Result<Plane<[u8; 3]>> {
    let shape = labels.shape();
    let (t, z) = (shape.t / 2, shape.z / 2);
    let whole = Region::plane(image.info().shape, t, z);
    let step = shape.y.max(shape.x).div_ceil(longest);
    if step == 1 {
        let plane = image.part(&whole)?.plane(0, 0);
        return Ok(draw_outlines(&plane, &Plane::new(shape.y, shape.x, labels.rows(t, z, 0..shape.y)?)));
    }
    let (height, width) = (shape.y.div_ceil(step), shape.x.div_ceil(step));
    let mut small = Maps::zeros(image.info().shape.c, height, width);
    let mut ids = Vec::with_capacity(height * width);
    for y in 0..height {
        let row = y * step..y * step + 1;
        ids.extend(labels.rows(t, z, row.clone())?.iter().step_by(step));
        let samples = image.part(&whole.clone().rectangle(row, 0..shape.x))?.plane(0, 0);
        for c in 0..samples.channels {
            let to = &mut small.channel_mut(c)[y * width..(y + 1) * width];
            to.iter_mut().zip(samples.channel(c).iter().step_by(step)).for_each(|(to, value)| *to = *value);
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
        let shown = with_bound(&large, &labels(ids, 4, 5), 3).unwrap();
        let small = image(vec![0, 2, 4, 10, 12, 14], 2, 3);
        assert_eq!(shown, with_bound(&small, &labels(vec![0, 1, 1, 0, 1, 1], 2, 3), 3).unwrap());
    }
}
