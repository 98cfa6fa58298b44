//! Fuzzes [`fewlabel_fuzz::geojson`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fewlabel_fuzz::geojson(data));
