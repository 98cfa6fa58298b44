//! The charts of a study: scores against labels, and against steps.

use std::path::Path;

use fewlabel_contract::{Find, Result};

use super::arms::Arm;
use super::drawing::{Chart, Line, Point, svg};
use super::measure::Measure;
use super::readouts::validations;
use super::series::series;
use super::summary::Summary;

/// A picture and the name of its file.
pub struct Picture {
    /// `fluorescence-val-k-ap50.svg`
    pub file: String,
    /// What it shows.
    pub title: String,
    /// SVG.
    pub svg: String,
}

impl Picture {
    fn of(file: String, chart: &Chart) -> Self {
        Self { file, title: chart.title.clone(), svg: svg(chart) }
    }
}

/// All charts of one set and part.
///
/// # Errors
/// Those of reading packages below `out`.
pub fn charts(arms: &[&Arm<'_>], out: &Path) -> Result<Vec<Picture>> {
    let Some((set, part, find)) = arms.first().map(|arm| arm.question()) else { return Ok(Vec::new()) };
    let mut pictures = Vec::new();
    let images = if find == Find::Kinds { "labelled images of each class" } else { "labelled images" };
    for (whole, axis, key) in [(true, images, "k"), (false, "outlined objects", "outlines")] {
        for &measure in Measure::of(find) {
            let lines = lines(arms, measure, whole);
            if lines.is_empty() {
                continue;
            }
            let chart = Chart {
                title: format!("{set}, {part}: {}, mean and s.d.", measure.name()),
                x_label: axis.to_owned(),
                y_label: measure.name().to_owned(),
                logarithmic: true,
                lines,
            };
            pictures.push(Picture::of(format!("{set}-{part}-{key}-{}.svg", measure.key()), &chart));
        }
    }
    let measure = Measure::of(find)[0];
    let mut labels: Vec<String> = Vec::new();
    for arm in arms {
        let of = arm.trial().labels.to_string();
        if labels.contains(&of) {
            continue;
        }
        let mut lines = Vec::new();
        for arm in arms.iter().filter(|other| other.has_labels_of(arm)) {
            let points = steps(arm, measure, out)?;
            if !points.is_empty() {
                lines.push(Line { name: arm.name(), points });
            }
        }
        if !lines.is_empty() {
            let chart = Chart {
                title: format!("{set}, {of}: {} on the labels kept aside", measure.name()),
                x_label: "steps".to_owned(),
                y_label: measure.name().to_owned(),
                logarithmic: false,
                lines,
            };
            let key = of.replace([' ', '='], "");
            pictures.push(Picture::of(format!("{set}-{part}-{key}-steps-{}.svg", measure.key()), &chart));
        }
        labels.push(of);
    }
    Ok(pictures)
}

fn lines(arms: &[&Arm<'_>], measure: Measure, whole: bool) -> Vec<Line> {
    let of = |arm: &&Arm<'_>| {
        let summary = arm.summary(measure)?;
        Some(Point { x: arm.labels() as f64, mean: summary.mean, deviation: summary.deviation.unwrap_or(0.0) })
    };
    let all = series(arms).into_iter().filter(|series| series.is_of_whole_images() == whole);
    let lines = all.map(|series| Line { name: series.name(), points: series.arms.iter().filter_map(of).collect() });
    lines.filter(|line| !line.points.is_empty()).collect()
}

/// Mean and spread over the runs at each step at which all of them were looked at.
fn steps(arm: &Arm<'_>, measure: Measure, out: &Path) -> Result<Vec<Point>> {
    let mut curves = Vec::new();
    for row in &arm.runs {
        curves.extend(validations(row, measure, out)?);
    }
    let mut places: Vec<f64> = curves.iter().flatten().map(|(step, _)| *step).collect();
    places.sort_by(f64::total_cmp);
    places.dedup();
    let at = |step: f64| {
        let values: Vec<f64> = curves.iter().flatten().filter(|(other, _)| *other == step).map(|(_, value)| *value).collect();
        let summary = Summary::of(&values)?;
        (summary.count == curves.len()).then(|| Point {
            x: step,
            mean: summary.mean,
            deviation: summary.deviation.unwrap_or(0.0),
        })
    };
    Ok(places.into_iter().filter_map(at).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::arms::arms;
    use crate::study::results::tests::row;
    use crate::study::trial::{Labels, Trial, tests::trial};

    #[test]
    fn there_is_a_chart_for_each_measure_and_kind_of_labels() {
        let folder = tempfile::tempdir().expect("a folder");
        let of = |labels: Labels, order: u32| row(Trial { labels, order, ..trial() }, 0.5);
        let rows = [of(Labels::K(2), 0), of(Labels::K(2), 1), of(Labels::K(8), 0), of(Labels::Outlines(15), 0)];
        let arms = arms(&rows);
        let arms: Vec<&Arm<'_>> = arms.iter().collect();
        let files: Vec<String> = charts(&arms, folder.path()).expect("charts").into_iter().map(|chart| chart.file).collect();
        let expected = ["k-ap50", "k-ap_50_90", "k-dice", "outlines-ap50", "outlines-ap_50_90", "outlines-dice"];
        assert_eq!(files, expected.map(|name| format!("fluorescence-val-{name}.svg")));
        let lines = lines(&arms, Measure::Ap50, true);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].points.iter().map(|point| point.x).collect::<Vec<_>>(), [2.0, 8.0]);
    }
}
