//! Learning curves as SVG.

/// A named line: steps and values.
pub struct Curve {
    /// What is drawn, in words.
    pub name: String,
    /// Step and value, in the order of the steps.
    pub points: Vec<(f64, f64)>,
}

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 200.0;
const LEFT: f64 = 48.0;
const BOTTOM: f64 = 28.0;
const TOP: f64 = 22.0;
const RIGHT: f64 = 12.0;

/// One picture with one line; the value axis begins at 0.
pub fn svg(curve: &Curve) -> String {
    let finite: Vec<(f64, f64)> =
        curve.points.iter().copied().filter(|(step, value)| step.is_finite() && value.is_finite()).collect();
    let last = finite.iter().map(|point| point.0).fold(1.0, f64::max);
    let top = finite.iter().map(|point| point.1).fold(f64::MIN_POSITIVE, f64::max);
    let x = |step: f64| LEFT + (WIDTH - LEFT - RIGHT) * step / last;
    let y = |value: f64| HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value.max(0.0) / top;
    let line: Vec<String> = finite.iter().map(|&(step, value)| format!("{:.1},{:.1}", x(step), y(value))).collect();
    let mut svg = format!("<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" role=\"img\">");
    svg += &format!("<text x=\"{LEFT}\" y=\"14\" class=\"title\">{}</text>", super::report::escaped(&curve.name));
    for part in [0.0, 0.5, 1.0] {
        let (height, value) = (y(part * top), part * top);
        svg += &format!("<line class=\"grid\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{height:.1}\" y2=\"{height:.1}\"/>", WIDTH - RIGHT);
        svg += &format!(
            "<text class=\"tick\" text-anchor=\"end\" x=\"{:.1}\" y=\"{:.1}\">{value:.2}</text>",
            LEFT - 6.0,
            height + 4.0
        );
    }
    for part in [0.0, 0.5, 1.0] {
        let step = part * last;
        svg += &format!(
            "<text class=\"tick\" text-anchor=\"middle\" x=\"{:.1}\" y=\"{:.1}\">{step:.0}</text>",
            x(step),
            HEIGHT - 10.0
        );
    }
    svg += &format!("<polyline points=\"{}\"/></svg>", line.join(" "));
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_fills_its_box_and_leaves_out_what_is_no_number() {
        let curve = Curve { name: "a < b".into(), points: vec![(0.0, 2.0), (50.0, f64::NAN), (100.0, 0.0)] };
        let svg = svg(&curve);
        assert!(svg.contains("points=\"48.0,22.0 408.0,172.0\""), "{svg}");
        assert!(svg.contains("a &lt; b") && svg.contains(">100<") && svg.contains(">2.00<"), "{svg}");
    }

    #[test]
    fn without_points_there_is_an_empty_box() {
        assert!(svg(&Curve { name: String::new(), points: Vec::new() }).contains("points=\"\""));
    }
}
