//! Requests, and what else of the contract is JSON.

use std::fmt::Debug;

use fewlabel_contract::{
    BenchArgs, ClassifyArgs, DescribeArgs, Entry, Error, EvaluateArgs, Event, ExportArgs, PretrainArgs, Request, Response,
    Result, RuntimeArgs, SegmentArgs, TrainArgs, canonical,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bounds::{refused, within_memory};

/// A text that a host or the learner may send.
pub fn request(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    within_memory(|| {
        for read in [Request::from_json, Request::from_json_or_record] {
            match read(text) {
                Ok(request) => checked(&request),
                Err(error) => refused(&error),
            }
        }
        comes_back::<Event>(text);
        comes_back::<Error>(text);
        comes_back::<Response>(text);
        if let Ok(response) = serde_json::from_str::<Response>(text) {
            let once = canonical(&response);
            let again: Response = serde_json::from_str(&once).expect("the canonical form is a response");
            assert_eq!(canonical(&again), once, "a canonical form of another canonical form");
        }
    });
}

/// Prints and reads a request, and reads its arguments as those of its entry.
fn checked(request: &Request) {
    let json = serde_json::to_string(request).expect("requests are JSON");
    assert_eq!(&Request::from_json(&json).expect("a request that was printed"), request);
    match request.entry {
        Entry::Pretrain => arguments(request, PretrainArgs::check),
        Entry::Train => arguments(request, TrainArgs::check),
        Entry::Segment => arguments(request, SegmentArgs::check),
        Entry::Classify => arguments(request, ClassifyArgs::check),
        Entry::Evaluate => arguments(request, EvaluateArgs::check),
        Entry::Export => arguments(request, ExportArgs::check),
        Entry::Describe => arguments(request, DescribeArgs::check),
        Entry::Runtime => arguments(request, RuntimeArgs::check),
        Entry::Bench => arguments(request, BenchArgs::check),
        _ => {}
    }
}

fn arguments<T: DeserializeOwned + Serialize + PartialEq + Debug>(request: &Request, check: fn(&T) -> Result<()>) {
    let arguments: T = match request.parse_args() {
        Ok(arguments) => arguments,
        Err(error) => return refused(&error),
    };
    let again = Request::new(request.entry, &arguments).and_then(|request| request.parse_args::<T>());
    assert_eq!(again.as_ref(), Ok(&arguments), "printed arguments are others");
    if let Err(error) = check(&arguments) {
        refused(&error);
    }
}

/// What can be read is the same after it was printed.
fn comes_back<T: DeserializeOwned + Serialize + PartialEq + Debug>(text: &str) {
    if let Ok(value) = serde_json::from_str::<T>(text) {
        let json = serde_json::to_string(&value).expect("what was read is JSON");
        assert_eq!(serde_json::from_str::<T>(&json).expect("what was printed"), value);
    }
}
