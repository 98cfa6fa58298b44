//! What samples are in the file, and what they mean.

use fewlabel_contract::Result;

use super::header::{Field, NiftiHeader};
use super::{unreadable, unsupported};
use crate::pixels::each;
use crate::{PixelType, Pixels};

/// How the samples of a pixel lie in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    /// Type of each.
    pub pixel_type: PixelType,
    /// Samples side by side in a pixel: 1, or 3 or 4 of a colour, of which three are read.
    pub samples: usize,
}

impl Stored {
    /// By the code of the header.
    pub(super) fn of(header: &NiftiHeader) -> Result<Self> {
        let code = header.get(Field::Datatype, 0);
        let pixel_type = match code as u16 {
            2 => PixelType::U8,
            4 => PixelType::I16,
            8 => PixelType::I32,
            16 => PixelType::F32,
            64 => PixelType::F64,
            256 => PixelType::I8,
            512 => PixelType::U16,
            768 => PixelType::U32,
            1024 => PixelType::I64,
            1280 => PixelType::U64,
            128 => return Ok(Self { pixel_type: PixelType::U8, samples: 3 }),
            2304 => return Ok(Self { pixel_type: PixelType::U8, samples: 4 }),
            1 => return Err(other("one bit", code)),
            32 | 1792 | 2048 => return Err(other("complex numbers", code)),
            1536 => return Err(other("128-bit floating point", code)),
            _ => return Err(unreadable("the NIfTI header names no type of sample that is known").with("datatype", code)),
        };
        Ok(Self { pixel_type, samples: 1 })
    }

    /// Bytes of a pixel in the file.
    pub(super) const fn bytes(self) -> usize {
        self.samples * self.pixel_type.bytes()
    }

    /// Whether the samples of a pixel are a colour.
    pub(super) const fn rgb(self) -> bool {
        self.samples > 1
    }
}

fn other(name: &str, code: f64) -> fewlabel_contract::Error {
    unsupported(format!("NIfTI samples of {name} are not read"))
        .with("datatype", code)
        .hint("save it as whole numbers or as 32-bit floating point")
}

/// What is stored times a slope plus an intercept is what was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scaling {
    slope: f64,
    intercept: f64,
    /// Type of the results: 64 bits only where those in the file have as many.
    pub pixel_type: PixelType,
}

impl Scaling {
    /// Of these samples, unless they mean what they are: colours, a slope of 0 or none, and 1 with an intercept of 0.
    pub(super) fn of(header: &NiftiHeader, stored: Stored) -> Result<Option<Self>> {
        let (slope, intercept) = (header.get(Field::Slope, 0), header.get(Field::Intercept, 0));
        if stored.rgb() || slope == 0.0 || !slope.is_finite() || (slope == 1.0 && intercept == 0.0) {
            return Ok(None);
        }
        if !intercept.is_finite() {
            return Err(unreadable("the NIfTI header has a slope without a finite intercept").with("slope", slope));
        }
        let pixel_type = if stored.pixel_type == PixelType::F64 { PixelType::F64 } else { PixelType::F32 };
        Ok(Some(Self { slope, intercept, pixel_type }))
    }

    /// What these samples mean, computed in 64 bits.
    pub(super) fn apply(self, stored: &Pixels) -> Pixels {
        #[expect(clippy::unnecessary_cast, reason = "it is one only for samples of 64-bit floating point")]
        let values: Vec<f64> = each!(stored, v => v.iter().map(|&value| value as f64 * self.slope + self.intercept).collect());
        match self.pixel_type {
            PixelType::F64 => Pixels::F64(values),
            _ => Pixels::F32(values.into_iter().map(|value| value as f32).collect()),
        }
    }
}
