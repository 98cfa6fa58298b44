//! TOWER against the others, run by run and image by image.

use std::collections::BTreeMap;
use std::path::Path;

use fewlabel_contract::{Method, Result};

use super::arms::{Arm, run};
use super::bootstrap::interval;
use super::image_scores::{self, ImageScore};
use super::measure::Measure;
use super::results::Row;

/// One arm minus another, both given as much, on the same images and labels.
#[derive(Debug, PartialEq)]
pub struct Difference {
    /// The arm that is looked at.
    pub of: String,
    /// The arm that it is held against.
    pub from: String,
    /// Labels of both.
    pub labels: String,
    /// What was measured.
    pub measure: Measure,
    /// Mean over the runs that both have.
    pub mean: f64,
    /// The smallest over these runs.
    pub worst: f64,
    /// 95 % interval over runs and groups of images; `None` where the scores of images were not kept.
    pub interval: Option<(f64, f64)>,
    /// Runs that both have.
    pub runs: usize,
    /// Groups that the images make.
    pub groups: usize,
}

/// Each TOWER arm against each other arm that can be compared with it, for every measure that matters.
///
/// # Errors
/// Those of reading scores of images below `out`.
pub fn differences(arms: &[&Arm<'_>], out: &Path) -> Result<Vec<Difference>> {
    let mut all = Vec::new();
    for of in arms.iter().filter(|arm| is_tower(arm)) {
        for from in arms.iter().filter(|arm| !is_tower(arm) && arm.has_labels_of(of) && arm.is_given_as_much_as(of)) {
            let pairs: Vec<(&Row, &Row)> = of
                .runs
                .iter()
                .filter_map(|row| from.runs.iter().find(|other| run(other) == run(row)).map(|other| (*row, *other)))
                .collect();
            let scores = pairs.iter().map(|(a, b)| both(a, b, out)).collect::<Result<Option<Vec<Pair>>>>()?;
            for &measure in Measure::of(of.trial().find) {
                all.extend(difference(of, from, measure, &pairs, scores.as_deref()));
            }
        }
    }
    Ok(all)
}

fn is_tower(arm: &Arm<'_>) -> bool {
    arm.trial().pretraining.as_ref().is_some_and(|made| made.method == Method::Tower)
}

/// The scores of the images of two rows, by group.
type Pair = (ByGroup, ByGroup);
type ByGroup = BTreeMap<String, Vec<ImageScore>>;

fn both(a: &Row, b: &Row, out: &Path) -> Result<Option<Pair>> {
    let by_group = |row: &Row| -> Result<Option<ByGroup>> {
        Ok(image_scores::read(out, row)?.map(|images| {
            let mut groups = ByGroup::new();
            for image in images {
                groups.entry(image.group.clone()).or_default().push(image);
            }
            groups
        }))
    };
    Ok(by_group(a)?.zip(by_group(b)?))
}

fn difference(
    of: &Arm<'_>,
    from: &Arm<'_>,
    measure: Measure,
    pairs: &[(&Row, &Row)],
    scores: Option<&[Pair]>,
) -> Option<Difference> {
    let value = |row: &Row| measure.in_scores(&row.scores);
    let values: Vec<f64> = pairs.iter().filter_map(|(a, b)| Some(value(a)? - value(b)?)).collect();
    if values.is_empty() || values.len() < pairs.len() {
        return None;
    }
    let names: Vec<&String> = scores.and_then(<[Pair]>::first).map(|(a, _)| a.keys().collect()).unwrap_or_default();
    // Runs that were scored on other images cannot be resampled together.
    let is_same = |groups: &ByGroup| groups.keys().eq(names.iter().copied());
    let scores = scores.filter(|scores| scores.iter().all(|(a, b)| is_same(a) && is_same(b)));
    let interval = scores.and_then(|scores| {
        interval(pairs.len(), names.len(), |runs, groups| {
            let over = |of: &ByGroup| {
                let images: Vec<&ImageScore> = groups.iter().filter_map(|&group| of.get(names[group])).flatten().collect();
                measure.over(&images)
            };
            let drawn: Option<Vec<f64>> = runs.iter().map(|&run| Some(over(&scores[run].0)? - over(&scores[run].1)?)).collect();
            drawn.map(|drawn| drawn.iter().sum::<f64>() / drawn.len() as f64)
        })
    });
    Some(Difference {
        of: of.name(),
        from: from.name(),
        labels: of.trial().labels.to_string(),
        measure,
        mean: values.iter().sum::<f64>() / values.len() as f64,
        worst: values.iter().copied().fold(f64::INFINITY, f64::min),
        interval,
        runs: values.len(),
        groups: names.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::arms::arms;
    use crate::study::arms::tests::from_pretraining;
    use crate::study::image_scores::{Outcome, write};
    use crate::study::pretraining::tests::pretraining;
    use crate::study::results::tests::row;
    use crate::study::trial::{Labels, Trial, tests::trial};

    /// Ten images in five groups, each with this AP50.
    fn images(ap50: impl Fn(usize) -> f64) -> Vec<ImageScore> {
        (0..10)
            .map(|n| {
                let outcome = Outcome::Pixels { ap50: Some(ap50(n)), ap_50_90: Some(0.5), dice: 0.5 };
                ImageScore::of(&format!("i{n}"), &format!("g{}", n / 2), outcome)
            })
            .collect()
    }

    #[test]
    fn tower_is_held_against_what_was_given_as_much() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path();
        let none = |order: u32| row(Trial { order, ..trial() }, 0.5);
        let tower = |order: u32| row(from_pretraining(&pretraining(), order), 0.6 + f64::from(order) / 10.0);
        let mut rows = vec![none(0), none(1), none(2), tower(0), tower(1)];
        for row in &rows[..3] {
            write(out, row, &images(|_| 0.5)).expect("written");
        }
        for row in &rows[3..] {
            // 0.6 in the mean, and in order 1 by 0.1 more, alike in every group.
            let more = f64::from(row.trial.order) / 10.0;
            write(out, row, &images(|_| 0.6 + more)).expect("written");
        }
        rows.push(row(Trial { labels: Labels::K(8), ..trial() }, 0.9));
        let arms = arms(&rows);
        let found = differences(&arms.iter().collect::<Vec<_>>(), out).expect("differences");
        assert_eq!(found.iter().map(|d| d.measure).collect::<Vec<_>>(), [Measure::Ap50, Measure::Ap5090, Measure::Dice]);
        let ap50 = &found[0];
        assert_eq!((ap50.of.as_str(), ap50.from.as_str(), ap50.runs, ap50.groups), ("tower 700 steps", "none", 2, 5));
        assert!((ap50.mean - 0.15).abs() < 1e-12 && (ap50.worst - 0.1).abs() < 1e-12, "{ap50:?}");
        let (low, high) = ap50.interval.expect("an interval");
        assert!((low - 0.1).abs() < 1e-9 && (high - 0.2).abs() < 1e-9, "two runs: {low} {high}");
        let (low, high) = found[1].interval.expect("an interval");
        assert!(low == 0.0 && high == 0.0, "the images do not differ");
    }

    #[test]
    fn groups_are_drawn_as_a_whole_and_runs_without_their_images_have_no_interval() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path();
        let rows = [row(trial(), 0.5), row(from_pretraining(&pretraining(), trial().order), 0.6)];
        let arms = arms(&rows);
        let arms: Vec<&Arm<'_>> = arms.iter().collect();
        assert_eq!(differences(&arms, out).expect("differences")[0].interval, None);
        let width = |inside: bool| {
            write(out, &rows[0], &images(|_| 0.5)).expect("written");
            // The same ten differences, once paired up inside groups and once spread over them.
            let score = |n: usize| 0.5 + if inside { (n % 2) as f64 } else { f64::from(n >= 5) } / 10.0;
            write(out, &rows[1], &images(score)).expect("written");
            let (low, high) = differences(&arms, out).expect("differences")[0].interval.expect("an interval");
            high - low
        };
        assert!(width(true) < 1e-12 && width(false) > 0.05, "{} {}", width(true), width(false));
    }
}
