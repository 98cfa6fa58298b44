//! Where labels go while they are made.

use fewlabel_contract::Result;
use fewlabel_image::{Calibration, LabelImage, Maps, Plane, Shape};

/// Takes the labels of an image, a few rows at a time: plane after plane in order `t z`, each from top to bottom.
pub trait LabelSink {
    /// The labels of an image begin. Whatever came before counts no more.
    ///
    /// `key` stands for all that decides how the image is gone through. A sink that has kept labels of an interrupted run under
    /// this key gives the state that it was handed with them, and goes on behind them.
    ///
    /// # Errors
    /// Those of keeping.
    fn begin(&mut self, key: &str) -> Result<Option<Vec<u8>>>;

    /// The next rows.
    ///
    /// # Errors
    /// Those of keeping; they end the run.
    fn rows(&mut self, rows: &Plane<u32>) -> Result<()>;

    /// The maps of a part of plane number `plane`, whose first pixel lies at a row and column, where maps were asked for. Parts come
    /// before the labels of their rows, do not overlap, and fill the plane. A run that goes on may hand over a part again.
    ///
    /// # Errors
    /// Those of keeping; they end the run.
    fn maps(&mut self, plane: usize, place: (usize, usize), part: &Maps) -> Result<()> {
        let _ = (plane, place, part);
        Ok(())
    }

    /// An interrupted run could go on from here, from the state that `state` makes, under the `key` of [`Self::begin`]. Called about
    /// once a row of tiles.
    ///
    /// # Errors
    /// Those of keeping; they end the run.
    fn can_go_on(&mut self, key: &str, state: &dyn Fn() -> Result<Vec<u8>>) -> Result<()> {
        let _ = (key, state);
        Ok(())
    }
}

/// Labels and maps in memory.
#[derive(Debug)]
pub struct LabelsInMemory {
    shape: Shape,
    ids: Vec<u32>,
    maps: Vec<Maps>,
}

impl LabelSink for LabelsInMemory {
    fn begin(&mut self, _: &str) -> Result<Option<Vec<u8>>> {
        self.ids.clear();
        self.maps.clear();
        Ok(None)
    }

    fn rows(&mut self, rows: &Plane<u32>) -> Result<()> {
        self.ids.extend_from_slice(&rows.data);
        Ok(())
    }

    fn maps(&mut self, plane: usize, (y, x): (usize, usize), part: &Maps) -> Result<()> {
        while self.maps.len() <= plane {
            self.maps.push(Maps::zeros(part.channels, self.shape.y, self.shape.x));
        }
        self.maps[plane].paste(part, (y, x));
        Ok(())
    }
}

impl LabelsInMemory {
    /// For labels of this shape.
    pub fn new(shape: Shape) -> Self {
        Self { shape, ids: Vec::new(), maps: Vec::new() }
    }

    /// The labels, and the maps of each plane, in order `t z`, as far as maps came.
    pub fn finish(self, calibration: Calibration) -> (LabelImage, Vec<Maps>) {
        let Shape { t, z, y, x, .. } = self.shape;
        (LabelImage { t, z, y, x, ids: self.ids, calibration }, self.maps)
    }
}
