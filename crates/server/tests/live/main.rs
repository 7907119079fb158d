//! The live half as its clients see it: stages on virtual time, and sockets of a whole server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on has failed

mod client;
mod events;
mod playing;
mod sockets;
mod streams;
mod theatre;
