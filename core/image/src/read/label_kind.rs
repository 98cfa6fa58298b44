//! What a file of labels holds.

use std::path::Path;

use fewlabel_contract::Result;

use super::file_kind::{FileKind, is_of_kind};
use super::open_source;
use crate::files::is_called_as_outlines;
use crate::{Limits, Shape};

/// What the labels in a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelKind {
    /// A number for each pixel: [`open_labels`](crate::open_labels) reads them.
    Pixels,
    /// Outlines without an image: [`read_outlines`](crate::read_outlines) reads them.
    Outlines,
    /// Outlines in ImageJ's overlay over an image of this extent, where a colour picture has one channel:
    /// [`read_outlines`](crate::read_outlines) reads them, and the pixels are no labels.
    Overlay(Shape),
}

impl LabelKind {
    /// Of the file at `path`: outlines by the ending of its name (`.roi`, `.zip`, `.geojson`, `.json`), an overlay by what the
    /// file holds, whatever its pixels are. Texts, pictures and scale bars are no overlay, and a selection is none.
    ///
    /// # Errors
    /// Those of [`open_source`] for TIFF files. Of others nothing is read but their first bytes.
    pub fn of(path: &Path, limits: &Limits) -> Result<Self> {
        if is_called_as_outlines(path) {
            return Ok(Self::Outlines);
        }
        if !is_of_kind(path, &FileKind::Tiff) {
            return Ok(Self::Pixels);
        }
        let source = open_source(path, limits)?;
        let info = source.info();
        Ok(if info.outlines > 0 { Self::Overlay(info.counted()) } else { Self::Pixels })
    }
}
