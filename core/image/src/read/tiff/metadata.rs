//! What a TIFF file says beside its pixels.

use fewlabel_contract::Result;
use tiff::decoder::ifd::Value;
use tiff::tags::{ByteOrder, ResolutionUnit, Tag, Type, ValueBuffer};

use super::layout::Layout;
use super::slide::Slide;
use super::{Reader, broken, unsupported};
use crate::imagej::{BYTE_COUNTS, Description, METADATA, PrivateTags, decode_slice_labels, pixel_size};
use crate::ome::{Ome, Series};
use crate::outlines::count_overlay;
use crate::{Calibration, Limits};

/// Axes, calibration and slice labels, from the first page: OME's where the file has them, else ImageJ's.
pub(super) struct Metadata {
    /// ImageJ's description, when there is one.
    pub description: Option<Description>,
    /// What a pixel measures.
    pub calibration: Calibration,
    /// What OME-XML says about the first image of the file, when there is such.
    pub ome: Option<Series>,
    /// Whether the first page is the image of a slide, and the others are not.
    pub is_slide: bool,
    /// Outlines in ImageJ's overlay.
    pub outlines: usize,
    slice_labels: Vec<String>,
}

impl Metadata {
    /// Of the page that the decoder is at.
    pub(super) fn of(decoder: &mut Reader, limits: &Limits) -> Result<Self> {
        let text = description(decoder)?;
        let ome = match Ome::parse(&text, limits)? {
            Some(Ome::Images(images)) => images.into_iter().next(),
            Some(Ome::BinaryOnly { metadata_file }) => {
                return Err(unsupported("what this OME-TIFF shows stands in another file")
                    .with("other file", metadata_file)
                    .hint("save it as one OME-TIFF, with Bio-Formats for example"));
            }
            None => None,
        };
        let description = Description::parse(&text);
        let centimetres = decoder.find_tag_unsigned::<u16>(Tag::ResolutionUnit).map_err(|e| broken(&e))?
            == Some(ResolutionUnit::Centimeter.to_u16());
        let unit = match description.as_ref().and_then(|d| d.unit.clone()) {
            None if centimetres => Some("cm".to_owned()),
            unit => unit,
        };
        let mut size = |tag| Ok(if unit.is_some() { resolution(decoder, tag)? } else { None });
        let (x, y) = (size(Tag::XResolution)?, size(Tag::YResolution)?);
        let slide = Slide::parse(&text);
        let is_slide = slide.is_some();
        let of_slide = slide.and_then(|slide| slide.pixel_size);
        let of_slide =
            of_slide.map(|size| Calibration { x: Some(size), y: Some(size), unit: Some("µm".to_owned()), ..Default::default() });
        let calibration = of_slide.unwrap_or(Calibration {
            x,
            y,
            z: description.as_ref().and_then(|d| d.spacing),
            frame_interval: description.as_ref().and_then(|d| d.frame_interval),
            unit,
        });
        let (slice_labels, outlines) = match with_private_tags(decoder, |tags| (decode_slice_labels(&tags), count_overlay(&tags)))
        {
            Ok(found) => found,
            // In files of other programs the numbers of these tags may stand for anything.
            Err(_) if description.is_none() => Default::default(),
            Err(e) => return Err(e),
        };
        let Some(series) = &ome else {
            let slice_labels = if description.is_some() { slice_labels } else { Vec::new() };
            return Ok(Self { description, calibration, ome, is_slide, outlines, slice_labels });
        };
        Ok(Self {
            description: None,
            calibration: series.calibration(),
            is_slide: false,
            outlines,
            slice_labels: series.slice_labels.clone(),
            ome,
        })
    }

    /// Frames, slices and channels of a stack of `planes` pages.
    pub(super) fn axes(&self, planes: usize, layout: &Layout) -> Result<(usize, usize, usize)> {
        if let Some(Series { shape, .. }) = &self.ome {
            let stored = planes / (shape.t * shape.z).max(1);
            if stored * layout.kept == shape.c {
                return Ok((shape.t, shape.z, shape.c));
            }
            return Err(unsupported("the pages hold other channels than the OME-XML says")
                .with("samples a pixel", layout.kept)
                .with("pages for each slice", stored)
                .with("SizeC", shape.c)
                .hint("export the image again"));
        }
        let (t, z, c) = self.description.as_ref().map_or((1, planes, 1), |d| d.axes(planes));
        if c > 1 && layout.kept > 1 {
            return Err(unsupported("several channels of several samples each are not read here")
                .with("channels", c)
                .with("samples a pixel", layout.kept)
                .hint("save each channel as a plane of its own"));
        }
        Ok((t, z, c * layout.kept))
    }

    /// One label for each of `planes` pages, or none at all. ImageJ leaves out empty ones at the end.
    pub(super) fn slice_labels_for(&self, planes: usize) -> Vec<String> {
        let mut labels = self.slice_labels.clone();
        if labels.iter().all(String::is_empty) {
            return Vec::new();
        }
        labels.resize(planes, String::new());
        labels
    }
}

/// The text of `ImageDescription`: UTF-8, or, from older programs, Latin 1. Empty when there is none.
fn description(decoder: &mut Reader) -> Result<String> {
    let mut bytes = ValueBuffer::empty(Type::ASCII);
    decoder.image_ifd().find_tag_buf(Tag::ImageDescription, &mut bytes).map_err(|e| broken(&e))?;
    let bytes = bytes.as_bytes();
    let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
    let bytes = &bytes[..end];
    Ok(match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&b| char::from(b)).collect(),
    })
}

/// Size of a pixel, from a rational number of pixels for each unit.
fn resolution(decoder: &mut Reader, tag: Tag) -> Result<Option<f64>> {
    Ok(match decoder.find_tag(tag).map_err(|e| broken(&e))? {
        Some(Value::Rational(numerator, denominator)) => pixel_size(numerator, denominator),
        _ => None,
    })
}

/// What `read` makes of ImageJ's private tags.
pub(super) fn with_private_tags<T>(decoder: &mut Reader, read: impl FnOnce(PrivateTags<'_>) -> T) -> Result<T> {
    let little_endian = decoder.byte_order() == ByteOrder::LittleEndian;
    let lengths = decoder.find_tag_unsigned_vec::<u32>(Tag::Unknown(BYTE_COUNTS)).map_err(|e| broken(&e))?.unwrap_or_default();
    let mut metadata = ValueBuffer::empty(Type::BYTE);
    decoder.image_ifd().find_tag_buf(Tag::Unknown(METADATA), &mut metadata).map_err(|e| broken(&e))?;
    Ok(read(PrivateTags { lengths: &lengths, metadata: metadata.as_bytes(), little_endian }))
}
