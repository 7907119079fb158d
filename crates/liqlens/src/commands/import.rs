//! `liqlens import`: archive files into a data directory.

use crate::app::App;
use crate::cli::{Global, ImportArgs};
use crate::failure::Failure;

pub(crate) fn run(_app: &App, _global: &Global, _args: &ImportArgs) -> Result<(), Failure> {
    Err(Failure::internal("Not yet.", ""))
}
