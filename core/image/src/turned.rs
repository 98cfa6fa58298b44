//! A volume that is cut across another axis than it is stored.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use fewlabel_contract::{Error, ErrorKind, Result, VolumePlane};

use crate::pixels::{Sample, each};
use crate::refusal::OPEN_IMAGE;
use crate::{ImageInfo, Limits, Pixels, Region, Shape, Source, Turn};

/// Another image with its slices, rows and columns exchanged, at full resolution.
///
/// Whoever reads plane after plane would have all strips or chunks of a file read for each of them. So from the second reading on
/// a whole frame is read and stays in memory until another frame is asked for: a frame must be within the [`Limits`]. The first
/// reading reads no more than it is asked for, since it may be the only one. What the file itself keeps when it is packed comes on top.
///
/// It has no [`Source::nifti_header`]: what is computed from it belongs on the grid of the [`stored`](Self::stored) image, to which
/// [`TurnedBackLabels`](crate::TurnedBackLabels) and [`TurnedBackMaps`](crate::TurnedBackMaps) lead.
#[derive(Debug)]
pub struct Turned {
    image: Box<dyn Source>,
    turn: Turn,
    info: ImageInfo,
    limits: Limits,
    /// Whether it was read before.
    was_read: AtomicBool,
    /// The frame that was read last, as it is stored, with its number.
    kept: Mutex<Option<(usize, Arc<Pixels>)>>,
}

impl Turned {
    /// Sizes of pixels are exchanged with the axes. Slice labels stay where slices do; outlines lie in the planes as stored, and there
    /// are none here.
    ///
    /// # Errors
    /// `limit-exceeded` for a frame that is larger than is held in memory.
    pub fn new(image: Box<dyn Source>, turn: Turn, limits: &Limits) -> Result<Self> {
        let of = image.info();
        let s = of.shape;
        let bytes = [s.c, s.y, s.x, of.pixel_type.bytes()].iter().try_fold(s.z, |n, &f| n.checked_mul(f));
        if bytes.is_none_or(|bytes| bytes as u64 > limits.bytes) {
            return Err(Error::new(
                ErrorKind::LimitExceeded,
                OPEN_IMAGE,
                "the volume is too large to be cut across another axis than it is stored",
            )
            .with("columns, rows, slices", format!("{} {} {}", s.x, s.y, s.z))
            .with("allowed bytes", limits.bytes)
            .hint("scale it down or cut it into parts, or work on its planes as they are stored"));
        }
        let shape = turn.turned_shape(s);
        let info = ImageInfo {
            shape,
            calibration: turn.turned_calibration(&of.calibration),
            slice_labels: if turn.keeps_slices() { of.slice_labels.clone() } else { Vec::new() },
            outlines: 0,
            levels: vec![(shape.y, shape.x)],
            ..of.clone()
        };
        Ok(Self { image, turn, info, limits: *limits, was_read: AtomicBool::new(false), kept: Mutex::default() })
    }

    /// The image as it is stored.
    pub fn stored(&self) -> &dyn Source {
        &*self.image
    }

    /// How it was turned.
    pub const fn turn(&self) -> Turn {
        self.turn
    }

    fn frame(&self, t: usize) -> Result<Arc<Pixels>> {
        // Others that read wait here instead of reading it, too.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, frame)) = kept.as_ref().filter(|(number, _)| *number == t) {
            return Ok(Arc::clone(frame));
        }
        *kept = None;
        let frame = Arc::new(self.image.read(0, &Region { t: t..t + 1, ..Region::whole(self.image.info().shape) })?);
        *kept = Some((t, Arc::clone(&frame)));
        Ok(frame)
    }
}

impl Source for Turned {
    fn info(&self) -> &ImageInfo {
        &self.info
    }

    fn read(&self, level: usize, region: &Region) -> Result<Pixels> {
        let mut pixels = self.info.empty_room(level, region, &self.limits)?;
        if self.was_read.swap(true, Ordering::Relaxed) {
            for t in region.t.clone() {
                let frame = self.frame(t)?;
                each!(&*frame, samples => append(samples, self.image.info().shape, self.turn, region, &mut pixels));
            }
        } else {
            let [z, y, x] = self.turn.stored(&[region.z.clone(), region.y.clone(), region.x.clone()]);
            let stored = Region { z, y, x, ..region.clone() };
            let all = self.image.read(0, &stored)?;
            let Shape { z, c, y, x, .. } = region.shape();
            let whole = Region { t: 0..1, z: 0..z, c: 0..c, y: 0..y, x: 0..x };
            let shape = Shape { t: 1, ..stored.shape() };
            each!(&all, samples => samples.chunks_exact(shape.len()).for_each(|frame| append(frame, shape, self.turn, &whole, &mut pixels)));
        }
        Ok(pixels)
    }
}

/// Appends the slices, channels, rows and columns of a turned region of a frame, which is of this shape as stored.
fn append<T: Sample>(frame: &[T], stored: Shape, turn: Turn, region: &Region, pixels: &mut Pixels) {
    let Some(samples) = T::of(pixels) else { return };
    let channel = stored.y * stored.x;
    let [slice, row, column] = turn.turned(&[stored.c * channel, stored.x, 1]);
    for z in region.z.clone() {
        for (c, y) in region.c.clone().flat_map(|c| region.y.clone().map(move |y| (c, y))) {
            let first = z * slice + c * channel + y * row;
            samples.extend(region.x.clone().map(|x| frame[first + x * column]));
        }
    }
}

/// The image with its volumes cut across the axis that `plane` names; as it is stored without a wish, and where it lies so already.
///
/// # Errors
/// Those of [`Turn::across`] and [`Turned::new`].
pub fn across(image: Box<dyn Source>, plane: Option<VolumePlane>, limits: &Limits) -> Result<Box<dyn Source>> {
    let Some(plane) = plane else { return Ok(image) };
    match Turn::across(plane, image.info().shape, image.nifti_header().as_ref())? {
        Some(turn) => Ok(Box::new(Turned::new(image, turn, limits)?)),
        None => Ok(image),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use proptest::prelude::*;

    use super::*;
    use crate::turn::tests::turns;
    use crate::{Calibration, Image, InMemory, NiftiHeader, PixelType};

    fn image(shape: Shape) -> Image {
        Image {
            shape,
            pixels: Pixels::U16((0..shape.len() as u16).collect()),
            rgb: false,
            calibration: Calibration { z: Some(3.0), x: Some(0.5), ..Calibration::default() },
            slice_labels: (0..shape.t * shape.z * shape.c).map(|n| n.to_string()).collect(),
        }
    }

    fn turned(shape: Shape, turn: Turn) -> Turned {
        Turned::new(Box::new(InMemory::new(image(shape))), turn, &Limits::default()).expect("small enough")
    }

    /// Shapes and regions in them, as they are once they are turned.
    fn region(turn: Turn) -> impl Strategy<Value = (Shape, Region)> {
        let axis =
            || (1..5_usize).prop_flat_map(|n| (Just(n), 0..n)).prop_flat_map(|(n, start)| (Just(n), Just(start), start + 1..=n));
        (axis(), axis(), axis(), axis(), axis()).prop_map(move |(t, z, c, y, x)| {
            let shape = Shape { t: t.0, z: z.0, c: c.0, y: y.0, x: x.0 };
            (turn.stored_shape(shape), Region { t: t.1..t.2, z: z.1..z.2, c: c.1..c.2, y: y.1..y.2, x: x.1..x.2 })
        })
    }

    fn turn_and_region() -> impl Strategy<Value = (Turn, Shape, Region)> {
        (0..6_usize)
            .prop_flat_map(|number| region(turns()[number]).prop_map(move |(shape, region)| (turns()[number], shape, region)))
    }

    proptest! {
        /// Each sample of a region is the one of the stored image at the place with exchanged axes.
        #[test]
        fn regions_are_those_of_the_stored_image((turn, shape, region) in turn_and_region()) {
            let turned = turned(shape, turn);
            prop_assert_eq!(turned.info().shape, turn.turned_shape(shape));
            let mut expected = Vec::new();
            for (t, z) in region.t.clone().flat_map(|t| region.z.clone().map(move |z| (t, z))) {
                for (c, y) in region.c.clone().flat_map(|c| region.y.clone().map(move |y| (c, y))) {
                    for x in region.x.clone() {
                        let [z, y, x] = turn.stored(&[z, y, x]);
                        expected.push(((((t * shape.z + z) * shape.c + c) * shape.y + y) * shape.x + x) as u16);
                    }
                }
            }
            let expected = Ok(Pixels::U16(expected));
            prop_assert_eq!(turned.read(0, &region), expected.clone());
            prop_assert_eq!(turned.read(0, &region), expected, "from a frame in memory");
        }
    }

    #[test]
    fn what_the_header_says_is_turned() {
        let shape = Shape { t: 1, z: 2, c: 1, y: 3, x: 4 };
        let [_, rows_and_columns, slices_and_rows, ..] = turns();
        let kept = turned(shape, rows_and_columns);
        assert_eq!(
            (kept.info().shape, &kept.info().slice_labels[..]),
            (Shape { y: 4, x: 3, ..shape }, &["0", "1"].map(str::to_owned)[..])
        );
        assert_eq!((kept.info().calibration.y, kept.info().calibration.x), (Some(0.5), None));
        let other = turned(shape, slices_and_rows);
        assert_eq!((other.info().levels.clone(), other.info().slice_labels.len()), (vec![(2, 4)], 0));
        assert_eq!(other.info().calibration.y, Some(3.0));
        assert_eq!(other.image().expect("all").shape, Shape { z: 3, y: 2, ..shape });
        assert!(other.read(1, &Region::whole(other.info().shape)).is_err(), "there is one level");
        assert!(other.read(0, &Region::whole(shape)).is_err(), "other rows");
    }

    #[test]
    fn only_what_is_stored_otherwise_is_turned() {
        let shape = Shape { t: 1, z: 2, c: 1, y: 3, x: 4 };
        let open = |plane, limits: &Limits| across(Box::new(InMemory::new(image(shape))), plane, limits);
        for plane in [None, Some(VolumePlane::Axial)] {
            assert_eq!(open(plane, &Limits { bytes: 0, ..Limits::default() }).expect("as it is").info().shape, shape);
        }
        let sagittal = open(Some(VolumePlane::Sagittal), &Limits::default()).expect("turned");
        assert_eq!(sagittal.info().shape, Shape { z: 4, y: 2, x: 3, ..shape });
        let error = open(Some(VolumePlane::Coronal), &Limits { bytes: 47, ..Limits::default() }).expect_err("48 bytes");
        assert_eq!((error.kind, error.hint.is_some()), (ErrorKind::LimitExceeded, true), "{error}");
    }

    /// Tells how often it is read, and has a header.
    #[derive(Debug)]
    struct Counted(InMemory<'static>, Arc<AtomicUsize>);

    impl Source for Counted {
        fn info(&self) -> &ImageInfo {
            self.0.info()
        }

        fn read(&self, level: usize, region: &Region) -> Result<Pixels> {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0.read(level, region)
        }

        fn nifti_header(&self) -> Option<NiftiHeader> {
            Some(NiftiHeader::with_affine([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]))
        }
    }

    #[test]
    fn plane_after_plane_reads_each_frame_once() {
        let (shape, reads) = (Shape { t: 2, z: 3, c: 2, y: 4, x: 5 }, Arc::default());
        let image = Box::new(Counted(InMemory::new(image(shape)), Arc::clone(&reads)));
        let turned = across(image, Some(VolumePlane::Axial), &Limits::default()).expect("turned");
        let info = turned.info().clone();
        assert_eq!((info.shape, info.pixel_type), (Shape { z: 4, y: 5, x: 3, ..shape }, PixelType::U16));
        assert!(turned.nifti_header().is_none(), "that is the stored image's");
        for (t, z) in (0..2).flat_map(|t| (0..4).map(move |z| (t, z))) {
            assert_eq!(turned.part(&Region::plane(info.shape, t, z)).expect("a plane").pixels.len(), 30);
        }
        assert_eq!(reads.load(Ordering::Relaxed), 3, "a plane, and two frames");
    }
}
