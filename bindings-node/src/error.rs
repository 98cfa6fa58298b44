//! How an error looks to JavaScript.

use fewlabel::contract::{Error, Outcome};
use serde_json::{Value, json};

/// The fields of an error, and its one line for people without the hint, which JavaScript shows beside it.
pub fn to_json(error: &Error) -> Value {
    let line = Error { hint: None, ..error.clone() }.to_string();
    let mut value = json!(error);
    value["line"] = json!(line);
    value
}

/// The outcome of a job, its error as [`to_json`] writes it.
pub fn outcome_to_json(outcome: &Outcome) -> Value {
    let mut value = json!(outcome);
    if let Outcome::Failed { error } = outcome {
        value["error"] = to_json(error);
    }
    value
}

#[cfg(test)]
mod tests {
    use fewlabel::contract::ErrorKind;

    use super::*;

    #[test]
    fn the_line_leaves_the_hint_to_its_own_field() {
        let error = Error::new(ErrorKind::NotFound, "open image", "there is no such file").with("file", "a.tif").hint("look");
        let value = outcome_to_json(&Outcome::Failed { error });
        assert_eq!(value["error"]["line"], "open image: there is no such file (file: a.tif)");
        assert_eq!((&value["error"]["hint"], &value["status"]), (&json!("look"), &json!("failed")));
    }
}
