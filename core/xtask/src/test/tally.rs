//! How many checks passed, failed, were skipped.

/// Counts of checks.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Checks that passed.
    pub passed: u64,
    /// Checks that failed.
    pub failed: u64,
    /// Checks that were not done: how many, and why.
    pub skipped: Vec<(u64, String)>,
}

impl Tally {
    /// One check.
    pub fn of(good: bool) -> Self {
        Self { passed: u64::from(good), failed: u64::from(!good), skipped: Vec::new() }
    }

    /// One check that failed.
    pub fn failure() -> Self {
        Self::of(false)
    }

    /// One check that was not done.
    pub fn skipped(reason: impl Into<String>) -> Self {
        Self { skipped: vec![(1, reason.into())], ..Self::default() }
    }

    /// Adds `count` checks that were not done; none is no news.
    pub fn skip(&mut self, count: u64, reason: &str) {
        if count > 0 {
            self.skipped.push((count, reason.to_owned()));
        }
    }

    /// Adds the counts of another.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped.extend(other.skipped);
    }

    /// A runner that failed without counting a failure (it did not compile, it crashed) counts as one.
    pub fn ended(mut self, good: bool) -> Self {
        if !good && self.failed == 0 {
            self.failed = 1;
        }
        self
    }

    /// The counts in one line.
    pub fn line(&self) -> String {
        let skipped: u64 = self.skipped.iter().map(|(count, _)| count).sum();
        format!("{} passed, {} failed, {skipped} skipped", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runner_that_breaks_off_is_a_failure() {
        assert_eq!(Tally { passed: 7, ..Tally::default() }.ended(false).line(), "7 passed, 1 failed, 0 skipped");
        assert_eq!(Tally { passed: 7, failed: 2, skipped: vec![] }.ended(false).failed, 2);
        assert_eq!(Tally::of(true).ended(true).failed, 0);
    }

    #[test]
    fn skipped_checks_are_counted_with_their_reasons() {
        let mut all = Tally::of(true);
        all.add(Tally::skipped("no mvn"));
        all.skip(3, "ignored");
        all.skip(0, "nothing");
        assert_eq!(all.line(), "1 passed, 0 failed, 4 skipped");
        assert_eq!(all.skipped.len(), 2);
    }
}
