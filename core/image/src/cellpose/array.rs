//! Label images from arrays.

use std::fmt::Display;

use fewlabel_contract::{Error, ErrorKind, Result};

use super::tree::Span;
use super::{OPERATION, cut_short, damaged, failed, unreadable, unsupported};
use crate::pixels::{Sample, reserved};
use crate::positioned_file::PositionedFile;
use crate::{Calibration, LabelImage, Limits, PixelType};

/// So many bytes are read at once: whole numbers of all types fill it.
const PIECE: usize = 1 << 20;

/// Where the elements of an array stand.
#[derive(Clone, Copy, Debug)]
pub(super) enum Data {
    /// As they are.
    Bytes(Span),
    /// As a text in UTF-8, of which each character is a byte.
    Latin1(Span),
}

/// An array of whole numbers.
pub(super) struct Array {
    pixel_type: PixelType,
    little_endian: bool,
    /// Whether the first axis runs fastest, not the last.
    fortran_order: bool,
    shape: Vec<u64>,
    data: Data,
}

/// Slices, rows and columns, and which of them runs fastest.
#[derive(Clone, Copy)]
struct Grid {
    z: usize,
    y: usize,
    x: usize,
    fortran_order: bool,
}

impl Grid {
    /// Slice, row and column of an element.
    fn place(self, number: usize) -> (usize, usize, usize) {
        if self.fortran_order {
            (number % self.z, number / self.z % self.y, number / (self.z * self.y))
        } else {
            (number / (self.y * self.x), number / self.x % self.y, number % self.x)
        }
    }
}

impl Array {
    /// Of elements whose type is written as `<u2`.
    ///
    /// # Errors
    /// `unsupported` for what is no whole number.
    pub(super) fn new(descr: &str, fortran_order: bool, shape: Vec<u64>, data: Data) -> Result<Self> {
        let (order, code) = descr.split_at_checked(1).ok_or_else(damaged)?;
        let pixel_type = match code {
            "u1" | "b1" => PixelType::U8,
            "i1" => PixelType::I8,
            "u2" => PixelType::U16,
            "i2" => PixelType::I16,
            "u4" => PixelType::U32,
            "i4" => PixelType::I32,
            "u8" => PixelType::U64,
            "i8" => PixelType::I64,
            _ => {
                return Err(unsupported("labels must be whole numbers")
                    .with("type", descr)
                    .hint("save them as an array of 16 or 32-bit whole numbers"));
            }
        };
        Ok(Self { pixel_type, little_endian: order != ">", fortran_order, shape, data })
    }

    /// The elements as labels.
    pub(super) fn labels(&self, file: &PositionedFile, limits: &Limits) -> Result<LabelImage> {
        let (grid, count) = self.grid(limits)?;
        let ids = match self.pixel_type {
            PixelType::U8 => self.ids::<u8>(file, grid, count)?,
            PixelType::I8 => self.ids::<i8>(file, grid, count)?,
            PixelType::U16 => self.ids::<u16>(file, grid, count)?,
            PixelType::I16 => self.ids::<i16>(file, grid, count)?,
            PixelType::U32 => self.ids::<u32>(file, grid, count)?,
            PixelType::I32 => self.ids::<i32>(file, grid, count)?,
            PixelType::U64 => self.ids::<u64>(file, grid, count)?,
            PixelType::I64 => self.ids::<i64>(file, grid, count)?,
            PixelType::F32 | PixelType::F64 => return Err(Error::internal(OPERATION, "an array of floats")),
        };
        let ids = if self.fortran_order { columns_fastest(&ids, grid)? } else { ids };
        Ok(LabelImage { t: 1, z: grid.z, y: grid.y, x: grid.x, ids, calibration: Calibration::default() })
    }

    /// The shape and the number of elements, within the limits and what the file holds.
    fn grid(&self, limits: &Limits) -> Result<(Grid, usize)> {
        let (z, y, x) = match self.shape[..] {
            [y, x] => (1, y, x),
            [z, y, x] => (z, y, x),
            _ => {
                return Err(unsupported("labels must have two or three axes")
                    .with("axes", self.shape.len())
                    .hint("save an array of rows and columns, or of slices, rows and columns"));
            }
        };
        let exceeded = |message: &str| {
            Error::new(ErrorKind::LimitExceeded, OPERATION, message).with("width", x).with("height", y).with("planes", z)
        };
        if z == 0 || y == 0 || x == 0 {
            return Err(unreadable("the image has no pixels").with("width", x).with("height", y).with("planes", z));
        }
        if x.max(y) > limits.side as u64 {
            return Err(exceeded("the image is longer than allowed").with("allowed side", limits.side));
        }
        if z > limits.pages as u64 {
            return Err(exceeded("the image has more planes than allowed").with("allowed planes", limits.pages));
        }
        let count = z.checked_mul(y).and_then(|n| n.checked_mul(x));
        let count = count.filter(|n| n.checked_mul(size_of::<u32>() as u64).is_some_and(|bytes| bytes <= limits.bytes));
        let count = count.ok_or_else(|| exceeded("the image is larger than allowed").with("allowed bytes", limits.bytes))?;
        let bytes = count.saturating_mul(self.pixel_type.bytes() as u64);
        // A character of a text has one byte or two.
        let (Data::Bytes(span) | Data::Latin1(span)) = self.data;
        if span.length < bytes {
            return Err(cut_short().with("bytes claimed", bytes).with("bytes there", span.length));
        }
        Ok((Grid { z: z as usize, y: y as usize, x: x as usize, fortran_order: self.fortran_order }, count as usize))
    }

    /// The elements in the order in which they stand.
    fn ids<T: Sample + Display + TryInto<u32> + Into<i128>>(
        &self,
        file: &PositionedFile,
        grid: Grid,
        count: usize,
    ) -> Result<Vec<u32>> {
        let mut ids = reserved(count)?;
        let mut take = |bytes: &[u8]| -> Result<()> {
            for value in T::from_bytes(bytes, self.little_endian) {
                let id = value.try_into().map_err(|_| not_a_label(value, grid.place(ids.len())))?;
                ids.push(id);
            }
            Ok(())
        };
        let length = count * size_of::<T>();
        match self.data {
            Data::Bytes(span) => {
                let mut bytes = reserved::<u8>(length.min(PIECE))?;
                for start in (0..length).step_by(PIECE) {
                    bytes.resize(PIECE.min(length - start), 0);
                    file.read_exact_at(&mut bytes, span.start + start as u64).map_err(|e| failed(&e))?;
                    take(&bytes)?;
                }
            }
            Data::Latin1(span) => take(latin1(file, span)?.get(..length).ok_or_else(cut_short)?)?,
        }
        Ok(ids)
    }
}

/// The bytes that a text stands for.
fn latin1(file: &PositionedFile, span: Span) -> Result<Vec<u8>> {
    let length = usize::try_from(span.length).unwrap_or(usize::MAX);
    let mut text = reserved::<u8>(length)?;
    text.resize(length, 0);
    file.read_exact_at(&mut text, span.start).map_err(|e| failed(&e))?;
    let text = String::from_utf8(text).map_err(|_| damaged())?;
    let mut bytes = reserved::<u8>(length)?;
    for character in text.chars() {
        bytes.push(u8::try_from(character).map_err(|_| damaged())?);
    }
    Ok(bytes)
}

/// The same labels with columns fastest, slices slowest.
fn columns_fastest(ids: &[u32], grid: Grid) -> Result<Vec<u32>> {
    let mut turned = reserved(ids.len())?;
    for (z, y) in (0..grid.z).flat_map(|z| (0..grid.y).map(move |y| (z, y))) {
        turned.extend(ids.iter().skip(z + grid.z * y).step_by(grid.z * grid.y).copied());
    }
    Ok(turned)
}

fn not_a_label<T: Display + Into<i128>>(value: T, (z, y, x): (usize, usize, usize)) -> Error {
    let text = value.to_string();
    let message = if value.into() < 0 { "labels must not be negative" } else { "labels have 32 bits at most" };
    unreadable(message).with("value", text).with("x", x).with("y", y).with("plane", z)
}
