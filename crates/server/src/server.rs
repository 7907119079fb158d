//! The socket.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use liqlens_ask::{Failure, Kind};
use tokio::net::TcpListener;

use crate::app::App;
use crate::{live, rest};

/// A server that listens.
pub struct Server {
    app: Arc<App>,
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Takes the address. Requests wait until [`Server::run`].
    pub async fn bind(app: Arc<App>) -> Result<Self, Failure> {
        let refused = |error: std::io::Error| {
            Failure::new(
                Kind::Storage,
                "address-not-taken",
                format!("The address {} could not be listened on.", app.config.bind),
                format!("{error}."),
                "Choose another with --bind; port 0 takes a free one.",
            )
        };
        let listener = TcpListener::bind(app.config.bind).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        Ok(Self { app, listener, address })
    }

    /// Where the server is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers until `stop` is ready.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), Failure> {
        let Self { app, listener, .. } = self;
        let router = Router::new().merge(rest::router(app.clone())).merge(live::router(app.clone()));
        let closed = async move {
            stop.await;
            app.close();
        };
        axum::serve(listener, router)
            .with_graceful_shutdown(closed)
            .await
            .map_err(|error| Failure::internal("The server stopped.", error))
    }
}
