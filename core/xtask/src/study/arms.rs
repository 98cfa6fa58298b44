//! Rows that differ in order and seed alone, together.

use fewlabel_contract::Find;

use super::measure::Measure;
use super::pretraining::Pretraining;
use super::results::Row;
use super::summary::Summary;
use super::trial::{Budget, Labels, Part, Trial};

/// Several runs of one thing.
pub struct Arm<'a> {
    /// One for each order and seed: the last that was done.
    pub runs: Vec<&'a Row>,
}

/// The arms of all rows, in the order in which their first rows stand.
pub fn arms(rows: &[Row]) -> Vec<Arm<'_>> {
    let mut arms: Vec<Arm<'_>> = Vec::new();
    for row in rows {
        match arms.iter_mut().find(|arm| is_same(arm.trial(), &row.trial)) {
            Some(arm) => {
                arm.runs.retain(|other| run(other) != run(row));
                arm.runs.push(row);
            }
            None => arms.push(Arm { runs: vec![row] }),
        }
    }
    for arm in &mut arms {
        arm.runs.sort_by_key(|row| run(row));
    }
    arms
}

/// What tells the runs of an arm apart.
pub fn run(row: &Row) -> (u64, u32) {
    (row.trial.seed, row.trial.order)
}

fn is_same(a: &Trial, b: &Trial) -> bool {
    without_run(a) == without_run(b)
}

/// A trial without order and seed. A start that the study made is what its pretraining says: its name holds the seed too.
fn without_run(trial: &Trial) -> Trial {
    let pretraining = trial.pretraining.clone().map(|pretraining| Pretraining { seed: 0, ..pretraining });
    let start = if pretraining.is_some() { String::new() } else { trial.start.clone() };
    Trial { order: 0, seed: 0, start, pretraining, ..trial.clone() }
}

impl Arm<'_> {
    /// What all runs have in common; order, seed and the name of the start are those of one of them.
    pub fn trial(&self) -> &Trial {
        &self.runs[0].trial
    }

    /// A measure over the runs; `None` where they do not have it.
    pub fn summary(&self, measure: Measure) -> Option<Summary> {
        let values: Vec<f64> = self.runs.iter().filter_map(|row| measure.in_scores(&row.scores)).collect();
        Summary::of(&values)
    }

    /// What is started from, in words.
    pub fn start(&self) -> String {
        let trial = self.trial();
        trial.pretraining.as_ref().map_or_else(|| trial.start.clone(), ToString::to_string)
    }

    /// Flags and threads, in words; empty where nothing is unusual.
    pub fn variant(&self) -> String {
        let trial = self.trial();
        let mut words = vec![trial.variant.clone().unwrap_or_else(|| trial.flags.join(" "))];
        words
            .extend(trial.threads.map(|threads| if threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") }));
        words.retain(|part| !part.is_empty());
        words.join(", ")
    }

    /// What it is called beside others of the same images and labels.
    pub fn name(&self) -> String {
        let mut words = vec![self.start(), self.trial().variant.clone().unwrap_or_else(|| self.trial().flags.join(" "))];
        words.retain(|part| !part.is_empty());
        words.join(", ")
    }

    /// Whether nothing was learned before the labels were seen.
    pub fn is_from_nothing(&self) -> bool {
        self.trial().start == "none"
    }

    /// Whether its images are those of another arm, and its labels.
    pub fn has_labels_of(&self, other: &Self) -> bool {
        self.question() == other.question() && self.trial().labels == other.trial().labels
    }

    /// What is asked of the arm: set, part and what is looked for.
    pub fn question(&self) -> (&str, Part, Find) {
        let trial = self.trial();
        (&trial.set, trial.part, trial.find)
    }

    /// Whether both were given as much: as much training, or, with the pretraining, as much time in all.
    pub fn is_given_as_much_as(&self, other: &Self) -> bool {
        let minutes = |arm: &Self| match (arm.trial().budget, arm.trial().pretraining.as_ref().map(|made| made.budget)) {
            (Budget::Minutes(training), Some(Budget::Minutes(before))) => Some(training + before),
            (Budget::Minutes(training), None) => Some(training),
            _ => None,
        };
        let in_all = minutes(self).zip(minutes(other)).is_some_and(|(a, b)| (a - b).abs() < 1e-9);
        in_all || self.trial().budget == other.trial().budget
    }

    /// Number of labels, to sort by: images, or outlines.
    pub fn labels(&self) -> usize {
        match self.trial().labels {
            Labels::K(count) | Labels::Outlines(count) => count,
        }
    }

    /// Whether what is labelled are whole images.
    pub fn is_of_whole_images(&self) -> bool {
        matches!(self.trial().labels, Labels::K(_))
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::study::pretraining::Start;
    use crate::study::pretraining::tests::pretraining;
    use crate::study::results::tests::row;
    use crate::study::trial::tests::trial;

    /// A trial of this order that starts from a start of the study.
    pub fn from_pretraining(made: &Pretraining, order: u32) -> Trial {
        let set = trial().set().expect("a set");
        Trial {
            start: Start::Pretrained(made.clone()).name(set),
            pretraining: Some(made.clone()),
            order,
            seed: made.seed,
            ..trial()
        }
    }

    #[test]
    fn orders_and_seeds_are_runs_of_one_arm_and_the_last_counts() {
        let other = Pretraining { seed: 1, ..pretraining() };
        let longer = Pretraining { budget: Budget::Steps(800), ..pretraining() };
        let rows = vec![
            row(Trial { order: 1, ..trial() }, 0.1),
            row(from_pretraining(&other, 0), 0.6),
            row(from_pretraining(&pretraining(), 0), 0.5),
            row(Trial { order: 0, ..trial() }, 0.3),
            row(from_pretraining(&longer, 0), 0.9),
            row(Trial { order: 1, ..trial() }, 0.2),
        ];
        let arms = arms(&rows);
        let told: Vec<(String, Vec<Option<f64>>)> =
            arms.iter().map(|arm| (arm.name(), arm.runs.iter().map(|row| row.scores.ap50).collect())).collect();
        assert_eq!(
            told,
            [
                ("none".to_owned(), vec![Some(0.3), Some(0.2)]),
                ("tower 700 steps".to_owned(), vec![Some(0.5), Some(0.6)]),
                ("tower 800 steps".to_owned(), vec![Some(0.9)]),
            ]
        );
    }

    #[test]
    fn as_much_is_as_much_training_or_as_much_time_in_all() {
        let one = |trial: Trial| vec![row(trial, 0.5)];
        let in_all = Pretraining { budget: Budget::Minutes(8.0), ..pretraining() };
        let minutes = |minutes: f64, trial: Trial| one(Trial { budget: Budget::Minutes(minutes), ..trial });
        let (long, short, both) = (minutes(12.0, trial()), minutes(4.0, trial()), minutes(4.0, from_pretraining(&in_all, 0)));
        let as_much = |a: &[Row], b: &[Row]| arms(a)[0].is_given_as_much_as(&arms(b)[0]);
        assert!(as_much(&both, &long) && as_much(&both, &short));
        assert!(!as_much(&long, &short));
        assert!(as_much(&one(from_pretraining(&pretraining(), 0)), &one(trial())));
    }
}
