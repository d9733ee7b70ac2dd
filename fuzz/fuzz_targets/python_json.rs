//! libFuzzer's entry to [`countersign_fuzz::python_json`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| countersign_fuzz::python_json(data));
