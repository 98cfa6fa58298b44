//! Lines with a width.

use fewlabel_contract::Result;

use super::super::Point;
use super::scan::{Scan, too_many_edges};
use super::{Run, merged};

/// Runs of all pieces together: to sort them takes a second or two.
const MOST_RUNS: usize = 1 << 25;
/// Runs that are kept before those that overlap are joined.
const FEWEST_KEPT: usize = 1 << 16;

/// The pixels of a band around a line of straight pieces: a rectangle for each piece, a triangle for the gap at each bend,
/// and half a pixel more at both ends, as `ij.gui.Roi.convertLineToArea` does.
pub(super) fn runs(points: &[Point], stroke_width: f64, height: usize, width: usize) -> Result<Vec<Run>> {
    // ImageJ computes in 32 bits, from the centres of pixels.
    let mut line: Vec<(f32, f32)> = points.iter().map(|p| ((p.x - 0.5) as f32, (p.y - 0.5) as f32)).collect();
    line.dedup();
    let radius = stroke_width.max(1.0) / 2.0;
    // Wide pieces cover the same rows again and again, so runs are joined whenever there are twice as many as the last time.
    let (mut runs, mut met, mut most_kept) = (Vec::new(), 0, FEWEST_KEPT);
    let mut fill = |ring: &[(f64, f64)]| -> Result<()> {
        let mut scan = Scan::new(height, width);
        let at = |&(x, y): &(f64, f64)| Point::new(f64::from(x as f32) + 0.5, f64::from(y as f32) + 0.5);
        scan.ring(&ring.iter().map(at).collect::<Vec<_>>())?;
        let piece = scan.runs();
        met += piece.len();
        if met > MOST_RUNS {
            return Err(too_many_edges());
        }
        runs.extend(piece);
        if runs.len() > most_kept {
            runs = merged(std::mem::take(&mut runs));
            most_kept = FEWEST_KEPT.max(2 * runs.len());
        }
        Ok(())
    };
    let mut before: Option<(f64, f64)> = None;
    for (i, pair) in line.windows(2).enumerate() {
        let [from, to] = [pair[0], pair[1]];
        let (dx, dy) = direction(from, to);
        let (mut x0, mut y0) = (f64::from(from.0), f64::from(from.1));
        let (mut x1, mut y1) = (f64::from(to.0), f64::from(to.1));
        if i + 2 == line.len() {
            (x1, y1) = (x1 + 0.5 * dx, y1 + 0.5 * dy);
        }
        if let Some(before) = before {
            fill(&wedge((x0, y0), before, (dx, dy), radius))?;
        } else {
            (x0, y0) = (x0 - 0.5 * dx, y0 - 0.5 * dy);
        }
        let (across_x, across_y) = (radius * dy, radius * dx);
        fill(&[
            (x0 + across_x, y0 - across_y),
            (x0 - across_x, y0 + across_y),
            (x1 - across_x, y1 + across_y),
            (x1 + across_x, y1 - across_y),
        ])?;
        before = Some((dx, dy));
    }
    Ok(merged(runs))
}

/// The unit vector from one point to another.
fn direction(from: (f32, f32), to: (f32, f32)) -> (f64, f64) {
    let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
    let length = (dx * dx + dy * dy).sqrt();
    (dx / length, dy / length)
}

/// The triangle that two rectangles leave open on the outer side of a bend. It reaches a little to the inner side,
/// so that rounding leaves no pixel out.
fn wedge((x, y): (f64, f64), (dx0, dy0): (f64, f64), (dx1, dy1): (f64, f64), radius: f64) -> [(f64, f64); 3] {
    let side = if dx1 * dy0 > dx0 * dy1 { -radius } else { radius };
    let inner_x = f64::from(x as f32) - 0.5 * (side * dy0 + side * dy1);
    let inner_y = f64::from(y as f32) + 0.5 * (side * dx0 + side * dx1);
    [(inner_x, inner_y), (x + side * dy0, y - side * dx0), (x + side * dy1, y - side * dx1)]
}

#[cfg(test)]
mod tests {
    use fewlabel_contract::ErrorKind;

    use super::*;

    /// A line to and fro, so wide that each piece covers all rows.
    fn zigzag(pieces: usize) -> Vec<Point> {
        (0..=pieces).map(|i| Point::new((i % 2) as f64 * 50.0, 20.0)).collect()
    }

    #[test]
    fn pieces_that_overlap_are_joined() {
        let once = runs(&zigzag(1), 1e6, 40, 60).expect("filled");
        let often = runs(&zigzag(5000), 1e6, 40, 60).expect("filled");
        assert_eq!((once.len(), often.len()), (40, 40));
    }

    #[test]
    fn too_many_pieces_are_refused() {
        let error = runs(&zigzag(20_000), 1e9, 2000, 60).expect_err("40 million runs");
        assert_eq!(error.kind, ErrorKind::LimitExceeded);
    }
}
