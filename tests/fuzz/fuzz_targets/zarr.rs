//! Fuzzes [`fewlabel_fuzz::zarr`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fewlabel_fuzz::zarr(data));
