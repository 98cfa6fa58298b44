//! Fuzzes [`fewlabel_fuzz::png_jpeg`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fewlabel_fuzz::png_jpeg(data));
