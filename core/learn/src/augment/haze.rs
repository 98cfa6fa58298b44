//! Light that varies slowly over a crop: haze out of focus, uneven illumination.

use fewlabel_image::Maps;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Control points along a side.
const POINTS: usize = 4;

/// A smooth field over a crop, 0 to 1: control points that are drawn evenly, with a cubic step between them. A crop has
/// three spans along a side, so the field varies over a third of it, more than an object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Field([[f32; POINTS]; POINTS]);

impl Field {
    /// Draws a field.
    pub fn draw(rng: &mut ChaCha8Rng) -> Self {
        Self(std::array::from_fn(|_| std::array::from_fn(|_| rng.random())))
    }

    /// Values at `height * width` pixels, row by row.
    fn over(&self, height: usize, width: usize) -> Vec<f32> {
        let between = |a: f32, b: f32, share: f32| a + share * (b - a);
        let columns: Vec<Span> = (0..width).map(|x| Span::of(x, width)).collect();
        let mut values = Vec::with_capacity(height * width);
        for row in (0..height).map(|y| Span::of(y, height)) {
            let (above, below) = (&self.0[row.from], &self.0[row.from + 1]);
            let along: [f32; POINTS] = std::array::from_fn(|i| between(above[i], below[i], row.share));
            values.extend(columns.iter().map(|c| between(along[c.from], along[c.from + 1], c.share)));
        }
        values
    }
}

/// Between which control points a pixel lies, and how far.
#[derive(Clone, Copy)]
struct Span {
    from: usize,
    share: f32,
}

impl Span {
    fn of(place: usize, length: usize) -> Self {
        let at = (place as f32 + 0.5) / length as f32 * (POINTS - 1) as f32;
        let from = (at as usize).min(POINTS - 2);
        let t = at - from as f32;
        Self { from, share: t * t * (3.0 - 2.0 * t) }
    }
}

/// Adds `strength` times the field to every channel.
pub fn add_haze(image: &mut Maps, strength: f32, field: &Field) {
    let light = field.over(image.height, image.width);
    for c in 0..image.channels {
        for (value, haze) in image.channel_mut(c).iter_mut().zip(&light) {
            *value += strength * haze;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Purpose, stream};

    #[test]
    fn haze_varies_slowly_and_is_the_same_in_every_channel() {
        for item in 0..20 {
            let mut image = Maps::zeros(2, 160, 120);
            add_haze(&mut image, 0.5, &Field::draw(&mut stream(1, 0, item, Purpose::Intensity)));
            let light = image.channel(0);
            assert_eq!(light, image.channel(1));
            assert!(light.iter().all(|value| (0.0..=0.5).contains(value)));
            // The steepest cubic step rises by 1.5 over a span, here 40 and 53 pixels, times the strength.
            for (place, value) in light.iter().enumerate() {
                let (y, x) = (place / 120, place % 120);
                assert!(x == 0 || (value - light[place - 1]).abs() <= 0.5 * 1.5 / 40.0 + 1e-5);
                assert!(y == 0 || (value - light[place - 120]).abs() <= 0.5 * 1.5 / 53.0 + 1e-5);
            }
            let (low, high) = light.iter().fold((1.0_f32, 0.0_f32), |range, v| (range.0.min(*v), range.1.max(*v)));
            assert!(high - low > 0.1, "{low} to {high}");
        }
    }

    #[test]
    fn control_points_are_met_at_the_ends_and_in_between() {
        let mut points = [[0.0; POINTS]; POINTS];
        points[0][0] = 1.0;
        points[1][1] = 0.5;
        let values = Field(points).over(300, 300);
        assert!((values[0] - 1.0).abs() < 1e-3);
        assert!((values[100 * 300 + 100] - 0.5).abs() < 1e-2);
        // In the middle of the first row of spans the two meet half-way: a quarter of 1 and of 0.5.
        assert!((values[50 * 300 + 50] - 0.375).abs() < 1e-2);
    }
}
