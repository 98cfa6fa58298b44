//! NIfTI images of which parts are read.

use std::fs::File;
use std::sync::Arc;

use fewlabel_contract::Result;

use super::calibration::calibration;
use super::data::Data;
use super::header::NiftiHeader;
use super::layout::Layout;
use crate::pixels::{Sample, each, reserved};
use crate::positioned_file::PositionedFile;
use crate::{ImageInfo, Limits, Pixels, Region, Source};

/// So many bytes are read at once.
const PIECE: usize = 1 << 20;

/// A NIfTI file, packed or not.
///
/// Axes 1 to 5 of the file are `x y z t c`; nothing is turned or mirrored. Where the header has a slope and an intercept, the
/// samples are `stored * slope + intercept`, as 32-bit floats, or 64-bit ones where they are stored as such; otherwise they
/// are those in the file. RGB24 is a colour picture, RGBA32 one without its alpha.
#[derive(Debug)]
pub(crate) struct NiftiSource {
    data: Data,
    header: NiftiHeader,
    layout: Layout,
    info: ImageInfo,
    limits: Limits,
}

impl NiftiSource {
    /// Reads the header of `file`, which holds `file_bytes`; the pixels are bounded by `limits` when they are read.
    ///
    /// # Errors
    /// `unreadable-image` for what is cut short, damaged or no NIfTI; `unsupported`; `limit-exceeded`; `io`. They do not name
    /// the file.
    pub(crate) fn open(file: File, file_bytes: u64, limits: &Limits) -> Result<Self> {
        let data = Data::open(&PositionedFile::new(Arc::new(file)))?;
        let header = data.header()?;
        let layout = Layout::of(&header, limits)?;
        data.check(layout.end, file_bytes)?;
        let pixel_type = layout.scaling.map_or(layout.stored.pixel_type, |scaling| scaling.pixel_type);
        let info = ImageInfo {
            rgb: layout.stored.rgb(),
            calibration: calibration(&header, layout.axes),
            ..ImageInfo::new(layout.shape, pixel_type)
        };
        Ok(Self { data, header, layout, info, limits: *limits })
    }

    fn fill(&self, region: &Region, pixels: &mut Pixels) -> Result<()> {
        let (s, stored) = (self.layout.shape, self.layout.stored);
        let mut reader = self.data.reader(self.layout.end, self.limits.bytes)?;
        // Whole rows lie one behind another.
        let at_once = if region.x.len() == s.x { PIECE / (s.x * stored.bytes()).max(1) } else { 1 };
        let at_once = at_once.clamp(1, region.y.len());
        let row = region.x.len() * stored.bytes();
        let mut bytes = reserved(at_once * row)?;
        // In the order of the file.
        let channels = if stored.rgb() { 0..1 } else { region.c.clone() };
        for (c, t) in channels.flat_map(|c| region.t.clone().map(move |t| (c, t))) {
            for (z, y) in region.z.clone().flat_map(|z| region.y.clone().step_by(at_once).map(move |y| (z, y))) {
                let rows = at_once.min(region.y.end - y);
                bytes.resize(rows * row, 0);
                let pixel = (((c * s.t + t) * s.z + z) * s.y + y) * s.x + region.x.start;
                reader.read_exact_at(&mut bytes, self.layout.offset + pixel as u64 * stored.bytes() as u64)?;
                let mut piece = Pixels::from_bytes(stored.pixel_type, &bytes, self.layout.little_endian);
                if let Some(scaling) = self.layout.scaling {
                    piece = scaling.apply(&piece);
                }
                let slice = (t - region.t.start) * region.z.len() + (z - region.z.start);
                let place = |channel: usize| {
                    ((slice * region.c.len() + channel) * region.y.len() + (y - region.y.start)) * region.x.len()
                };
                if stored.rgb() {
                    for (channel, colour) in region.c.clone().enumerate() {
                        each!(&mut *pixels, v => put(v, place(channel), &mut piece, (colour, stored.samples)));
                    }
                } else {
                    each!(&mut *pixels, v => put(v, place(c - region.c.start), &mut piece, (0, 1)));
                }
            }
        }
        Ok(())
    }
}

/// Puts samples of a piece at a place, of several side by side one each.
fn put<T: Sample>(samples: &mut [T], place: usize, piece: &mut Pixels, (first, step): (usize, usize)) {
    if let (Some(room), Some(piece)) = (samples.get_mut(place..), T::of(piece)) {
        room.iter_mut().zip(piece.iter().skip(first).step_by(step)).for_each(|(sample, value)| *sample = *value);
    }
}

impl Source for NiftiSource {
    fn info(&self) -> &ImageInfo {
        &self.info
    }

    fn read(&self, level: usize, region: &Region) -> Result<Pixels> {
        let mut pixels = self.info.room(level, region, &self.limits)?;
        self.fill(region, &mut pixels)?;
        Ok(pixels)
    }

    fn nifti_header(&self) -> Option<NiftiHeader> {
        Some(self.header.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use fewlabel_contract::ErrorKind;
    use proptest::prelude::*;

    use super::*;
    use crate::{InMemory, PixelType, Shape};

    /// A NIfTI-1 file by the definition.
    struct Made {
        big_endian: bool,
        dim: Vec<i16>,
        datatype: i16,
        slope: [f32; 2],
        data: Vec<u8>,
    }

    impl Made {
        fn new(dim: &[i16], datatype: i16, data: Vec<u8>) -> Self {
            Self { big_endian: false, dim: dim.to_vec(), datatype, slope: [0.0; 2], data }
        }

        fn bytes(&self) -> Vec<u8> {
            let mut bytes = vec![0; 352];
            let mut put = |place: usize, mut number: Vec<u8>| {
                if self.big_endian {
                    number.reverse();
                }
                bytes[place..place + number.len()].copy_from_slice(&number);
            };
            put(0, 348_i32.to_le_bytes().to_vec());
            put(40, (self.dim.len() as i16).to_le_bytes().to_vec());
            for (axis, length) in self.dim.iter().enumerate() {
                put(42 + 2 * axis, length.to_le_bytes().to_vec());
                put(80 + 4 * axis, 0.5_f32.to_le_bytes().to_vec());
            }
            put(70, self.datatype.to_le_bytes().to_vec());
            put(108, 352_f32.to_le_bytes().to_vec());
            put(112, self.slope[0].to_le_bytes().to_vec());
            put(116, self.slope[1].to_le_bytes().to_vec());
            bytes[123] = 3 | 8;
            bytes[344..348].copy_from_slice(b"n+1\0");
            bytes.extend(&self.data);
            bytes
        }
    }

    fn open(bytes: &[u8], limits: &Limits) -> Result<NiftiSource> {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(bytes).expect("written");
        NiftiSource::open(file, bytes.len() as u64, limits)
    }

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(bytes).expect("packed");
        gz.finish().expect("packed")
    }

    fn read(made: &Made) -> Pixels {
        open(&made.bytes(), &Limits::default()).and_then(|source| Ok(source.image()?.pixels)).expect("an image")
    }

    fn refused(bytes: &[u8], kind: ErrorKind, says: &str) {
        let error = open(bytes, &Limits::default()).and_then(|source| source.image()).expect_err(says);
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }

    #[test]
    fn samples_of_all_types_and_orders() {
        let [one, other] = [vec![0xff, 0x80], vec![1, 2]];
        assert_eq!(read(&Made::new(&[2, 1], 2, one.clone())), Pixels::U8(vec![255, 128]));
        assert_eq!(read(&Made::new(&[2, 1], 256, one)), Pixels::I8(vec![-1, -128]));
        for big_endian in [false, true] {
            let read = |datatype: i16, bytes: usize| {
                let mut data = [other.clone(), vec![0; bytes - 2]].concat();
                if big_endian {
                    data.reverse();
                }
                read(&Made { big_endian, ..Made::new(&[1, 1], datatype, data) })
            };
            assert_eq!(read(4, 2), Pixels::I16(vec![513]));
            assert_eq!(read(512, 2), Pixels::U16(vec![513]));
            assert_eq!(read(8, 4), Pixels::I32(vec![513]));
            assert_eq!(read(768, 4), Pixels::U32(vec![513]));
            assert_eq!(read(1024, 8), Pixels::I64(vec![513]));
            assert_eq!(read(1280, 8), Pixels::U64(vec![513]));
            assert_eq!(read(16, 4), Pixels::F32(vec![f32::from_bits(513)]));
            assert_eq!(read(64, 8), Pixels::F64(vec![f64::from_bits(513)]));
        }
    }

    #[test]
    fn a_slope_gives_what_was_measured() {
        let scaled = |slope, intercept, made: Made| read(&Made { slope: [slope, intercept], ..made });
        let bytes = || Made::new(&[2, 1], 2, vec![0, 10]);
        assert_eq!(scaled(0.5, -1.0, bytes()), Pixels::F32(vec![-1.0, 4.0]));
        assert_eq!(scaled(1.0, 3.0, bytes()), Pixels::F32(vec![3.0, 13.0]));
        for unscaled in [[1.0, 0.0], [0.0, 5.0], [f32::NAN, 0.0]] {
            assert_eq!(scaled(unscaled[0], unscaled[1], bytes()), Pixels::U8(vec![0, 10]));
        }
        let doubles = Made::new(&[1, 1], 64, 0.1_f64.to_le_bytes().to_vec());
        assert_eq!(scaled(2.0, 0.0, doubles), Pixels::F64(vec![0.2]));
        assert_eq!(scaled(2.0, 0.0, Made::new(&[1, 1], 128, vec![1, 2, 3])), Pixels::U8(vec![1, 2, 3]), "colours are not scaled");
        refused(&Made { slope: [2.0, f32::INFINITY], ..bytes() }.bytes(), ErrorKind::UnreadableImage, "finite intercept");
    }

    #[test]
    fn colours_are_channels() {
        for (datatype, stored) in [(128, 3), (2304, 4)] {
            let data: Vec<u8> = (0..2 * 2 * 3 * stored).collect();
            let source = open(&Made::new(&[2, 2, 3], datatype, data).bytes(), &Limits::default()).expect("a file");
            let shape = Shape { t: 1, z: 3, c: 3, y: 2, x: 2 };
            assert!(source.info().rgb && source.info().shape == shape);
            let blue = source.read(0, &Region { z: 1..3, c: 2..3, y: 1..2, ..Region::whole(shape) }).expect("a region");
            assert_eq!(blue, Pixels::U8([6, 7, 10, 11].map(|pixel| stored * pixel + 2).to_vec()));
        }
        refused(&Made::new(&[1, 1, 1, 1, 2], 128, vec![0; 6]).bytes(), ErrorKind::Unsupported, "several colours");
    }

    /// Written by nibabel 5.4.2: `Nifti1Image(np.arange(6, dtype="<i2").reshape(3, 2, order="F") - 2, np.diag([.5, .5, 2, 1]))`
    /// with `set_xyzt_units("micron", "sec")`, packed by its gzip.
    #[test]
    fn a_file_of_nibabel() {
        let bytes = include_bytes!("../../tests/data/nibabel.nii.gz");
        let image = open(bytes, &Limits::default()).and_then(|source| source.image()).expect("an image");
        assert_eq!(image.shape, Shape::plane(1, 2, 3));
        assert_eq!(image.pixels, Pixels::I16(vec![-2, -1, 0, 1, 2, 3]));
        assert_eq!((image.calibration.x, image.calibration.z), (Some(0.5), None));
        assert_eq!(image.calibration.unit.as_deref(), Some("µm"));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let good = Made::new(&[2, 2], 2, vec![1, 2, 3, 4]);
        let made = |dim: &[i16], datatype: i16| Made::new(dim, datatype, vec![0; 64]).bytes();
        refused(&[], ErrorKind::UnreadableImage, "cut short");
        refused(&good.bytes()[..347], ErrorKind::UnreadableImage, "cut short");
        refused(&good.bytes()[..355], ErrorKind::UnreadableImage, "more pixels than it can hold");
        refused(&made(&[2, 2], 1), ErrorKind::Unsupported, "one bit");
        refused(&made(&[2, 2], 32), ErrorKind::Unsupported, "complex numbers");
        refused(&made(&[2, 2], 1536), ErrorKind::Unsupported, "128-bit");
        refused(&made(&[2, 2], 0), ErrorKind::UnreadableImage, "no type of sample");
        refused(&made(&[2, 0], 2), ErrorKind::UnreadableImage, "no pixels");
        refused(&made(&[2, -2], 2), ErrorKind::UnreadableImage, "no pixels");
        refused(&made(&[], 2), ErrorKind::UnreadableImage, "damaged");
        refused(&made(&[1, 1, 1, 1, 1, 2], 2), ErrorKind::Unsupported, "six axes");
        refused(&made(&[32_767; 5], 64), ErrorKind::LimitExceeded, "more planes than allowed");
        refused(&made(&[32_767, 32_767, 1024], 64), ErrorKind::UnreadableImage, "more pixels than it can hold");
        let mut place = good.bytes();
        place[108..112].copy_from_slice(&f32::NAN.to_le_bytes());
        refused(&place, ErrorKind::UnreadableImage, "place of the samples");
        let narrow = Limits { side: 1, ..Limits::default() };
        assert_eq!(open(&good.bytes(), &narrow).expect_err("two columns").kind, ErrorKind::LimitExceeded);
    }

    #[test]
    fn damage_of_packed_files_is_said() {
        let whole = packed(&Made::new(&[64, 64], 2, (0..4096).map(|n| ((n * 7919) >> 5) as u8).collect()).bytes());
        refused(&whole[..whole.len() / 2], ErrorKind::UnreadableImage, "cut short");
        let mut sum = whole.clone();
        let end = sum.len();
        sum[end - 8] ^= 1;
        refused(&sum, ErrorKind::UnreadableImage, "damaged");
        refused(&packed(b"name,area\n"), ErrorKind::UnreadableImage, "no NIfTI image");
        refused(
            &packed(&Made::new(&[32_767, 32_767], 2, Vec::new()).bytes()),
            ErrorKind::UnreadableImage,
            "more pixels than it can hold",
        );
        refused(&packed(&Made::new(&[2, 2], 2, vec![0; 3]).bytes()), ErrorKind::UnreadableImage, "cut short");
    }

    #[test]
    fn what_is_asked_for_is_checked() {
        let source =
            open(&Made::new(&[2, 2], 2, vec![1, 2, 3, 4]).bytes(), &Limits { bytes: 3, ..Limits::default() }).expect("a file");
        let whole = Region::whole(source.info().shape);
        assert_eq!(source.read(0, &whole).expect_err("four bytes").kind, ErrorKind::LimitExceeded);
        assert_eq!(source.read(1, &whole).expect_err("no level").kind, ErrorKind::InvalidRequest);
        assert!(source.read(0, &whole.clone().rectangle(0..3, 0..1)).is_err());
        assert_eq!(source.read(0, &whole.rectangle(0..2, 1..2)).expect("a column"), Pixels::U8(vec![2, 4]));
    }

    /// Shapes and regions in them.
    fn region() -> impl Strategy<Value = (Shape, Region)> {
        let axis =
            || (1..5_usize).prop_flat_map(|n| (Just(n), 0..n)).prop_flat_map(|(n, start)| (Just(n), Just(start), start + 1..=n));
        (axis(), axis(), axis(), axis(), axis()).prop_map(|(t, z, c, y, x)| {
            let shape = Shape { t: t.0, z: z.0, c: c.0, y: y.0, x: x.0 };
            (shape, Region { t: t.1..t.2, z: z.1..z.2, c: c.1..c.2, y: y.1..y.2, x: x.1..x.2 })
        })
    }

    proptest! {
        /// Plain, unpacked once, and unpacked as a stream: the same region as of the image in memory.
        #[test]
        fn regions_are_parts_of_the_image((shape, region) in region(), big_endian: bool) {
            let s = shape;
            let numbers = |c: usize, t: usize, z: usize| {
                (0..s.y * s.x).map(move |pixel| ((((t * s.z + z) * s.c + c) * s.y * s.x) + pixel) as u16)
            };
            let slices = (0..s.c).flat_map(|c| (0..s.t).flat_map(move |t| (0..s.z).map(move |z| (c, t, z))));
            let bytes_of = |n: u16| if big_endian { n.to_be_bytes() } else { n.to_le_bytes() };
            let data = slices.flat_map(|(c, t, z)| numbers(c, t, z)).flat_map(bytes_of);
            let made = Made { big_endian, ..Made::new(&[s.x, s.y, s.z, s.t, s.c].map(|n| n as i16), 512, data.collect()) };
            let whole = made.bytes();
            let expected = Pixels::U16((0..s.len() as u16).collect());
            let in_memory = InMemory::new(crate::Image {
                shape, pixels: expected, rgb: false, calibration: Default::default(), slice_labels: Vec::new()
            });
            let part = in_memory.read(0, &region).expect("a region");
            let exact = Limits { bytes: part.len() as u64 * 2, ..Limits::default() };
            let (all, whole) = (Limits::default(), [packed(&whole), whole]);
            for (bytes, limits) in [(&whole[1], all), (&whole[0], all), (&whole[0], exact)] {
                let source = open(bytes, &limits).expect("a file");
                prop_assert_eq!(source.info().pixel_type, PixelType::U16);
                prop_assert_eq!(&source.read(0, &region).expect("a region"), &part);
                prop_assert_eq!(&source.read(0, &region).expect("again"), &part);
            }
        }

        #[test]
        fn damage_is_an_error_and_no_panic(place in 0..352_usize, byte: u8, end in 0..356_usize) {
            let mut bytes = Made::new(&[2, 2], 2, vec![1, 2, 3, 4]).bytes();
            prop_assert!(open(&bytes[..end], &Limits::default()).is_err());
            bytes[place] = byte;
            for bytes in [packed(&bytes), bytes] {
                drop(open(&bytes, &Limits::default()).and_then(|source| source.image()));
            }
        }
    }
}
