//! `liqlens clusters`: price bands where liquidations concentrate.

use super::{TABLE_FORMS, deliver_table, delivery};
use crate::app::App;
use crate::ask::Asked;
use crate::cli::{ClustersArgs, Global};
use crate::failure::Failure;
use crate::request::window;

pub(crate) fn run(app: &App, global: &Global, args: &ClustersArgs) -> Result<(), Failure> {
    let delivery = delivery(app, &args.save, &TABLE_FORMS)?;
    let window = window(&args.within)?;
    let asked = Asked::open(app, global, &args.symbol)?;
    deliver_table(app, &delivery, &asked.clusters(window)?)
}
