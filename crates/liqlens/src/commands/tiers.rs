//! `liqlens tiers`: a market's maintenance schedule, or what ships.

use liqlens_ask::{Failure, Kind, quoted};
use liqlens_query::{schedules, tiers};

use super::liqprice::day;
use super::{TABLE_FORMS, deliver_table, delivery};
use crate::app::App;
use crate::cli::{Global, TiersArgs};
use crate::request::{Purpose, contract, venue, venue_and_symbol};

pub(crate) fn run(app: &App, global: &Global, args: &TiersArgs) -> Result<(), Failure> {
    let delivery = delivery(app, &args.save, &TABLE_FORMS)?;
    let date = day(app, global, args.date.as_deref())?;
    let filter = args.filter.as_deref();
    let (venue, symbol) = match args.words.as_slice() {
        [] => (None, None),
        [word] if !word.contains(':') => (Some(venue(word)?), None),
        words => {
            let (venue, symbol, rest) = venue_and_symbol(words)?;
            if let [extra, ..] = rest {
                return Err(Failure::usage(
                    "too-many-words",
                    format!("{} is one word too many.", quoted(extra)),
                    "A venue and its symbol are what is named.",
                    "Write it like liqlens tiers binance BTCUSDT.",
                ));
            }
            (Some(venue), Some(symbol))
        }
    };
    let (Some(venue), Some(symbol)) = (venue, symbol) else {
        let document = schedules(venue, filter);
        if let Some(filter) = filter
            && document.venues.iter().all(|venue| venue.symbol_count == 0)
        {
            return Err(Failure::new(
                Kind::NoData,
                "symbol-unknown",
                format!("No symbol with a margin table contains {}.", quoted(filter)),
                "The filter is a part of the symbol as the venue writes it.",
                "Leave --filter away to see all.",
            ));
        }
        return deliver_table(app, &delivery, &document);
    };
    if filter.is_some() {
        return Err(Failure::usage(
            "filter-of-symbol",
            "A filter was given beside a symbol.",
            "A filter chooses among the symbols of a venue.",
            "Leave the filter or the symbol away.",
        ));
    }
    let instrument = contract(venue, symbol, date, Purpose::Table)?;
    let document = tiers(&instrument, date, args.all_dates)
        .map_err(|missing| Failure::internal("A margin table is missing.", missing))?;
    deliver_table(app, &delivery, &document)
}
