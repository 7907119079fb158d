//! The live half as its clients see it: stages on virtual time, and sockets of a whole server.

mod client;
mod events;
mod playing;
mod sockets;
mod streams;
mod theatre;
