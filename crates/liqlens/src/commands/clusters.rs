//! `liqlens clusters`: price bands where liquidations concentrate.

use liqlens_ask::Failure;
use liqlens_ask::request::window;

use super::{TABLE_FORMS, deliver_table, delivery};
use crate::app::App;
use crate::cli::{ClustersArgs, Global};
use crate::desk::Desk;

pub(crate) fn run(app: &App, global: &Global, args: &ClustersArgs) -> Result<(), Failure> {
    let delivery = delivery(app, &args.save, &TABLE_FORMS)?;
    let window = window(&args.within)?;
    let desk = Desk::open(app, global)?;
    let asked = desk.ask(&args.symbol)?;
    deliver_table(app, &delivery, &asked.clusters(window)?)
}
