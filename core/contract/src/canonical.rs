//! The form of a response that is the same on every machine and through every face.

use serde_json::Value;

use crate::{Response, schema};

/// A response without what differs between machines and runs: paths, times, versions, what is installed.
///
/// Which fields these are is declared beside each of them (`varies` in the schema). The result is compact JSON with
/// sorted keys, so that the answers of two faces can be compared byte for byte.
///
/// ```
/// use fewlabel_contract::{Entry, Response, canonical};
/// let result = serde_json::json!({"size": 64, "threads": 1, "seconds_per_tile": 0.3, "pixels_per_second": 1.0, "runs": 7});
/// let response = Response { entry: Entry::Bench, result };
/// assert_eq!(canonical(&response), r#"{"entry":"bench","result":{"runs":7,"size":64,"threads":1}}"#);
/// ```
pub fn canonical(response: &Response) -> String {
    let document = schema();
    let form = &document["entries"][response.entry.name()]["result"];
    let result = strip(form, &document["$defs"], &response.result);
    sorted(&serde_json::json!({ "entry": response.entry.name(), "result": result }))
}

/// `value` without the fields that `schema` marks.
fn strip(schema: &Value, definitions: &Value, value: &Value) -> Value {
    let schema = match schema["$ref"].as_str().and_then(|reference| reference.strip_prefix("#/$defs/")) {
        Some(name) => &definitions[name],
        None => schema,
    };
    let schema =
        schema["anyOf"].as_array().and_then(|either| either.iter().find(|s| s["type"] != "null")).map_or(schema, |inner| {
            inner["$ref"]
                .as_str()
                .and_then(|reference| reference.strip_prefix("#/$defs/"))
                .map_or(inner, |name| &definitions[name])
        });
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| schema["properties"][name.as_str()]["varies"] != true)
            .map(|(name, value)| (name.clone(), strip(&schema["properties"][name.as_str()], definitions, value)))
            .collect(),
        Value::Array(items) => items.iter().map(|item| strip(&schema["items"], definitions, item)).collect(),
        other => other.clone(),
    }
}

/// Compact JSON with sorted keys, whatever order the map keeps.
fn sorted(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort();
            let fields: Vec<String> =
                names.iter().map(|name| format!("{}:{}", Value::from(name.as_str()), sorted(&fields[*name]))).collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(sorted).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}
