//! Labels from outlines: what somebody drew on an image, and what that says of the rest.

use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Find, Result};
use fewlabel_image::{Limits, Numbering, Outline, OutlineShape, Plane, Shape, paint, read_outlines};
use fewlabel_objects::UNLABELLED;

const OPERATION: &str = "open labels";

/// The outlines of one image.
pub(super) struct Outlined {
    /// Objects, or areas of classes.
    drawn: Vec<Outline>,
    /// What is background, by its name.
    background: Vec<Outline>,
    /// What is labelled completely inside, by its name.
    regions: Vec<Outline>,
    /// Classes by name, where outlines have no groups.
    classes: Vec<String>,
    find: Find,
}

impl Outlined {
    /// Reads the outlines of an image.
    ///
    /// # Errors
    /// Those of reading; `too-few-labels` for objects of which only points or lines were drawn.
    pub(super) fn open(path: &Path, find: Find, limits: &Limits) -> Result<Self> {
        let outlines = read_outlines(path, limits)?;
        let (regions, outlines): (Vec<_>, Vec<_>) = outlines.into_iter().partition(Outline::is_region);
        let (background, drawn): (Vec<_>, Vec<_>) = outlines.into_iter().partition(Outline::is_background);
        if find == Find::Objects && !drawn.is_empty() && drawn.iter().all(|outline| !has_area(&outline.shape)) {
            return Err(Error::new(
                ErrorKind::TooFewLabels,
                OPERATION,
                "points and lines alone say nothing of the shape of objects",
            )
            .file(path)
            .with("points and lines", drawn.len())
            .hint("draw around some objects: polygon, freehand, oval or wand"));
        }
        let mut classes: Vec<String> =
            drawn.iter().filter_map(|outline| outline.class.as_ref()).map(|class| class.name.clone()).collect();
        classes.sort_unstable();
        classes.dedup();
        Ok(Self { drawn, background, regions, classes, find })
    }

    /// The labels of a plane of an image of this shape. What nobody drew and no region holds is [`UNLABELLED`], unless the image is
    /// labelled throughout (`dense`).
    ///
    /// # Errors
    /// Those of [`paint`].
    pub(super) fn plane(&self, shape: Shape, t: usize, z: usize, dense: bool) -> Result<Plane<u32>> {
        let painted = |outlines: &[Outline], numbering| Ok(paint(outlines, shape, (None, z, t), numbering)?.labels);
        // Lines have no inside: as objects they would be slivers.
        let drawn: Vec<Outline> = match self.find {
            Find::Objects => self.drawn.iter().filter(|outline| has_area(&outline.shape)).cloned().collect(),
            Find::Areas | Find::Kinds => self.drawn.clone(),
        };
        let numbering = match self.find {
            Find::Objects => Numbering::Objects,
            Find::Areas | Find::Kinds if drawn.iter().all(|outline| outline.group == 0) => Numbering::Classes(&self.classes),
            Find::Areas | Find::Kinds => Numbering::Groups,
        };
        let mut labels = painted(&drawn, numbering)?;
        if dense {
            return Ok(labels);
        }
        let known = [painted(&self.background, Numbering::Objects)?, painted(&self.regions, Numbering::Objects)?];
        for (place, label) in labels.data.iter_mut().enumerate() {
            if *label == 0 && known.iter().all(|plane: &Plane<u32>| plane.data[place] == 0) {
                *label = UNLABELLED;
            }
        }
        Ok(labels)
    }
}

/// Whether a shape has an inside.
fn has_area(shape: &OutlineShape) -> bool {
    !matches!(
        shape,
        OutlineShape::Line { .. }
            | OutlineShape::Polyline(_)
            | OutlineShape::Freeline(_)
            | OutlineShape::Angle(_)
            | OutlineShape::Points(_)
            | OutlineShape::Note { .. }
    )
}
