//! `liqlens liqprice`: the liquidation price of one position, exactly as its venue computes it.

use liqlens_ask::request::moment;
use liqlens_ask::{Failure, Kind, quoted};
use liqlens_margin::{AnswerError, MarginMode, MissingRules, Question};
use liqlens_market::{Instrument, Timestamp};
use liqlens_query::document::{OwnTermsUsed, WalletInputs};
use liqlens_query::{HedgeLeg, LiqPriceAsk, LiqPriceError, format, liqprice};

use super::{TABLE_FORMS, deliver_table, delivery};
use crate::app::App;
use crate::cli::{Global, LiqPriceArgs, ModeArg};
use crate::request::{
    Purpose, contract, leverage, money, position_size, price, rate, side, venue_and_symbol,
};

pub(crate) fn run(app: &App, global: &Global, args: &LiqPriceArgs) -> Result<(), Failure> {
    let delivery = delivery(app, &args.save, &TABLE_FORMS)?;
    let date = day(app, global, args.date.as_deref())?;
    let (venue, symbol, rest) = venue_and_symbol(&args.words)?;
    let purpose = if args.rate.is_some() { Purpose::PriceWithOwnTerms } else { Purpose::Price };
    let instrument = contract(venue, symbol, date, purpose)?;
    let [typed_side] = rest else { return Err(side_missing(rest)) };
    let side = side(typed_side)?;
    let entry_price = price("--entry", &args.entry)?;
    let size = position_size("--size", &args.size, &instrument, entry_price)?;
    let mode = mode(args);
    let amount = |option, text: &Option<String>| {
        text.as_deref().map(|text| money(option, text, &instrument)).transpose()
    };
    let margin = amount("--margin", &args.margin)?;
    let wallet = match amount("--wallet", &args.wallet)? {
        Some(balance) => Some(WalletInputs {
            balance,
            other_maintenance: amount("--other-maintenance", &args.other_maintenance)?.unwrap_or(0.0),
            other_profit: amount("--other-profit", &args.other_profit)?.unwrap_or(0.0),
        }),
        None => None,
    };
    check_margin(mode, margin, wallet.is_some(), args)?;
    let question = Question {
        side,
        entry_price,
        size,
        leverage: args.leverage.as_deref().map(leverage).transpose()?,
        margin,
        added_margin: amount("--added", &args.added)?.unwrap_or(0.0),
        mark_price: args.mark.as_deref().map(|text| price("--mark", text)).transpose()?,
        fee_rate: args.fee.as_deref().map(|text| rate("--fee", text)).transpose()?,
        tick: args.tick.as_deref().map(|text| price("--tick", text)).transpose()?,
    };
    let ask = LiqPriceAsk {
        instrument: &instrument,
        mode,
        date,
        question,
        wallet,
        own_terms: own_terms(args, &instrument)?,
        hedge: hedge(args, &instrument)?,
    };
    let document = liqprice(&ask).map_err(|error| refusal(error, &ask))?;
    deliver_table(app, &delivery, &document)
}

/// The day asked for: `--date`, else `--as-of`, else today.
pub(super) fn day(app: &App, global: &Global, date: Option<&str>) -> Result<Timestamp, Failure> {
    date.or(global.as_of.as_deref()).map_or(Ok(app.now), |text| moment(text, app.now))
}

/// Isolated unless said otherwise, in words or by an option that only a cross position has.
fn mode(args: &LiqPriceArgs) -> MarginMode {
    let shared = args.wallet.is_some() || args.hedge_size.is_some();
    match args.mode {
        Some(ModeArg::Cross) => MarginMode::Cross,
        None if shared => MarginMode::Cross,
        Some(ModeArg::Isolated) | None => MarginMode::Isolated,
    }
}

fn check_margin(
    mode: MarginMode,
    margin: Option<f64>,
    wallet: bool,
    args: &LiqPriceArgs,
) -> Result<(), Failure> {
    match (mode, margin) {
        (MarginMode::Isolated, _) if wallet => Err(Failure::usage(
            "wallet-of-isolated",
            "A wallet was given for an isolated position.",
            "Nothing but its own margin backs an isolated position.",
            "Give --margin or --leverage, or ask with --mode cross.",
        )),
        (MarginMode::Isolated, Some(margin)) if margin <= 0.0 => Err(Failure::usage(
            "position-not-understood",
            "The margin of an isolated position is not above zero.",
            "A position without margin would be liquidated as it opens.",
            "Write it like --margin 1500.",
        )),
        (MarginMode::Isolated, None) if args.leverage.is_none() => Err(Failure::usage(
            "margin-missing",
            "It was not said how much margin is behind the position.",
            "The liquidation price is where that margin is down to maintenance.",
            "Give --leverage 20 or --margin 1500.",
        )),
        (MarginMode::Cross, None) if !wallet => Err(Failure::usage(
            "margin-missing",
            "It was not said how much margin is behind the cross position.",
            "It is the wallet balance, less what other positions must keep, plus their profit; leverage does \
             not tell.",
            "Give --wallet with --other-maintenance and --other-profit, or the sum as --margin.",
        )),
        _ => Ok(()),
    }
}

fn own_terms(args: &LiqPriceArgs, instrument: &Instrument) -> Result<Option<OwnTermsUsed>, Failure> {
    let Some(text) = args.rate.as_deref() else { return Ok(None) };
    let own_rate = rate("--rate", text)?;
    if own_rate == 0.0 {
        return Err(Failure::usage(
            "position-not-understood",
            "A maintenance rate of zero was given.",
            "No venue lets a position run until its margin is gone; that price is the bankruptcy price.",
            "Give the rate of your tier, like --rate 0.4%.",
        ));
    }
    let amount = match args.amount.as_deref() {
        Some(text) => money("--amount", text, instrument)?,
        None => 0.0,
    };
    if amount < 0.0 {
        return Err(Failure::usage(
            "position-not-understood",
            format!("The maintenance amount {} is negative.", quoted(args.amount.as_deref().unwrap_or(""))),
            "It is what the venue subtracts from value times rate.",
            "Write it without a sign, like --amount 300.",
        ));
    }
    Ok(Some(OwnTermsUsed { rate: own_rate, amount }))
}

fn hedge(args: &LiqPriceArgs, instrument: &Instrument) -> Result<Option<HedgeLeg>, Failure> {
    let (Some(size), Some(entry)) = (args.hedge_size.as_deref(), args.hedge_entry.as_deref()) else {
        return Ok(None);
    };
    let entry_price = price("--hedge-entry", entry)?;
    let size = position_size("--hedge-size", size, instrument, entry_price)?;
    Ok(Some(HedgeLeg { entry_price, size }))
}

fn side_missing(rest: &[String]) -> Failure {
    match rest {
        [] => Failure::usage(
            "side-missing",
            "It was not said whether the position is long or short.",
            "The side follows the symbol.",
            "Write it like liqlens liqprice binance BTCUSDT long.",
        ),
        _ => Failure::usage(
            "too-many-words",
            format!("{} is one word too many.", quoted(rest.last().map_or("", String::as_str))),
            "A venue, its symbol and the side are what is named.",
            "Write it like liqlens liqprice binance BTCUSDT long.",
        ),
    }
}

/// Why the query crate did not answer, as a failure.
fn refusal(error: LiqPriceError, ask: &LiqPriceAsk<'_>) -> Failure {
    let venue = ask.instrument.market.venue;
    let title = venue.title();
    match error {
        LiqPriceError::Rules(MissingRules::Closed { closed, .. }) => Failure::new(
            Kind::NoData,
            "venue-closed",
            format!("{title} was closed on {}.", ask.date.date()),
            format!("Its rules ended on {closed}."),
            "Ask for an earlier day with --date.",
        )
        .detail("closed", closed),
        LiqPriceError::Rules(MissingRules::NotOffered { kind, mode, .. }) => {
            let other = if mode == "cross" { "isolated" } else { "cross" };
            let offered = liqlens_margin::all_rules().any(|rules| {
                rules.venue == venue && rules.contract.as_str() == kind && rules.mode.as_str() == other
            });
            Failure::new(
                Kind::NoData,
                "rule-unknown",
                format!("No {mode} margin rule is known for {kind} contracts on {title}."),
                "The venue does not offer it, or its rule was not found; none is guessed.",
                if offered {
                    format!("Ask with --mode {other}.")
                } else {
                    format!("See `liqlens tiers {venue}` for the rules known.")
                },
            )
        }
        // The market was found among those with a table.
        LiqPriceError::Table(missing) => Failure::internal("A margin table is missing.", missing),
        LiqPriceError::HedgeNotOffered { .. } => Failure::new(
            Kind::NoData,
            "hedge-unknown",
            format!("No shared price of hedged pairs is known on {title} in this margin mode."),
            "It is known for cross margin on binance and binance-coinm; isolated legs are priced one by one.",
            "Leave --hedge-size and --hedge-entry away.",
        ),
        LiqPriceError::HedgeAmount => Failure::usage(
            "hedge-amount",
            "A hedged pair was given one maintenance amount.",
            "Each leg has a tier of its own, and so an amount of its own.",
            "Leave --amount away, or --rate too where a margin table ships.",
        ),
        LiqPriceError::Answer { error: AnswerError::BeyondTable { known_to, value }, unit } => Failure::new(
            Kind::NoData,
            "beyond-margin-table",
            format!(
                "The margin table of {} is not known for a position of this size.",
                ask.instrument.market
            ),
            format!(
                "It is known up to {} {unit}; the position meets it at {}.",
                format::figure(known_to),
                format::figure((value * 100.0).round() / 100.0)
            ),
            "Give the maintenance terms of its tier with --rate and --amount, or another --date.",
        )
        .detail("known_to", known_to),
        LiqPriceError::Answer { error: AnswerError::NoLeverage, .. } => Failure::usage(
            "leverage-missing",
            "The leverage was not given.",
            format!("{title} divides its adjust factor by the leverage to get the maintenance rate."),
            "Give --leverage too.",
        ),
        LiqPriceError::Answer { error: AnswerError::NoMargin, .. } => Failure::usage(
            "margin-missing",
            "It was not said how much margin is behind the position.",
            "The liquidation price is where that margin is down to maintenance.",
            "Give --leverage or --margin.",
        ),
        LiqPriceError::Answer { error: AnswerError::NotPositive(what), .. } => Failure::usage(
            "position-not-understood",
            "The position cannot be priced.",
            format!("In it {what} must be above zero."),
            "Check the numbers of the question.",
        ),
    }
}
