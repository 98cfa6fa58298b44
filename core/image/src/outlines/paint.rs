//! Label images from outlines.

use fewlabel_contract::{Error, ErrorKind, Result};

use super::{Outline, READ};
use crate::{Plane, Shape};

/// Which numbers outlines are painted with.
#[derive(Clone, Copy, Debug)]
pub enum Numbering<'a> {
    /// Each outline is an object of its own: 1 for the first of all, 2 for the second, and so on, whichever plane they lie on.
    Objects,
    /// ImageJ's group, 1 to 255.
    Groups,
    /// The place of the class' name in this list, from 1 on.
    Classes(&'a [String]),
}

impl Numbering<'_> {
    /// 0 for an outline that has no number.
    fn number(&self, index: usize, outline: &Outline) -> u32 {
        match self {
            Self::Objects => u32::try_from(index + 1).unwrap_or(0),
            Self::Groups => outline.group.into(),
            Self::Classes(names) => {
                let place = outline.class.as_ref().and_then(|class| names.iter().position(|name| *name == class.name));
                place.map_or(0, |place| u32::try_from(place + 1).unwrap_or(0))
            }
        }
    }
}

/// A painted plane, and what became of the outlines.
#[derive(Clone, Debug, PartialEq)]
pub struct Painted {
    /// 0 where there is no outline.
    pub labels: Plane<u32>,
    /// Outlines that lie on this plane and have pixels in it.
    pub painted: usize,
    /// Of those the ones that cover pixels of an earlier one with another number.
    pub overlapping: usize,
    /// Outlines that lie on this plane but have no pixel in it: notes, shapes without area, shapes outside of the image.
    pub empty: usize,
    /// Outlines that lie on this plane but have no number: no group, or no class of the list.
    pub unnumbered: usize,
}

/// Paints outlines into a plane of an image of this extent; later ones lie on top of earlier ones.
///
/// Indices of planes begin at 0; no `c` stands for any channel. See [`Position::includes`](super::Position::includes).
///
/// # Errors
/// `limit-exceeded` for an outline that is too complicated to be filled; `out-of-memory`.
pub fn paint<'a>(
    outlines: impl IntoIterator<Item = &'a Outline>,
    shape: Shape,
    (c, z, t): (Option<usize>, usize, usize),
    numbering: Numbering<'_>,
) -> Result<Painted> {
    let labels = background(shape.y, shape.x)?;
    let mut painted = Painted { labels, painted: 0, overlapping: 0, empty: 0, unnumbered: 0 };
    for (index, outline) in outlines.into_iter().enumerate() {
        if !outline.position.includes(shape, c, z, t) {
            continue;
        }
        let number = numbering.number(index, outline);
        if number == 0 {
            painted.unnumbered += 1;
            continue;
        }
        let runs = outline.runs(shape.y, shape.x)?;
        let mut overlaps = false;
        for run in &runs {
            let row = run.y * shape.x;
            let pixels = &mut painted.labels.data[row + run.start..row + run.end];
            overlaps |= pixels.iter().any(|&there| there != 0 && there != number);
            pixels.fill(number);
        }
        painted.painted += usize::from(!runs.is_empty());
        painted.empty += usize::from(runs.is_empty());
        painted.overlapping += usize::from(overlaps);
    }
    Ok(painted)
}

fn background(height: usize, width: usize) -> Result<Plane<u32>> {
    let exhausted = || {
        Error::new(ErrorKind::OutOfMemory, READ, "not enough memory for the label image")
            .with("width", width)
            .with("height", height)
    };
    let pixels = height.checked_mul(width).ok_or_else(exhausted)?;
    let mut data = Vec::new();
    data.try_reserve_exact(pixels).map_err(|_| exhausted())?;
    data.resize(pixels, 0);
    Ok(Plane::new(height, width, data))
}

#[cfg(test)]
mod tests {
    use super::super::{Class, OutlineShape, Point, Position};
    use super::*;

    fn rectangle(x: f64, width: f64) -> Outline {
        Outline::new(OutlineShape::Rectangle { corner: Point::new(x, 0.0), width, height: 1.0, arc: 0.0 })
    }

    #[test]
    fn later_outlines_lie_on_top() {
        let outlines = [rectangle(0.0, 3.0), rectangle(2.0, 2.0), rectangle(9.0, 1.0), rectangle(4.0, 1.0)];
        let painted = paint(&outlines, Shape::plane(1, 1, 6), (None, 0, 0), Numbering::Objects).expect("painted");
        assert_eq!(painted.labels.data, [1, 1, 2, 2, 4, 0]);
        assert_eq!((painted.painted, painted.overlapping, painted.empty, painted.unnumbered), (3, 1, 1, 0));
    }

    #[test]
    fn objects_keep_their_number_on_every_plane() {
        let mut outlines = [rectangle(0.0, 1.0), rectangle(1.0, 1.0), rectangle(2.0, 1.0)];
        outlines[0].position = Position { z: 1, ..Position::default() };
        outlines[1].position = Position { z: 2, ..Position::default() };
        let shape = Shape { t: 1, z: 2, c: 1, y: 1, x: 3 };
        let on = |z| paint(&outlines, shape, (None, z, 0), Numbering::Objects).expect("painted").labels.data;
        assert_eq!((on(0), on(1)), (vec![1, 0, 3], vec![0, 2, 3]));
    }

    #[test]
    fn groups_and_classes_are_numbers() {
        let mut outlines = [rectangle(0.0, 2.0), rectangle(1.0, 1.0), rectangle(2.0, 1.0)];
        for (outline, (group, class)) in outlines.iter_mut().zip([(3, "a"), (3, "b"), (0, "c")]) {
            outline.group = group;
            outline.class = Some(Class { name: class.into(), colour: None });
        }
        let shape = Shape::plane(1, 1, 3);
        let groups = paint(&outlines, shape, (None, 0, 0), Numbering::Groups).expect("painted");
        assert_eq!((groups.labels.data, groups.overlapping, groups.unnumbered), (vec![3, 3, 0], 0, 1));
        let names = ["b".to_owned(), "a".to_owned()];
        let classes = paint(&outlines, shape, (None, 0, 0), Numbering::Classes(&names)).expect("painted");
        assert_eq!((classes.labels.data, classes.overlapping, classes.unnumbered), (vec![2, 1, 0], 1, 1));
    }
}
