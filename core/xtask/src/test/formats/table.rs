//! Cases and failures of each format.

use std::collections::BTreeMap;

use super::super::tally::Tally;

/// Counts by format, and what went wrong.
#[derive(Default)]
pub struct Table {
    rows: BTreeMap<String, (u64, u64)>,
    failures: Vec<String>,
}

impl Table {
    /// Adds a case of a row; it failed where there are differences.
    pub fn add(&mut self, row: &str, case: &str, differences: &[String]) {
        let (cases, failures) = self.rows.entry(row.to_owned()).or_default();
        *cases += 1;
        if !differences.is_empty() {
            *failures += 1;
            self.failures.push(format!("{row}: {case}: {}", differences.join("; ")));
        }
    }

    /// What there is to print: each failure, then cases and failures of each row, and of all.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = self.failures.clone();
        let width = self.rows.keys().map(|row| row.chars().count()).max().unwrap_or(0).max(6);
        lines.push(format!("{:<width$}  {:>5}  {:>8}", "format", "cases", "failures"));
        let (cases, failures) = self.rows.values().fold((0, 0), |(cases, failures), row| (cases + row.0, failures + row.1));
        for (row, (cases, failures)) in &self.rows {
            lines.push(format!("{row:<width$}  {cases:>5}  {failures:>8}"));
        }
        lines.push(format!("{:<width$}  {cases:>5}  {failures:>8}", "all"));
        lines
    }

    /// Each case as a check.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for (cases, failures) in self.rows.values() {
            tally.passed += cases - failures;
            tally.failed += failures;
        }
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_counted_and_failures_are_told() {
        let mut table = Table::default();
        table.add("TIFF", "a.tif", &[]);
        table.add("TIFF", "b.tif", &["type: other".into(), "rgb: other".into()]);
        table.add("NIfTI", "c.nii", &[]);
        assert_eq!(table.tally().line(), "2 passed, 1 failed, 0 skipped");
        let lines = table.lines();
        assert_eq!(lines[0], "TIFF: b.tif: type: other; rgb: other");
        assert_eq!(
            lines[1..],
            ["format  cases  failures", "NIfTI       1         0", "TIFF        2         1", "all         3         1"]
        );
    }
}
