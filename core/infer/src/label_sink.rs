//! Where labels go while they are made.

use fewlabel_contract::Result;
use fewlabel_image::{Calibration, LabelImage, Plane, Shape};

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

/// Labels in memory.
#[derive(Debug)]
pub(crate) struct InMemory {
    pub ids: Vec<u32>,
}

impl LabelSink for InMemory {
    fn begin(&mut self, _: &str) -> Result<Option<Vec<u8>>> {
        self.ids.clear();
        Ok(None)
    }

    fn rows(&mut self, rows: &Plane<u32>) -> Result<()> {
        self.ids.extend_from_slice(&rows.data);
        Ok(())
    }
}

impl InMemory {
    /// The labels of an image of this shape.
    pub fn labels(self, shape: Shape, calibration: Calibration) -> LabelImage {
        LabelImage { t: shape.t, z: shape.z, y: shape.y, x: shape.x, ids: self.ids, calibration }
    }
}
