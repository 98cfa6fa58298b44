//! Fuzzes [`fewlabel_fuzz::package`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fewlabel_fuzz::package(data));
