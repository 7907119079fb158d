//! Everything between a socket and a question: connections, hosts, origins, keys, limits, headers.

mod connection;
mod outer;

pub(crate) use self::connection::listen;
pub(crate) use self::outer::outer;
