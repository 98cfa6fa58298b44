//! What cargo checks.

use fewlabel_contract::Result;

use super::tally::Tally;
use crate::process::{cargo, watch};

/// The code is formatted.
pub fn format() -> Result<Tally> {
    check(&["fmt", "--all", "--check"])
}

/// The compiler and clippy have nothing to say about any crate, its tests included.
pub fn lints() -> Result<Tally> {
    check(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
}

/// The documentation builds without warnings: no broken link, nothing public undocumented.
pub fn docs() -> Result<Tally> {
    watch(cargo().args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"), &mut |_| {}).map(Tally::of)
}

/// Tests of every crate, documentation examples included.
pub fn tests() -> Result<Tally> {
    let mut tally = Tally::default();
    let good = watch(cargo().args(["test", "--workspace", "--no-fail-fast"]), &mut |line| count(line, &mut tally))?;
    Ok(tally.ended(good))
}

fn check(arguments: &[&str]) -> Result<Tally> {
    watch(cargo().args(arguments), &mut |_| {}).map(Tally::of)
}

/// Reads `test result: ok. 12 passed; 0 failed; 1 ignored; …`.
fn count(line: &str, tally: &mut Tally) {
    let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) else { return };
    let number = |word: &str| {
        let part = counts.split("; ").find_map(|part| part.strip_suffix(word))?;
        part.trim().parse::<u64>().ok()
    };
    tally.passed += number("passed").unwrap_or(0);
    tally.failed += number("failed").unwrap_or(0);
    tally.skip(number("ignored").unwrap_or(0), "ignored by cargo test");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_counts_are_read() {
        let mut tally = Tally::default();
        for line in [
            "running 13 tests",
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.53s",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 5 filtered out; finished in 0.00s",
        ] {
            count(line, &mut tally);
        }
        assert_eq!(tally.line(), "15 passed, 2 failed, 1 skipped");
    }
}
