//! Programs that cargo builds from `benches/*.rs` of a package.

use std::io::BufRead;
use std::path::PathBuf;
use std::process::Stdio;

use fewlabel_contract::{Error, Result};
use serde_json::Value;

use crate::process::cargo;

/// How a program is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// As everything else in the checkout.
    Checkout,
    /// As what people install: without the assertions that slow down inner loops.
    Release,
}

/// Builds a bench and says where it lies.
///
/// # Errors
/// `internal` when it does not build.
pub fn bench_program(package: &str, name: &str, profile: Profile) -> Result<PathBuf> {
    let mut build = cargo();
    build.args(["build", "--package", package, "--bench", name, "--message-format", "json-render-diagnostics"]);
    if profile == Profile::Release {
        build.arg("--release");
    }
    println!("building the bench {name} of {package}");
    let done = build.stderr(Stdio::inherit()).output().map_err(|error| Error::io("start program", "cargo", &error))?;
    if !done.status.success() {
        return Err(Error::internal("build bench", "it does not build").with("bench", name));
    }
    let found = executable(&done.stdout, name);
    found.ok_or_else(|| Error::internal("build bench", "cargo did not say where the program lies").with("bench", name))
}

/// The program in cargo's messages.
fn executable(messages: &[u8], name: &str) -> Option<PathBuf> {
    let lines = messages.lines().map_while(std::result::Result::ok);
    let found = lines.filter_map(|line| serde_json::from_str::<Value>(&line).ok()).filter_map(|message| {
        let is_bench = message["target"]["kind"][0] == "bench" && message["target"]["name"] == name;
        message["executable"].as_str().filter(|_| is_bench).map(PathBuf::from)
    });
    found.last()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_found_in_cargos_messages() {
        let messages = br#"{"reason":"compiler-artifact","target":{"kind":["lib"],"name":"fewlabel_learn"},"executable":null}
{"reason":"compiler-artifact","target":{"kind":["bench"],"name":"step"},"executable":"/t/debug/deps/step-01"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(executable(messages, "step"), Some(PathBuf::from("/t/debug/deps/step-01")));
        assert_eq!((executable(messages, "reading"), executable(b"{}", "step")), (None, None));
    }
}
