//! `liqlens reach`: how far price must move for an amount of each side to be liquidated.

use liqlens_ask::Failure;
use liqlens_ask::request::{Amount, AmountUnit};

use super::{TABLE_FORMS, deliver_table, delivery};
use crate::app::App;
use crate::cli::{Global, ReachArgs};
use crate::desk::Desk;

pub(crate) fn run(app: &App, global: &Global, args: &ReachArgs) -> Result<(), Failure> {
    let delivery = delivery(app, &args.save, &TABLE_FORMS)?;
    let amount = Amount::parse(&args.amount, AmountUnit::parse(&args.unit)?)?;
    let desk = Desk::open(app, global)?;
    let asked = desk.ask(&args.symbol)?;
    match asked.reach(&[amount])?.first() {
        Some(reach) => deliver_table(app, &delivery, reach),
        None => Err(Failure::internal("The answer is missing.", "No amount was answered.")),
    }
}
