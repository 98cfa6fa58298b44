//! The reference page: every field of every entry, made from the schema.

use std::fmt::Write as _;

use serde_json::Value;

use crate::{ENTRIES, KNOBS, schema};

/// The reference page in Markdown: name, type, unit, range, default and meaning of every field.
pub fn reference_page() -> String {
    let document = schema();
    let mut page = String::from(
        "# Reference of requests and results\n\n\
         Made from the contract by `UPDATE_SCHEMA=1 cargo test -p fewlabel-contract`; do not edit it by hand.\n\n\
         A request is `{\"contract\": 1, \"entry\": NAME, \"args\": {…}}`. Field names are the keys of ImageJ macros and, with `--` and\n\
         dashes, the flags of the command line; JavaScript writes them in camelCase. A field without a default must be given. The same\n\
         as a JSON Schema: `tests/contract/schema.json`.\n\n\
         A result is `{\"entry\": NAME, \"result\": {…}}`. Fields marked *varies* differ between machines and runs; the canonical form of a\n\
         response, which is the same through every face, leaves them out.\n",
    );
    for row in ENTRIES {
        let entry = &document["entries"][row.name];
        let _ = write!(page, "\n## {}\n\n{}.", row.name, capital(row.does));
        if row.forms.is_none() {
            page.push_str(" Not in this version: answers `unsupported`.\n");
            continue;
        }
        page.push_str(if entry["runs_in"] == "learner" { " Needs the training add-on.\n" } else { "\n" });
        page.push_str("\n### Fields\n");
        fields(&mut page, resolve(&document, &entry["args"]));
        page.push_str("\n### Result\n");
        fields(&mut page, resolve(&document, &entry["result"]));
    }
    page.push_str("\n## Shared types\n");
    let tops: Vec<&str> = ENTRIES
        .iter()
        .flat_map(|row| [&document["entries"][row.name]["args"], &document["entries"][row.name]["result"]])
        .filter_map(|form| form["$ref"].as_str())
        .filter_map(|reference| reference.strip_prefix("#/$defs/"))
        .collect();
    for (name, definition) in document["$defs"].as_object().into_iter().flatten() {
        if !tops.contains(&name.as_str()) {
            shared(&mut page, name, definition);
        }
    }
    page.push_str("\n## Environment variables\n\n| name | meaning | when not set |\n| --- | --- | --- |\n");
    for knob in KNOBS {
        let _ = writeln!(page, "| `{}` | {} | {} |", knob.name, knob.does, knob.unset);
    }
    page
}

fn shared(page: &mut String, name: &str, definition: &Value) {
    let _ = write!(page, "\n### {name}\n\n{}\n", prose(definition));
    let choices = definition["oneOf"].as_array().or_else(|| definition["anyOf"].as_array());
    match choices {
        Some(choices) if choices.iter().any(|choice| choice.get("properties").is_some()) => {
            for choice in choices {
                let _ = write!(page, "\n*{}*\n", prose(choice).trim_end_matches('.'));
                fields(page, choice);
            }
        }
        Some(choices) => {
            page.push('\n');
            for choice in choices {
                let _ = writeln!(page, "- {}: {}", kind(choice), prose(choice));
            }
        }
        None if definition.get("properties").is_some() => fields(page, definition),
        None => {
            let _ = write!(
                page,
                "\nWritten as {}{}.\n",
                kind(definition),
                match definition["pattern"].as_str() {
                    Some(pattern) => format!(" matching `{}`", pattern.replace('|', "\\|")),
                    None => String::new(),
                }
            );
        }
    }
}

fn fields(page: &mut String, form: &Value) {
    let Some(properties) = form["properties"].as_object().filter(|properties| !properties.is_empty()) else {
        page.push_str("\nNone.\n");
        return;
    };
    let required: Vec<&str> = form["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    page.push_str("\n| field | type | unit | range | default | meaning |\n| --- | --- | --- | --- | --- | --- |\n");
    for (name, field) in properties {
        let default = match (field["unset"].as_str(), field.get("default")) {
            (Some(words), _) => words.to_owned(),
            (None, Some(value)) if !value.is_null() => {
                format!("`{}`", value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            }
            _ if required.contains(&name.as_str()) => String::new(),
            _ => "absent".to_owned(),
        };
        let varies = if field["varies"] == true { " *varies*" } else { "" };
        let _ = writeln!(
            page,
            "| `{name}` | {} | {} | {} | {default} | {}{varies} |",
            kind(field),
            field["unit"].as_str().unwrap_or_default(),
            range(field),
            prose(field),
        );
    }
}

/// The type of a value in words.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or(reference);
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(word) = schema["const"].as_str() {
        return format!("`{word}`");
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().filter_map(Value::as_str).map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        return choices.iter().filter(|choice| choice["type"] != "null").map(kind).collect::<Vec<_>>().join(" or ");
    }
    let name = match &schema["type"] {
        Value::Array(names) => names.iter().filter_map(Value::as_str).find(|name| *name != "null").unwrap_or("value"),
        other => other.as_str().unwrap_or("value"),
    };
    match name {
        "array" if schema.get("prefixItems").is_some() => {
            let items = schema["prefixItems"].as_array().into_iter().flatten().map(kind).collect::<Vec<_>>();
            format!("({})", items.join(", "))
        }
        "array" => format!("list of {}", kind(&schema["items"])),
        "object" if schema["additionalProperties"].is_object() => format!("map to {}", kind(&schema["additionalProperties"])),
        "integer" => "whole number".to_owned(),
        "boolean" => "yes or no".to_owned(),
        "string" => "text".to_owned(),
        other => other.to_owned(),
    }
}

fn range(schema: &Value) -> String {
    let bounds = [("minimum", "≥ "), ("exclusiveMinimum", "> "), ("maximum", "≤ ")];
    let mut parts: Vec<String> = bounds
        .iter()
        .filter_map(|(key, sign)| schema.get(*key).map(|bound| format!("{sign}{}", bound.as_f64().unwrap_or_default())))
        .collect();
    if schema["minItems"].as_u64() == Some(1) || schema["minLength"].as_u64() == Some(1) {
        parts.push("not empty".to_owned());
    }
    parts.join(", ")
}

fn prose(schema: &Value) -> String {
    schema["description"].as_str().unwrap_or_default().replace('\n', " ").replace('|', "\\|")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str().and_then(|reference| reference.strip_prefix("#/$defs/")) {
        Some(name) => &document["$defs"][name],
        None => schema,
    }
}
