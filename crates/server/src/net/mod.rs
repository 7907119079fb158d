//! Everything between a socket and a question: connections, hosts, origins, keys, limits, headers.

mod connection;
mod gate;
mod hosts;
mod keys;
mod outer;
mod rates;

pub(crate) use self::connection::listen;
pub(crate) use self::gate::Gate;
pub(crate) use self::hosts::Hosts;
pub(crate) use self::keys::Keys;
pub use self::keys::{NewKey, Scope};
pub(crate) use self::outer::outer;
