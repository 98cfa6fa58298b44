//! A study as a page.

use std::path::Path;

use fewlabel_contract::Result;

use super::arms::{Arm, arms};
use super::charts::{Picture, charts};
use super::differences::differences;
use super::measure::Measure;
use super::readouts::{convergences, savings};
use super::results::Row;

/// A page and its pictures.
pub struct Page {
    /// Markdown.
    pub text: String,
    /// The charts of all sets.
    pub pictures: Vec<Picture>,
}

/// The page of all rows. `out` is the folder of the study, with scores of images and packages, as far as they are still there; `pictures` the
/// folder of the pictures as the page sees it, `None` where none are shown.
///
/// # Errors
/// Those of reading scores of images and packages.
pub fn page(rows: &[Row], out: &Path, pictures: Option<&str>) -> Result<Page> {
    let all = arms(rows);
    let mut questions = Vec::new();
    for arm in &all {
        if !questions.contains(&arm.question()) {
            questions.push(arm.question());
        }
    }
    let mut page = Page { text: INTRODUCTION.to_owned(), pictures: Vec::new() };
    for question in questions {
        let arms: Vec<&Arm<'_>> = all.iter().filter(|arm| arm.question() == question).collect();
        let drawn = charts(&arms, out)?;
        page.text += &format!("\n## {}, {}\n", question.0, question.1);
        page.text += &scores(&arms);
        for section in [differences_in_words(&arms, out)?, savings_in_words(&arms), convergences_in_words(&arms, out)?] {
            page.text += &section;
        }
        if let Some(folder) = pictures {
            page.text += "\n";
            for picture in &drawn {
                page.text += &format!("![{}]({folder}{})\n", picture.title, picture.file);
            }
        }
        page.pictures.extend(drawn);
    }
    Ok(page)
}

const INTRODUCTION: &str = "<!-- Written by `cargo xtask study --table --markdown FILE`. -->\n\n\
Scores are means over the runs (orders of the training images, and seeds) ± standard deviation, with the worst run in brackets. \
Differences are paired by run. Their 95 % intervals come from 2,000 bootstrap resamples of the runs and of the groups of \
images (what belongs together in a set: pieces of a mosaic, a well, a frame); where there is one group, they tell of the runs alone.\n";

/// A table with its heading; empty without lines.
fn table<const N: usize>(heading: &str, head: [&str; N], lines: &[[String; N]]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = format!("\n### {heading}\n\n");
    text += &line(&head.map(str::to_owned));
    text += &line(&[const { "---" }; N].map(str::to_owned));
    for cells in lines {
        // A bar in a name would begin a new cell.
        text += &line(&cells.clone().map(|cell| cell.replace('|', "\\|")));
    }
    text
}

fn scores(arms: &[&Arm<'_>]) -> String {
    let mut lines = Vec::new();
    for arm in arms {
        let cells: Vec<String> = Measure::of(arm.trial().find)
            .iter()
            .map(|measure| {
                let Some(summary) = arm.summary(*measure) else { return format!("{} -", measure.name()) };
                let deviation = summary.deviation.map_or_else(String::new, |deviation| format!(" ± {deviation:.3}"));
                format!("{} {:.3}{deviation} ({:.3})", measure.name(), summary.mean, summary.worst)
            })
            .collect();
        let trial = arm.trial();
        lines.push([
            trial.labels.to_string(),
            arm.start(),
            trial.budget.to_string(),
            arm.variant(),
            arm.runs.len().to_string(),
            cells.join("; "),
            seconds(arm),
        ]);
    }
    table("Scores", ["labels", "start", "training", "variant", "runs", "scores", "seconds (start + training)"], &lines)
}

/// Mean wall time: that of the start, and that of the training.
fn seconds(arm: &Arm<'_>) -> String {
    let mean = |value: &dyn Fn(&Row) -> Option<f64>| {
        let values: Option<Vec<f64>> = arm.runs.iter().map(|row| value(row)).collect();
        values.map(|values| values.iter().sum::<f64>() / values.len() as f64)
    };
    let start = mean(&|row| row.start_seconds).map_or_else(String::new, |seconds| format!("{seconds:.0} + "));
    format!("{start}{:.0}", mean(&|row| Some(row.train_seconds)).unwrap_or_default())
}

fn differences_in_words(arms: &[&Arm<'_>], out: &Path) -> Result<String> {
    let lines: Vec<[String; 7]> = differences(arms, out)?
        .into_iter()
        .map(|found| {
            [
                found.labels,
                format!("{} − {}", found.of, found.from),
                found.measure.name().to_owned(),
                format!("{:+.3}", found.mean),
                found.interval.map_or_else(|| "-".to_owned(), |(low, high)| format!("{low:+.3} to {high:+.3}")),
                format!("{:+.3}", found.worst),
                format!("{} / {}", found.runs, found.groups),
            ]
        })
        .collect();
    let head = ["labels", "difference", "measure", "mean", "95 % interval", "worst run", "runs / groups"];
    Ok(table("TOWER against the others", head, &lines))
}

fn savings_in_words(arms: &[&Arm<'_>]) -> String {
    let lines: Vec<[String; 4]> = savings(arms)
        .into_iter()
        .map(|saving| {
            [
                saving.start,
                (if saving.of_whole_images { "whole images" } else { "outlines" }).to_owned(),
                saving.fewest.unwrap_or_else(|| "none of those tried".to_owned()),
                format!("{:.3} ({})", saving.goal, saving.goal_labels),
            ]
        })
        .collect();
    table("Fewest labels that reach `none` with the most", ["start", "labels are", "fewest", "`none` has"], &lines)
}

fn convergences_in_words(arms: &[&Arm<'_>], out: &Path) -> Result<String> {
    let steps = |steps: Option<f64>| steps.map_or_else(|| "-".to_owned(), |steps| format!("{steps:.0}"));
    let lines: Vec<[String; 5]> = convergences(arms, out)?
        .into_iter()
        .map(|found| {
            [
                found.labels,
                found.start,
                format!("{} of {}", found.reached, found.runs),
                steps(found.steps),
                steps(found.steps_of_none),
            ]
        })
        .collect();
    let head = ["labels", "start", "runs that reach it", "their steps", "steps of `none`"];
    Ok(table("Steps to the final score of `none` (on the labels kept aside)", head, &lines))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::arms::tests::from_pretraining;
    use crate::study::pretraining::tests::pretraining;
    use crate::study::results::tests::row;
    use crate::study::trial::{Part, Trial, tests::trial};

    #[test]
    fn each_set_and_part_has_its_tables_and_pictures() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut rows = vec![
            row(Trial { order: 0, ..trial() }, 0.5),
            row(Trial { order: 1, ..trial() }, 0.7),
            row(from_pretraining(&pretraining(), 0), 0.75),
            row(Trial { part: Part::Test, variant: Some("a|b".into()), ..trial() }, 0.5),
        ];
        rows[2].start_seconds = Some(240.0);
        let page = page(&rows, folder.path(), Some("pictures/")).expect("a page");
        for line in [
            "| k=2 | none | 6 min |  | 2 | AP50 0.600 ± 0.141 (0.500); AP 0.5-0.9 0.300 ± 0.071 (0.250); Dice 0.800 ± 0.071 (0.750) | 360 |",
            "| k=2 | tower 700 steps | 6 min |  | 1 | AP50 0.750 (0.750); AP 0.5-0.9 0.375 (0.375); Dice 0.875 (0.875) | 240 + 360 |",
            "| k=2 | tower 700 steps − none | AP50 | +0.250 | - | +0.250 | 1 / 0 |",
            "| tower 700 steps | whole images | k=2 | 0.600 (k=2) |",
            "## fluorescence, test",
            "![fluorescence, val: AP50, mean and s.d.](pictures/fluorescence-val-k-ap50.svg)",
        ] {
            assert!(page.text.contains(line), "{line}\n{}", page.text);
        }
        assert!(page.text.contains("a\\|b") && !page.text.contains("a|b"));
        assert_eq!(page.pictures.len(), 6);
        assert_eq!(page.text.matches("### Steps").count(), 0, "no package is there");
    }
}
