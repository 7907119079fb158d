//! The bundled files read as plainly as possible: gzip, lines, commas.

use std::io::Read;

use liqlens_files::bundled;
use liqlens_market::{Span, Timestamp};

/// The cells of every line but the first, of the bundled files whose name has a part.
pub(crate) fn rows(part: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for file in bundled::FILES.iter().filter(|file| file.name.contains(part)) {
        let mut text = String::new();
        flate2::read::MultiGzDecoder::new(file.bytes).read_to_string(&mut text).unwrap();
        rows.extend(text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>()));
    }
    assert!(!rows.is_empty(), "{part}");
    rows
}

/// One minute of the feed.
#[derive(Debug, Clone)]
pub(crate) struct Minute {
    pub(crate) end: Timestamp,
    pub(crate) ohlc: [f64; 4],
    pub(crate) volume: f64,
    pub(crate) open_interest: f64,
    pub(crate) predicted: f64,
    /// Longs, shorts.
    pub(crate) liquidated: [f64; 2],
}

/// The recorded minutes, without those that were filled in.
pub(crate) fn minutes() -> Vec<Minute> {
    let number = |cell: &String| cell.parse::<f64>().unwrap();
    rows("_1m_")
        .iter()
        .filter(|row| row[14] == "0")
        .map(|row| Minute {
            end: Timestamp::parse_text(&row[0]).unwrap(),
            ohlc: [1, 2, 3, 4].map(|at| number(&row[at])),
            volume: number(&row[5]),
            open_interest: number(&row[10]),
            predicted: number(&row[11]),
            // Forced sells close longs.
            liquidated: [number(&row[13]), number(&row[12])],
        })
        .collect()
}

/// A candle of a file: start, end, open, high, low, close, volume.
pub(crate) type RawCandle = (Timestamp, Timestamp, [f64; 4], f64);

/// The candles of a file, each so long.
pub(crate) fn candles(part: &str, length: Span) -> Vec<RawCandle> {
    let number = |cell: &String| cell.parse::<f64>().unwrap();
    rows(part)
        .iter()
        .map(|row| {
            let start = millis(&row[0]);
            (start, start + length, [1, 2, 3, 4].map(|at| number(&row[at])), number(&row[5]))
        })
        .collect()
}

/// Epoch milliseconds.
pub(crate) fn millis(cell: &str) -> Timestamp {
    Timestamp::from_nanos(cell.parse::<i64>().unwrap() * 1_000_000)
}
