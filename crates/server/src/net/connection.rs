//! Sockets: how many, how long, and how they end.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use crate::app::App;
use crate::config::Limits;

/// The other end of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    /// The client's address.
    pub(crate) peer: SocketAddr,
}

/// Longest head of a request, bytes.
const LONGEST_HEAD: usize = 32 << 10;
/// A pause after the system refused a socket, for want of file handles for example.
const PAUSE: Duration = Duration::from_millis(50);

/// Answers connections until the app closes, and then those that are being answered, for a while.
pub(crate) async fn listen(app: &Arc<App>, listener: TcpListener, router: Router) {
    let open = Open::default();
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = app.closed() => break,
            // Ended connections are forgotten.
            Some(_) = connections.join_next() => continue,
        };
        match accepted {
            Ok((stream, peer)) => {
                let Some(place) = open.admit(peer.ip(), &app.config.limits) else {
                    tracing::debug!(%peer, "too many connections");
                    continue;
                };
                let (app, router) = (app.clone(), router.clone());
                connections.spawn(async move {
                    connection(&app, Seated { stream, _place: place }, peer, router).await;
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    drop(listener);
    let grace = app.config.limits.grace;
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(grace, ended).await.is_err() {
        tracing::info!("connections were cut");
    }
}

async fn connection(app: &App, socket: Seated, peer: SocketAddr, router: Router) {
    // Answers are written whole; waiting for more to send would only delay them.
    let _ = socket.stream.set_nodelay(true);
    let ends = End { peer };
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ends);
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(app.config.limits.header_deadline)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(socket), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = app.closed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%peer, %error, "a connection ended");
    }
}

/// Connections that are open, by address.
#[derive(Debug, Clone, Default)]
struct Open(Arc<Mutex<(usize, HashMap<IpAddr, usize>)>>);

/// One of them.
#[derive(Debug)]
struct Place {
    open: Open,
    address: IpAddr,
}

impl Open {
    /// A place for a connection, if there is one.
    fn admit(&self, address: IpAddr, limits: &Limits) -> Option<Place> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, by_address) = &mut *open;
        let here = by_address.entry(address).or_default();
        // Everything on this machine comes from one address.
        let most = if address.is_loopback() { limits.connections } else { limits.connections_per_address };
        if *all >= limits.connections || *here >= most {
            if *here == 0 {
                by_address.remove(&address);
            }
            return None;
        }
        *all += 1;
        *here += 1;
        Some(Place { open: self.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, by_address) = &mut *open;
        *all -= 1;
        if let Some(here) = by_address.get_mut(&self.address) {
            *here -= 1;
            if *here == 0 {
                by_address.remove(&self.address);
            }
        }
    }
}

/// A socket that gives its place back when it is closed, also after it became something else than HTTP.
struct Seated {
    stream: TcpStream,
    _place: Place,
}

impl AsyncRead for Seated {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Seated {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_in_all_and_by_address() {
        let limits = Limits { connections: 3, connections_per_address: 2, ..Limits::default() };
        let open = Open::default();
        let address = |last: u8| IpAddr::from([192, 0, 2, last]);
        let first = open.admit(address(1), &limits).unwrap();
        let _second = open.admit(address(1), &limits).unwrap();
        assert!(open.admit(address(1), &limits).is_none());
        let third = open.admit(address(2), &limits).unwrap();
        assert!(open.admit(address(3), &limits).is_none());
        drop(first);
        assert!(open.admit(address(1), &limits).is_some());
        drop(third);
        // One address of this machine may take them all.
        let own = IpAddr::from([127, 0, 0, 1]);
        let _many = [open.admit(own, &limits).unwrap(), open.admit(own, &limits).unwrap()];
        assert!(open.admit(own, &limits).is_none());
        assert_eq!(open.0.lock().unwrap().1.len(), 2);
    }
}
