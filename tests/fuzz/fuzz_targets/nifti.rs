//! Fuzzes [`fewlabel_fuzz::nifti`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fewlabel_fuzz::nifti(data));
