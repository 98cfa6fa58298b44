//! Arms that differ in the number of labels alone: a line of a chart.

use super::arms::Arm;

/// Arms with rising numbers of labels.
pub struct Series<'a, 'b> {
    /// In the order of their labels.
    pub arms: Vec<&'b Arm<'a>>,
}

/// The series of some arms, in the order in which their first arms stand.
pub fn series<'a, 'b>(arms: &[&'b Arm<'a>]) -> Vec<Series<'a, 'b>> {
    let mut all: Vec<Series<'a, 'b>> = Vec::new();
    for arm in arms {
        match all.iter_mut().find(|series| series.is_continued_by(arm)) {
            Some(series) => series.arms.push(arm),
            None => all.push(Series { arms: vec![arm] }),
        }
    }
    for series in &mut all {
        series.arms.sort_by_key(|arm| arm.labels());
    }
    all
}

impl Series<'_, '_> {
    fn is_continued_by(&self, arm: &Arm<'_>) -> bool {
        let first = self.arms[0];
        let same_trial = first.trial().budget == arm.trial().budget && first.trial().threads == arm.trial().threads;
        let same_labels = first.is_of_whole_images() == arm.is_of_whole_images();
        first.question() == arm.question() && first.name() == arm.name() && same_trial && same_labels
    }

    /// What it is called beside others.
    pub fn name(&self) -> String {
        self.arms[0].name()
    }

    /// Whether what is labelled are whole images.
    pub fn is_of_whole_images(&self) -> bool {
        self.arms[0].is_of_whole_images()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::arms::arms;
    use crate::study::arms::tests::from_pretraining;
    use crate::study::pretraining::tests::pretraining;
    use crate::study::results::tests::row;
    use crate::study::trial::{Labels, Trial, tests::trial};

    #[test]
    fn a_line_goes_on_over_labels_of_one_kind() {
        let of = |labels: Labels, trial: Trial| row(Trial { labels, ..trial }, 0.5);
        let rows = [
            of(Labels::K(8), trial()),
            of(Labels::K(2), from_pretraining(&pretraining(), 1)),
            of(Labels::K(2), trial()),
            of(Labels::Outlines(15), trial()),
        ];
        let arms = arms(&rows);
        let arms: Vec<&Arm<'_>> = arms.iter().collect();
        let found: Vec<(String, Vec<usize>)> =
            series(&arms).iter().map(|s| (s.name(), s.arms.iter().map(|arm| arm.labels()).collect())).collect();
        let expected = [("none", vec![2, 8]), ("tower 700 steps", vec![2]), ("none", vec![15])];
        assert_eq!(found, expected.map(|(name, labels)| (name.to_owned(), labels)));
    }
}
