//! Chunks of all levels, from rows that come one band after another.

use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, Result};
use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::layout::Layout;

const OPERATION: &str = "write folder";

/// Level of zlib; on labels the higher ones take several times as long for some per cent.
pub(super) const COMPRESSION: u32 = 1;

/// A number of an array that is written.
pub(super) trait Cell: Copy {
    /// As Zarr 2 names it.
    const DTYPE: &'static str;

    /// Two rows at half the resolution; the lower row is the upper one again where there is none.
    fn halved(upper: &[Self], lower: &[Self]) -> Vec<Self>;

    /// Appends the numbers, the lowest byte first.
    fn write(numbers: &[Self], bytes: &mut Vec<u8>);
}

macro_rules! label {
    ($type:ty, $dtype:literal) => {
        impl Cell for $type {
            const DTYPE: &'static str = $dtype;

            /// The upper left one of four: a label is never a mixture.
            fn halved(upper: &[Self], _: &[Self]) -> Vec<Self> {
                upper.iter().step_by(2).copied().collect()
            }

            fn write(numbers: &[Self], bytes: &mut Vec<u8>) {
                bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
            }
        }
    };
}

label!(u16, "<u2");
label!(u32, "<u4");

impl Cell for f32 {
    const DTYPE: &'static str = "<f4";

    /// The mean of four.
    fn halved(upper: &[Self], lower: &[Self]) -> Vec<Self> {
        let pairs = upper.chunks(2).zip(lower.chunks(2));
        pairs
            .map(|(upper, lower)| (upper.iter().sum::<Self>() + lower.iter().sum::<Self>()) / (2 * upper.len()) as Self)
            .collect()
    }

    fn write(numbers: &[Self], bytes: &mut Vec<u8>) {
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    }
}

/// Writes the chunks of one plane in all levels. `place` are its folders below those of the levels; `rows` gives rows from
/// top to bottom. Not more than a row of chunks of each level is in memory.
///
/// # Errors
/// Those of `rows`; `internal` when it gives another number of values; `io`.
pub(super) fn write_plane<T: Cell>(
    folder: &Path,
    layout: &Layout,
    place: &[String],
    mut rows: impl FnMut(Range<usize>) -> Result<Vec<T>>,
) -> Result<()> {
    let mut levels: Vec<Level<T>> =
        layout.levels.iter().enumerate().map(|(n, &size)| Level::new(folder, n, place, size)).collect();
    let (height, width) = layout.levels.first().copied().unwrap_or_default();
    let (step, _) = Layout::chunk((height, width));
    for first in (0..height).step_by(step.max(1)) {
        let last = height.min(first.saturating_add(step));
        let mut band = rows(first..last)?;
        if band.len() != (last - first) * width {
            return Err(Error::internal(OPERATION, "rows of another size").with("rows", last - first).with("values", band.len()));
        }
        for level in &mut levels {
            level.rows.append(&mut band);
            if level.rows.len() < level.chunk.0 * level.width && last < height {
                break;
            }
            band = level.write_row_of_chunks()?;
        }
    }
    Ok(())
}

/// The rows of a level that wait for a row of chunks to be full.
struct Level<T> {
    folder: PathBuf,
    width: usize,
    /// Rows and columns of a chunk.
    chunk: (usize, usize),
    rows: Vec<T>,
    /// Rows of chunks that are written.
    written: usize,
}

impl<T: Cell> Level<T> {
    fn new(folder: &Path, number: usize, place: &[String], size: (usize, usize)) -> Self {
        let mut folder = folder.join(number.to_string());
        folder.extend(place);
        Self { folder, width: size.1, chunk: Layout::chunk(size), rows: Vec::new(), written: 0 }
    }

    /// Writes what waits, and gives it at half the resolution.
    fn write_row_of_chunks(&mut self) -> Result<Vec<T>> {
        let folder = self.folder.join(self.written.to_string());
        for column in 0..self.width.div_ceil(self.chunk.1) {
            let bytes = self.chunk(column);
            // A chunk that is not there is full of the fill value, 0.
            if bytes.iter().any(|&byte| byte != 0) {
                write_chunk(&folder, column, &bytes)?;
            }
        }
        self.written += 1;
        let pairs = self.rows.chunks(2 * self.width);
        let halved = pairs.flat_map(|pair| {
            let (upper, lower) = pair.split_at(self.width);
            T::halved(upper, if lower.is_empty() { upper } else { lower })
        });
        let halved = halved.collect();
        self.rows.clear();
        Ok(halved)
    }

    /// The bytes of a chunk, which is full at the edges, too.
    fn chunk(&self, column: usize) -> Vec<u8> {
        let (height, width) = self.chunk;
        let row_bytes = width * size_of::<T>();
        let mut bytes = Vec::with_capacity(height * row_bytes);
        for (number, row) in self.rows.chunks(self.width).enumerate() {
            T::write(row.chunks(width).nth(column).unwrap_or_default(), &mut bytes);
            bytes.resize((number + 1) * row_bytes, 0);
        }
        bytes.resize(height * row_bytes, 0);
        bytes
    }
}

fn write_chunk(folder: &Path, column: usize, bytes: &[u8]) -> Result<()> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(COMPRESSION));
    let packed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    let path = folder.join(column.to_string());
    let written = packed.and_then(|packed| std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, packed)));
    written.map_err(|e| Error::io(OPERATION, &path, &e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_picked_and_maps_are_averaged() {
        assert_eq!(u16::halved(&[1, 2, 3], &[4, 5, 6]), [1, 3]);
        assert_eq!(f32::halved(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]), [3.0, 4.5]);
        assert_eq!(f32::halved(&[1.0, 2.0], &[1.0, 2.0]), [1.5]);
    }

    #[test]
    fn rows_must_fit() {
        let folder = tempfile::tempdir().expect("a folder");
        let layout = Layout::new(crate::Shape::plane(1, 3, 4), false);
        let write = |values: usize| write_plane(folder.path(), &layout, &[], |_| Ok(vec![1_u16; values]));
        assert!(write(11).is_err() && write(13).is_err());
        write(12).expect("fits");
        assert!(folder.path().join("0").join("0").join("0").is_file());
    }
}
