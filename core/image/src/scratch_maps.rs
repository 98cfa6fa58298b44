//! Maps of a large image, in a file while they are made.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fewlabel_contract::{Error, Result};

use crate::positioned_file::PositionedFile;
use crate::{Calibration, MapRows, Maps, Shape};

const OPERATION: &str = "keep maps";

/// Maps that are written part by part in any order, then read in any order. Four bytes a value, the lowest first, in order
/// `t z c y x`.
#[derive(Debug)]
pub struct ScratchMaps {
    path: PathBuf,
    shape: Shape,
    calibration: Calibration,
    file: File,
}

impl ScratchMaps {
    /// Takes the file `path` for maps of this shape. What is in it stays: parts that were written are there, others are 0.
    ///
    /// # Errors
    /// `io` when the file cannot be made.
    pub fn open(path: &Path, shape: Shape, calibration: Calibration) -> Result<Self> {
        let failed = |error: std::io::Error| Error::io(OPERATION, path, &error);
        let file = File::options().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
        let length = [shape.t, shape.z, shape.c, shape.y, shape.x].iter().map(|&side| side as u64).product::<u64>();
        file.set_len(4 * length).map_err(failed)?;
        Ok(Self { path: path.to_owned(), shape, calibration, file })
    }

    /// Puts a part into plane number `plane`, its first pixel at a row and column.
    ///
    /// # Errors
    /// `internal` for a part that reaches beyond; `io`, as when the disk is full.
    pub fn put(&mut self, plane: usize, (y, x): (usize, usize), part: &Maps) -> Result<()> {
        let s = self.shape;
        if part.channels != s.c || y + part.height > s.y || x + part.width > s.x || plane >= s.t * s.z {
            return Err(Error::internal(OPERATION, "maps reach beyond their image"));
        }
        for c in 0..s.c {
            for (row, values) in part.channel(c).chunks_exact(part.width).enumerate() {
                let place = place(s, plane, c, y + row) + 4 * x as u64;
                let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
                let written = self.file.seek(SeekFrom::Start(place)).and_then(|_| self.file.write_all(&bytes));
                written.map_err(|error| Error::io(OPERATION, &self.path, &error))?;
            }
        }
        Ok(())
    }

    /// Sees to it that all parts so far are on the disk.
    ///
    /// # Errors
    /// `io`.
    pub fn sync(&self) -> Result<()> {
        self.file.sync_data().map_err(|error| Error::io(OPERATION, &self.path, &error))
    }

    /// All of them, to be read.
    pub fn finish(self) -> KeptMaps {
        KeptMaps {
            file: PositionedFile::new(Arc::new(self.file)),
            path: self.path,
            shape: self.shape,
            calibration: self.calibration,
        }
    }
}

/// Where a row begins in the file.
fn place(shape: Shape, plane: usize, c: usize, y: usize) -> u64 {
    4 * (((plane * shape.c + c) * shape.y + y) * shape.x) as u64
}

/// The maps of an image in a file.
#[derive(Debug)]
pub struct KeptMaps {
    path: PathBuf,
    shape: Shape,
    calibration: Calibration,
    file: PositionedFile,
}

impl MapRows for KeptMaps {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    fn rows(&self, t: usize, z: usize, c: usize, y: Range<usize>) -> Result<Vec<f32>> {
        let first = place(self.shape, t * self.shape.z + z, c, y.start);
        let values = self.file.numbers_at(first, y.len() * self.shape.x);
        values.map_err(|error| Error::io("read kept maps", &self.path, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_in_any_order_and_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("maps");
        let shape = Shape { t: 1, z: 2, c: 2, y: 2, x: 3 };
        let mut maps = ScratchMaps::open(&path, shape, Calibration::default()).expect("a file");
        maps.put(1, (0, 2), &Maps::new(2, 2, 1, vec![1.0, 2.0, 3.0, 4.0])).expect("written");
        maps.sync().expect("on the disk");
        drop(maps);
        let mut maps = ScratchMaps::open(&path, shape, Calibration::default()).expect("the same file");
        maps.put(1, (0, 0), &Maps::new(2, 2, 2, (5..13).map(|n| n as f32).collect())).expect("written");
        assert!(maps.put(1, (1, 0), &Maps::zeros(2, 2, 2)).is_err() && maps.put(2, (0, 0), &Maps::zeros(2, 1, 1)).is_err());
        let maps = maps.finish();
        assert_eq!(maps.rows(0, 1, 0, 0..2).expect("rows"), [5.0, 6.0, 1.0, 7.0, 8.0, 2.0]);
        assert_eq!(maps.rows(0, 1, 1, 1..2).expect("rows"), [11.0, 12.0, 4.0]);
        assert_eq!(maps.rows(0, 0, 1, 0..1).expect("rows"), [0.0; 3]);
    }
}
