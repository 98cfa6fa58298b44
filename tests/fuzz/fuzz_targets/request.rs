//! Fuzzes [`fewlabel_fuzz::request`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fewlabel_fuzz::request(data));
