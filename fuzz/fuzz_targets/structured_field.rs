//! libFuzzer's entry to [`countersign_fuzz::structured_field`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| countersign_fuzz::structured_field(data));
