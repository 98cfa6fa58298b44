//! Lines with bands as SVG: one file, readable on white and on dark pages, with its labels in it.

use crate::demo::report::escaped;

/// A chart.
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// Below the axis along x.
    pub x_label: String,
    /// Beside the axis along y.
    pub y_label: String,
    /// Whether equal factors along x are equally far; values are then more than 0.
    pub logarithmic: bool,
    /// The lines.
    pub lines: Vec<Line>,
}

/// A line with its name.
pub struct Line {
    /// Stands at its end.
    pub name: String,
    /// With rising x.
    pub points: Vec<Point>,
}

/// A value and its spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Place along x.
    pub x: f64,
    /// Value.
    pub mean: f64,
    /// Half of the band's width; 0 for none.
    pub deviation: f64,
}

const HEIGHT: f64 = 380.0;
const LEFT: f64 = 62.0;
/// Where the axis along x ends; the names of the lines stand behind.
const END: f64 = 470.0;
/// A letter of a name, in a wide font.
const LETTER: f64 = 7.2;
const TOP: f64 = 36.0;
const BOTTOM: f64 = 50.0;
/// Between the names of two lines.
const LINE_HEIGHT: f64 = 15.0;
/// Places along x that are written; more would run into each other.
const MOST_TICKS: usize = 8;
/// Text and axes: as far from white as from black.
const NEUTRAL: &str = "#767676";
/// Of Okabe and Ito, which people with any colour vision tell apart, made as dark as text has to be on white and as light as on black.
const COLOURS: [&str; 8] = ["#767676", "#0077bb", "#cc5500", "#00885f", "#b3508f", "#8a7200", "#5f6fd8", "#a65a3a"];

/// Draws a chart. Values that are no numbers are left out.
pub fn svg(chart: &Chart) -> String {
    let is_number = |point: &Point| point.x.is_finite() && point.mean.is_finite() && (!chart.logarithmic || point.x > 0.0);
    let lines: Vec<(&str, Vec<Point>)> = chart
        .lines
        .iter()
        .map(|line| (line.name.as_str(), line.points.iter().copied().filter(is_number).collect::<Vec<_>>()))
        .filter(|(_, points)| !points.is_empty())
        .collect();
    let all: Vec<Point> = lines.iter().flat_map(|(_, points)| points.iter().copied()).collect();
    let axes = Axes::of(&all, chart.logarithmic);
    let letters = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let width = END + 26.0 + (LETTER * letters as f64).ceil();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {HEIGHT}\" width=\"{width}\" height=\"{HEIGHT}\" role=\"img\" \
         font-family=\"sans-serif\" font-size=\"12\" fill=\"{NEUTRAL}\">\n<title>{}</title>\n",
        escaped(&chart.title)
    );
    svg += &text(LEFT, 20.0, "start", &format!("<tspan font-size=\"14\" font-weight=\"bold\">{}</tspan>", escaped(&chart.title)));
    svg += &axes.drawn();
    svg += &text(f64::midpoint(LEFT, END), HEIGHT - 12.0, "middle", &escaped(&chart.x_label));
    let middle = f64::midpoint(TOP, HEIGHT - BOTTOM);
    svg += &format!(
        "<text transform=\"translate(16 {middle:.1}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
        escaped(&chart.y_label)
    );
    let ends: Vec<f64> = lines.iter().filter_map(|(_, points)| points.last()).map(|point| axes.y(point.mean)).collect();
    for (n, ((name, points), place)) in lines.iter().zip(apart(&ends)).enumerate() {
        let colour = COLOURS[n % COLOURS.len()];
        svg += &drawn(&axes, points, colour);
        let (from, to) = (axes.x(points[points.len() - 1].x) + 5.0, END + 14.0);
        svg += &format!(
            "<path d=\"M{from:.1} {:.1}L{to:.1} {place:.1}\" stroke=\"{colour}\" stroke-width=\"0.7\" opacity=\"0.6\"/>\n",
            ends[n]
        );
        svg += &format!("<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\">{}</text>\n", to + 4.0, place + 4.0, escaped(name));
    }
    svg + "</svg>\n"
}

/// A band, a line and its points.
fn drawn(axes: &Axes, points: &[Point], colour: &str) -> String {
    let at = |point: &Point, sign: f64| {
        format!("{:.1},{:.1}", axes.x(point.x), axes.y((point.mean + sign * point.deviation).clamp(axes.low, axes.high)))
    };
    let mut svg = String::new();
    if points.iter().any(|point| point.deviation > 0.0) {
        let above = points.iter().map(|point| at(point, 1.0));
        let below = points.iter().rev().map(|point| at(point, -1.0));
        let outline: Vec<String> = above.chain(below).collect();
        svg += &format!("<polygon points=\"{}\" fill=\"{colour}\" fill-opacity=\"0.14\"/>\n", outline.join(" "));
    }
    let line: Vec<String> = points.iter().map(|point| at(point, 0.0)).collect();
    svg += &format!("<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.8\"/>\n", line.join(" "));
    for point in points {
        let (x, y) = (axes.x(point.x), axes.y(point.mean));
        svg += &format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.6\" fill=\"{colour}\"/>\n");
        if points.len() == 1 && point.deviation > 0.0 {
            let [top, bottom] = [1.0, -1.0].map(|sign| axes.y((point.mean + sign * point.deviation).clamp(axes.low, axes.high)));
            svg += &format!("<path d=\"M{x:.1} {top:.1}V{bottom:.1}\" stroke=\"{colour}\"/>\n");
        }
    }
    svg
}

fn text(x: f64, y: f64, anchor: &str, inside: &str) -> String {
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{inside}</text>\n")
}

/// Where values lie in the picture.
struct Axes {
    first: f64,
    last: f64,
    logarithmic: bool,
    ticks: Vec<f64>,
    low: f64,
    high: f64,
    /// Between two lines of the grid.
    step: f64,
}

impl Axes {
    fn of(points: &[Point], logarithmic: bool) -> Self {
        let mut places: Vec<f64> = points.iter().map(|point| point.x).collect();
        places.sort_by(f64::total_cmp);
        places.dedup();
        let (first, last) = (places.first().copied().unwrap_or(1.0), places.last().copied().unwrap_or(1.0));
        let ticks = match places.len() {
            0..=MOST_TICKS => places,
            _ => (0..=4).map(|n| first + (last - first) * f64::from(n) / 4.0).collect(),
        };
        let least = points.iter().map(|point| point.mean - point.deviation).fold(f64::INFINITY, f64::min).clamp(0.0, 1.0);
        let most = points.iter().map(|point| point.mean + point.deviation).fold(f64::NEG_INFINITY, f64::max).clamp(0.0, 1.0);
        let step = [0.005, 0.01, 0.02, 0.05, 0.1].into_iter().find(|step| most - least <= 6.0 * step).unwrap_or(0.2);
        let low = (least / step + 1e-9).floor() * step;
        let high = ((most / step - 1e-9).ceil() * step).max(low + step);
        Self { first, last, logarithmic, ticks, low, high, step }
    }

    fn x(&self, x: f64) -> f64 {
        let scaled = |x: f64| if self.logarithmic { x.ln() } else { x };
        let (first, last) = (scaled(self.first), scaled(self.last));
        let part = if last > first { (scaled(x) - first) / (last - first) } else { 0.5 };
        // A little in from the axis, so that the first points do not lie on it.
        LEFT + 10.0 + (END - LEFT - 20.0) * part
    }

    fn y(&self, y: f64) -> f64 {
        HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (y - self.low) / (self.high - self.low)
    }

    fn drawn(&self) -> String {
        let mut svg = String::new();
        let lines = ((self.high - self.low) / self.step).round() as usize;
        let digits = if self.step < 0.01 { 3 } else { 2 };
        for n in 0..=lines {
            let value = self.low + self.step * n as f64;
            let y = self.y(value);
            svg += &format!("<path d=\"M{LEFT} {y:.1}H{END}\" stroke=\"{NEUTRAL}\" stroke-opacity=\"0.3\"/>\n");
            svg += &text(LEFT - 6.0, y + 4.0, "end", &format!("{value:.digits$}"));
        }
        for &tick in &self.ticks {
            let written = format!("{tick:.0}");
            svg += &text(self.x(tick), HEIGHT - BOTTOM + 18.0, "middle", &written);
        }
        svg
    }
}

/// Places for names beside the ends of lines: as near as can be, none on another.
fn apart(ends: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..ends.len()).collect();
    order.sort_by(|&a, &b| ends[a].total_cmp(&ends[b]));
    let mut places = ends.to_vec();
    for pair in order.windows(2) {
        places[pair[1]] = places[pair[1]].max(places[pair[0]] + LINE_HEIGHT);
    }
    let Some(&last) = order.last() else { return places };
    // What was pushed out of the picture below pushes back.
    places[last] = places[last].min(HEIGHT - BOTTOM);
    for pair in order.windows(2).rev() {
        places[pair[0]] = places[pair[0]].min(places[pair[1]] - LINE_HEIGHT);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart() -> Chart {
        let line = |name: &str, means: [f64; 3]| Line {
            name: name.to_owned(),
            points: [1.0, 2.0, 4.0].iter().zip(means).map(|(&x, mean)| Point { x, mean, deviation: 0.02 }).collect(),
        };
        Chart {
            title: "k < 8 & more".into(),
            x_label: "labelled images".into(),
            y_label: "AP50".into(),
            logarithmic: true,
            lines: vec![line("none", [0.5, 0.6, 0.7]), line("tower \"own\"", [0.6, f64::NAN, 0.71])],
        }
    }

    /// Names of the elements; panics when it is no XML.
    fn elements(svg: &str) -> Vec<String> {
        let mut reader = quick_xml::Reader::from_str(svg);
        reader.config_mut().check_end_names = true;
        let mut names = Vec::new();
        let mut depth = 0;
        loop {
            use quick_xml::events::Event;
            match reader.read_event().expect("well-formed") {
                Event::Start(start) => {
                    depth += 1;
                    names.push(start.name().as_ref().to_owned());
                    assert!(start.attributes().all(|attribute| attribute.is_ok()));
                }
                Event::Empty(empty) => {
                    names.push(empty.name().as_ref().to_owned());
                    assert!(empty.attributes().all(|attribute| attribute.is_ok()));
                }
                Event::End(_) => depth -= 1,
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(depth, 0);
        names
    }

    #[test]
    fn it_is_xml_with_a_line_and_a_band_each() {
        let svg = svg(&chart());
        let names = elements(&svg);
        let count = |name: &str| names.iter().filter(|other| *other == name).count();
        assert_eq!((count("svg"), count("polyline"), count("polygon"), count("circle")), (1, 2, 2, 5));
        assert!(svg.contains("viewBox=\"0 0 576 380\""), "as wide as 11 letters need: {svg}");
        assert!(svg.contains("k &lt; 8 &amp; more") && svg.contains(">none<") && !svg.contains("NaN"), "{svg}");
    }

    #[test]
    fn values_lie_where_the_axes_say() {
        let axes = Axes::of(&chart().lines[0].points, true);
        assert_eq!((axes.low, axes.high, axes.step), (0.45, 0.75, 0.05));
        assert!((axes.y(0.45) - (HEIGHT - BOTTOM)).abs() < 1e-9 && (axes.y(0.75) - TOP).abs() < 1e-9);
        let [one, two, four] = [1.0, 2.0, 4.0].map(|x| axes.x(x));
        assert!(((two - one) - (four - two)).abs() < 1e-9, "factors are equally far");
        assert_eq!(axes.ticks, [1.0, 2.0, 4.0]);
    }

    #[test]
    fn names_do_not_lie_on_each_other() {
        let places = apart(&[100.0, 101.0, 329.0, 330.0, 50.0]);
        let mut sorted = places.clone();
        sorted.sort_by(f64::total_cmp);
        assert!(sorted.windows(2).all(|pair| pair[1] - pair[0] >= LINE_HEIGHT), "{places:?}");
        assert!(sorted[4] <= HEIGHT - BOTTOM && places[4] == 50.0 && places[0] < places[1], "{places:?}");
        assert!(apart(&[]).is_empty());
    }

    #[test]
    fn without_points_there_are_axes_alone() {
        let names = elements(&svg(&Chart { lines: Vec::new(), ..chart() }));
        assert!(!names.contains(&"polyline".to_owned()));
        let one = Line { name: "a".into(), points: vec![Point { x: 2.0, mean: 0.5, deviation: 0.0 }] };
        elements(&svg(&Chart { lines: vec![one], ..chart() }));
    }
}
