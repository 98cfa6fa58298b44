//! Fuzzes [`fewlabel_fuzz::tiff`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fewlabel_fuzz::tiff(data));
