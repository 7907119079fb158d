//! Tests of the server's parts at their public boundaries. One binary, so that it links once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on has failed

mod folds;
mod rest;
mod served;
