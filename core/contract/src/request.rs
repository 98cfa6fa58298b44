//! The envelope around every request and response.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Entry, Error, ErrorKind, Result};

/// The version of the contract that this library speaks.
pub const CONTRACT: u32 = 1;

/// A request: `{"contract": 1, "entry": "segment", "args": {…}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Version of the contract, [`CONTRACT`].
    pub contract: u32,
    /// Which entry point.
    pub entry: Entry,
    /// Its arguments, parsed by the entry's own struct.
    #[serde(default)]
    pub args: serde_json::Value,
}

/// What comes out of an entry point: `{"entry": "segment", "result": {…}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Response {
    /// Which entry point answered.
    pub entry: Entry,
    /// The entry's result struct.
    pub result: serde_json::Value,
}

impl Request {
    /// Wraps the arguments of an entry.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] when `args` cannot be written as JSON (it always can).
    pub fn new(entry: Entry, args: &impl Serialize) -> Result<Self> {
        let args = serde_json::to_value(args)
            .map_err(|error| Error::internal("write request", "arguments cannot be written as JSON").because(&error))?;
        Ok(Self { contract: CONTRACT, entry, args })
    }

    /// Reads an envelope. The arguments are checked later, by [`Request::parse_args`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] with the path of the offending field; [`ErrorKind::Unsupported`]
    /// for another contract version.
    pub fn from_json(text: &str) -> Result<Self> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let request: Self = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| invalid(&error))?;
        deserializer.end().map_err(|error| {
            Error::new(ErrorKind::InvalidRequest, "read request", error.to_string())
                .hint("give one JSON object and nothing after it")
        })?;
        if request.contract != CONTRACT {
            return Err(Error::new(ErrorKind::Unsupported, "read request", "this version speaks another contract")
                .with("contract", request.contract)
                .with("supported", CONTRACT)
                .hint("update Fewlabel, or write the request for this contract"));
        }
        Ok(request)
    }

    /// Reads an envelope, or the one that a record (`run.json`) keeps under `request`, so that it can be done again.
    ///
    /// # Errors
    /// Those of [`Request::from_json`].
    pub fn from_json_or_record(text: &str) -> Result<Self> {
        match serde_json::from_str::<serde_json::Value>(text) {
            Ok(record) if record.get("request").is_some() => Self::from_json(&record["request"].to_string()),
            _ => Self::from_json(text),
        }
    }

    /// Reads the arguments as the struct of the entry.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] with the path of the offending field.
    pub fn parse_args<T: DeserializeOwned>(&self) -> Result<T> {
        serde_path_to_error::deserialize(&self.args).map_err(|error| {
            let mut e = invalid(&error);
            e.operation = format!("read {} request", self.entry.name());
            e
        })
    }
}

impl Response {
    /// Wraps the result of an entry.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] when `result` cannot be written as JSON (it always can).
    pub fn new(entry: Entry, result: &impl Serialize) -> Result<Self> {
        let result = serde_json::to_value(result)
            .map_err(|error| Error::internal("write response", "the result cannot be written as JSON").because(&error))?;
        Ok(Self { entry, result })
    }

    /// Reads the result as the struct of the entry.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] when the result is not of that type.
    pub fn parse_result<T: DeserializeOwned>(&self) -> Result<T> {
        serde_path_to_error::deserialize(&self.result).map_err(|error| Error::internal("read response", error.to_string()))
    }
}

fn invalid(error: &serde_path_to_error::Error<serde_json::Error>) -> Error {
    let path = error.path().to_string();
    let mut result = Error::new(ErrorKind::InvalidRequest, "read request", error.inner().to_string());
    if path != "." {
        result = result.with("field", path);
    }
    result.hint("the reference page of the requests lists every field with its range and default")
}
