//! JSON documents with account states, of any layout and damage. Each input is also forced through every
//! venue's decoder.
#![no_main]

use libfuzzer_sys::fuzz_target;
use liqlens_files::{Format, Limits, Options};
use liqlens_fuzz::{check, name_and_content};

fuzz_target!(|seed: &[u8]| {
    let (name, content) = name_and_content(seed);
    check(&name, content, &Options::default());
    // Small limits reach the seams that a small input otherwise never meets.
    let limits = Limits { document_bytes: 300, samples: 1, ..Limits::default() };
    check(&name, content, &Options { limits, ..Options::default() });
    for format in Format::ALL.into_iter().filter(|format| format.is_document()) {
        check(&name, content, &Options { format: Some(format), ..Options::default() });
    }
});
