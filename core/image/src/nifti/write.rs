//! Label images and maps as NIfTI files.

use std::io::{self, Write};
use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::calibration;
use super::header::{Field, NiftiHeader, Text, Version};
use super::layout::lengths;
use crate::{AtomicFile, Calibration, LabelRows, MapRows, PixelType, Pixels, Shape};

const OPERATION: &str = "write NIfTI";

/// What the samples of a file are: numbers of labels.
const LABELS: f64 = 1002.0;

/// About so many samples are written at once.
const PIECE: usize = 1 << 16;

/// Writes labels as the smallest of 8, 16 and 32-bit whole numbers that holds all of them, packed where `path` ends in `.gz`.
///
/// With the header of the image that they were computed from, affine, sizes and units are its own; without one, sizes and unit
/// are those of the calibration, and there is no affine.
///
/// # Errors
/// `unsupported` for an axis that is too long for the header's version; `internal` when sizes do not fit each other, also when
/// columns, rows and slices are not those of the header; those of what makes the labels; and those of [`AtomicFile`].
pub fn write_nifti_labels(path: &Path, labels: &dyn LabelRows, header: Option<&NiftiHeader>, existing_ok: bool) -> Result<()> {
    let shape = labels.shape();
    let pixel_type = match labels.largest() {
        0..=0xff => PixelType::U8,
        0x100..=0xffff => PixelType::U16,
        _ => PixelType::U32,
    };
    let mut header = header_for(shape, header, labels.calibration()).map_err(|e| e.file(path))?;
    describe(&mut header, pixel_type, LABELS);
    let at_once = (PIECE / shape.x).max(1);
    let planes = (0..shape.t).flat_map(|t| (0..shape.z).map(move |z| (t, z)));
    let rows = planes.flat_map(|(t, z)| (0..shape.y).step_by(at_once).map(move |y| (t, z, y..shape.y.min(y + at_once))));
    let pieces = rows.map(|(t, z, y)| {
        let expected = y.len() * shape.x;
        let ids = labels.rows(t, z, y)?;
        if ids.len() == expected { numbers(ids, pixel_type) } else { Err(Error::internal(OPERATION, "rows of another length")) }
    });
    write(path, &header, pieces, existing_ok)
}

/// Labels in the type in which they are written.
fn numbers(ids: Vec<u32>, pixel_type: PixelType) -> Result<Pixels> {
    let too_large = |_| Error::internal(OPERATION, "a label is above the one that was said to be the largest");
    Ok(match pixel_type {
        PixelType::U8 => Pixels::U8(ids.into_iter().map(u8::try_from).collect::<Result<_, _>>().map_err(too_large)?),
        PixelType::U16 => Pixels::U16(ids.into_iter().map(u16::try_from).collect::<Result<_, _>>().map_err(too_large)?),
        _ => Pixels::U32(ids),
    })
}

/// Writes maps as 32-bit floats with the maps of a plane along the fifth axis, packed where `path` ends in `.gz`.
///
/// Header and calibration are used as by [`write_nifti_labels`]. Maps are asked for channel after channel: the fifth axis runs slowest.
///
/// # Errors
/// Those of `maps` and of [`write_nifti_labels`].
pub fn write_nifti_maps(path: &Path, maps: &dyn MapRows, header: Option<&NiftiHeader>, existing_ok: bool) -> Result<()> {
    let shape = maps.shape();
    let mut header = header_for(shape, header, maps.calibration()).map_err(|e| e.file(path))?;
    describe(&mut header, PixelType::F32, 0.0);
    let at_once = (PIECE / shape.x).max(1);
    let planes = (0..shape.c).flat_map(|c| (0..shape.t).flat_map(move |t| (0..shape.z).map(move |z| (c, t, z))));
    let rows = planes.flat_map(|(c, t, z)| (0..shape.y).step_by(at_once).map(move |y| (c, t, z, y..shape.y.min(y + at_once))));
    let pieces = rows.map(|(c, t, z, y)| {
        let expected = y.len() * shape.x;
        let values = maps.rows(t, z, c, y)?;
        if values.len() == expected { Ok(Pixels::F32(values)) } else { Err(Error::internal(OPERATION, "rows of another length")) }
    });
    write(path, &header, pieces, existing_ok)
}

/// The header for an image of this shape: that of the input, or a new one.
fn header_for(shape: Shape, input: Option<&NiftiHeader>, calibration: &Calibration) -> Result<NiftiHeader> {
    let extent = [shape.x, shape.y, shape.z, shape.t, shape.c];
    let longest = extent.into_iter().max().unwrap_or(0);
    let fits_one = i16::try_from(longest).is_ok();
    if extent.contains(&0) {
        return Err(Error::internal(OPERATION, "an image without pixels"));
    }
    let (mut header, input_axes) = if let Some(input) = input {
        let (axes, [x, y, z, ..]) = lengths(input)?;
        if [x, y, z] != [shape.x, shape.y, shape.z].map(|n| n as u64) {
            return Err(Error::internal(OPERATION, "the result lies on another grid than the image")
                .with("columns, rows, slices", format!("{} {} {}", shape.x, shape.y, shape.z))
                .with("those of the image", format!("{x} {y} {z}")));
        }
        (input.clone(), axes)
    } else {
        let mut new = NiftiHeader::new(if fits_one { Version::One } else { Version::Two });
        calibration::set(&mut new, calibration, shape);
        (new, 2)
    };
    if header.version() == Version::One && !fits_one {
        return Err(Error::new(ErrorKind::Unsupported, OPERATION, "NIfTI-1 has no axis of this length")
            .with("length", longest)
            .with("largest allowed", i16::MAX)
            .hint("cut the image into parts"));
    }
    let axes = match shape {
        Shape { c: 2.., .. } => 5,
        Shape { t: 2.., .. } => 4,
        Shape { z: 2.., .. } => 3,
        // Volumes of one slice stay volumes.
        _ => input_axes.clamp(2, 3),
    };
    header.set(Field::Dim, 0, axes as f64);
    for (axis, length) in extent.into_iter().chain([1, 1]).enumerate() {
        header.set(Field::Dim, axis + 1, length as f64);
    }
    Ok(header)
}

/// Says what the samples are: as they stand, without the range of the input and what that meant.
fn describe(header: &mut NiftiHeader, pixel_type: PixelType, intent: f64) {
    let datatype = match pixel_type {
        PixelType::U8 => 2.0,
        PixelType::U16 => 512.0,
        PixelType::U32 => 768.0,
        _ => 16.0,
    };
    header.set(Field::Datatype, 0, datatype);
    header.set(Field::Bitpix, 0, 8.0 * pixel_type.bytes() as f64);
    header.set(Field::VoxOffset, 0, header.bytes().len() as f64 + 4.0);
    header.set(Field::Slope, 0, 1.0);
    header.set(Field::Intercept, 0, 0.0);
    header.set(Field::CalMin, 0, 0.0);
    header.set(Field::CalMax, 0, 0.0);
    header.set(Field::IntentCode, 0, intent);
    (0..3).for_each(|number| header.set(Field::IntentParameter, number, 0.0));
    header.clear(Text::IntentName);
    header.clear(Text::AuxFile);
}

fn write(path: &Path, header: &NiftiHeader, pieces: impl Iterator<Item = Result<Pixels>>, existing_ok: bool) -> Result<()> {
    let mut file = AtomicFile::create(path, existing_ok)?;
    let failed = |e: io::Error| Error::io(OPERATION, path, &e);
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz")) {
        let mut packed = GzEncoder::new(&mut file, Compression::default());
        write_to(&mut packed, header, pieces, failed)?;
        packed.finish().map(drop).map_err(failed)?;
    } else {
        write_to(&mut file, header, pieces, failed)?;
    }
    file.commit()
}

fn write_to(
    to: &mut impl Write,
    header: &NiftiHeader,
    pieces: impl Iterator<Item = Result<Pixels>>,
    failed: impl Fn(io::Error) -> Error,
) -> Result<()> {
    to.write_all(header.bytes()).map_err(&failed)?;
    // No extensions follow.
    to.write_all(&[0; 4]).map_err(&failed)?;
    for piece in pieces {
        let piece = piece?;
        let mut bytes = piece.to_le_bytes();
        if !header.little_endian() {
            bytes.chunks_exact_mut(piece.pixel_type().bytes()).for_each(<[u8]>::reverse);
        }
        to.write_all(&bytes).map_err(&failed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::super::NiftiSource;
    use super::*;
    use crate::{LabelImage, Limits, MapStack, Maps, Source};

    fn labels(t: usize, z: usize, y: usize, x: usize, largest: u32) -> LabelImage {
        let mut ids: Vec<u32> = (0..(t * z * y * x) as u32).map(|id| id % 200).collect();
        ids[0] = largest;
        let calibration =
            Calibration { x: Some(0.5), y: Some(0.25), z: Some(2.0), unit: Some("µm".into()), frame_interval: Some(1.5) };
        LabelImage { t, z, y, x, ids, calibration }
    }

    fn back(path: &Path) -> NiftiSource {
        let file = File::open(path).expect("open");
        let bytes = file.metadata().expect("length").len();
        NiftiSource::open(file, bytes, &Limits::default()).expect("a NIfTI file")
    }

    #[test]
    fn labels_come_back_in_the_smallest_type() {
        let folder = tempfile::tempdir().expect("a folder");
        for (largest, pixel_type) in
            [(255, PixelType::U8), (256, PixelType::U16), (65_535, PixelType::U16), (65_536, PixelType::U32)]
        {
            for name in ["labels.nii", "labels.nii.gz"] {
                let (path, written) = (folder.path().join(name), labels(2, 3, 4, 5, largest));
                write_nifti_labels(&path, &written, None, true).expect("written");
                let image = back(&path).image().expect("read");
                assert_eq!((image.shape, image.pixels.pixel_type()), (written.shape(), pixel_type));
                assert_eq!(image.pixels.floats(0..120), written.ids.iter().map(|&id| id as f32).collect::<Vec<_>>());
                assert_eq!(image.calibration, written.calibration);
            }
        }
    }

    #[test]
    fn maps_lie_along_the_fifth_axis() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("maps.nii");
        let planes: Vec<Maps> = (0..4).map(|n| Maps::new(2, 1, 2, (0..4).map(|i| (4 * n + i) as f32).collect())).collect();
        let calibration = Calibration::default();
        let stack = MapStack { planes: &planes, t: 2, z: 2, calibration: &calibration };
        write_nifti_maps(&path, &stack, None, false).expect("written");
        let bytes = std::fs::read(&path).expect("read");
        let first_channel: Vec<u8> =
            [0.0, 1.0, 4.0, 5.0, 8.0, 9.0, 12.0, 13.0].iter().flat_map(|v: &f32| v.to_le_bytes()).collect();
        assert_eq!(bytes[352..384], first_channel);
        let image = back(&path).image().expect("read");
        assert_eq!(image.shape, Shape { t: 2, z: 2, c: 2, y: 1, x: 2 });
        assert_eq!(image.pixels, Pixels::F32((0..16).map(|n| n as f32).collect()));
        assert_eq!(image.calibration, Calibration::default());
        assert!(write_nifti_maps(&path, &MapStack { t: 1, ..stack }, None, true).is_err());
        assert!(write_nifti_maps(&path, &stack, None, false).is_err(), "it is there already");
    }

    #[test]
    fn the_grid_of_the_input_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        for (version, little_endian) in [(Version::One, true), (Version::One, false), (Version::Two, true)] {
            // Each byte that is not changed has a value of its own.
            let mut bytes: Vec<u8> = (0..version.length()).map(|place| place as u8).collect();
            let new = NiftiHeader::new(version);
            for place in (0..4).chain(if version == Version::One { 344..348 } else { 4..12 }) {
                bytes[place] = new.bytes()[place];
            }
            if !little_endian {
                bytes[..4].reverse();
            }
            let mut header = NiftiHeader::parse(&bytes).expect("a header");
            for (axis, length) in [4, 5, 4, 1, 6, 1, 1, 1].into_iter().enumerate() {
                header.set(Field::Dim, axis, f64::from(length));
            }
            let path = folder.path().join("labels.nii.gz");
            write_nifti_labels(&path, &labels(1, 1, 4, 5, 300), Some(&header), true).expect("written");
            let written =
                crate::open_source(&path, &crate::Limits::default()).expect("an image").nifti_header().expect("a header");
            assert_eq!((written.version(), written.little_endian()), (version, little_endian));
            assert_eq!([0, 1, 2, 3, 4].map(|axis| written.get(Field::Dim, axis)), [3.0, 5.0, 4.0, 1.0, 1.0]);
            assert_eq!((written.get(Field::Datatype, 0), written.get(Field::Bitpix, 0)), (512.0, 16.0));
            assert_eq!((written.get(Field::Slope, 0), written.get(Field::IntentCode, 0)), (1.0, 1002.0));
            for field in [Field::CalMax, Field::CalMin, Field::Intercept, Field::IntentParameter] {
                assert_eq!(written.get(field, 0), 0.0, "{field:?}");
            }
            // Sizes, units, offset of time, description, affine.
            let kept = match version {
                Version::One => [76..108, 123..124, 136..228, 252..328],
                Version::Two => [104..168, 500..504, 216..320, 344..500],
            };
            kept.into_iter().for_each(|part| assert_eq!(written.bytes()[part.clone()], bytes[part]));
            let elsewhere = write_nifti_labels(&path, &labels(1, 1, 5, 4, 300), Some(&header), true);
            assert!(elsewhere.expect_err("other rows").to_string().contains("another grid"));
        }
    }

    #[test]
    fn long_axes_need_the_second_version() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, long) = (folder.path().join("labels.nii"), labels(1, 1, 1, 40_000, 1));
        write_nifti_labels(&path, &long, None, false).expect("written");
        assert_eq!(
            crate::open_source(&path, &crate::Limits::default()).expect("an image").nifti_header().expect("a header").version(),
            Version::Two
        );
        assert_eq!(back(&path).info().shape.x, 40_000);
        let mut first = NiftiHeader::new(Version::One);
        (0..3).for_each(|axis| first.set(Field::Dim, axis, [2.0, 1.0, 1.0][axis]));
        let error = write_nifti_labels(&path, &labels(40_000, 1, 1, 1, 1), Some(&first), true).expect_err("40,000 frames");
        assert_eq!(error.kind, ErrorKind::Unsupported, "{error}");
    }
}
