//! Tests of the Node binding, run by npm.

use fewlabel_contract::Result;

use super::tally::Tally;
use crate::process::{cargo, command, is_there, run, watch};
use crate::workspace::{programs, root};

/// Builds the addon and runs the JavaScript tests against it.
pub fn node() -> Result<Tally> {
    let folder = root().join("bindings-node");
    if !folder.join("package.json").is_file() {
        return Ok(Tally::skipped("there is no bindings-node/package.json"));
    }
    if !is_there("npm") {
        return Ok(Tally::skipped("npm is not installed (Debian: nodejs, npm)"));
    }
    run(cargo().args(["build", "--workspace"]))?;
    run(command("npm").args(["install", "--no-audit", "--no-fund"]).current_dir(&folder))?;
    let mut npm = command("npm");
    npm.arg("test").current_dir(&folder).env("FEWLABEL_PROGRAMS", programs()?);
    let mut tally = Tally::default();
    let good = watch(&mut npm, &mut |line| count(line, &mut tally))?;
    Ok(tally.ended(good))
}

/// Reads the closing lines of node's runner: `# pass 12` or `ℹ pass 12`, and so on.
fn count(line: &str, tally: &mut Tally) {
    let Some(rest) = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ ")) else { return };
    let Some((word, number)) = rest.split_once(' ') else { return };
    let Ok(number) = number.parse::<u64>() else { return };
    match word {
        "pass" => tally.passed += number,
        "fail" | "cancelled" => tally.failed += number,
        "skipped" | "todo" => tally.skip(number, "skipped by node's tests"),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_nodes_counts_are_read() {
        let mut tally = Tally::default();
        for line in [
            "# tests 6",
            "# pass 5",
            "# fail 1",
            "ℹ pass 2",
            "ℹ cancelled 1",
            "ℹ skipped 3",
            "ℹ duration_ms 12.5",
            "# pass the salt",
        ] {
            count(line, &mut tally);
        }
        assert_eq!(tally.line(), "7 passed, 2 failed, 3 skipped");
    }
}
