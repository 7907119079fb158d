//! Comma-separated files of any format and damage.
#![no_main]

use libfuzzer_sys::fuzz_target;
use liqlens_files::{Format, Limits, Options};
use liqlens_fuzz::{check, name_and_content};

fuzz_target!(|seed: &[u8]| {
    let (name, content) = name_and_content(seed);
    check(&name, content, &Options::default());
    // Small limits reach the seams that a small input otherwise never meets.
    let limits = Limits { line_bytes: 100, samples: 1, ..Limits::default() };
    let market = "binance:BTCUSDT".parse().ok();
    check(&name, content, &Options { market: market.clone(), limits, ..Options::default() });
    // Force one of the formats, chosen by the input itself.
    let choice = content.iter().fold(0usize, |sum, &byte| sum.wrapping_add(usize::from(byte)));
    let format = Format::ALL[choice % Format::ALL.len()];
    check(&name, content, &Options { market, format: Some(format), ..Options::default() });
});
