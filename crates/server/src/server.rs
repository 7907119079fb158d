//! The socket.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::{Router, middleware};
use liqlens_ask::{Failure, Kind};
use tokio::net::{TcpListener, TcpSocket};

use crate::app::App;
use crate::config::Config;
use crate::loading::Loading;
use crate::net::{Gate, Hosts, Keys};
use crate::{live, metrics, net, page, rest};

/// A server that listens.
pub struct Server {
    app: Arc<App>,
    gate: Gate,
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Takes the address. Requests wait until [`Server::run`]. An address that other machines reach is not taken
    /// without keys.
    #[allow(clippy::unused_async)] // a socket can only be taken inside a runtime, which the signature says
    pub async fn bind(app: Arc<App>) -> Result<Self, Failure> {
        let Config { bind, keys, allow_hosts, limits, .. } = &app.config;
        let keys = keys.as_deref().map(Keys::read).transpose()?;
        if keys.is_none() && !bind.ip().is_loopback() {
            return Err(open_to_all(*bind));
        }
        let gate = Gate::new(Hosts::new(bind.ip(), allow_hosts), keys, limits.requests_per_second);
        raise_open_files(limits.connections);
        let refused = |error: std::io::Error| {
            Failure::new(
                Kind::Storage,
                "address-not-taken",
                format!("The address {bind} could not be listened on."),
                format!("{error}."),
                "Choose another with --bind; port 0 takes a free one.",
            )
        };
        let listener = listening(*bind).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        Ok(Self { app: app.clone(), gate, listener, address })
    }

    /// Where the server is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers until `stop` is ready, and then whatever is being answered, for a while.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) {
        let Self { app, gate, listener, .. } = self;
        let router = Router::new()
            .merge(rest::router(app.clone()))
            .merge(live::router(app.clone()))
            .fallback(page::answer)
            .layer(middleware::from_fn_with_state(Arc::new(gate), Gate::pass))
            .layer(middleware::from_fn_with_state(app.clone(), metrics::count))
            .layer(middleware::from_fn(net::outer));
        let reader = app.clone();
        let reading = tokio::task::spawn_blocking(move || Loading::run(&reader));
        let closer = app.clone();
        tokio::spawn(async move {
            stop.await;
            closer.close();
        });
        tokio::spawn(live::upkeep(app.clone()));
        net::listen(&app, listener, router).await;
        // Who has subscribed is told that the server stops.
        let Config { limits, .. } = &app.config;
        let live = &app.metrics.live;
        let told = async { tokio::join!(live.sockets.none(), live.streams.none()) };
        let _ = tokio::time::timeout(limits.grace, told).await;
        // It ends by itself: it was told to.
        let _ = tokio::time::timeout(app.config.limits.grace, reading).await;
    }
}

/// Bytes that the system holds for a client that does not read. Left to itself it would hold megabytes, thousands of
/// times.
const SEND_BUFFER: u32 = 256 << 10;
/// Connections that wait to be accepted.
const BACKLOG: u32 = 1_024;

fn listening(bind: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if bind.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    // Connections have what their listener has.
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(bind)?;
    socket.listen(BACKLOG)
}

fn open_to_all(bind: SocketAddr) -> Failure {
    Failure::usage(
        "bind-needs-keys",
        format!("The server does not listen on {bind} without keys."),
        "Other machines reach that address, and everybody on them could ask.",
        "Name a file of keys with --keys FILE (`liqlens key NAME` makes one), or bind to 127.0.0.1.",
    )
}

/// Asks the system for as many open files as connections are allowed; many systems give a process few at first.
fn raise_open_files(connections: usize) {
    /// Files that a process has open beside its sockets.
    const OTHERS: u64 = 256;
    let wanted = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(OTHERS);
    match rlimit::increase_nofile_limit(wanted) {
        Ok(allowed) if allowed >= wanted => {}
        Ok(allowed) => tracing::debug!(allowed, wanted, "the system allows fewer open sockets"),
        Err(error) => tracing::warn!(%error, "the number of open sockets could not be raised"),
    }
}

/// Serves until the process is told to stop (interrupt or terminate); `ready` is told where.
pub fn serve(config: Config, ready: impl FnOnce(&str) -> Result<(), Failure>) -> Result<(), Failure> {
    let app = App::open(config)?;
    let grace = app.config.limits.grace;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::internal("The server could not be set up.", error))?;
    let served = runtime.block_on(async {
        let server = Server::bind(app).await?;
        let stop = stop_signal()?;
        ready(&server.url())?;
        server.run(stop).await;
        Ok(())
    });
    runtime.shutdown_timeout(grace);
    served
}

/// Ready when the process is told to stop.
fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static, Failure> {
    let unheard = |error| Failure::internal("The server could not be set up to be stopped.", error);
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt()).map_err(unheard)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(unheard)?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    {
        let _: fn(std::io::Error) -> Failure = unheard;
        Ok(async {
            // A signal that cannot be heard never comes.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }
}
