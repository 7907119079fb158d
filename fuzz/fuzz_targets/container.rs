//! Archives of any damage, and plain bytes that claim to be archives.
#![no_main]

use libfuzzer_sys::fuzz_target;
use liqlens_files::{Limits, Options};
use liqlens_fuzz::{check, name_and_content};

fuzz_target!(|seed: &[u8]| {
    let (name, content) = name_and_content(seed);
    let limits = Limits { inflated_bytes: 4 << 20, ..Limits::default() };
    check(&name, content, &Options { limits, ..Options::default() });
});
