//! What a server is told when it starts.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::stage::Replay;

/// Everything a server is told.
#[derive(Debug, Clone)]
pub struct Config {
    /// Data directory or archive; `None`: the bundled sample.
    pub data: Option<PathBuf>,
    /// Address to listen on; port 0 takes a free one.
    pub bind: SocketAddr,
    /// File of keys; `None`: everybody who reaches the address may read.
    pub keys: Option<PathBuf>,
    /// Names beside the address and those of this machine by which the server may be called.
    pub allow_hosts: Vec<String>,
    /// How recorded data are played as if they arrived now; `None`: the clock stands at their end.
    pub replay: Option<Replay>,
    /// What one client, and all of them, may take.
    pub limits: Limits,
}

/// Bounds on what clients may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Sockets open at a time.
    pub connections: usize,
    /// Sockets open at a time from one address that is not of this machine.
    pub connections_per_address: usize,
    /// Time in which the head of a request must have arrived.
    pub header_deadline: Duration,
    /// Questions worked on at a time.
    pub workers: usize,
    /// Questions that wait for a worker.
    pub waiting: usize,
    /// Bytes of finished answers kept.
    pub answer_bytes: u64,
    /// Bytes of folded states kept, and of heatmap columns as many again.
    pub fold_bytes: u64,
    /// Requests a second, on average, from one address or key; those of this machine without a key are
    /// not counted.
    pub requests_per_second: u32,
    /// Time that running requests have when the server stops.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            connections_per_address: 256,
            header_deadline: Duration::from_secs(10),
            workers: std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
            waiting: 256,
            answer_bytes: 256 << 20,
            fold_bytes: 512 << 20,
            requests_per_second: 50,
            grace: Duration::from_secs(2),
        }
    }
}

impl Config {
    /// A server of this machine only, with the usual limits.
    pub fn loopback(data: Option<PathBuf>, port: u16) -> Self {
        Self {
            data,
            bind: SocketAddr::from(([127, 0, 0, 1], port)),
            keys: None,
            allow_hosts: Vec::new(),
            replay: None,
            limits: Limits::default(),
        }
    }
}
