//! `liqlens at`: how many dollars of each side a move would liquidate.

use liqlens_ask::Failure;
use liqlens_ask::request::moves;

use super::{TABLE_FORMS, deliver_table, delivery};
use crate::app::App;
use crate::cli::{AtArgs, Global};
use crate::desk::Desk;

pub(crate) fn run(app: &App, global: &Global, args: &AtArgs) -> Result<(), Failure> {
    let delivery = delivery(app, &args.save, &TABLE_FORMS)?;
    let moves = moves(&args.moves)?;
    let desk = Desk::open(app, global)?;
    let asked = desk.ask(&args.symbol)?;
    deliver_table(app, &delivery, &asked.at(&moves)?)
}
