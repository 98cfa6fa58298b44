//! The files made from the contract are checked in; these tests fail when they are stale.
//! `UPDATE_SCHEMA=1 cargo test -p fewlabel-contract` rewrites them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

fn compare(file: &str, fresh: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, fresh).expect("written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(kept == fresh, "{file} is stale: run UPDATE_SCHEMA=1 cargo test -p fewlabel-contract");
}

#[test]
fn schema_is_fresh() {
    let mut text = serde_json::to_string_pretty(&fewlabel_contract::schema()).unwrap();
    text.push('\n');
    compare("tests/contract/schema.json", &text);
}

#[test]
fn reference_page_is_fresh() {
    compare("core/docs/reference.md", &fewlabel_contract::reference_page());
}
