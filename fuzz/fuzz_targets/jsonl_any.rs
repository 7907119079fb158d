//! JSON lines of any format and damage. Each input is also forced through every JSON format.
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
    for format in Format::ALL.into_iter().filter(|format| format.is_json()) {
        let options = Options { market: market.clone(), format: Some(format), ..Options::default() };
        check(&name, content, &options);
    }
});
