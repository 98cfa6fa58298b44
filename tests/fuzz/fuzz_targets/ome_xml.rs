//! Fuzzes [`fewlabel_fuzz::ome_xml`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fewlabel_fuzz::ome_xml(data));
