//! Filling by scan lines.
//!
//! Each row is cut at the height of its pixels' centres; what lies between the first and the second edge, the third and the
//! fourth, and so on, is inside. Source of the rounding: ImageJ's `ij.process.PolygonFiller` (public domain).

use fewlabel_contract::{Error, ErrorKind, Result};

use super::super::{Point, READ};
use super::Run;

/// Edges of a shape that are kept at once.
const MOST_EDGES: usize = 1 << 24;
/// Crossings of edges and rows: about five seconds.
const MOST_CROSSINGS: u64 = 1 << 28;
/// ImageJ moves edges a little to the right, so that centres which lie on them fall to the same side whatever the rounding.
const NUDGE: f64 = 1e-8;

/// The edges of closed rings, as far as they cross the rows of an image.
pub(super) struct Scan {
    height: usize,
    width: usize,
    edges: Vec<Edge>,
    crossings: u64,
}

struct Edge {
    /// The first row that it crosses.
    top: usize,
    /// The row below the last one.
    bottom: usize,
    /// Where it crosses the centre of row `top`.
    x: f64,
    /// What that grows by from row to row.
    slope: f64,
}

impl Scan {
    pub(super) fn new(height: usize, width: usize) -> Self {
        Self { height, width, edges: Vec::new(), crossings: 0 }
    }

    /// Adds a closed ring; its last point is joined to the first.
    pub(super) fn ring(&mut self, points: &[Point]) -> Result<()> {
        let Some(&last) = points.last() else { return Ok(()) };
        let mut from = last;
        for &to in points {
            self.edge(from, to)?;
            from = to;
        }
        Ok(())
    }

    /// Adds an edge of a ring.
    pub(super) fn edge(&mut self, a: Point, b: Point) -> Result<()> {
        let (upper, lower) = if row(a.y) <= row(b.y) { (a, b) } else { (b, a) };
        let top = row(upper.y).max(0);
        let bottom = row(lower.y).min(i64::try_from(self.height).unwrap_or(i64::MAX));
        if top >= bottom {
            return Ok(());
        }
        let slope = (lower.x - upper.x) / (lower.y - upper.y);
        let x = upper.x + (top as f64 - upper.y + 0.5) * slope + NUDGE;
        // Both lie in 0..=height now.
        let (top, bottom) = (top as usize, bottom as usize);
        self.crossings = self.crossings.saturating_add((bottom - top) as u64);
        if self.edges.len() >= MOST_EDGES || self.crossings > MOST_CROSSINGS {
            return Err(too_many_edges());
        }
        self.edges.push(Edge { top, bottom, x, slope });
        Ok(())
    }

    /// The pixels inside.
    pub(super) fn runs(mut self) -> Vec<Run> {
        self.edges.sort_unstable_by_key(|edge| edge.top);
        let mut waiting = self.edges.iter().peekable();
        let mut active: Vec<&Edge> = Vec::new();
        let mut crossings: Vec<f64> = Vec::new();
        let mut runs: Vec<Run> = Vec::new();
        let mut y = 0;
        while let Some(next) = if active.is_empty() { waiting.peek().map(|edge| edge.top) } else { Some(y) } {
            y = next;
            while let Some(edge) = waiting.next_if(|edge| edge.top <= y) {
                active.push(edge);
            }
            crossings.clear();
            crossings.extend(active.iter().map(|edge| edge.x + edge.slope * (y - edge.top) as f64));
            crossings.sort_unstable_by(f64::total_cmp);
            for pair in crossings.chunks_exact(2) {
                let [start, end] = [self.column(pair[0]), self.column(pair[1])];
                match runs.last_mut() {
                    Some(last) if last.y == y && last.end >= start => last.end = last.end.max(end),
                    _ if start < end => runs.push(Run { y, start, end }),
                    _ => {}
                }
            }
            y += 1;
            active.retain(|edge| edge.bottom > y);
        }
        runs
    }

    /// The first column whose centre lies to the right of `x`.
    fn column(&self, x: f64) -> usize {
        // A float that is no number becomes 0.
        ((x + 0.5).max(0.0) as usize).min(self.width)
    }
}

/// The error of an outline that would take too long.
pub(super) fn too_many_edges() -> Error {
    Error::new(ErrorKind::LimitExceeded, READ, "an outline has too many edges to be filled")
        .hint("simplify it, or cut it into parts")
}

/// The first row whose centre lies at `y` or below.
fn row(y: f64) -> i64 {
    // The cast saturates.
    (y + 0.5).floor() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_edges_are_refused() {
        let mut scan = Scan::new(1 << 20, 1);
        let across = [Point::new(0.0, -1.0), Point::new(0.0, 2e6)];
        let error = (0..1000).find_map(|_| scan.ring(&across).err()).expect("refused");
        assert_eq!(error.kind, ErrorKind::LimitExceeded);
    }

    #[test]
    fn rows_between_parts_are_skipped() {
        let mut scan = Scan::new(usize::MAX, 4);
        for y in [0.0, 1e12] {
            scan.ring(&[(0.0, y), (2.0, y), (2.0, y + 1.0), (0.0, y + 1.0)].map(|(x, y)| Point::new(x, y))).expect("added");
        }
        let rows: Vec<_> = scan.runs().iter().map(|run| run.y).collect();
        assert_eq!(rows, [0, 1_000_000_000_000]);
    }
}
