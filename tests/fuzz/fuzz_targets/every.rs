//! Fuzzes the target that this program is called after, so that one file holds all of them. `build.sh` gives it their names.

#![no_main]

use std::path::Path;
use std::sync::OnceLock;

use fewlabel_fuzz::{TARGETS, Target};

static TARGET: OnceLock<Target> = OnceLock::new();

libfuzzer_sys::fuzz_target!(
    init: {
        TARGET.get_or_init(named);
    },
    |data: &[u8]| TARGET.get_or_init(named)(data)
);

fn named() -> Target {
    let program = std::env::args().next().unwrap_or_default();
    let name = Path::new(&program).file_name().unwrap_or_default();
    let found = TARGETS.iter().find(|(target, _)| name == *target);
    found.expect("the program is called after a target").1
}
