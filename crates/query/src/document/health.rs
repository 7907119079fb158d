//! `health/1`: whether a server can answer, which time it is there, and how busy it is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `health/1`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    /// Document name and version.
    pub schema: String,
    /// Version of the program.
    pub version: String,
    /// When it was started (RFC 3339).
    pub started: String,
    /// The time that questions without a moment are answered for.
    pub clock: ClockFacts,
    /// The markets it answers for.
    pub markets: Vec<MarketHealth>,
    /// What it is doing.
    pub load: Load,
}

/// A server's clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClockFacts {
    /// What moves it.
    pub mode: ClockMode,
    /// What it shows (RFC 3339).
    pub now: String,
    /// Seconds that pass on it in a second, where data are replayed; else `null`.
    pub speed: Option<f64>,
    /// Whether it moves.
    pub playing: bool,
    /// Beginning of the data (RFC 3339); `null` while it is not known.
    pub from: Option<String>,
    /// End of the data; `null` where there is none yet, or none.
    pub to: Option<String>,
}

/// What moves a server's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ClockMode {
    /// Nothing: it shows the newest recorded moment.
    Recorded,
    /// Recorded data played as if they arrived now.
    Replay,
    /// Data as they arrive.
    Live,
}

/// One market of a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MarketHealth {
    /// The shortest name that means this market and no other.
    pub symbol: String,
    /// `binance:BTCUSDT`.
    pub market: String,
    /// Whether it can be asked.
    pub state: MarketState,
    /// End of its data (RFC 3339); `null` while it is not known.
    pub newest: Option<String>,
    /// What keeps it from answering; `null` if nothing does.
    pub problem: Option<String>,
}

/// Whether a market can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MarketState {
    /// Its data are being read.
    Loading,
    /// It can.
    Ready,
    /// Its data cannot be read.
    Failed,
}

/// What a server is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Load {
    /// Answers being computed.
    pub running: u64,
    /// Questions waiting for a place.
    pub waiting: u64,
    /// Places.
    pub places: u64,
    /// Open sockets and event streams.
    pub sockets: u64,
    /// Their subscriptions.
    pub subscriptions: u64,
    /// Finished documents kept.
    pub documents: u64,
}

impl Health {
    /// Name and version.
    pub const SCHEMA: &'static str = "health/1";
}
