//! What every native passes through: errors become exceptions, and so do panics, which must not reach Node.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use fewlabel::contract::{self, Error};

use crate::error;

/// A result whose error is thrown in JavaScript, with the error's kind as `code`. The macro of napi knows it by this name.
pub type Result<T> = napi::Result<T, String>;

/// Runs the body of a native.
///
/// # Errors
/// Those of `body`; `internal` when it panics.
pub fn guard<T>(operation: &str, body: impl FnOnce() -> contract::Result<T>) -> Result<T> {
    // What a panic left half done is never used again: a body holds the queue, the job and the engine only behind locks.
    catch_unwind(AssertUnwindSafe(body))
        .unwrap_or_else(|panic| Err(Error::internal(operation, words(panic.as_ref()))))
        .map_err(|error| napi::Error::new(error.kind.name().to_owned(), error::to_json(&error).to_string()))
}

fn words(panic: &(dyn Any + Send)) -> String {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "a panic without words".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use fewlabel::contract::ErrorKind;
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_panic_is_thrown_as_a_fault_of_fewlabel() {
        let number = 7;
        let thrown = guard::<()>("count", || panic!("more than {number}")).unwrap_err();
        assert_eq!(thrown.status, "internal");
        let error: Value = serde_json::from_str(&thrown.reason).unwrap();
        assert_eq!((error["kind"].as_str(), error["line"].as_str()), (Some("internal"), Some("count: more than 7")));
    }

    #[test]
    fn an_error_is_thrown_with_its_kind() {
        let thrown = guard::<()>("open", || Err(Error::new(ErrorKind::NotFound, "open", "nothing there"))).unwrap_err();
        assert_eq!(thrown.status, "not-found");
        assert_eq!(guard("count", || Ok(1)).unwrap(), 1);
    }
}
