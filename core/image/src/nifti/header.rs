//! The header of a NIfTI file, kept as it stands there.

use fewlabel_contract::Result;

use super::{cut_short, unreadable, unsupported};
use crate::Rectangle;

/// Bytes of the longest header, that of NIfTI-2.
pub(super) const LONGEST: u64 = 540;

/// The grid of a NIfTI image: its header with affine (qform and sform), sizes and units, without extensions.
///
/// What is computed from an image is written with the header of that image, so that it lies where the image lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NiftiHeader {
    version: Version,
    little_endian: bool,
    /// As many as the version has, in the order of the file.
    bytes: Vec<u8>,
}

/// Which definition a header follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    One,
    Two,
}

impl Version {
    /// Bytes of the header; also the number at its beginning.
    pub(super) const fn length(self) -> usize {
        match self {
            Self::One => 348,
            Self::Two => 540,
        }
    }

    /// Where the text stands that names the format, and what it is for a file of header and samples.
    const fn magic(self) -> (usize, &'static [u8]) {
        match self {
            Self::One => (344, b"n+1\0"),
            Self::Two => (4, b"n+2\0\r\n\x1a\n"),
        }
    }
}

/// Numbers in the header.
#[derive(Clone, Copy, Debug)]
pub(super) enum Field {
    /// Number of axes, then the length of each.
    Dim,
    /// Three parameters of what the samples mean.
    IntentParameter,
    /// What the samples mean.
    IntentCode,
    Datatype,
    /// Bits of a sample.
    Bitpix,
    /// Orientation of the third axis, then the size of a sample along each.
    Pixdim,
    /// Where the samples begin.
    VoxOffset,
    Slope,
    Intercept,
    CalMax,
    CalMin,
    Units,
    /// What the first affine (qform) leads to; 0 where there is none.
    QuaternionCode,
    /// The same of the second (sform).
    AffineCode,
    /// The rotation of the first affine (qform): the last three numbers of a quaternion.
    Quaternion,
    /// Where the first affine puts the first sample.
    Offset,
    /// The second affine (sform), three rows of four.
    Affine,
}

/// Type of a number in the header.
#[derive(Clone, Copy)]
enum Kind {
    U8,
    I16,
    I32,
    I64,
    F32,
    F64,
}

impl Field {
    const fn place(self, version: Version) -> (usize, Kind) {
        let (one, two) = match self {
            Self::Dim => ((40, Kind::I16), (16, Kind::I64)),
            Self::IntentParameter => ((56, Kind::F32), (80, Kind::F64)),
            Self::IntentCode => ((68, Kind::I16), (504, Kind::I32)),
            Self::Datatype => ((70, Kind::I16), (12, Kind::I16)),
            Self::Bitpix => ((72, Kind::I16), (14, Kind::I16)),
            Self::Pixdim => ((76, Kind::F32), (104, Kind::F64)),
            Self::VoxOffset => ((108, Kind::F32), (168, Kind::I64)),
            Self::Slope => ((112, Kind::F32), (176, Kind::F64)),
            Self::Intercept => ((116, Kind::F32), (184, Kind::F64)),
            Self::CalMax => ((124, Kind::F32), (192, Kind::F64)),
            Self::CalMin => ((128, Kind::F32), (200, Kind::F64)),
            Self::Units => ((123, Kind::U8), (500, Kind::I32)),
            Self::QuaternionCode => ((252, Kind::I16), (344, Kind::I32)),
            Self::AffineCode => ((254, Kind::I16), (348, Kind::I32)),
            Self::Quaternion => ((256, Kind::F32), (352, Kind::F64)),
            Self::Offset => ((268, Kind::F32), (376, Kind::F64)),
            Self::Affine => ((280, Kind::F32), (400, Kind::F64)),
        };
        match version {
            Version::One => one,
            Version::Two => two,
        }
    }
}

/// Texts in the header.
#[derive(Clone, Copy, Debug)]
pub(super) enum Text {
    IntentName,
    /// A file that explains the samples.
    AuxFile,
}

impl NiftiHeader {
    /// The header of a rectangle of the image: its lengths, and affines that put its first pixel where it was.
    pub(crate) fn cropped(&self, rectangle: &Rectangle) -> Self {
        let mut header = self.clone();
        header.set(Field::Dim, 1, rectangle.x.len() as f64);
        header.set(Field::Dim, 2, rectangle.y.len() as f64);
        let (x, y) = (rectangle.x.start as f64, rectangle.y.start as f64);
        for row in 0..3 {
            let affine = |column| self.get(Field::Affine, 4 * row + column);
            header.set(Field::Affine, 4 * row + 3, affine(3) + affine(0) * x + affine(1) * y);
        }
        // The same by the first affine.
        let [across, down, _] = self.rotated_axes();
        let (x, y) = (x * self.get(Field::Pixdim, 1), y * self.get(Field::Pixdim, 2));
        for (row, (across, down)) in across.into_iter().zip(down).enumerate() {
            header.set(Field::Offset, row, self.get(Field::Offset, row) + across * x + down * y);
        }
        header
    }

    /// Where the first affine (qform) leads from a sample to the next along `x`, `y` and `z`, sizes and mirroring aside: by a
    /// quaternion, of which the header has all but the first number (nifti1.h, method 2).
    pub(super) fn rotated_axes(&self) -> [[f64; 3]; 3] {
        let [b, c, d] = [0, 1, 2].map(|number| self.get(Field::Quaternion, number));
        let a = (1.0 - (b * b + c * c + d * d)).max(0.0).sqrt();
        [
            [a * a + b * b - c * c - d * d, 2.0 * (b * c + a * d), 2.0 * (b * d - a * c)],
            [2.0 * (b * c - a * d), a * a + c * c - b * b - d * d, 2.0 * (c * d + a * b)],
            [2.0 * (b * d + a * c), 2.0 * (c * d - a * b), a * a + d * d - b * b - c * c],
        ]
    }

    /// A header in which all numbers are 0.
    pub(super) fn new(version: Version) -> Self {
        let mut bytes = vec![0; version.length()];
        let (place, magic) = version.magic();
        let begin = (version.length() as i32).to_le_bytes();
        bytes.iter_mut().zip(begin).for_each(|(byte, new)| *byte = new);
        bytes.iter_mut().skip(place).zip(magic).for_each(|(byte, new)| *byte = *new);
        Self { version, little_endian: true, bytes }
    }

    /// From the first bytes of a file: [`LONGEST`], or all if there are fewer.
    pub(super) fn parse(first: &[u8]) -> Result<Self> {
        let begin = first.first_chunk().ok_or_else(cut_short)?;
        let is = |version: Version, number: i32| number == version.length() as i32;
        let (little, big) = (i32::from_le_bytes(*begin), i32::from_be_bytes(*begin));
        let (version, little_endian) = match () {
            () if is(Version::One, little) => (Version::One, true),
            () if is(Version::One, big) => (Version::One, false),
            () if is(Version::Two, little) => (Version::Two, true),
            () if is(Version::Two, big) => (Version::Two, false),
            () => {
                return Err(
                    unreadable("the file holds no NIfTI image").hint("of packed files only NIfTI images (.nii.gz) are read")
                );
            }
        };
        let bytes = first.get(..version.length()).ok_or_else(cut_short)?.to_vec();
        let (place, magic) = version.magic();
        match bytes.get(place..).unwrap_or_default() {
            rest if rest.starts_with(magic) => Ok(Self { version, little_endian, bytes }),
            rest if rest.starts_with(b"ni1\0") || rest.starts_with(b"ni2\0") => {
                Err(unsupported("this is one of a pair of NIfTI files (.hdr and .img)")
                    .hint("save it as one .nii or .nii.gz file"))
            }
            // ANALYZE 7.5, from which NIfTI-1 comes, has no text there.
            _ if version == Version::One => {
                Err(unsupported("this is an ANALYZE 7.5 file").hint("save it as one .nii or .nii.gz file"))
            }
            _ => Err(unreadable("the NIfTI header is damaged").hint("copy or export it again")),
        }
    }

    pub(super) const fn version(&self) -> Version {
        self.version
    }

    pub(super) const fn little_endian(&self) -> bool {
        self.little_endian
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A number of the header; where the field has several, which one.
    pub(super) fn get(&self, field: Field, number: usize) -> f64 {
        let (place, kind) = field.place(self.version);
        match kind {
            Kind::U8 => u8::from_le_bytes(self.little_endian_at(place, number)).into(),
            Kind::I16 => i16::from_le_bytes(self.little_endian_at(place, number)).into(),
            Kind::I32 => i32::from_le_bytes(self.little_endian_at(place, number)).into(),
            // Lengths and places that are not exact as floats are larger than any file.
            Kind::I64 => i64::from_le_bytes(self.little_endian_at(place, number)) as f64,
            Kind::F32 => f32::from_le_bytes(self.little_endian_at(place, number)).into(),
            Kind::F64 => f64::from_le_bytes(self.little_endian_at(place, number)),
        }
    }

    /// Changes a number to one that its type holds.
    pub(super) fn set(&mut self, field: Field, number: usize, value: f64) {
        let (place, kind) = field.place(self.version);
        match kind {
            Kind::U8 => self.put(place, number, (value as u8).to_le_bytes()),
            Kind::I16 => self.put(place, number, (value as i16).to_le_bytes()),
            Kind::I32 => self.put(place, number, (value as i32).to_le_bytes()),
            Kind::I64 => self.put(place, number, (value as i64).to_le_bytes()),
            Kind::F32 => self.put(place, number, (value as f32).to_le_bytes()),
            Kind::F64 => self.put(place, number, value.to_le_bytes()),
        }
    }

    /// Empties a text.
    pub(super) fn clear(&mut self, text: Text) {
        let (place, length) = match (text, self.version) {
            (Text::IntentName, Version::One) => (328, 16),
            (Text::IntentName, Version::Two) => (508, 16),
            (Text::AuxFile, Version::One) => (228, 24),
            (Text::AuxFile, Version::Two) => (320, 24),
        };
        self.bytes.iter_mut().skip(place).take(length).for_each(|byte| *byte = 0);
    }

    fn little_endian_at<const N: usize>(&self, place: usize, number: usize) -> [u8; N] {
        let bytes = self.bytes.get(place + number * N..).and_then(|rest| rest.first_chunk());
        let mut bytes = bytes.copied().unwrap_or([0; N]);
        if !self.little_endian {
            bytes.reverse();
        }
        bytes
    }

    fn put<const N: usize>(&mut self, place: usize, number: usize, mut bytes: [u8; N]) {
        if !self.little_endian {
            bytes.reverse();
        }
        self.bytes.iter_mut().skip(place + number * N).zip(bytes).for_each(|(byte, new)| *byte = new);
    }
}

#[cfg(test)]
mod tests {
    use fewlabel_contract::ErrorKind;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields_stand_where_the_definitions_say() {
        let mut one = NiftiHeader::new(Version::One);
        one.set(Field::Dim, 3, 258.0);
        one.set(Field::Pixdim, 1, 0.5);
        one.set(Field::Units, 0, 10.0);
        assert_eq!((one.bytes[..4].to_vec(), &one.bytes[344..]), (vec![92, 1, 0, 0], &b"n+1\0"[..]));
        assert_eq!((&one.bytes[46..48], &one.bytes[80..84], one.bytes[123]), (&[2, 1][..], &[0, 0, 0, 63][..], 10));
        let mut two = NiftiHeader::new(Version::Two);
        two.set(Field::Dim, 3, 65_538.0);
        two.set(Field::Intercept, 0, -1.0);
        two.set(Field::IntentCode, 0, 1002.0);
        assert_eq!(&two.bytes[..12], b"\x1c\x02\0\0n+2\0\r\n\x1a\n");
        assert_eq!(
            (&two.bytes[40..44], &two.bytes[190..192], &two.bytes[504..506]),
            (&[2, 0, 1, 0][..], &[240, 191][..], &[234, 3][..])
        );
        assert_eq!(NiftiHeader::parse(&two.bytes).expect("a header").get(Field::Dim, 3), 65_538.0);
    }

    #[test]
    fn a_rectangle_stays_where_it_was() {
        for version in [Version::One, Version::Two] {
            let mut header = NiftiHeader::new(version);
            // As a rotation, (1/2, 1/2, 1/2, 1/2) turns x into y and y into z: columns go along y, rows along z.
            [0.5, 0.5, 0.5].into_iter().enumerate().for_each(|(n, value)| header.set(Field::Quaternion, n, value));
            [1.0, 2.0, 3.0].into_iter().enumerate().for_each(|(n, value)| header.set(Field::Offset, n, value));
            [1.0, 0.5, 0.25].into_iter().enumerate().for_each(|(n, value)| header.set(Field::Pixdim, n, value));
            let affine = [0.0, 0.0, 2.0, 1.0, 0.5, 0.0, 0.0, 2.0, 0.0, 0.25, 0.0, 3.0];
            affine.into_iter().enumerate().for_each(|(n, value)| header.set(Field::Affine, n, value));
            let part = header.cropped(&Rectangle { y: 8..12, x: 10..13 });
            assert_eq!([1, 2].map(|n| part.get(Field::Dim, n)), [3.0, 4.0]);
            assert_eq!([3, 7, 11].map(|n| part.get(Field::Affine, n)), [1.0, 7.0, 5.0]);
            assert_eq!([0, 1, 2].map(|n| part.get(Field::Offset, n)), [1.0, 7.0, 5.0]);
        }
    }

    #[test]
    fn both_orders_of_bytes() {
        let mut bytes = vec![0; 348];
        bytes[2..4].copy_from_slice(&[1, 92]);
        bytes[42..44].copy_from_slice(&[1, 2]);
        bytes[344..].copy_from_slice(b"n+1\0");
        let mut header = NiftiHeader::parse(&bytes).expect("a header");
        assert!(!header.little_endian());
        assert_eq!(header.get(Field::Dim, 1), 258.0);
        header.set(Field::Dim, 1, 3.0);
        assert_eq!(header.bytes()[42..44], [0, 3]);
    }

    #[test]
    fn what_is_no_nifti_is_said() {
        let refused = |bytes: &[u8], kind: ErrorKind, says: &str| {
            let error = NiftiHeader::parse(bytes).expect_err(says);
            assert_eq!(error.kind, kind, "{error}");
            assert!(error.to_string().contains(says), "{error}");
        };
        let whole = NiftiHeader::new(Version::One).bytes;
        refused(b"\x5c\x01", ErrorKind::UnreadableImage, "cut short");
        refused(&whole[..347], ErrorKind::UnreadableImage, "cut short");
        refused(b"name,area\n", ErrorKind::UnreadableImage, "no NIfTI image");
        refused(&[&whole[..344], b"ni1\0"].concat(), ErrorKind::Unsupported, "pair");
        refused(&[&whole[..344], b"\0\0\0\0"].concat(), ErrorKind::Unsupported, "ANALYZE");
        let mut two = NiftiHeader::new(Version::Two).bytes;
        two[8] = b'\n';
        refused(&two, ErrorKind::UnreadableImage, "damaged");
    }

    proptest! {
        #[test]
        fn numbers_come_back(value in 0..=32_767_i16, number in 0..8_usize, big: bool, two: bool) {
            let mut header = NiftiHeader::new(if two { Version::Two } else { Version::One });
            header.little_endian = !big;
            for field in [Field::Dim, Field::Pixdim] {
                header.set(field, number, f64::from(value));
                prop_assert_eq!(header.get(field, number), f64::from(value));
            }
        }
    }
}
