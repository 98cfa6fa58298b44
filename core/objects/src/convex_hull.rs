//! The convex hull of an object.

/// Corners of the smallest convex polygon around the squares of pixels, given row, first and last column of each row; as (row,
/// column) of pixel corners, in order around it and without points on its sides; empty without any pixel.
///
/// Andrew's monotone chain, 1979.
pub(crate) fn convex_hull(extremes: &[(usize, usize, usize)]) -> Vec<(i64, i64)> {
    let corners = row_corners(extremes);
    if corners.is_empty() {
        return corners;
    }
    let mut hull = half_hull(corners.iter().copied());
    let mut back = half_hull(corners.iter().rev().copied());
    // Each half ends where the other begins.
    hull.pop();
    back.pop();
    hull.append(&mut back);
    hull
}

/// Area of a polygon, in pixels (the shoelace formula).
pub(crate) fn polygon_area(polygon: &[(i64, i64)]) -> f64 {
    let next = polygon.iter().cycle().skip(1);
    let doubled: i64 = polygon.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum();
    doubled.abs() as f64 / 2.0
}

/// Largest distance of two corners, for pixels of `pixel_height` x `pixel_width`: the (maximum) Feret diameter.
pub(crate) fn feret_diameter(polygon: &[(i64, i64)], pixel_height: f64, pixel_width: f64) -> f64 {
    let mut longest = 0.0_f64;
    for (i, a) in polygon.iter().enumerate() {
        for b in &polygon[i + 1..] {
            longest = longest.max(((a.0 - b.0) as f64 * pixel_height).hypot((a.1 - b.1) as f64 * pixel_width));
        }
    }
    longest
}

/// Outermost pixel corners of each row, sorted and without doubles.
fn row_corners(extremes: &[(usize, usize, usize)]) -> Vec<(i64, i64)> {
    let mut corners = Vec::with_capacity(4 * extremes.len());
    for &(y, first, last) in extremes {
        for y in [y, y + 1] {
            corners.extend([(y as i64, first as i64), (y as i64, last as i64 + 1)]);
        }
    }
    corners.sort_unstable();
    corners.dedup();
    corners
}

fn half_hull(corners: impl Iterator<Item = (i64, i64)>) -> Vec<(i64, i64)> {
    let mut hull: Vec<(i64, i64)> = Vec::new();
    for point in corners {
        while let [.., a, b] = hull[..] {
            let turn = (b.0 - a.0) * (point.1 - b.1) - (b.1 - a.1) * (point.0 - b.0);
            if turn > 0 {
                break;
            }
            hull.pop();
        }
        hull.push(point);
    }
    hull
}
