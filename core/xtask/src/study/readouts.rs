//! What a start saves: labels, and steps.

use std::path::Path;

use fewlabel_contract::Result;

use super::arms::{Arm, run};
use super::conduct::model_of;
use super::measure::Measure;
use super::results::Row;
use super::series::{Series, series};
use crate::demo::record::Record;

/// How few labels do what `none` does with all.
#[derive(Debug, PartialEq)]
pub struct Saving {
    /// What is started from.
    pub start: String,
    /// Whether labels are whole images.
    pub of_whole_images: bool,
    /// The fewest labels with which its mean reaches the goal; `None` where none of those tried does.
    pub fewest: Option<String>,
    /// Mean of `none` with the most labelled images that were tried.
    pub goal: f64,
    /// How many these were.
    pub goal_labels: String,
}

/// The savings of each start with whole images and with outlines, in the main measure. Only what was given as much is compared.
pub fn savings(arms: &[&Arm<'_>]) -> Vec<Saving> {
    let all = series(arms);
    let is_goal = |series: &&Series<'_, '_>| series.is_of_whole_images() && series.arms[0].is_from_nothing();
    let mut savings = Vec::new();
    for none in all.iter().filter(is_goal) {
        let Some(&most) = none.arms.last() else { continue };
        let measure = Measure::of(most.trial().find)[0];
        let Some(goal) = most.summary(measure).map(|summary| summary.mean) else { continue };
        for other in all.iter().filter(|other| other.arms[0].is_given_as_much_as(most)) {
            let reaches = |arm: &&&Arm<'_>| arm.summary(measure).is_some_and(|summary| summary.mean >= goal);
            savings.push(Saving {
                start: other.name(),
                of_whole_images: other.is_of_whole_images(),
                fewest: other.arms.iter().find(reaches).map(|arm| arm.trial().labels.to_string()),
                goal,
                goal_labels: most.trial().labels.to_string(),
            });
        }
    }
    savings
}

/// How many steps it takes to what `none` comes to in the end, on the labels kept aside.
#[derive(Debug, PartialEq)]
pub struct Convergence {
    /// What is started from.
    pub start: String,
    /// Labels.
    pub labels: String,
    /// Runs that were looked at.
    pub runs: usize,
    /// Runs that came to it.
    pub reached: usize,
    /// Mean of the steps of these.
    pub steps: Option<f64>,
    /// Mean of the steps that `none` itself took in these.
    pub steps_of_none: Option<f64>,
}

/// The convergence of each start against `none`, from the packages that are still there.
///
/// # Errors
/// Those of reading packages below `out`.
pub fn convergences(arms: &[&Arm<'_>], out: &Path) -> Result<Vec<Convergence>> {
    let mut all = Vec::new();
    for none in arms.iter().filter(|arm| arm.is_from_nothing()) {
        let measure = Measure::of(none.trial().find)[0];
        for other in arms {
            let is_compared = other.has_labels_of(none) && other.trial().budget == none.trial().budget;
            if other.is_from_nothing() || !is_compared {
                continue;
            }
            let mut pairs = Vec::new();
            for row in &other.runs {
                let Some(against) = none.runs.iter().find(|none| run(none) == run(row)) else { continue };
                pairs.extend(validations(row, measure, out)?.zip(validations(against, measure, out)?));
            }
            all.extend(convergence(other, &pairs));
        }
    }
    Ok(all)
}

/// Scores on the labels kept aside, by step; `None` where the package is gone, or nothing was kept aside.
///
/// # Errors
/// Those of reading the package.
pub fn validations(row: &Row, measure: Measure, out: &Path) -> Result<Option<Vec<(f64, f64)>>> {
    let model = model_of(row, out);
    if !model.is_file() {
        return Ok(None);
    }
    let validations = Record::of(&model)?.validations(measure.key());
    Ok(Some(validations).filter(|validations| !validations.is_empty()))
}

type Curve = Vec<(f64, f64)>;

fn convergence(arm: &Arm<'_>, pairs: &[(Curve, Curve)]) -> Option<Convergence> {
    let mut steps = Vec::new();
    for (curve, none) in pairs {
        let goal = none.last()?.1;
        let first = |curve: &Curve| curve.iter().find(|(_, score)| *score >= goal).map(|(step, _)| *step);
        steps.extend(first(curve).zip(first(none)));
    }
    let mean = |values: Vec<f64>| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
    (!pairs.is_empty()).then(|| Convergence {
        start: arm.name(),
        labels: arm.trial().labels.to_string(),
        runs: pairs.len(),
        reached: steps.len(),
        steps: mean(steps.iter().map(|(own, _)| *own).collect()),
        steps_of_none: mean(steps.iter().map(|(_, none)| *none).collect()),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;
    use crate::study::arms::arms;
    use crate::study::arms::tests::from_pretraining;
    use crate::study::pretraining::tests::pretraining;
    use crate::study::results::tests::row;
    use crate::study::trial::{Labels, Trial, tests::trial};

    #[test]
    fn the_fewest_labels_that_do_are_told() {
        let none = |labels, ap50| row(Trial { labels, ..trial() }, ap50);
        let tower = |labels, ap50| row(Trial { labels, ..from_pretraining(&pretraining(), 1) }, ap50);
        let rows = [
            none(Labels::K(2), 0.5),
            none(Labels::K(16), 0.75),
            none(Labels::Outlines(15), 0.4),
            tower(Labels::K(2), 0.7),
            tower(Labels::K(4), 0.75),
            tower(Labels::K(16), 0.9),
        ];
        let arms = arms(&rows);
        let found = savings(&arms.iter().collect::<Vec<_>>());
        let fewest: Vec<(&str, bool, Option<&str>)> =
            found.iter().map(|s| (s.start.as_str(), s.of_whole_images, s.fewest.as_deref())).collect();
        let expected = [("none", true, Some("k=16")), ("none", false, None), ("tower 700 steps", true, Some("k=4"))];
        assert_eq!(fewest, expected);
        assert_eq!((found[0].goal, found[0].goal_labels.as_str()), (0.75, "k=16"));
    }

    #[test]
    fn steps_are_read_from_the_packages() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path();
        let pack = |row: &Row, curve: &[(u32, f64)], start: Option<f64>| {
            let path = model_of(row, out);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            let validations: Vec<_> =
                curve.iter().map(|(step, ap50)| serde_json::json!({"step": step, "scores": {"ap50": ap50}})).collect();
            let start = start.map(|ap50| serde_json::json!({"ap50": ap50}));
            let run = serde_json::json!({"methods": "", "start_scores": start,
                "curves": {"training_error_every_10_steps": [], "validations": validations}});
            let mut zip = zip::ZipWriter::new(fs::File::create(path).expect("a file"));
            zip.start_file("run.json", zip::write::SimpleFileOptions::default()).expect("a file");
            zip.write_all(run.to_string().as_bytes()).expect("written");
            zip.finish().expect("written");
        };
        let mut rows = Vec::new();
        for order in 0..4 {
            rows.push(row(Trial { order, ..trial() }, 0.5));
            rows.push(row(from_pretraining(&pretraining(), order), 0.5));
        }
        // The model of order 3 was tidied away.
        for none in rows.iter().step_by(2).take(3) {
            pack(none, &[(50, 0.25), (100, 0.5)], None);
        }
        for (row, start) in rows.iter().skip(1).step_by(2).zip([0.75, 0.0, 0.0]) {
            pack(row, &[(50, if start == 0.0 && row.trial.order == 1 { 0.5 } else { 0.1 }), (100, 0.4)], Some(start));
        }
        let arms = arms(&rows);
        let found = convergences(&arms.iter().collect::<Vec<_>>(), out).expect("read");
        let expected = Convergence {
            start: "tower 700 steps".into(),
            labels: "k=2".into(),
            runs: 3,
            reached: 2,
            steps: Some(25.0),
            steps_of_none: Some(100.0),
        };
        assert_eq!(found, [expected]);
    }
}
