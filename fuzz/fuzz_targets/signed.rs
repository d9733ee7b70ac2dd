//! libFuzzer's entry to [`countersign_fuzz::signed`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| countersign_fuzz::signed(data));
