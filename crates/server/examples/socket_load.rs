//! Opens many sockets on one channel of a server on this machine, some of which do not read, and says what the
//! others had of it: `cargo run --release -p liqlens-server --example socket_load -- --address 127.0.0.1:7878`.
//!
//! The time a document takes is that from its publication, which each message tells, to its arrival, both by the clock
//! of this machine. Ends with an error if a client that reads was closed, or missed what others had.
#![allow(clippy::print_stdout)] // a program for a terminal

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Parser;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{self, Message};

/// Many sockets on one channel of a server on this machine.
#[derive(Debug, Clone, Parser)]
struct Options {
    /// Address of the server, on this machine.
    #[arg(long)]
    address: SocketAddr,
    /// Clients, at most 20,000.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    clients: u32,
    /// Those of them that do not read.
    #[arg(long, default_value_t = 100)]
    silent: u32,
    /// Time measured, seconds, at most an hour.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(5..=3_600))]
    seconds: u64,
    /// Channel subscribed to.
    #[arg(long, default_value = "map")]
    channel: String,
    /// Market subscribed to.
    #[arg(long, default_value = "BTC")]
    symbol: String,
}

/// Clients that connect at a time.
const AT_A_TIME: usize = 64;
/// How often the server is asked how it is.
const EVERY: Duration = Duration::from_secs(5);
/// Bytes that the system takes for a client that does not read.
const SMALL: u32 = 4_096;

type Socket = WebSocketStream<TcpStream>;
type Error = Box<dyn std::error::Error + Send + Sync>;

/// What a client that reads had.
#[derive(Debug, Default)]
struct Had {
    /// Milliseconds that each document was on its way.
    took_ms: Vec<u32>,
    first_seq: Option<u64>,
    last_seq: u64,
    bytes: u64,
    closed: bool,
}

/// What all clients count together.
#[derive(Debug, Default)]
struct Counts {
    open: AtomicU64,
    documents: AtomicU64,
    bytes: AtomicU64,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let options = Options::parse();
    if !options.address.ip().is_loopback() {
        return Err("the server must be on this machine: it is loaded on purpose".into());
    }
    if options.silent >= options.clients {
        return Err("some clients must read".into());
    }
    let reading = options.clients - options.silent;
    println!("{} clients of {}, {} of them not reading", options.clients, options.channel, options.silent);

    let counts = Arc::new(Counts::default());
    let (phase, phases) = watch::channel(Phase::Connecting);
    let doors = Arc::new(Semaphore::new(AT_A_TIME));
    let mut tasks = Vec::new();
    for index in 0..options.clients {
        let (options, counts, doors) = (options.clone(), counts.clone(), doors.clone());
        // Those that do not read are spread among the others.
        let silent = index % (options.clients / options.silent.max(1)) == 0
            && index / (options.clients / options.silent.max(1)) < options.silent;
        tasks.push(tokio::spawn(client(options, silent, doors, counts, phases.clone())));
    }
    drop(phases);
    let began = Instant::now();
    while counts.open.load(Ordering::Relaxed) < u64::from(options.clients) {
        if began.elapsed() > Duration::from_mins(2) {
            return Err(format!("only {} clients could connect", counts.open.load(Ordering::Relaxed)).into());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("connected in {:.1} s", began.elapsed().as_secs_f64());
    // The first documents of all of them, which come at once, are not part of the measurement.
    tokio::time::sleep(EVERY).await;
    phase.send_replace(Phase::Measuring);

    println!(
        "{:>6} {:>10} {:>9} {:>12} {:>11} {:>8}",
        "s", "server MiB", "server %", "documents/s", "MiB/s", "sockets"
    );
    let began = Instant::now();
    let (mut before, mut cpu_before, mut at_before) = ((0, 0), None, Instant::now());
    let mut sizes = Vec::new();
    loop {
        let server = Server::ask(options.address).await?;
        let now = (counts.documents.load(Ordering::Relaxed), counts.bytes.load(Ordering::Relaxed));
        let passed = at_before.elapsed().as_secs_f64().max(1e-9);
        if let Some(cpu) = cpu_before {
            println!(
                "{:>6.0} {:>10.1} {:>9.0} {:>12.0} {:>11.1} {:>8}",
                began.elapsed().as_secs_f64(),
                server.resident / (1024.0 * 1024.0),
                (server.cpu_seconds - cpu) / passed * 100.0,
                (now.0 - before.0) as f64 / passed,
                (now.1 - before.1) as f64 / passed / (1024.0 * 1024.0),
                server.sockets,
            );
            sizes.push(server.resident);
        }
        (before, cpu_before, at_before) = (now, Some(server.cpu_seconds), Instant::now());
        if began.elapsed() >= Duration::from_secs(options.seconds) {
            break;
        }
        tokio::time::sleep(EVERY).await;
    }
    phase.send_replace(Phase::Over);

    let mut had = Vec::new();
    for task in tasks {
        had.extend(task.await??);
    }
    report(&had, reading, &sizes)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Connecting,
    Measuring,
    Over,
}

/// One client; what it had, if it reads.
async fn client(
    options: Options,
    silent: bool,
    doors: Arc<Semaphore>,
    counts: Arc<Counts>,
    mut phase: watch::Receiver<Phase>,
) -> Result<Option<Had>, Error> {
    let mut socket = {
        let _door = doors.acquire().await?;
        connect(&options, silent).await?
    };
    counts.open.fetch_add(1, Ordering::Relaxed);
    if silent {
        // It stays, and takes nothing.
        let _ = phase.wait_for(|phase| *phase == Phase::Over).await;
        drop(socket);
        return Ok(None);
    }
    let mut had = Had::default();
    loop {
        let message = tokio::select! {
            message = socket.next() => message,
            over = phase.wait_for(|phase| *phase == Phase::Over) => {
                drop(over);
                break;
            }
        };
        let text = match message {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Close(_)) | Err(_)) | None => {
                had.closed = true;
                break;
            }
            Some(Ok(_)) => continue,
        };
        let Some((seq, at_ms)) = numbered(text.as_str()) else { continue };
        if *phase.borrow() != Phase::Measuring {
            continue;
        }
        had.first_seq.get_or_insert(seq);
        had.last_seq = seq;
        had.bytes += text.len() as u64;
        had.took_ms.push(u32::try_from(now_ms().saturating_sub(at_ms)).unwrap_or(u32::MAX));
        counts.documents.fetch_add(1, Ordering::Relaxed);
        counts.bytes.fetch_add(text.len() as u64, Ordering::Relaxed);
    }
    Ok(Some(had))
}

async fn connect(options: &Options, silent: bool) -> Result<Socket, Error> {
    let socket = if options.address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if silent {
        socket.set_recv_buffer_size(SMALL)?;
    }
    let stream = socket.connect(options.address).await?;
    let (mut socket, _) =
        tokio_tungstenite::client_async(format!("ws://{}/v1/ws", options.address), stream).await?;
    let Options { channel, symbol, .. } = options;
    let subscribe = serde_json::json!({"op": "subscribe", "id": 1, "channel": channel, "symbol": symbol});
    socket.send(Message::text(subscribe.to_string())).await?;
    // The answer says that the subscription stands.
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) if text.starts_with("{\"op\":\"subscribed\"") => return Ok(socket),
            Some(Ok(Message::Text(text))) if text.starts_with("{\"op\":\"error\"") => {
                return Err(text.as_str().into());
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error.into()),
            None => return Err(tungstenite::Error::ConnectionClosed.into()),
        }
    }
}

/// Number and time of a document; the rest of it is not looked at.
fn numbered(text: &str) -> Option<(u64, u64)> {
    if !text.starts_with("{\"op\":\"snapshot\"") && !text.starts_with("{\"op\":\"delta\"") {
        return None;
    }
    let number = |name: &str| {
        let rest = &text[text.find(name)? + name.len()..];
        rest[..rest.find(|c: char| !c.is_ascii_digit())?].parse().ok()
    };
    Some((number("\"seq\":")?, number("\"at\":")?))
}

fn now_ms() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}

/// How the server is.
struct Server {
    resident: f64,
    cpu_seconds: f64,
    sockets: f64,
}

impl Server {
    async fn ask(address: SocketAddr) -> Result<Self, Error> {
        let mut stream = TcpStream::connect(address).await?;
        let request = format!("GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let reading = |name: &str| {
            let line = answer.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.and_then(|value| value.parse().ok())
                .ok_or_else(|| format!("the server does not tell {name}"))
        };
        Ok(Self {
            resident: reading("liqlens_process_resident_bytes")?,
            cpu_seconds: reading("liqlens_process_cpu_seconds")?,
            sockets: reading("liqlens_live_sockets")?,
        })
    }
}

fn report(had: &[Had], reading: u32, sizes: &[f64]) -> Result<(), Error> {
    let closed = had.iter().filter(|had| had.closed).count();
    let mut counts: Vec<usize> = had.iter().map(|had| had.took_ms.len()).collect();
    counts.sort_unstable();
    let published = had.iter().filter_map(|had| Some(had.last_seq - had.first_seq?)).max().unwrap_or(0) + 1;
    let mut took: Vec<u32> = had.iter().flat_map(|had| had.took_ms.iter().copied()).collect();
    took.sort_unstable();
    let quantile = |values: &[u32], per_mille: usize| {
        values.get((values.len().saturating_sub(1)) * per_mille / 1_000).copied().unwrap_or_default()
    };
    let (fewest, most) = (counts.first().copied().unwrap_or(0), counts.last().copied().unwrap_or(0));
    let middle = counts.get(counts.len() / 2).copied().unwrap_or(0);
    println!("documents published: {published}");
    println!("documents a reading client had: fewest {fewest}, middle {middle}, most {most}");
    println!(
        "publication to arrival, ms: p50 {}, p90 {}, p99 {}, most {}",
        quantile(&took, 500),
        quantile(&took, 900),
        quantile(&took, 990),
        took.last().copied().unwrap_or(0),
    );
    if let (Some(first), Some(last)) = (sizes.first(), sizes.last()) {
        let mib = 1024.0 * 1024.0;
        let most = sizes.iter().copied().fold(0.0, f64::max);
        println!(
            "server memory, MiB: first {:.1}, last {:.1}, most {:.1}",
            first / mib,
            last / mib,
            most / mib
        );
    }
    println!("reading clients that were closed: {closed}");
    if closed > 0 || had.len() != usize::try_from(reading)? {
        return Err(format!("{closed} of {reading} reading clients were closed").into());
    }
    if fewest * 10 < middle * 9 || middle == 0 {
        return Err("a reading client missed more than a tenth of what others had".into());
    }
    Ok(())
}
