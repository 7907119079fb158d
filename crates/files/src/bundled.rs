//! The recorded market that ships inside the program: Binance BTCUSDT, so that everything can be tried
//! without a network. What each file is and where it comes from stands in `data/README.md`.

/// One bundled file, as it would lie on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bundled {
    /// File name; it names symbol and interval.
    pub name: &'static str,
    /// The file, still compressed.
    pub bytes: &'static [u8],
}

macro_rules! bundled {
    ($($name:literal),+ $(,)?) => {
        &[$(Bundled {
            name: $name,
            bytes: include_bytes!(concat!("../../../data/binance_btcusdt/", $name)),
        }),+]
    };
}

/// All bundled files: six days of the one-minute feed, then the longer and coarser series around them.
pub static FILES: &[Bundled] = bundled![
    "BTCUSDT_1m_2026-03-15.csv.gz",
    "BTCUSDT_1m_2026-03-16.csv.gz",
    "BTCUSDT_1m_2026-03-17.csv.gz",
    "BTCUSDT_1m_2026-03-18.csv.gz",
    "BTCUSDT_1m_2026-03-19.csv.gz",
    "BTCUSDT_1m_2026-03-20.csv.gz",
    "BTCUSDT_oi_5m_2025-12-01_2026-06-11.csv.gz",
    "BTCUSDT_funding_2025-12-01_2026-05-31.csv.gz",
    "BTCUSDT_1h_2025-09-13_2026-03-19.csv.gz",
    "BTCUSDT_5m_2025-07-04_2025-12-31.csv.gz",
];
