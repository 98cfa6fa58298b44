//! What this crate takes from OME-XML.

use crate::{PixelType, Shape};

use super::DimensionOrder;

/// A document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ome {
    /// Images, one or more. Each is a series of its own.
    Images(Vec<Series>),
    /// The file holds pixels only; what they are stands in another file.
    BinaryOnly {
        /// Name of that file.
        metadata_file: String,
    },
}

/// An image of a document: an `Image` element with its `Pixels`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Series {
    /// As its author calls it.
    pub name: Option<String>,
    /// Extent, each axis from 1 to 2³¹ - 1, not yet checked against limits. `c` counts each sample of a colour.
    pub shape: Shape,
    /// How planes follow each other.
    pub order: DimensionOrder,
    /// Type of the samples; `None` for `bit` and complex numbers.
    pub pixel_type: Option<PixelType>,
    /// Size of a pixel along x and y, and distance of slices, where it is given in a unit of length that is known here.
    pub physical_size: [Option<Length>; 3],
    /// Time between frames, in seconds; more than 0.
    pub frame_interval: Option<f64>,
    /// What is said about channels; can be fewer than there are.
    pub channels: Vec<Channel>,
    /// Where the planes are; empty for one after another from the first page on.
    pub tiff_data: Vec<TiffData>,
    /// A text for each plane in order `t z c`, where this crate wrote the file with such, or none.
    pub slice_labels: Vec<String>,
}

/// A length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Length {
    /// In the unit; finite and more than 0.
    pub value: f64,
    /// As OME and this crate spell it.
    pub unit: &'static str,
}

/// A channel, or several that lie side by side in each pixel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Channel {
    /// As its author calls it.
    pub name: Option<String>,
    /// Samples of a pixel, 1 or more; 3 for a colour picture.
    pub samples: usize,
    /// Red, green, blue and opacity in which to show it.
    pub colour: Option<[u8; 4]>,
}

/// Planes of an image and the pages that hold them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TiffData {
    /// First page.
    pub ifd: Option<u32>,
    /// Slice, channel and frame of its plane. A channel of several samples counts once.
    pub first: [u32; 3],
    /// Pages.
    pub plane_count: Option<u32>,
    /// Name of the file with the pages, or its UUID where it has none, unless it says by its UUID that it is the file itself.
    pub file: Option<Box<str>>,
}

/// Types as OME calls them.
const TYPES: [(&str, PixelType); 8] = [
    ("int8", PixelType::I8),
    ("int16", PixelType::I16),
    ("int32", PixelType::I32),
    ("uint8", PixelType::U8),
    ("uint16", PixelType::U16),
    ("uint32", PixelType::U32),
    ("float", PixelType::F32),
    ("double", PixelType::F64),
];

/// The type of this name. The schemas up to 2008 write `Uint8`.
pub(super) fn type_called(name: &str) -> Option<PixelType> {
    TYPES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, pixel_type)| *pixel_type)
}

/// The name of a type; `None` for integers of 64 bits, which OME does not know.
pub(super) fn name_of_type(pixel_type: PixelType) -> Option<&'static str> {
    TYPES.iter().find(|(_, known)| *known == pixel_type).map(|(name, _)| *name)
}
