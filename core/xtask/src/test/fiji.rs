//! Tests of the Fiji binding, run by Maven.

use fewlabel_contract::Result;

use super::tally::Tally;
use crate::process::{cargo, command, is_there, run, watch};
use crate::workspace::{programs, root};

/// Builds the native library and runs the Java tests against it.
pub fn fiji() -> Result<Tally> {
    let project = root().join("bindings-fiji").join("pom.xml");
    if !project.is_file() {
        return Ok(Tally::skipped("there is no bindings-fiji/pom.xml"));
    }
    if !is_there("mvn") {
        return Ok(Tally::skipped("Maven is not installed (Debian: maven, default-jdk-headless)"));
    }
    run(cargo().args(["build", "--workspace"]))?;
    let mut maven = command("mvn");
    maven.args(["--batch-mode", "--no-transfer-progress", "--file"]).arg(&project).arg("verify");
    maven.env("FEWLABEL_PROGRAMS", programs()?);
    let mut tally = Tally::default();
    let good = watch(&mut maven, &mut |line| count(line, &mut tally))?;
    Ok(tally.ended(good))
}

/// Reads Surefire's closing line, `[INFO] Tests run: 12, Failures: 0, Errors: 1, Skipped: 2`. The lines of single
/// classes look alike but go on with the time.
fn count(line: &str, tally: &mut Tally) {
    let Some((_, counts)) = line.split_once("Tests run: ") else { return };
    if counts.contains("Time elapsed") {
        return;
    }
    let number = |word: &str| {
        counts.split(", ").find_map(|part| part.strip_prefix(word)).and_then(|n| n.trim().parse::<u64>().ok()).unwrap_or(0)
    };
    let run = counts.split(',').next().and_then(|n| n.trim().parse::<u64>().ok()).unwrap_or(0);
    let (bad, skipped) = (number("Failures: ") + number("Errors: "), number("Skipped: "));
    tally.passed += run.saturating_sub(bad + skipped);
    tally.failed += bad;
    tally.skip(skipped, "skipped by Maven's tests");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surefires_closing_line_is_read_and_those_of_classes_are_not() {
        let mut tally = Tally::default();
        for line in [
            "[INFO] Tests run: 4, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 1.2 s -- in io.fewlabel.SegmentTest",
            "[ERROR] Tests run: 12, Failures: 1, Errors: 1, Skipped: 2",
        ] {
            count(line, &mut tally);
        }
        assert_eq!(tally.line(), "8 passed, 2 failed, 2 skipped");
    }
}
