//! Fuzzes [`fewlabel_fuzz::roi`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fewlabel_fuzz::roi(data));
