//! The JSON Schema of everything that crosses a border.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::{CONTRACT, ENTRIES, Error, Event, Request, Response, RunsIn};

/// The schema of all requests, results, events and errors, one JSON document.
///
/// `entries` has a row for each entry point with the schemas of its `args` and `result`; the types they share stand
/// under `$defs`. Beyond JSON Schema a field may have `unit`, `unset` (what happens when it is not given) and
/// `varies` (its value differs between machines and runs, see [`crate::canonical`]).
pub fn schema() -> Value {
    let mut generator = SchemaGenerator::new(SchemaSettings::draft2020_12());
    let mut entries = Map::new();
    for row in ENTRIES {
        let mut entry = json!({ "does": row.does, "runs_in": match row.runs_in { RunsIn::Host => "host", RunsIn::Learner => "learner" }, "built": row.forms.is_some() });
        if let Some(forms) = row.forms {
            entry["args"] = (forms.args)(&mut generator).to_value();
            entry["result"] = (forms.result)(&mut generator).to_value();
        }
        entries.insert(row.name.to_owned(), entry);
    }
    let request = generator.subschema_for::<Request>();
    let response = generator.subschema_for::<Response>();
    let event = generator.subschema_for::<Event>();
    let error = generator.subschema_for::<Error>();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Fewlabel requests, results, events and errors",
        "contract": CONTRACT,
        "request": request,
        "response": response,
        "event": event,
        "error": error,
        "entries": entries,
        "$defs": generator.take_definitions(true),
    })
}
