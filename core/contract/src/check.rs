//! Checks of arguments beyond their types: the ranges that the schema states, and the errors that say what is wrong.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::{Entry, Error, ErrorKind, Result};

/// Compares every value of `args` with the range that its schema states, so that a range is written down once.
pub(crate) fn check_ranges<T: JsonSchema + Serialize>(entry: Entry, args: &T) -> Result<()> {
    let schema = schemars::schema_for!(T).to_value();
    let value = serde_json::to_value(args)
        .map_err(|error| Error::internal(operation(entry), "arguments cannot be written as JSON").because(&error))?;
    Ranges { entry, definitions: schema.get("$defs").unwrap_or(&Value::Null) }.check(&schema, &value, "")
}

/// The error of fields that exclude or need each other.
pub(crate) fn contradiction(entry: Entry, field: &str, message: &str) -> Error {
    Error::new(ErrorKind::InvalidRequest, operation(entry), message).with("field", field)
}

/// The error of a valid wish that this version does not fulfil.
pub(crate) fn unsupported(entry: Entry, field: &str, value: &str) -> Error {
    Error::new(ErrorKind::Unsupported, operation(entry), "this version cannot do that yet")
        .with("field", field)
        .with("value", value)
        .hint("leave the field out")
}

fn operation(entry: Entry) -> String {
    format!("check {} request", entry.name())
}

struct Ranges<'a> {
    entry: Entry,
    definitions: &'a Value,
}

impl<'a> Ranges<'a> {
    fn check(&self, schema: &'a Value, value: &Value, path: &str) -> Result<()> {
        let schema = self.resolve(schema);
        for choice in ["anyOf", "oneOf"] {
            for alternative in schema[choice].as_array().into_iter().flatten() {
                if self.takes(alternative, value) {
                    self.check(alternative, value, path)?;
                }
            }
        }
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    self.check(&schema["properties"][name], value, &path)?;
                }
                Ok(())
            }
            Value::Array(items) => {
                self.bound(
                    path,
                    "is empty",
                    items.len() as f64,
                    schema["minItems"].as_f64(),
                    |have, min| have >= min,
                    "entries, at least",
                )?;
                for (i, value) in items.iter().enumerate() {
                    self.check(&schema["items"], value, &format!("{path}[{i}]"))?;
                }
                Ok(())
            }
            Value::String(text) => self.bound(
                path,
                "is empty",
                text.len() as f64,
                schema["minLength"].as_f64(),
                |have, min| have >= min,
                "letters, at least",
            ),
            Value::Number(number) => {
                let have = number.as_f64().unwrap_or(f64::NAN);
                let out = "is out of range";
                self.bound(path, out, have, schema["minimum"].as_f64(), |have, min| have >= min, "at least")?;
                self.bound(path, out, have, schema["exclusiveMinimum"].as_f64(), |have, min| have > min, "more than")?;
                self.bound(path, out, have, schema["maximum"].as_f64(), |have, max| have <= max, "at most")
            }
            // Absent options are not written, so a null was a number that JSON does not have: NaN or infinite.
            Value::Null => Err(contradiction(self.entry, path, "is not a finite number").hint("give an ordinary number")),
            Value::Bool(_) => Ok(()),
        }
    }

    fn bound(
        &self,
        path: &str,
        message: &str,
        have: f64,
        limit: Option<f64>,
        fits: fn(f64, f64) -> bool,
        words: &str,
    ) -> Result<()> {
        match limit {
            Some(limit) if !fits(have, limit) => Err(contradiction(self.entry, path, message)
                .with("value", have)
                .with("allowed", format!("{words} {limit}"))
                .hint("the reference page of the requests lists every field with its range and default")),
            _ => Ok(()),
        }
    }

    fn resolve(&self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str().and_then(|reference| reference.strip_prefix("#/$defs/")) {
            Some(name) => &self.definitions[name],
            None => schema,
        }
    }

    fn takes(&self, schema: &'a Value, value: &Value) -> bool {
        let of_type = |name: &str| match name {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "number" => value.is_number(),
            "integer" => value.is_i64() || value.is_u64(),
            "boolean" => value.is_boolean(),
            _ => false,
        };
        match &self.resolve(schema)["type"] {
            Value::String(name) => of_type(name),
            Value::Array(names) => names.iter().filter_map(Value::as_str).any(of_type),
            _ => false,
        }
    }
}
