//! A whole image as one square that a network of kinds sees.

use fewlabel_image::{Maps, resample_image};

/// Brings a plane to `side` × `side` pixels: its longer side becomes `side`, the shorter one in proportion (1 pixel at least), and what
/// is missing on either side is filled with the pixels of its edge. Shrinking is antialiased ([`resample_image`]).
///
/// The plane lies in the middle; where that leaves an odd number of pixels to fill, the larger part follows it.
///
/// # Panics
/// When the plane has no pixel or `side` is 0.
///
/// ```
/// use fewlabel_image::Maps;
/// use fewlabel_infer::whole_image;
/// let wide = Maps::new(1, 1, 3, vec![1.0, 2.0, 3.0]);
/// assert_eq!(whole_image(&wide, 3).data, [1.0, 2.0, 3.0].repeat(3));
/// ```
pub fn whole_image(plane: &Maps, side: usize) -> Maps {
    assert!(plane.height > 0 && plane.width > 0 && side > 0, "an image and a square with pixels");
    let longer = plane.height.max(plane.width);
    let scaled = |length: usize| ((length as f64 * side as f64 / longer as f64).round() as usize).clamp(1, side);
    let image = resample_image(plane, scaled(plane.height), scaled(plane.width));
    let (top, left) = ((side - image.height) / 2, (side - image.width) / 2);
    let within = |place: usize, first: usize, length: usize| place.saturating_sub(first).min(length - 1);
    let mut square = Maps::zeros(image.channels, side, side);
    for c in 0..image.channels {
        let channel = image.channel(c);
        for (y, row) in square.channel_mut(c).chunks_exact_mut(side).enumerate() {
            let source = &channel[within(y, top, image.height) * image.width..][..image.width];
            for (x, value) in row.iter_mut().enumerate() {
                *value = source[within(x, left, image.width)];
            }
        }
    }
    square
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_of_the_size_stays_as_it_is() {
        let image = Maps::new(2, 3, 3, (0..18).map(|v| v as f32).collect());
        assert_eq!(whole_image(&image, 3), image);
    }

    #[test]
    fn the_edge_goes_on_above_and_below() {
        // Two rows of four pixels in a square of five: 5 columns, 3 rows (2.5 rounded), one row above and one below.
        let image = Maps::new(1, 2, 4, vec![1.0, 1.0, 1.0, 1.0, 3.0, 3.0, 3.0, 3.0]);
        let square = whole_image(&image, 5);
        let rows: Vec<f32> = square.data.chunks(5).map(|row| row[0]).collect();
        assert_eq!(rows, [1.0, 1.0, 2.0, 3.0, 3.0]);
        assert!(square.data.chunks(5).all(|row| row.iter().all(|value| *value == row[0])));
    }

    #[test]
    fn an_odd_rest_follows_the_image() {
        let image = Maps::new(1, 4, 1, vec![1.0, 2.0, 3.0, 4.0]);
        let square = whole_image(&image, 4);
        assert_eq!(square.data, [1.0, 2.0, 3.0, 4.0].map(|value| [value; 4]).concat());
        let image = Maps::new(1, 2, 4, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
        let square = whole_image(&image, 4);
        assert_eq!(square.data.chunks(4).map(|row| row[0]).collect::<Vec<_>>(), [1.0, 1.0, 5.0, 5.0]);
        let image = Maps::new(1, 3, 4, (0..12).map(|v| v as f32).collect());
        assert_eq!(whole_image(&image, 4).data.chunks(4).map(|row| row[0]).collect::<Vec<_>>(), [0.0, 4.0, 8.0, 8.0]);
    }

    /// A grating too fine for the square becomes grey; without a filter it would become stripes.
    #[test]
    fn shrinking_averages() {
        let image = Maps::new(1, 64, 64, (0..64 * 64).map(|i| (i % 2) as f32).collect());
        let square = whole_image(&image, 8);
        assert!(square.data.iter().all(|value| (value - 0.5).abs() < 0.02), "{:?}", square.data);
    }

    #[test]
    fn a_thread_keeps_a_pixel_of_width() {
        let image = Maps::new(1, 1000, 1, (0..1000).map(|v| v as f32).collect());
        let square = whole_image(&image, 16);
        assert_eq!((square.height, square.width), (16, 16));
        assert!(square.data.chunks(16).all(|row| row.iter().all(|value| *value == row[0])));
    }
}
