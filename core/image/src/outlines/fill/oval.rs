//! Upright ellipses, by the rule of `ij.gui.OvalRoi`: a pixel is inside when its centre is.

use super::{Run, WholeBox, clipped};

/// The pixels of the ellipse in a box.
pub(super) fn runs(outer: WholeBox, height: usize, width: usize) -> Vec<Run> {
    let (top, bottom) = clipped(outer.y, outer.y + outer.height, height);
    let (left, right) = clipped(outer.x, outer.x + outer.width, width);
    let (radius_x, radius_y) = (outer.width / 2.0, outer.height / 2.0);
    let across = |y: usize| {
        let dy = (y as f64 - outer.y) - (radius_y - 0.5);
        let inside = |x: usize| {
            let dx = (x as f64 - outer.x) - (radius_x - 0.5);
            dx * dx / (radius_x * radius_x) + dy * dy / (radius_y * radius_y) <= 1.0
        };
        // The ellipse's equation gives the ends but for rounding; the rule itself decides.
        let half = radius_x * (1.0 - dy * dy / (radius_y * radius_y)).max(0.0).sqrt();
        let (mut start, mut end) = clipped(outer.x + radius_x - half - 1.0, outer.x + radius_x + half + 2.0, width);
        (start, end) = (start.max(left), end.min(right));
        while start < end && !inside(start) {
            start += 1;
        }
        while start < end && !inside(end - 1) {
            end -= 1;
        }
        (start < end).then_some(Run { y, start, end })
    };
    (top..bottom).filter_map(across).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_what_the_rule_says_of_each_pixel() {
        for (w, h) in (1..40).flat_map(|w| (1..40).map(move |h| (w, h))) {
            let (x, y, width, height) = (3.0, 2.0, f64::from(w), f64::from(h));
            let runs = runs(WholeBox { x, y, width, height }, 50, 50);
            for (row, column) in (0..50).flat_map(|row| (0..50).map(move |column| (row, column))) {
                let (dx, dy) = (column as f64 - x + 0.5 - width / 2.0, row as f64 - y + 0.5 - height / 2.0);
                let inside = dx * dx / (width * width / 4.0) + dy * dy / (height * height / 4.0) <= 1.0;
                let found = runs.iter().any(|run| run.y == row && (run.start..run.end).contains(&column));
                assert_eq!(found, inside, "{w} x {h} at {row}, {column}");
            }
        }
    }
}
