//! Does what is planned: first the starts, then the trials, several at a time.

use std::collections::HashMap;

use fewlabel_contract::Result;

use super::conduct::{Conditions, Done, Ready};
use super::guard::Scored;
use super::image_scores;
use super::jobs::in_parallel;
use super::measure::Measure;
use super::plan::Planned;
use super::results::{Results, Row};
use super::sets::set;
use super::test_log::TestLog;
use super::trial::{Part, Trial};
use crate::workspace::root;

/// Where runs on `test` are written down, relative to the root of the checkout.
const TEST_LOG: &str = "core/docs/studies/test_log.json";

/// Does the trials, `jobs` at a time; gives the number of those that failed, among them those whose start cannot be had. What goes
/// wrong is told. Rows are added by this thread alone.
///
/// # Errors
/// Those of reading the files of a set and of writing results.
pub fn work(conditions: &Conditions, planned: &[Planned], jobs: usize, results: &mut Results) -> Result<usize> {
    let starts = starts(conditions, planned, jobs)?;
    let (doable, lost): (Vec<&Planned>, Vec<&Planned>) =
        planned.iter().partition(|planned| starts.contains_key(&key(&planned.trial)));
    let mut failed = lost.len();
    let mut log = TestLog::open(&root().join(TEST_LOG), &conditions.commit)?;
    let conduct = |index: usize, planned: &&Planned| {
        println!("\n=== {} of {}: {}", index + 1, doable.len(), name(&planned.trial));
        conditions.conduct(&planned.trial, &starts[&key(&planned.trial)])
    };
    in_parallel(&doable, jobs, conduct, |planned, done| {
        match done {
            Ok(Done { row, images }) => {
                println!("{}: {}", name(&planned.trial), in_words(&row));
                image_scores::write(&conditions.out, &row, &images)?;
                if row.trial.part == Part::Test {
                    log.add(&row)?;
                }
                results.add(row)?;
            }
            Err(error) => {
                println!("error: {}: {error:?}", name(&planned.trial));
                failed += 1;
            }
        }
        Ok(())
    })?;
    Ok(failed)
}

/// A start of a set: the same name means another model for another set.
type Key = (String, String);

fn key(trial: &Trial) -> Key {
    (trial.set.clone(), trial.start.clone())
}

/// Makes and checks each start once; those that cannot be had are told and missing.
fn starts(conditions: &Conditions, planned: &[Planned], jobs: usize) -> Result<HashMap<Key, Ready>> {
    let mut wanted: Vec<(Key, &Planned)> = Vec::new();
    for planned in planned {
        let key = key(&planned.trial);
        if wanted.iter().all(|(other, _)| *other != key) {
            wanted.push((key, planned));
        }
    }
    let mut scored: HashMap<&str, Scored> = HashMap::new();
    for ((name, start), _) in &wanted {
        // Whoever starts from nothing needs no check.
        if start != "none" && !scored.contains_key(name.as_str()) {
            scored.insert(name, Scored::of(set(name)?, &conditions.data)?);
        }
    }
    let nothing = Scored::default();
    let mut ready = HashMap::new();
    let prepare = |_: usize, ((name, _), planned): &(Key, &Planned)| {
        conditions.prepare(&planned.start, set(name)?, scored.get(name.as_str()).unwrap_or(&nothing))
    };
    in_parallel(&wanted, jobs, prepare, |(key, _), start| {
        match start {
            Ok(start) => {
                ready.insert(key.clone(), start);
            }
            Err(error) => println!("error: no start {} for {}: {error:?}", key.1, key.0),
        }
        Ok(())
    })?;
    Ok(ready)
}

fn name(trial: &Trial) -> String {
    format!("{} {} order {} {} from {}", trial.set, trial.labels, trial.order, trial.part, trial.start)
}

fn in_words(row: &Row) -> String {
    let value = |measure: Measure| Some(format!("{} {:.3}", measure.name(), measure.in_scores(&row.scores)?));
    let mut parts: Vec<String> = Measure::ALL.into_iter().filter_map(value).collect();
    parts.extend(row.scores.dice_of_class.iter().map(|(class, dice)| format!("Dice of class {class} {dice:.3}")));
    format!(
        "{} on {} images; {} steps in {:.0} s, predicted in {:.0} s",
        parts.join(", "),
        row.images,
        row.steps_done,
        row.train_seconds,
        row.segment_seconds
    )
}
