//! `liqlens account`: one public account, and what happens to it when its coins move together.

use std::collections::BTreeMap;

use liqlens_ask::request::AsOf;
use liqlens_ask::{Failure, Kind, Source, quoted};
use liqlens_engine::{Account, AccountBook};
use liqlens_market::{MarketId, Symbol, Timestamp};
use liqlens_query::{Betas, account_document};

use super::{TABLE_FORMS, deliver_table, delivery};
use crate::app::App;
use crate::cli::{AccountArgs, Global};
use crate::request::venue;

/// Betas of real coins lie between −1 and 3; what is far beyond is a slip.
const BETA_MAX: f64 = 100.0;

pub(crate) fn run(app: &App, global: &Global, args: &AccountArgs) -> Result<(), Failure> {
    let delivery = delivery(app, &args.save, &TABLE_FORMS)?;
    let venue = venue(&args.venue)?;
    let betas = betas(args)?;
    let until = match global.as_of.as_deref().map(|text| AsOf::parse(text, app.now)).transpose()? {
        Some(AsOf::At(time)) => time,
        Some(AsOf::Newest) | None => Timestamp::LATEST,
    };
    let source = Source::open(global.data.as_deref())?;
    let mut feed = source.events(&MarketId::accounts(venue), until)?;
    let mut book = AccountBook::new(venue);
    for event in feed.by_ref() {
        book.step(&event);
    }
    for damage in feed.damage() {
        app.note(&format!("warning: {damage}"));
    }
    let Some(clock) = book.clock() else {
        return Err(Failure::new(
            Kind::NoData,
            "accounts-unknown",
            format!("No account of {} is known.", venue.title()),
            "The data hold no account states, fills or transfers of it by then.",
            "Import account states with `liqlens import FILE --data DIR`.",
        ));
    };
    let account = find(&book, &args.account)?;
    let as_of = if until == Timestamp::LATEST { clock } else { until };
    let failed = |why: &dyn std::fmt::Display| Failure::internal("The account cannot be written down.", why);
    let document = account_document(&book, &account, &betas, as_of)
        .map_err(|error| failed(&error))?
        .ok_or_else(|| failed(&"Its sums leave the range of an amount."))?;
    deliver_table(app, &delivery, &document)
}

/// The account of a name, of the start of one, or of a shortened one (`0x3b69…07d6`).
fn find<'a>(book: &'a AccountBook, asked: &str) -> Result<Account<'a>, Failure> {
    let asked = asked.to_ascii_lowercase();
    let (start, end) =
        asked.split_once('…').or_else(|| asked.split_once("...")).unwrap_or((asked.as_str(), ""));
    let mut found: Vec<Account<'a>> = Vec::new();
    let mut count = 0_usize;
    for account in book.accounts() {
        let name = account.name().as_str().to_ascii_lowercase();
        if name == asked {
            return Ok(account);
        }
        if name.starts_with(start) && name.ends_with(end) {
            count += 1;
            if found.len() < 5 {
                found.push(account);
            }
        }
    }
    let names = || found.iter().map(|account| account.name().to_string()).collect::<Vec<_>>().join(", ");
    match found.as_slice() {
        [only] => Ok(*only),
        [] => Err(Failure::new(
            Kind::NoData,
            "account-unknown",
            format!("No account is called {}.", quoted(&asked)),
            format!("{} accounts of {} are known.", book.accounts().count(), book.venue().title()),
            "List those behind a market with `liqlens accounts SYMBOL --data DIR`.",
        )),
        _ => Err(Failure::new(
            Kind::Usage,
            "account-ambiguous",
            format!("{count} accounts fit {}.", quoted(&asked)),
            format!("Among them are {}.", names()),
            "Write more of the name.",
        )),
    }
}

fn betas(args: &AccountArgs) -> Result<Betas, Failure> {
    let mut of = BTreeMap::new();
    for text in &args.betas {
        let (coin, beta) = text.split_once('=').ok_or_else(|| refused(text))?;
        let symbol = Symbol::new(coin).map_err(|_| refused(text))?;
        of.insert(symbol, number(beta).ok_or_else(|| refused(text))?);
    }
    let others = number(&args.others).ok_or_else(|| refused(&args.others))?;
    Ok(Betas { of, others })
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|beta: &f64| beta.abs() <= BETA_MAX)
}

fn refused(text: &str) -> Failure {
    Failure::usage(
        "beta-unreadable",
        format!("{} is not a beta.", quoted(text)),
        "A beta says how far a coin moves when the common move is 1, from -100 to 100.",
        "Write --beta BTC=1 --beta SOL=1.4 --others 1.2.",
    )
}
