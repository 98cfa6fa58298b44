//! The lines between the engine and the learner.

use fewlabel_contract::{CONTRACT, Error, ErrorKind, Request, Result};
use serde::{Deserialize, Serialize};

use crate::VERSION;

/// The learner's first line: `{"hello": {…}}`.
#[derive(Debug, Deserialize)]
struct FirstLine {
    hello: Hello,
}

/// What a learner says about itself.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Hello {
    /// The contract that it speaks.
    pub contract: u32,
    /// Its version of Fewlabel.
    pub version: String,
    /// Its version of libtorch.
    pub torch: String,
    /// What it can compute on: `cpu`, `cuda:0`.
    pub devices: Vec<String>,
}

/// What the engine may write.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ToLearner<'a> {
    Request(&'a Request),
    Cancel(bool),
    FinishEarly(bool),
}

/// Reads the first line and compares versions: host and learner are two halves of one program, so only an exact match will do.
pub(super) fn parse_hello(line: &str) -> Result<Hello> {
    let missing = |message: &str| {
        Error::new(ErrorKind::LearnerMissing, "greet learner", message)
            .hint("install the learner that belongs to this version: `fewlabel runtime install`, or set FEWLABEL_LEARN to it")
    };
    let hello = serde_json::from_str::<FirstLine>(line)
        .map_err(|error| {
            missing("this program does not speak as a learner does").with("it said", shortened(line)).because(&error)
        })?
        .hello;
    if hello.contract != CONTRACT {
        return Err(missing("the learner speaks another contract").with("learner", hello.contract).with("engine", CONTRACT));
    }
    if hello.version != VERSION {
        return Err(missing("the learner is of another version").with("learner", &hello.version).with("engine", VERSION));
    }
    if hello.torch != fewlabel_runtime::VERSION {
        return Err(missing("the learner was built for another libtorch")
            .with("learner", &hello.torch)
            .with("training add-on", fewlabel_runtime::VERSION));
    }
    Ok(hello)
}

fn shortened(line: &str) -> String {
    let mut short: String = line.trim_end().chars().take(80).collect();
    if short.len() < line.trim_end().len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_exact_match_will_do() {
        let torch = fewlabel_runtime::VERSION;
        let line = |contract: u32, version: &str, torch: &str| {
            format!(r#"{{"hello": {{"contract": {contract}, "version": "{version}", "torch": "{torch}", "devices": ["cpu"]}}}}"#)
        };
        assert_eq!(parse_hello(&line(CONTRACT, VERSION, torch)).unwrap().devices, ["cpu"]);
        for (line, word) in [
            (line(CONTRACT + 1, VERSION, torch), "contract"),
            (line(CONTRACT, "0.0.9", torch), "version"),
            (line(CONTRACT, VERSION, "2.10.0"), "libtorch"),
            ("Segmentation fault".to_owned(), "does not speak"),
            ("{}".to_owned(), "does not speak"),
        ] {
            let error = parse_hello(&line).unwrap_err();
            assert_eq!(error.kind, ErrorKind::LearnerMissing);
            assert!(error.message.contains(word), "{error}");
        }
    }

    #[test]
    fn what_the_engine_writes() {
        assert_eq!(serde_json::to_string(&ToLearner::Cancel(true)).unwrap(), r#"{"cancel":true}"#);
        assert_eq!(serde_json::to_string(&ToLearner::FinishEarly(true)).unwrap(), r#"{"finish_early":true}"#);
    }
}
