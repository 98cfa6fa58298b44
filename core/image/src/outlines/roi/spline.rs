//! The curve that ImageJ's "Fit Spline" draws through corners.
//!
//! x and y are natural cubic splines over the sum of the square roots of the distances between corners; a closed curve goes
//! on a few corners beyond both ends. Source: `ij.gui.PolygonRoi.getSpline`, `ij.measure.SplineFitter` (public
//! domain). Here it is computed in 64 bits, and not with fewer pieces for smoothed outlines.

use super::super::Point;

/// Corners by which a closed curve goes on at each end.
const BEYOND: usize = 7;
/// The fewest pieces of a curve.
const FEWEST: usize = 100;
/// The most; ImageJ has no bound.
const MOST: usize = 1 << 16;

/// Points two pixels apart or less, on a curve through `corners`.
pub(super) fn through(corners: &[Point], closed: bool) -> Vec<Point> {
    if corners.len() < 3 {
        return corners.to_vec();
    }
    let mut nodes: Vec<(f64, Point)> = Vec::with_capacity(corners.len() + 1 + 2 * BEYOND);
    let (mut place, mut length) = (0.0, 0.0);
    for (i, &corner) in corners.iter().chain(corners.first().filter(|_| closed)).enumerate() {
        if i > 0 {
            let before = nodes[i - 1].1;
            let distance = (corner.x - before.x).hypot(corner.y - before.y);
            length += distance;
            place += distance.sqrt().max(0.001);
        }
        nodes.push((place, corner));
    }
    let first = if closed { go_on(&mut nodes) } else { 0 };
    let count = ((length / 2.0) as usize).clamp(FEWEST, MOST);
    let x = second_derivatives(&nodes, |p| p.x);
    let y = second_derivatives(&nodes, |p| p.y);
    let mut piece = first;
    let at = |i: usize| {
        let wanted = i as f64 * place / (count - 1) as f64;
        while piece + 2 < nodes.len() && nodes[piece + 1].0 < wanted {
            piece += 1;
        }
        let (a, b) = (nodes[piece], nodes[piece + 1]);
        let value = |y0: f64, y1: f64, d0: f64, d1: f64| cubic((a.0, y0, d0), (b.0, y1, d1), wanted);
        Point::new(value(a.1.x, b.1.x, x[piece], x[piece + 1]), value(a.1.y, b.1.y, y[piece], y[piece + 1]))
    };
    let curve: Vec<Point> = (0..count).map(at).collect();
    // Corners that lie astronomically far apart fall on one place of the spline.
    if curve.iter().all(|p| p.x.is_finite() && p.y.is_finite()) { curve } else { corners.to_vec() }
}

/// Continues a closed curve at both ends; returns where it began.
fn go_on(nodes: &mut Vec<(f64, Point)>) -> usize {
    let n = nodes.len();
    let beyond = BEYOND.min(n - 1);
    let period = nodes[n - 1].0;
    let behind: Vec<_> = nodes[1..=beyond].iter().map(|&(place, point)| (place + period, point)).collect();
    let before: Vec<_> = nodes[n - 1 - beyond..n - 1].iter().map(|&(place, point)| (place - period, point)).collect();
    nodes.extend(behind);
    nodes.splice(0..0, before);
    beyond
}

/// Solves the tridiagonal system of a natural spline.
fn second_derivatives(nodes: &[(f64, Point)], value: impl Fn(Point) -> f64) -> Vec<f64> {
    let n = nodes.len();
    let (mut derivatives, mut factors) = (vec![0.0; n], vec![0.0; n]);
    for j in 1..n - 1 {
        let (a, b) = (nodes[j].0 - nodes[j - 1].0, nodes[j + 1].0 - nodes[j].0);
        let rise = |from: usize, step: f64| (value(nodes[from + 1].1) - value(nodes[from].1)) / step;
        let scale = 1.0 / (2.0 * (a + b) - a * factors[j - 1]);
        derivatives[j] = (6.0 * (rise(j, b) - rise(j - 1, a)) - a * derivatives[j - 1]) * scale;
        factors[j] = b * scale;
    }
    for j in (0..n - 1).rev() {
        derivatives[j] -= factors[j] * derivatives[j + 1];
    }
    derivatives
}

/// The value at `x` of the piece between two nodes: place, value and second derivative of each.
fn cubic((x0, y0, d0): (f64, f64, f64), (x1, y1, d1): (f64, f64, f64), x: f64) -> f64 {
    let width = x1 - x0;
    let (a, b) = (x - x0, x1 - x);
    let bend = (a * a - width * width) * a * d1 + (b * b - width * width) * b * d0;
    (a * y1 + b * y0 + bend / 6.0) / width
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(corners: &[(f64, f64)]) -> Vec<Point> {
        corners.iter().map(|&(x, y)| Point::new(x, y)).collect()
    }

    #[test]
    fn a_straight_line_stays_straight() {
        let curve = through(&points(&[(0.0, 1.0), (4.0, 1.0), (8.0, 1.0)]), false);
        assert_eq!(curve.len(), FEWEST);
        assert!(curve.iter().all(|p| (p.y - 1.0).abs() < 1e-12 && (-1e-9..=8.0 + 1e-9).contains(&p.x)));
        assert!((curve[FEWEST - 1].x - 8.0).abs() < 1e-9);
    }

    #[test]
    fn a_square_becomes_round() {
        let curve = through(&points(&[(-3.0, -3.0), (3.0, -3.0), (3.0, 3.0), (-3.0, 3.0)]), true);
        assert!(curve.iter().all(|p| (4.0..4.4).contains(&p.x.hypot(p.y))), "{curve:?}");
        assert!((curve[0].x - curve[FEWEST - 1].x).abs() < 1e-9);
    }

    #[test]
    fn corners_on_one_place_do_no_harm() {
        let curve = through(&[Point::new(1.0, 1.0); 4], true);
        assert!(curve.iter().all(|p| (p.x - 1.0).abs() < 1e-9 && p.y.is_finite()));
        assert_eq!(through(&points(&[(0.0, 0.0), (9.0, 9.0)]), true).len(), 2);
        let far = points(&[(0.0, 0.0), (1e33, 0.0), (1.0, 2.0), (3.0, 3.0)]);
        assert_eq!(through(&far, true), far);
    }
}
