//! The server: questions over HTTP, answered with the same documents as on the command line.
//!
//! Read in this order: [`Config`] (what a server is told), [`App`] (what its parts share), [`Server`] (the socket),
//! then the two halves of the interface: [`rest`] (a question, an answer, gone) and [`live`] (subscriptions that
//! follow the clock of the [`stage`]). [`folds`] keeps markets folded so that an answer as of any moment is near.

mod app;
mod config;
pub mod folds;
pub mod live;
mod loading;
pub mod metrics;
mod net;
mod page;
mod problem;
pub mod rest;
mod server;
pub mod stage;

pub use app::App;
pub use config::{Config, Limits};
pub use net::{NewKey, Scope};
pub use problem::{PROBLEM_JSON, Problem};
pub use server::{Server, serve};
