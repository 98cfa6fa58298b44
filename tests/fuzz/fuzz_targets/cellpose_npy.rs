//! Fuzzes [`fewlabel_fuzz::cellpose_npy`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fewlabel_fuzz::cellpose_npy(data));
