//! How strips and tiles are packed.

use fewlabel_contract::{Error, Result};
use tiff::tags::CompressionMethod;

use super::super::{LARGEST_RATIO, unsupported};

/// What is unpacked here, and by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    /// Not at all.
    None,
    /// LZW, Deflate, PackBits or ZSTD, by the decoder.
    Packed,
    /// The fax code of ITU T.6, by the decoder.
    Fax,
    /// JPEG with its tables in a place of their own (TIFF Technical Note 2).
    Jpeg,
}

impl Compression {
    /// Of the value of the tag.
    ///
    /// # Errors
    /// `unsupported`, with the name of the kind.
    pub(super) fn of(tag: u16) -> Result<Self> {
        Ok(match CompressionMethod::from_u16_exhaustive(tag) {
            CompressionMethod::None => Self::None,
            CompressionMethod::LZW
            | CompressionMethod::Deflate
            | CompressionMethod::OldDeflate
            | CompressionMethod::PackBits
            | CompressionMethod::ZSTD => Self::Packed,
            CompressionMethod::Fax4 => Self::Fax,
            CompressionMethod::ModernJPEG => Self::Jpeg,
            _ => return Err(unread(tag)),
        })
    }

    /// The most bytes that one byte in the file may become, of images of so many columns.
    pub(super) fn ratio(self, width: usize) -> u64 {
        match self {
            Self::None => 1,
            Self::Packed | Self::Jpeg => LARGEST_RATIO,
            // A row that is like the one above needs one bit.
            Self::Fax => width as u64,
        }
    }
}

fn unread(tag: u16) -> Error {
    let name = match tag {
        2..=3 => "the fax codes of ITU T.4",
        6 => "JPEG as TIFF 6.0 first had it (\"old-style\")",
        22_610 | 34_934 => "JPEG XR",
        33_003..=33_005 | 34_712 => "JPEG 2000",
        34_887 => "LERC",
        34_925 => "LZMA",
        50_001 => "WebP",
        50_002 => "JPEG XL",
        _ => "an unknown compression",
    };
    unsupported(format!("this TIFF is packed by {name}, which is not read here")).with("compression", tag).hint(
        "save it again with LZW, Deflate or JPEG compression or none, for example from QuPath, or from Fiji with Bio-Formats",
    )
}
