//! Reading an image by parts.

use fewlabel_contract::ErrorKind;
use fewlabel_image::{Calibration, Image, ImageInfo, InMemory, Pixels, Region, Shape, Source};

use crate::LIMITS;
use crate::bounds::refused;

/// Levels of a pyramid that are read.
const LEVELS: usize = 4;

/// Reads an image as a whole and by parts, level after level, and checks that a part is what the whole holds there. Gives
/// back the whole at full resolution, where it can be read.
pub(crate) fn read(source: &dyn Source) -> Option<Pixels> {
    let info = source.info();
    check_info(info);
    let full = read_level(source, 0);
    for level in 1..info.levels.len().min(LEVELS) {
        read_level(source, level);
    }
    let outside = Region { c: 0..info.shape.c + 1, ..Region::plane(info.shape, 0, 0) };
    let error = source.read(0, &outside).expect_err("a region outside of the image");
    assert_eq!(error.kind, ErrorKind::InvalidRequest, "{error:?}");
    full
}

fn check_info(info: &ImageInfo) {
    let Shape { t, z, c, y, x } = info.shape;
    assert!(t.min(z).min(c).min(y).min(x) > 0, "an axis of no length: {info:?}");
    assert!(y.max(x) <= LIMITS.side, "a side beyond the limit: {info:?}");
    assert_eq!(info.levels.first(), Some(&(y, x)), "the first level is not the image");
    let shrinks = |pair: &[(usize, usize)]| pair[1].0 <= pair[0].0 && pair[1].1 <= pair[0].1 && pair[1] != pair[0];
    assert!(info.levels.windows(2).all(shrinks), "levels that do not shrink: {:?}", info.levels);
    assert!(info.levels.iter().all(|&(y, x)| y.min(x) > 0), "a level of no size: {:?}", info.levels);
    assert!(!info.rgb || c == 3, "{c} channels are no colours");
    assert!([0, c].contains(&info.channel_names.len()), "{} names of {c} channels", info.channel_names.len());
    assert!(info.slice_labels.len().is_multiple_of(t * z), "{} slice labels of {t} x {z} slices", info.slice_labels.len());
    let Calibration { x, y, z, frame_interval, .. } = &info.calibration;
    for size in [x, y, z].into_iter().flatten() {
        assert!(size.is_finite() && *size > 0.0, "an impossible size: {:?}", info.calibration);
    }
    assert!(frame_interval.is_none_or(f64::is_finite), "an impossible time: {:?}", info.calibration);
}

fn read_level(source: &dyn Source, level: usize) -> Option<Pixels> {
    let shape = source.info().level(level);
    let whole = source.read(level, &Region::whole(shape)).map_err(|error| refused(&error)).ok();
    if let Some(pixels) = &whole {
        check_size(source.info(), &Region::whole(shape), pixels);
    }
    let held = whole.map(|pixels| {
        InMemory::new(Image { shape, pixels, rgb: false, calibration: Calibration::default(), slice_labels: Vec::new() })
    });
    for region in parts(shape) {
        match (source.read(level, &region), &held) {
            (Ok(part), Some(held)) => {
                let expected = held.read(0, &region).expect("a part of what is in memory");
                assert!(is_same(&part, &expected), "{region:?} of level {level} differs from the whole");
            }
            (Ok(part), None) => check_size(source.info(), &region, &part),
            (Err(error), None) => refused(&error),
            (Err(error), Some(_)) => panic!("{region:?} of level {level} cannot be read, but the whole can: {error:?}"),
        }
    }
    held.map(|held| held.read(0, &Region::whole(shape)).expect("all of what is in memory"))
}

fn check_size(info: &ImageInfo, region: &Region, pixels: &Pixels) {
    assert_eq!((pixels.pixel_type(), pixels.len()), (info.pixel_type, region.shape().len()), "{region:?}");
    assert!((pixels.len() * info.pixel_type.bytes()) as u64 <= LIMITS.bytes, "{region:?} is beyond the limit");
}

/// A corner of the first plane, the middle of a plane in the middle in its last channel, and the last rows and columns
/// of the last plane.
fn parts(shape: Shape) -> [Region; 3] {
    let Shape { t, z, c, y, x } = shape;
    let middle = |length: usize| length / 3..(2 * length).div_ceil(3).max(length / 3 + 1);
    let last = |length: usize| length - length.div_ceil(5)..length;
    [
        Region { c: 0..1, ..Region::plane(shape, 0, 0) }.rectangle(0..y.min(5), 0..x.min(7)),
        Region { c: c - 1..c, ..Region::plane(shape, t / 2, z / 2) }.rectangle(middle(y), middle(x)),
        Region::plane(shape, t - 1, z - 1).rectangle(last(y), last(x)),
    ]
}

/// Whether samples are the same, those that are no numbers included.
pub(crate) fn is_same(a: &Pixels, b: &Pixels) -> bool {
    match (a, b) {
        (Pixels::F32(a), Pixels::F32(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits()),
        (Pixels::F64(a), Pixels::F64(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits()),
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(shape: Shape) -> Image {
        let pixels = Pixels::U16((0..shape.len() as u16).collect());
        Image { shape, pixels, rgb: false, calibration: Calibration::default(), slice_labels: Vec::new() }
    }

    /// A source whose parts are not those of the whole.
    #[derive(Debug)]
    struct Shifted(InMemory<'static>);

    impl Source for Shifted {
        fn info(&self) -> &ImageInfo {
            self.0.info()
        }

        fn read(&self, level: usize, region: &Region) -> fewlabel_contract::Result<Pixels> {
            let part = self.0.read(level, region)?;
            Ok(if region.y.start > 0 { Pixels::zeros(part.pixel_type(), part.len())? } else { part })
        }
    }

    #[test]
    fn parts_lie_in_their_image() {
        for length in 1..12 {
            let shape = Shape { t: length, z: 2, c: 3, y: length, x: 12 - length };
            assert!(parts(shape).iter().all(|region| region.check(shape).is_ok()), "{shape:?}");
        }
        read(&InMemory::new(image(Shape { t: 2, z: 3, c: 2, y: 9, x: 8 })));
    }

    #[test]
    fn parts_that_differ_are_seen() {
        let shifted = Shifted(InMemory::new(image(Shape::plane(1, 9, 8))));
        assert!(std::panic::catch_unwind(|| read(&shifted)).is_err());
    }
}
