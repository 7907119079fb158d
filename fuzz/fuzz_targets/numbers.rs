//! Numbers and times as text: whatever is accepted must mean the same when written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use liqlens_market::{Price, Size, Timestamp, parse_rate};

fuzz_target!(|text: &[u8]| {
    if let Ok(price) = Price::parse(text) {
        assert_eq!(Price::parse(price.to_string().as_bytes()), Ok(price));
        assert!(price.units() > 0);
    }
    if let Ok(size) = Size::parse(text) {
        assert_eq!(Size::parse(size.to_string().as_bytes()), Ok(size));
        // Against the standard library's reading: half a unit of rounding, and what a float can hold.
        let float = core::str::from_utf8(text).ok().and_then(|text| text.parse::<f64>().ok());
        let float = float.expect("a decimal number is also a float");
        assert!((size.to_f64() - float).abs() <= 5.1e-9 + float.abs() * 1e-15, "{size} {float}");
    }
    if let Ok(rate) = parse_rate(text) {
        assert!(rate.is_finite());
    }
    for time in [
        Timestamp::parse_epoch(text).ok(),
        core::str::from_utf8(text).ok().and_then(|text| Timestamp::parse_text(text).ok()),
    ] {
        if let Some(time) = time {
            assert!((Timestamp::EARLIEST..=Timestamp::LATEST).contains(&time));
            assert_eq!(Timestamp::parse_text(&time.to_string()), Ok(time));
        }
    }
});
