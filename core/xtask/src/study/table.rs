//! What the rows of a study say together.

use super::results::Row;

/// Mean, spread and worst of a score over the orders.
#[derive(Debug, PartialEq)]
pub struct Summary {
    /// How many values.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, that of a sample (n − 1); `None` for one value.
    pub deviation: Option<f64>,
    /// The smallest.
    pub worst: f64,
}

impl Summary {
    /// `None` without any value.
    pub fn of(values: &[f64]) -> Option<Self> {
        let count = values.len();
        let mean = values.iter().sum::<f64>() / count as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        (count > 0).then(|| Self {
            count,
            mean,
            deviation: (count > 1).then(|| (squares / (count - 1) as f64).sqrt()),
            worst: values.iter().copied().fold(f64::INFINITY, f64::min),
        })
    }

    fn written(&self) -> String {
        let deviation = self.deviation.map_or_else(|| "-".to_owned(), |deviation| format!("{deviation:.3}"));
        format!("{:.3} {deviation:>5} {:.3}", self.mean, self.worst)
    }
}

/// A table: for each set, labels, part, start, budget and variant the mean, s.d. and worst over the orders. Of a trial that was
/// done several times the last counts.
pub fn table(rows: &[Row]) -> String {
    let mut groups: Vec<(Vec<String>, Vec<&Row>)> = Vec::new();
    for row in rows {
        let name = name(row);
        match groups.iter_mut().find(|(other, _)| *other == name) {
            Some((_, members)) => {
                members.retain(|other| other.trial.order != row.trial.order);
                members.push(row);
            }
            None => groups.push((name, vec![row])),
        }
    }
    let head = ["set", "labels", "part", "budget", "variant", "orders", "AP50: mean s.d. worst", "AP 0.5-0.9", "Dice"];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    for (mut line, members) in groups {
        let summary = |value: fn(&Row) -> Option<f64>| {
            let values: Vec<f64> = members.iter().filter_map(|row| value(row)).collect();
            Summary::of(&values).map_or_else(|| "-".to_owned(), |summary| summary.written())
        };
        line.push(members.len().to_string());
        line.push(summary(|row| row.scores.ap50));
        line.push(summary(|row| row.scores.ap_50_90));
        line.push(summary(|row| Some(row.scores.dice)));
        lines.push(line);
    }
    aligned(&lines)
}

/// What rows that differ in their order alone have in common: the first columns of the table.
fn name(row: &Row) -> Vec<String> {
    let trial = &row.trial;
    let mut variant = vec![trial.variant.clone().unwrap_or_else(|| trial.flags.join(" "))];
    if trial.start != "none" {
        variant.push(format!("start {}", trial.start));
    }
    if trial.seed != 0 {
        variant.push(format!("seed {}", trial.seed));
    }
    if let Some(threads) = trial.threads {
        variant.push(format!("{threads} threads"));
    }
    variant.retain(|part| !part.is_empty());
    vec![trial.set.clone(), trial.labels.to_string(), trial.part.to_string(), trial.budget.to_string(), variant.join(", ")]
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
    fn mean_deviation_and_worst() {
        let summary = Summary::of(&[0.5, 0.8, 0.8]).expect("values");
        assert!((summary.mean - 0.7).abs() < 1e-12 && (summary.deviation.expect("several") - 0.03f64.sqrt()).abs() < 1e-12);
        assert_eq!((summary.count, summary.worst), (3, 0.5));
        assert_eq!(Summary::of(&[0.25]), Some(Summary { count: 1, mean: 0.25, deviation: None, worst: 0.25 }));
        assert_eq!(Summary::of(&[]), None);
    }

    #[test]
    fn orders_stand_in_one_line_and_the_last_run_of_each_counts() {
        let of = |order: u32, ap50: f64| row(Trial { order, ..trial() }, ap50);
        let mut rows = vec![of(0, 0.1), of(1, 0.8), of(2, 0.5), of(0, 0.8)];
        rows.push(row(Trial { labels: Labels::K(8), ..trial() }, 0.9));
        rows.push(row(Trial { variant: Some("narrow".into()), flags: vec!["--width=16".into()], ..trial() }, 0.4));
        let text = table(&rows);
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert_eq!(lines[1][..9], ["fluorescence", "k=2", "val", "6", "min", "3", "0.700", "0.173", "0.500"]);
        assert_eq!(lines[2][..9], ["fluorescence", "k=8", "val", "6", "min", "1", "0.900", "-", "0.900"]);
        assert_eq!(lines[3][5..8], ["narrow", "1", "0.400"]);
    }
}
