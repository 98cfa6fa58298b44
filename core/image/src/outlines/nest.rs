//! Which rings are holes of which.

use super::Point;

/// A ring and the rings cut out of it.
pub(super) struct Nested {
    pub(super) shell: Vec<Point>,
    pub(super) holes: Vec<Vec<Point>>,
}

/// Sorts rings that do not cross each other into shells and their holes. Where an odd number of rings enclose a place, it is
/// inside.
pub(super) fn nest(rings: Vec<Vec<Point>>) -> Vec<Nested> {
    let mut depths = vec![0_usize; rings.len()];
    for_each_enclosing(&rings, |inner, _| depths[inner] += 1);
    // Of the rings around a hole one is a level above it.
    let mut parents = vec![None; rings.len()];
    for_each_enclosing(&rings, |inner, outer| {
        if depths[inner] % 2 == 1 && depths[outer] + 1 == depths[inner] {
            parents[inner] = Some(outer);
        }
    });
    let mut nested: Vec<Nested> = Vec::new();
    let mut places = vec![None; rings.len()];
    let mut holes = Vec::new();
    for (i, ring) in rings.into_iter().enumerate() {
        match parents[i] {
            Some(parent) => holes.push((parent, ring)),
            None => {
                places[i] = Some(nested.len());
                nested.push(Nested { shell: ring, holes: Vec::new() });
            }
        }
    }
    for (parent, ring) in holes {
        match places[parent] {
            Some(place) => nested[place].holes.push(ring),
            // Only rings that cross each other come here.
            None => nested.push(Nested { shell: ring, holes: Vec::new() }),
        }
    }
    nested
}

/// An edge that is not horizontal, from its upper to its lower end.
struct Edge {
    ring: usize,
    upper: Point,
    lower: Point,
}

/// Calls `enclosed(inner, outer)` for each pair of rings of which one lies in the other.
///
/// A line is swept down the image; to the left of a place on a ring, every ring around it has an odd number of edges.
fn for_each_enclosing(rings: &[Vec<Point>], mut enclosed: impl FnMut(usize, usize)) {
    let mut edges = Vec::new();
    let mut places: Vec<(usize, Point)> = Vec::new();
    for (ring, points) in rings.iter().enumerate() {
        let next = points.iter().cycle().skip(1);
        for (&a, &b) in points.iter().zip(next).filter(|(a, b)| a.y != b.y) {
            let (upper, lower) = if a.y < b.y { (a, b) } else { (b, a) };
            if places.last().is_none_or(|&(known, _)| known != ring) {
                // Other rings may share the corner, but not the middle of an edge.
                places.push((ring, Point::new(f64::midpoint(a.x, b.x), f64::midpoint(a.y, b.y))));
            }
            edges.push(Edge { ring, upper, lower });
        }
    }
    edges.sort_by(|a, b| a.upper.y.total_cmp(&b.upper.y));
    places.sort_by(|a, b| a.1.y.total_cmp(&b.1.y));
    let mut waiting = edges.iter().peekable();
    let mut active: Vec<&Edge> = Vec::new();
    let mut left: Vec<usize> = Vec::new();
    for (inner, place) in places {
        active.retain(|edge| edge.lower.y > place.y);
        while let Some(edge) = waiting.next_if(|edge| edge.upper.y <= place.y) {
            if edge.lower.y > place.y {
                active.push(edge);
            }
        }
        left.clear();
        left.extend(active.iter().filter(|edge| edge.ring != inner && is_left(edge, place)).map(|edge| edge.ring));
        left.sort_unstable();
        for same in left.chunk_by(|a, b| a == b) {
            if same.len() % 2 == 1 {
                enclosed(inner, same[0]);
            }
        }
    }
}

fn is_left(edge: &Edge, place: Point) -> bool {
    let Edge { upper, lower, .. } = edge;
    upper.x + (place.y - upper.y) * (lower.x - upper.x) / (lower.y - upper.y) < place.x
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, side: f64) -> Vec<Point> {
        [(x, y), (x + side, y), (x + side, y + side), (x, y + side)].map(|(x, y)| Point::new(x, y)).to_vec()
    }

    #[test]
    fn holes_belong_to_the_ring_around_them() {
        let rings = vec![
            square(3.0, 3.0, 2.0),
            square(0.0, 0.0, 10.0),
            square(1.0, 1.0, 7.0),
            square(20.0, 0.0, 5.0),
            square(21.0, 1.0, 1.0),
            square(22.0, 2.0, 1.0),
        ];
        let nested = nest(rings);
        let found: Vec<_> = nested.iter().map(|n| (n.shell[0].x, n.holes.iter().map(|h| h[0].x).collect::<Vec<_>>())).collect();
        assert_eq!(found, [(3.0, vec![]), (0.0, vec![1.0]), (20.0, vec![21.0, 22.0])]);
    }

    #[test]
    fn rings_that_cross_or_have_no_area_do_no_harm() {
        let nested = nest(vec![square(0.0, 0.0, 4.0), square(2.0, -2.0, 4.0), vec![Point::new(1.0, 1.0); 3], Vec::new()]);
        assert_eq!(nested.iter().map(|n| 1 + n.holes.len()).sum::<usize>(), 4);
    }
}
