//! A whole server on a free port, and clients of it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use liqlens_server::stage::Replay;
use liqlens_server::stage::clock::Speed;
use liqlens_server::{App, Config, Server};
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::theatre::time;

/// A bound for what takes a moment; nothing is measured by it.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server that runs until it is stopped or dropped.
pub(crate) struct Running {
    pub(crate) app: Arc<App>,
    pub(crate) address: String,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Running {
    /// Over the bundled data; played from a moment at a speed, or standing at their end.
    pub(crate) async fn start(replay: Option<(&str, f64)>) -> Self {
        let replay = replay.map(|(from, speed)| Replay {
            from: Some(time(from)),
            speed: Speed::new(speed).unwrap(),
            looping: false,
        });
        let config = Config { replay, ..Config::loopback(None, 0) };
        let app = App::open(config).unwrap();
        let server = Server::bind(app.clone()).await.unwrap();
        let address = server.url().replace("http://", "");
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(server.run(async move {
            let _ = stopped.await;
        }));
        Self { app, address, stop: Some(stop), task }
    }

    pub(crate) async fn connect(&self) -> Client {
        let (socket, _) =
            tokio_tungstenite::connect_async(format!("ws://{}/v1/ws", self.address)).await.unwrap();
        let mut client = Client { socket };
        let hello = client.next().await;
        assert_eq!(hello["op"], "hello");
        client
    }

    /// Tells the server to stop, and waits until it has.
    pub(crate) async fn stop(mut self) {
        drop(self.stop.take());
        tokio::time::timeout(PATIENCE, self.task).await.unwrap().unwrap();
    }

    /// The body of a request's answer.
    pub(crate) async fn get(&self, path: &str) -> String {
        let (address, path) = (self.address.clone(), path.to_owned());
        tokio::task::spawn_blocking(move || get(&address, &path)).await.unwrap()
    }
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(!head.to_lowercase().contains("transfer-encoding: chunked"), "{head}");
    body.to_owned()
}

/// A client of the socket.
pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>,
}

impl Client {
    pub(crate) async fn say(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// The next text.
    pub(crate) async fn next_text(&mut self) -> Result<String, Option<CloseFrame>> {
        loop {
            match tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("the server is silent") {
                Some(Ok(Message::Text(text))) => return Ok(text.to_string()),
                Some(Ok(Message::Close(frame))) => return Err(frame),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    pub(crate) async fn next(&mut self) -> Value {
        serde_json::from_str(&self.next_text().await.unwrap()).unwrap()
    }

    /// The next message of a kind; others are passed over.
    pub(crate) async fn until(&mut self, op: &str) -> Value {
        self.until_text(op).await.1
    }

    /// The same with its text.
    pub(crate) async fn until_text(&mut self, op: &str) -> (String, Value) {
        loop {
            let text = self.next_text().await.unwrap();
            let message: Value = serde_json::from_str(&text).unwrap();
            if message["op"] == op {
                return (text, message);
            }
        }
    }

    /// The code with which the server closes.
    pub(crate) async fn until_closed(&mut self) -> Option<u16> {
        loop {
            if let Err(frame) = self.next_text().await {
                return frame.map(|frame| frame.code.into());
            }
        }
    }
}
