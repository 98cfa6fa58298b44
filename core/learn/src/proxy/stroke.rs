//! A straight line with a thickness: what rays, poly-lines and discs are made of.

use fewlabel_image::Plane;

/// A place in an image, row and column; pixel centres have whole numbers.
pub type Point = (f32, f32);

/// Hides every pixel whose centre lies within half the thickness of the line between two points, and says how many of
/// them were not hidden before. From a point to itself this is a disc.
pub fn stroke(hidden: &mut Plane<bool>, from: Point, to: Point, thickness: f32) -> usize {
    let line = Line::new(from, to, thickness / 2.0);
    let (height, width) = (hidden.height, hidden.width);
    let top = (from.0.min(to.0) - line.radius).ceil().max(0.0) as usize;
    // Conversion saturates: what ends above the image has no row.
    let end = ((from.0.max(to.0) + line.radius).floor() + 1.0).min(height as f32) as usize;
    let mut newly = 0;
    for y in top..end {
        let (left, right) = line.columns(y as f32);
        let (left, right) = (left.ceil().max(0.0) as usize, (right.floor() + 1.0).min(width as f32) as usize);
        if left < right {
            let row = &mut hidden.data[y * width..(y + 1) * width];
            for pixel in &mut row[left..right] {
                newly += usize::from(!*pixel);
                *pixel = true;
            }
        }
    }
    newly
}

/// Columns between two real numbers; none when the first is larger.
type Span = (f32, f32);

const NOTHING: Span = (f32::INFINITY, f32::NEG_INFINITY);

struct Line {
    from: Point,
    to: Point,
    radius: f32,
    length: f32,
    /// From one end to the other, of length 1.
    direction: Point,
}

impl Line {
    fn new(from: Point, to: Point, radius: f32) -> Self {
        let (dy, dx) = (to.0 - from.0, to.1 - from.1);
        let length = (dy * dy + dx * dx).sqrt();
        // Any direction does for a point.
        let direction = if length > 0.0 { (dy / length, dx / length) } else { (0.0, 1.0) };
        Self { from, to, radius, length, direction }
    }

    /// The columns that the line covers in row `y`. It is the union of a disc at each end and the rectangle between
    /// them, and convex, so that the three spans make one.
    fn columns(&self, y: f32) -> Span {
        [self.disc(self.from, y), self.disc(self.to, y), self.rectangle(y)]
            .into_iter()
            .filter(|span| span.0 <= span.1)
            .fold(NOTHING, |all, span| (all.0.min(span.0), all.1.max(span.1)))
    }

    fn disc(&self, centre: Point, y: f32) -> Span {
        let square = self.radius * self.radius - (y - centre.0) * (y - centre.0);
        if square >= 0.0 { (centre.1 - square.sqrt(), centre.1 + square.sqrt()) } else { NOTHING }
    }

    /// Where the distance along the line is within its length and that across it within its radius.
    fn rectangle(&self, y: f32) -> Span {
        let below = y - self.from.0;
        let (dy, dx) = self.direction;
        let along = between(dy * below, dx, (0.0, self.length));
        let across = between(dx * below, -dy, (-self.radius, self.radius));
        (self.from.1 + along.0.max(across.0), self.from.1 + along.1.min(across.1))
    }
}

/// For which `x` the value `start + slope · x` lies between two others.
fn between(start: f32, slope: f32, (low, high): (f32, f32)) -> Span {
    if slope != 0.0 {
        let (a, b) = ((low - start) / slope, (high - start) / slope);
        (a.min(b), a.max(b))
    } else if low <= start && start <= high {
        (f32::NEG_INFINITY, f32::INFINITY)
    } else {
        NOTHING
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn distance((y, x): Point, from: Point, to: Point) -> f32 {
        let (dy, dx) = (to.0 - from.0, to.1 - from.1);
        let square = dy * dy + dx * dx;
        let share = if square > 0.0 { (((y - from.0) * dy + (x - from.1) * dx) / square).clamp(0.0, 1.0) } else { 0.0 };
        (y - from.0 - share * dy).hypot(x - from.1 - share * dx)
    }

    #[test]
    fn upright_and_level_lines_are_as_thick_as_asked() {
        let mut hidden = Plane::filled(12, 20, false);
        // Between rows 5 and 6: rows 4 to 7.
        assert_eq!(stroke(&mut hidden, (5.5, -9.0), (5.5, 30.0), 4.0), 4 * 20);
        assert!((4..8).all(|y| hidden.row(y).iter().all(|pixel| *pixel)));
        assert_eq!(stroke(&mut hidden, (-9.0, 2.5), (30.0, 2.5), 2.0), 2 * (12 - 4));
        assert_eq!(hidden.data.iter().filter(|pixel| **pixel).count(), 4 * 20 + 2 * 8);
        assert_eq!(stroke(&mut hidden, (5.5, 0.0), (5.5, 19.0), 4.0), 0);
    }

    proptest! {
        #[test]
        fn a_pixel_is_hidden_when_it_is_near(
            height in 0..30_usize,
            width in 0..30_usize,
            from in (-10.0_f32..40.0, -10.0_f32..40.0),
            to in (-10.0_f32..40.0, -10.0_f32..40.0),
            dot in any::<bool>(),
            level in any::<bool>(),
            thickness in 0.0_f32..12.0,
        ) {
            let to = if dot { from } else if level { (from.0, to.1) } else { to };
            let mut hidden = Plane::filled(height, width, false);
            let newly = stroke(&mut hidden, from, to, thickness);
            prop_assert_eq!(newly, hidden.data.iter().filter(|pixel| **pixel).count());
            for y in 0..height {
                for x in 0..width {
                    let beyond = distance((y as f32, x as f32), from, to) - thickness / 2.0;
                    // Rounding decides about what lies on the very edge.
                    prop_assert!(beyond.abs() < 1e-3 || hidden.at(y, x) == (beyond < 0.0), "{y} {x} {beyond}");
                }
            }
            prop_assert_eq!(stroke(&mut hidden, from, to, thickness), 0);
        }
    }
}
