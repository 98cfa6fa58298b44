//! What the rows of a study say together, for the terminal.

use super::arms::arms;
use super::measure::Measure;
use super::results::Row;

/// A table: for each set, labels, part, budget, start and variant the mean, s.d. and worst over the runs. Of a trial that was done several
/// times the last counts. Measures that no row has have no column.
pub fn table(rows: &[Row]) -> String {
    let has = |measure: &Measure| rows.iter().any(|row| measure.in_scores(&row.scores).is_some());
    let measures: Vec<Measure> = Measure::ALL.into_iter().filter(has).collect();
    let mut head = ["set", "labels", "part", "budget", "start", "variant", "runs"].map(str::to_owned).to_vec();
    head.extend(measures.iter().enumerate().map(|(n, measure)| {
        let columns = if n == 0 { ": mean s.d. worst" } else { "" };
        format!("{}{columns}", measure.name())
    }));
    let mut lines = vec![head];
    for arm in arms(rows) {
        let trial = arm.trial();
        let mut line = vec![
            trial.set.clone(),
            trial.labels.to_string(),
            trial.part.to_string(),
            trial.budget.to_string(),
            arm.start(),
            arm.variant(),
            arm.runs.len().to_string(),
        ];
        line.extend(
            measures.iter().map(|&measure| arm.summary(measure).map_or_else(|| "-".to_owned(), |summary| summary.written())),
        );
        lines.push(line);
    }
    aligned(&lines)
}

fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for line in lines {
        let cells: Vec<String> = line.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::results::tests::row;
    use crate::study::trial::{Labels, Trial, tests::trial};

    #[test]
    fn orders_stand_in_one_line_and_the_last_run_of_each_counts() {
        let of = |order: u32, ap50: f64| row(Trial { order, ..trial() }, ap50);
        let mut rows = vec![of(0, 0.1), of(1, 0.8), of(2, 0.5), of(0, 0.8)];
        rows.push(row(Trial { labels: Labels::K(8), ..trial() }, 0.9));
        rows.push(row(Trial { variant: Some("narrow".into()), flags: vec!["--width=16".into()], ..trial() }, 0.4));
        let text = table(&rows);
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert_eq!(lines[1][..10], ["fluorescence", "k=2", "val", "6", "min", "none", "3", "0.700", "0.173", "0.500"]);
        assert_eq!(lines[2][..10], ["fluorescence", "k=8", "val", "6", "min", "none", "1", "0.900", "-", "0.900"]);
        assert_eq!(lines[3][5..9], ["none", "narrow", "1", "0.400"]);
        assert!(!text.contains("AUC"));
    }
}
