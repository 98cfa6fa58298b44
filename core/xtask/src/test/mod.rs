//! `cargo xtask test`: the one test command.

mod fiji;
mod formats;
mod main_job;
mod node;
mod oracles;
mod rust;
mod tally;

use std::time::Instant;

use clap::Args;
use fewlabel_contract::{Error, ErrorKind, Result};

use crate::setup::Setup;
use tally::Tally;

/// A part of the checks.
struct Part {
    name: &'static str,
    what: &'static str,
    run: fn() -> Result<Tally>,
}

/// All parts, in the order in which they run: later ones look at what earlier ones built.
const PARTS: &[Part] = &[
    Part { name: "format", what: "the code is formatted", run: rust::format },
    Part { name: "lints", what: "the code has no warnings", run: rust::lints },
    Part { name: "rust", what: "tests of every crate", run: rust::tests },
    Part { name: "docs", what: "the documentation builds without warnings", run: rust::docs },
    Part { name: "demo", what: "the main job on real images, for half a minute", run: main_job::main_job },
    Part { name: "oracles", what: "what the demo wrote, seen by programs that are not ours", run: oracles::oracles },
    Part {
        name: "formats",
        what: "files of every format, read and written, seen by programs that are not ours",
        run: formats::formats,
    },
    Part { name: "fiji", what: "tests of the Fiji binding", run: fiji::fiji },
    Part { name: "node", what: "tests of the Node binding", run: node::node },
];

/// Flags of `test`.
#[derive(Args)]
pub struct Test {
    /// Run only this part; may be given several times: format, lints, rust, docs, demo, oracles, formats, fiji, node
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
}

impl Test {
    /// Runs the parts, and answers whether nothing failed. The last line counts everything.
    ///
    /// # Errors
    /// `invalid-request` for a part that is not there; those of the setup. What goes wrong inside a part is a failure of that part.
    pub fn run(self) -> Result<bool> {
        let parts = chosen(&self.only)?;
        Setup::default().run()?;
        let mut all = Tally::default();
        let mut rows = Vec::new();
        for part in parts {
            println!("\n=== {}: {}", part.name, part.what);
            let started = Instant::now();
            let tally = (part.run)().unwrap_or_else(|error| {
                println!("error: {error:?}");
                Tally::failure()
            });
            let counts = tally.line();
            rows.push(format!("{:>8}  {:>6.1} min  {counts}", part.name, started.elapsed().as_secs_f64() / 60.0));
            all.add(tally);
        }
        println!("\n=== in all\n{}", rows.join("\n"));
        for (count, reason) in &all.skipped {
            println!("skipped {count}: {reason}");
        }
        println!("\n{}", all.line());
        Ok(all.failed == 0)
    }
}

fn chosen(only: &[String]) -> Result<Vec<&'static Part>> {
    if let Some(unknown) = only.iter().find(|name| PARTS.iter().all(|part| part.name != name.as_str())) {
        let names: Vec<&str> = PARTS.iter().map(|part| part.name).collect();
        return Err(Error::new(ErrorKind::InvalidRequest, "choose tests", "there is no such part")
            .with("part", unknown)
            .with("parts", names.join(", ")));
    }
    Ok(PARTS.iter().filter(|part| only.is_empty() || only.iter().any(|name| name == part.name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_chosen_by_name_and_keep_their_order() {
        assert_eq!(chosen(&[]).expect("all").len(), PARTS.len());
        let names: Vec<&str> = chosen(&["rust".into(), "format".into()]).expect("two").iter().map(|part| part.name).collect();
        assert_eq!(names, ["format", "rust"]);
        assert!(chosen(&["rest".into()]).err().expect("unknown").to_string().contains("oracles"));
    }
}
