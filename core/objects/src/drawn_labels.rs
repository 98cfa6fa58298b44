//! Labels from outlines: what somebody drew on an image, and what that says of the rest.

use std::collections::BTreeSet;
use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Find, Result};
use fewlabel_image::{Limits, Numbering, Outline, OutlineShape, Plane, Shape, paint, read_outlines};

use crate::UNLABELLED;

/// The outlines of one image.
#[derive(Clone, Debug)]
pub struct DrawnLabels {
    /// Objects, or areas of classes.
    drawn: Vec<Outline>,
    /// What is background, by its name.
    background: Vec<Outline>,
    /// What is labelled completely inside, by its name.
    regions: Vec<Outline>,
    find: Find,
}

impl DrawnLabels {
    /// Reads the outlines of an image. For `objects` lines and points do not count: they have no inside.
    ///
    /// # Errors
    /// Those of [`read_outlines`]; `too-few-labels` for objects of which only points or lines were drawn.
    pub fn open(path: &Path, find: Find, limits: &Limits) -> Result<Self> {
        let outlines = read_outlines(path, limits)?;
        let (regions, outlines): (Vec<_>, Vec<_>) = outlines.into_iter().partition(Outline::is_region);
        let (background, mut drawn): (Vec<_>, Vec<_>) = outlines.into_iter().partition(Outline::is_background);
        if find == Find::Objects {
            let all = drawn.len();
            drawn.retain(|outline| has_area(&outline.shape));
            if drawn.is_empty() && all > 0 {
                return Err(Error::new(
                    ErrorKind::TooFewLabels,
                    "open labels",
                    "points and lines alone say nothing of the shape of objects",
                )
                .file(path)
                .with("points and lines", all)
                .hint("draw around some objects: polygon, freehand, oval or wand"));
            }
        }
        Ok(Self { drawn, background, regions, find })
    }

    /// The labels of a plane of an image of this shape: for `objects` a number for each outline, the same on all planes, for
    /// `areas` that of its class. What nobody drew and no region holds is [`UNLABELLED`], unless the image is labelled
    /// throughout (`dense`).
    ///
    /// # Errors
    /// Those of [`paint`].
    pub fn plane(&self, shape: Shape, (t, z): (usize, usize), classes: &ClassNumbers, dense: bool) -> Result<Plane<u32>> {
        let painted = |outlines: &[Outline], numbering| Ok(paint(outlines, shape, (None, z, t), numbering)?.labels);
        let numbering = match (self.find, classes) {
            (Find::Objects, _) => Numbering::Objects,
            (Find::Areas | Find::Kinds, ClassNumbers::Groups) => Numbering::Groups,
            (Find::Areas | Find::Kinds, ClassNumbers::Names(names)) => Numbering::Classes(names),
        };
        let mut labels = painted(&self.drawn, numbering)?;
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

/// Which numbers the classes of outlines have, in all images of a run alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClassNumbers {
    /// ImageJ's groups.
    Groups,
    /// Where no outline has a group: the place of the class' name among all names in order of the alphabet, from 1 on.
    Names(Vec<String>),
}

impl ClassNumbers {
    /// For the outlines of all images.
    pub fn of<'a>(all: impl IntoIterator<Item = &'a DrawnLabels>) -> Self {
        let mut names = BTreeSet::new();
        for outline in all.into_iter().flat_map(|labels| &labels.drawn) {
            if outline.group != 0 {
                return Self::Groups;
            }
            names.extend(outline.class.as_ref().map(|class| class.name.clone()));
        }
        Self::Names(names.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use fewlabel_image::{Class, Point, write_geojson};

    use super::*;

    fn square(x: f64, class: &str) -> Outline {
        let shape = OutlineShape::Rectangle { corner: Point::new(x, 0.0), width: 2.0, height: 1.0, arc: 0.0 };
        Outline { class: Some(Class { name: class.to_owned(), colour: None }), ..Outline::new(shape) }
    }

    fn opened(outlines: &[Outline], find: Find) -> DrawnLabels {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.geojson");
        write_geojson(&path, outlines, false).expect("written");
        DrawnLabels::open(&path, find, &Limits::default()).expect("read")
    }

    #[test]
    fn a_class_has_one_number_in_all_images() {
        let (tumour, both) =
            (opened(&[square(0.0, "Tumour")], Find::Areas), opened(&[square(0.0, "Stroma"), square(3.0, "Tumour")], Find::Areas));
        let numbers = ClassNumbers::of([&tumour, &both]);
        assert_eq!(numbers, ClassNumbers::Names(vec!["Stroma".into(), "Tumour".into()]));
        let plane = |labels: &DrawnLabels| labels.plane(Shape::plane(1, 1, 6), (0, 0), &numbers, true).expect("painted").data;
        assert_eq!((plane(&tumour), plane(&both)), (vec![2, 2, 0, 0, 0, 0], vec![1, 1, 0, 2, 2, 0]));
        let mut grouped = tumour.clone();
        grouped.drawn[0].group = 7;
        let numbers = ClassNumbers::of([&both, &grouped]);
        assert_eq!(numbers, ClassNumbers::Groups);
        assert_eq!(grouped.plane(Shape::plane(1, 1, 2), (0, 0), &numbers, true).expect("painted").data, [7, 7]);
    }

    #[test]
    fn what_nobody_drew_is_unlabelled_but_in_regions_and_background() {
        let labels = opened(&[square(0.0, "cell"), square(2.0, "Background"), square(1.0, "region")], Find::Objects);
        let plane = |dense| labels.plane(Shape::plane(1, 1, 5), (0, 0), &ClassNumbers::Groups, dense).expect("painted").data;
        assert_eq!((plane(false), plane(true)), (vec![1, 1, 0, 0, UNLABELLED], vec![1, 1, 0, 0, 0]));
    }
}
