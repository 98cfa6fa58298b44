//! The picture of the README: a few images, their truth and what was made of them, side by side.

use fewlabel_image::Plane;

/// Side in pixels of a panel: what the top left of an image shows.
const SIDE: usize = 256;
/// White pixels between panels.
const GAP: usize = 6;
const WHITE: [u8; 3] = [255; 3];

/// An image in colours.
pub type Panel = Plane<[u8; 3]>;

/// Rows of panels, one row an image. Panels are cut to 256 x 256 pixels, smaller ones get a white margin.
///
/// # Panics
/// When there is no panel, or rows differ in their number.
pub fn picture(rows: &[Vec<Panel>]) -> Panel {
    let columns = rows[0].len();
    let side = |count: usize| count * (SIDE + GAP) - GAP;
    let mut picture = Plane::filled(side(rows.len()), side(columns), WHITE);
    for (row, panels) in rows.iter().enumerate() {
        assert_eq!(panels.len(), columns, "rows of as many panels");
        for (column, panel) in panels.iter().enumerate() {
            let (top, left) = (row * (SIDE + GAP), column * (SIDE + GAP));
            for y in 0..panel.height.min(SIDE) {
                for x in 0..panel.width.min(SIDE) {
                    picture.set(top + y, left + x, panel.at(y, x));
                }
            }
        }
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_stand_beside_each_other_and_are_cut() {
        let panel = |grey: u8, side: usize| Plane::filled(side, side, [grey; 3]);
        let picture = picture(&[vec![panel(1, 300), panel(2, 10)], vec![panel(3, 256), panel(4, 256)]]);
        assert_eq!((picture.height, picture.width), (518, 518));
        assert_eq!(
            [picture.at(255, 255), picture.at(256, 0), picture.at(0, 262), picture.at(10, 262)],
            [[1; 3], WHITE, [2; 3], WHITE]
        );
        assert_eq!([picture.at(262, 0), picture.at(517, 517)], [[3; 3], [4; 3]]);
    }
}
