//! `liqlens reach`: how far price must move for an amount of each side to be liquidated.

use super::{TABLE_FORMS, deliver_table, delivery};
use crate::app::App;
use crate::ask::Asked;
use crate::cli::{Global, ReachArgs};
use crate::failure::Failure;
use crate::request::{Amount, AmountUnit};

pub(crate) fn run(app: &App, global: &Global, args: &ReachArgs) -> Result<(), Failure> {
    let delivery = delivery(app, &args.save, &TABLE_FORMS)?;
    let amount = Amount::parse(&args.amount, AmountUnit::parse(&args.unit)?)?;
    let asked = Asked::open(app, global, &args.symbol)?;
    match asked.reach(&[amount])?.first() {
        Some(reach) => deliver_table(app, &delivery, reach),
        None => Err(Failure::internal("The answer is missing.", "No amount was answered.")),
    }
}
