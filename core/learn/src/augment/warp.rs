//! Reading a crop through a geometric change.

use fewlabel_image::{Maps, Plane};

use super::Geometry;

/// Where a crop lies in its image and how it is turned.
#[derive(Clone, Debug)]
pub struct Window<'a> {
    /// Row and column of the image pixel that the unchanged crop would begin with; may lie outside.
    pub origin: (i64, i64),
    /// Rows and columns of the crop.
    pub size: usize,
    /// The change, about the crop's centre.
    pub geometry: &'a Geometry,
}

/// Four source pixels, their weights, and the nearest of them.
#[derive(Clone, Copy, Debug, Default)]
struct Tap {
    corners: [usize; 4],
    weights: [f32; 4],
    nearest: usize,
    inside: bool,
}

/// A crop, read once through the map.
///
/// Outside the image the image goes on as its mirror (`d c b a | a b c d | d c b a`), the labels with
/// it, so that an object at the image border gets no false boundary; `inside` says what really was there.
#[derive(Clone, Debug, PartialEq)]
pub struct Warped {
    /// `size * size` of each channel, bilinear.
    pub image: Maps,
    /// `size * size` of each of the other maps, bilinear, in the order they were given.
    pub maps: Vec<Vec<f32>>,
    /// Labels, nearest, with `margin` more rows and columns on every side.
    pub labels: Plane<u32>,
    /// Whether the label's pixel lies in the image, for each pixel of `labels`.
    pub inside: Plane<bool>,
}

/// Reads `image`, `maps` and `labels` through the window's map; all have the same height and width.
///
/// The sampling grid is the half-pixel grid: pixel `i` covers `i` to `i + 1`, its value stands at
/// `i + 0.5`, and the crop turns about its centre at `origin + size / 2`.
///
/// # Panics
/// When the extents differ or are zero.
pub fn warp(image: &Maps, maps: &[&Plane<f32>], labels: &Plane<u32>, window: &Window, margin: usize) -> Warped {
    let (height, width) = (labels.height, labels.width);
    assert!(height > 0 && width > 0 && (image.height, image.width) == (height, width), "an image as large as its labels");
    let size = window.size;
    let side = size + 2 * margin;
    let mut warped = Warped {
        image: Maps::zeros(image.channels, size, size),
        maps: vec![vec![0.0; size * size]; maps.len()],
        labels: Plane::filled(side, side, 0),
        inside: Plane::filled(side, side, false),
    };
    let channels: Vec<&[f32]> = (0..image.channels).map(|c| image.channel(c)).collect();
    each_row(window, side, (height, width), |row, taps| {
        let line = row * side..(row + 1) * side;
        for ((label, inside), tap) in warped.labels.data[line.clone()].iter_mut().zip(&mut warped.inside.data[line]).zip(taps) {
            *label = labels.data[tap.nearest];
            *inside = tap.inside;
        }
        if row < margin || row >= margin + size {
            return;
        }
        let line = (row - margin) * size..(row - margin + 1) * size;
        let taps = &taps[margin..margin + size];
        for (c, source) in channels.iter().enumerate() {
            blend(source, taps, &mut warped.image.channel_mut(c)[line.clone()]);
        }
        for (source, out) in maps.iter().zip(&mut warped.maps) {
            blend(&source.data, taps, &mut out[line.clone()]);
        }
    });
    warped
}

/// Reads an image that has no labels through the window's map, as [`warp`] does.
///
/// # Panics
/// When the image has no pixel.
pub fn warp_image(image: &Maps, window: &Window) -> Maps {
    assert!(image.height > 0 && image.width > 0, "an image with pixels");
    let size = window.size;
    let mut crop = Maps::zeros(image.channels, size, size);
    each_row(window, size, (image.height, image.width), |row, taps| {
        for c in 0..image.channels {
            blend(image.channel(c), taps, &mut crop.channel_mut(c)[row * size..(row + 1) * size]);
        }
    });
    crop
}

/// Where the pixels of a square of `side` about the window's centre are read, row by row.
fn each_row(window: &Window, side: usize, (height, width): (usize, usize), mut read: impl FnMut(usize, &[Tap])) {
    let first = 0.5 - side as f32 / 2.0;
    let mut sources = vec![(0.0, 0.0); side];
    let mut taps = vec![Tap::default(); side];
    for row in 0..side {
        window.geometry.source_row(first + row as f32, first, &mut sources);
        for (tap, source) in taps.iter_mut().zip(&sources) {
            *tap = Tap::at(window, *source, height, width);
        }
        read(row, &taps);
    }
}

fn blend(source: &[f32], taps: &[Tap], out: &mut [f32]) {
    for (out, tap) in out.iter_mut().zip(taps) {
        let [a, b, c, d] = tap.corners.map(|corner| source[corner]);
        let [wa, wb, wc, wd] = tap.weights;
        *out = wa * a + wb * b + wc * c + wd * d;
    }
}

impl Tap {
    /// The tap at an offset from the window's centre.
    fn at(window: &Window, (y, x): (f32, f32), height: usize, width: usize) -> Self {
        // In pixels of the unchanged crop; the origin is added as a whole number, so that far out in a
        // large image no bit of the fraction is lost.
        let centre = window.size as f32 / 2.0 - 0.5;
        let (y, x) = (y + centre, x + centre);
        let (top, left) = (y.floor(), x.floor());
        let (fy, fx) = (y - top, x - left);
        let (top, left) = (window.origin.0 + top as i64, window.origin.1 + left as i64);
        let rows = [top, top + 1].map(|row| mirror(row, height) * width);
        let columns = [left, left + 1].map(|column| mirror(column, width));
        let (down, right) = (usize::from(fy >= 0.5), usize::from(fx >= 0.5));
        let within = |value: i64, step: usize, size: usize| (0..size as i64).contains(&(value + step as i64));
        Self {
            corners: [rows[0] + columns[0], rows[0] + columns[1], rows[1] + columns[0], rows[1] + columns[1]],
            weights: [(1.0 - fy) * (1.0 - fx), (1.0 - fy) * fx, fy * (1.0 - fx), fy * fx],
            nearest: rows[down] + columns[right],
            inside: within(top, down, height) && within(left, right, width),
        }
    }
}

/// The pixel that stands at `index` when a line of `size` pixels goes on as its mirror.
fn mirror(index: i64, size: usize) -> usize {
    let size = size as i64;
    if (0..size).contains(&index) {
        return index as usize;
    }
    let folded = index.rem_euclid(2 * size);
    folded.min(2 * size - 1 - folded) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::AugmentConfig;
    use crate::stream::{Purpose, stream};

    /// An image whose value is its label, and a smooth map of its rows.
    fn pattern(height: usize, width: usize) -> (Maps, Plane<f32>, Plane<u32>) {
        let ids = Plane::new(height, width, (0..(height * width) as u32).collect());
        let image = Maps::new(1, height, width, ids.data.iter().map(|&id| id as f32).collect());
        let rows = Plane::new(height, width, (0..height * width).map(|i| (i / width) as f32).collect());
        (image, rows, ids)
    }

    fn whole_numbers(item: u64) -> Geometry {
        let config = AugmentConfig { flip: true, quarter_turn: true, ..AugmentConfig::none() };
        Geometry::draw(&config, 4.0, &mut stream(0, 0, item, Purpose::Geometry))
    }

    #[test]
    fn the_identity_returns_the_crop() {
        let (image, rows, ids) = pattern(9, 11);
        for (size, origin) in [(5, (2, 3)), (4, (5, 7)), (9, (0, 1))] {
            let window = Window { origin, size, geometry: &Geometry::identity() };
            let warped = warp(&image, &[&rows], &ids, &window, 0);
            let expected: Vec<u32> =
                (0..size * size).map(|i| ids.at(origin.0 as usize + i / size, origin.1 as usize + i % size)).collect();
            assert_eq!(warped.labels.data, expected);
            assert_eq!(warped.image.data, expected.iter().map(|&id| id as f32).collect::<Vec<_>>());
            assert_eq!(warped.maps[0][size + 1], (origin.0 + 1) as f32);
            assert!(warped.inside.data.iter().all(|&inside| inside));
        }
    }

    #[test]
    fn flips_and_quarter_turns_are_exact_for_odd_and_even_crops() {
        let (image, _, ids) = pattern(12, 12);
        for size in [4usize, 5] {
            let mut seen = std::collections::BTreeSet::new();
            for item in 0..100 {
                let window = Window { origin: (3, 5), size, geometry: &whole_numbers(item) };
                let warped = warp(&image, &[], &ids, &window, 0);
                // All of the crop's pixels, each once, and the image as the labels.
                assert_eq!(warped.image.data, warped.labels.data.iter().map(|&id| id as f32).collect::<Vec<_>>());
                let mut sorted = warped.labels.data.clone();
                sorted.sort_unstable();
                let identity = Window { geometry: &Geometry::identity(), ..window };
                assert_eq!(sorted, warp(&image, &[], &ids, &identity, 0).labels.data);
                seen.insert(warped.labels.data);
            }
            assert_eq!(seen.len(), 8, "the eight symmetries of the square");
        }
    }

    #[test]
    fn image_and_labels_stay_aligned_under_every_change() {
        // The two channels say the row and the column, the label says both: bilinear reading gives the place that
        // was read, and the label must be that of the pixel whose centre is nearest to it.
        let ids = Plane::new(96, 96, (0..96 * 96).collect());
        let coordinate = |axis: fn(u32) -> u32| ids.data.iter().map(move |&id| axis(id) as f32);
        let image = Maps::new(2, 96, 96, coordinate(|id| id / 96).chain(coordinate(|id| id % 96)).collect());
        let config = AugmentConfig { rotation_share: 1.0, scale_share: 1.0, elastic_share: 1.0, ..AugmentConfig::default() };
        let mut compared = 0;
        for item in 0..50 {
            let geometry = Geometry::draw(&config, 26.0, &mut stream(9, 0, item, Purpose::Geometry));
            let warped = warp(&image, &[], &ids, &Window { origin: (20, 24), size: 48, geometry: &geometry }, 2);
            for i in 0..48 * 48 {
                let id = warped.labels.at(i / 48 + 2, i % 48 + 2);
                for (axis, nearest) in [id / 96, id % 96].into_iter().enumerate() {
                    if warped.inside.at(i / 48 + 2, i % 48 + 2) && (1..95).contains(&nearest) {
                        let read = warped.image.channel(axis)[i];
                        assert!((read - nearest as f32).abs() < 0.5001, "read at {read}, label of {nearest}");
                        compared += 1;
                    }
                }
            }
        }
        assert!(compared > 200_000, "{compared}");
    }

    #[test]
    fn an_image_without_labels_is_read_alike() {
        let (image, _, ids) = pattern(30, 40);
        for item in 0..10 {
            let geometry = Geometry::draw(&AugmentConfig::default(), 20.0, &mut stream(1, 0, item, Purpose::Geometry));
            let window = Window { origin: (5, -3), size: 21, geometry: &geometry };
            assert_eq!(warp_image(&image, &window), warp(&image, &[], &ids, &window, 2).image);
        }
    }

    #[test]
    fn outside_the_image_lies_its_mirror_and_is_marked() {
        let (image, _, ids) = pattern(2, 3);
        let warped = warp(&image, &[], &ids, &Window { origin: (-2, -1), size: 6, geometry: &Geometry::identity() }, 0);
        #[rustfmt::skip]
        let expected = [
            3, 3, 4, 5, 5, 4,
            0, 0, 1, 2, 2, 1,
            0, 0, 1, 2, 2, 1,
            3, 3, 4, 5, 5, 4,
            3, 3, 4, 5, 5, 4,
            0, 0, 1, 2, 2, 1,
        ];
        assert_eq!(warped.labels.data, expected);
        let inside: Vec<usize> = (0..36).filter(|&i| warped.inside.data[i]).collect();
        assert_eq!(inside, [13, 14, 15, 19, 20, 21]);
    }

    #[test]
    fn scale_two_doubles_the_side_of_an_object() {
        let mut ids = Plane::filled(40, 40, 0);
        for y in 16..24 {
            for x in 16..24 {
                ids.set(y, x, 1);
            }
        }
        let config = AugmentConfig { scale_share: 1.0, scale: (2.0, 2.0), ..AugmentConfig::none() };
        let geometry = Geometry::draw(&config, 20.0, &mut stream(0, 0, 0, Purpose::Geometry));
        let window = Window { origin: (4, 4), size: 32, geometry: &geometry };
        let warped = warp(&Maps::zeros(1, 40, 40), &[], &ids, &window, 0);
        assert_eq!(warped.labels.data.iter().sum::<u32>(), 16 * 16);
        assert_eq!(geometry.half_extent(32), (8.0, 8.0));
    }
}
