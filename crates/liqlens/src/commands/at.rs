//! `liqlens at`: how many dollars of each side a move would liquidate.

use liqlens_ask::Failure;
use liqlens_ask::request::Move;

use super::{TABLE_FORMS, deliver_table, delivery};
use crate::app::App;
use crate::cli::{AtArgs, Global};
use crate::desk::Desk;

/// Moves answered at once; more is what the map is for.
const MOST_MOVES: usize = 1_000;

pub(crate) fn run(app: &App, global: &Global, args: &AtArgs) -> Result<(), Failure> {
    let delivery = delivery(app, &args.save, &TABLE_FORMS)?;
    if args.moves.len() > MOST_MOVES {
        return Err(Failure::usage(
            "too-many-moves",
            format!("{} moves were asked for.", args.moves.len()),
            format!("At most {MOST_MOVES} are answered at once."),
            "Ask for the whole curve with `liqlens map --csv`.",
        ));
    }
    let moves = args.moves.iter().map(|text| Move::parse(text)).collect::<Result<Vec<_>, _>>()?;
    let desk = Desk::open(app, global)?;
    let asked = desk.ask(&args.symbol)?;
    deliver_table(app, &delivery, &asked.at(&moves)?)
}
