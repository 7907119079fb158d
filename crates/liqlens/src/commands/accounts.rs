//! `liqlens accounts`: who stands behind a price range of a measured map.

use liqlens_ask::Failure;
use liqlens_market::Side;
use liqlens_query::AccountsOptions;

use super::{TABLE_FORMS, deliver_table, delivery};
use crate::app::App;
use crate::cli::{AccountsArgs, EvidenceName, Global, PositionSide};
use crate::desk::Desk;
use crate::request::price_range;

pub(crate) fn run(app: &App, global: &Global, args: &AccountsArgs) -> Result<(), Failure> {
    let delivery = delivery(app, &args.save, &TABLE_FORMS)?;
    if global.evidence == Some(EvidenceName::Modelled) || global.model.is_some() {
        return Err(Failure::usage(
            "evidence-contradiction",
            "A modelled map has no accounts behind it.",
            "A model infers positions from what all traders did together.",
            "Leave --evidence and --model away.",
        ));
    }
    let options = AccountsOptions {
        between: args.between.as_deref().map(price_range).transpose()?,
        side: args.side.map(|side| match side {
            PositionSide::Long => Side::Long,
            PositionSide::Short => Side::Short,
        }),
        top: usize::from(args.top),
    };
    let desk = Desk::open(app, global)?;
    let asked = desk.ask_as(&args.symbol, liqlens_ask::EvidenceName::Measured)?;
    deliver_table(app, &delivery, &asked.accounts(&options)?)
}
