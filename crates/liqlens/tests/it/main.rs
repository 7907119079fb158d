//! Black-box tests of the command, one module a command. One binary, so that it links once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on has failed

mod account;
mod accounts;
mod answers;
mod arguments;
mod brief;
mod context;
mod demo;
mod export;
mod heatmap;
mod help;
mod import;
mod lab;
mod liqprice;
mod map;
mod output;
mod refusals;
mod score;
mod serve;
mod tiers;
mod time;
