//! Labels of a large image, in a file while they are made.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fewlabel_contract::{Error, Result};

use crate::positioned_file::PositionedFile;
use crate::{Calibration, LabelRows, Shape};

const OPERATION: &str = "keep labels";

/// Labels that are written from the first to the last, then read in any order. Four bytes each, the lowest first.
#[derive(Debug)]
pub struct ScratchLabels {
    path: PathBuf,
    shape: Shape,
    calibration: Calibration,
    file: BufWriter<File>,
    /// Labels so far.
    count: u64,
    largest: u32,
}

impl ScratchLabels {
    /// Begins the labels of an image of this shape in the file `path`, which is emptied when it is there.
    ///
    /// # Errors
    /// `io` when the file cannot be made.
    pub fn create(path: &Path, shape: Shape, calibration: Calibration) -> Result<Self> {
        let options = File::options().read(true).write(true).create(true).truncate(true).open(path);
        Self::on(path, options, shape, calibration)
    }

    /// Goes on in the file `path` behind the first `count` labels, the largest of which is `largest`.
    ///
    /// # Errors
    /// `io` when there is no such file, or fewer labels in it.
    pub fn go_on(path: &Path, shape: Shape, calibration: Calibration, count: u64, largest: u32) -> Result<Self> {
        let mut kept = Self::on(path, File::options().read(true).write(true).open(path), shape, calibration)?;
        let failed = |error: std::io::Error| Error::io(OPERATION, path, &error);
        let file = kept.file.get_mut();
        if file.metadata().map_err(failed)?.len() < 4 * count {
            return Err(failed(std::io::ErrorKind::UnexpectedEof.into()));
        }
        file.set_len(4 * count).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        (kept.count, kept.largest) = (count, largest);
        Ok(kept)
    }

    fn on(path: &Path, file: std::io::Result<File>, shape: Shape, calibration: Calibration) -> Result<Self> {
        let file = file.map_err(|error| Error::io(OPERATION, path, &error))?;
        let file = BufWriter::with_capacity(1 << 20, file);
        Ok(Self { path: path.to_owned(), shape, calibration, file, count: 0, largest: 0 })
    }

    /// Puts labels behind those so far.
    ///
    /// # Errors
    /// `io`, as when the disk is full.
    pub fn push(&mut self, labels: &[u32]) -> Result<()> {
        let bytes: Vec<u8> = labels.iter().flat_map(|label| label.to_le_bytes()).collect();
        self.file.write_all(&bytes).map_err(|error| Error::io(OPERATION, &self.path, &error))?;
        self.count += labels.len() as u64;
        self.largest = self.largest.max(labels.iter().copied().max().unwrap_or(0));
        Ok(())
    }

    /// How many labels there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The largest label so far.
    pub fn largest(&self) -> u32 {
        self.largest
    }

    /// Sees to it that all labels so far are on the disk.
    ///
    /// # Errors
    /// `io`.
    pub fn sync(&mut self) -> Result<()> {
        let synced = self.file.flush().and_then(|()| self.file.get_ref().sync_data());
        synced.map_err(|error| Error::io(OPERATION, &self.path, &error))
    }

    /// Begins anew.
    ///
    /// # Errors
    /// `io`.
    pub fn clear(&mut self) -> Result<()> {
        let cleared = self.file.flush().and_then(|()| {
            let file = self.file.get_mut();
            file.set_len(0).and_then(|()| file.seek(SeekFrom::Start(0)))
        });
        cleared.map_err(|error| Error::io(OPERATION, &self.path, &error))?;
        (self.count, self.largest) = (0, 0);
        Ok(())
    }

    /// All of them, to be read.
    ///
    /// # Errors
    /// `internal` when there are not as many as the image has pixels; `io`.
    pub fn finish(self) -> Result<KeptLabels> {
        let expected = [self.shape.t, self.shape.z, self.shape.y, self.shape.x].iter().map(|&side| side as u64).product::<u64>();
        if self.count != expected {
            return Err(Error::internal(OPERATION, "the labels do not fill their shape")
                .with("labels", self.count)
                .with("pixels", expected));
        }
        let file = self.file.into_inner().map_err(|error| Error::io(OPERATION, &self.path, error.error()))?;
        let file = PositionedFile::new(Arc::new(file));
        Ok(KeptLabels { path: self.path, shape: self.shape, calibration: self.calibration, file, largest: self.largest })
    }
}

/// The labels of an image in a file.
#[derive(Debug)]
pub struct KeptLabels {
    path: PathBuf,
    shape: Shape,
    calibration: Calibration,
    file: PositionedFile,
    largest: u32,
}

impl LabelRows for KeptLabels {
    fn shape(&self) -> Shape {
        Shape { c: 1, ..self.shape }
    }

    fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    fn largest(&self) -> u32 {
        self.largest
    }

    fn rows(&self, t: usize, z: usize, y: Range<usize>) -> Result<Vec<u32>> {
        let first = ((t * self.shape.z + z) * self.shape.y + y.start) * self.shape.x;
        let labels = self.file.numbers_at(4 * first as u64, y.len() * self.shape.x);
        labels.map_err(|error| Error::io("read kept labels", &self.path, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_written_in_turn_and_read_anywhere() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("labels");
        let shape = Shape { t: 1, z: 2, c: 3, y: 2, x: 3 };
        let mut labels = ScratchLabels::create(&path, shape, Calibration::default()).expect("a file");
        labels.push(&[9; 7]).expect("written");
        labels.clear().expect("empty again");
        labels.push(&[0, 1, 2, 70_000]).expect("written");
        labels.sync().expect("on the disk");
        assert_eq!(labels.count(), 4);
        labels.push(&[5; 3]).expect("lost when the run ends here");
        drop(labels);
        let mut labels = ScratchLabels::go_on(&path, shape, Calibration::default(), 4, 70_000).expect("goes on");
        labels.push(&(4..12).collect::<Vec<u32>>()).expect("written");
        let labels = labels.finish().expect("all");
        assert_eq!((labels.largest(), labels.shape().c), (70_000, 1));
        assert_eq!(labels.rows(0, 0, 1..2).expect("rows"), [70_000, 4, 5]);
        assert_eq!(labels.rows(0, 1, 0..2).expect("rows"), [6, 7, 8, 9, 10, 11]);
    }

    #[test]
    fn labels_that_are_missing_are_not_made_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("labels");
        let mut labels = ScratchLabels::create(&path, Shape::plane(1, 2, 2), Calibration::default()).expect("a file");
        labels.push(&[1, 2, 3]).expect("written");
        assert!(labels.finish().is_err(), "one is missing");
        assert!(ScratchLabels::go_on(&path, Shape::plane(1, 2, 2), Calibration::default(), 4, 3).is_err());
        assert!(ScratchLabels::go_on(&folder.path().join("none"), Shape::plane(1, 2, 2), Calibration::default(), 0, 0).is_err());
    }
}
