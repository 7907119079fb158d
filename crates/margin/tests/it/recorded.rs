//! Accounts as their venues returned them (`tests/data/accounts`), valued here and held against the
//! liquidation prices in the same answers.

use std::fmt::Write;
use std::path::PathBuf;

use liqlens_margin::{Outcome, Position, PublicAccount, liquidation, value_account};
use liqlens_market::{
    AccountMode, AccountName, AccountPosition, AccountState, Amount, Backing, Contract, MarginTable, Price,
    Side, Size, Symbol, Timestamp, Venue,
};
use serde_json::Value;

/// Differences below this are those of the printed digits.
pub const EXACT: f64 = 1e-6;

/// A recorded account.
#[derive(Debug, Clone)]
pub struct Record {
    /// File name without its ending.
    pub name: String,
    pub venue: Venue,
    pub at: Timestamp,
    pub state: AccountState,
    /// The venue's own liquidation prices, `None` where it prints none.
    pub theirs: Vec<Option<f64>>,
    /// Whether positions are missing that the account's totals contain.
    pub in_part: bool,
    /// Why the record alone cannot give the venue's numbers, if so.
    pub lacks: Option<&'static str>,
}

/// A position's price, ours and theirs.
#[derive(Debug, Clone)]
pub struct Compared {
    pub symbol: Symbol,
    pub ours: Option<f64>,
    pub theirs: Option<f64>,
}

impl Compared {
    /// Relative difference where both have a price.
    pub fn difference(&self) -> Option<f64> {
        Some((self.ours? / self.theirs? - 1.0).abs())
    }
}

/// Why some records cannot be reproduced from themselves. All are of accounts whose margin lies partly
/// elsewhere: the account value is below what the positions use, or its totals are those of more positions.
const LACKING: &[(&str, &str)] = &[
    ("2026-07-30_spot_missing", "unified account, spot balance not recorded"),
    ("2026-08-18_in_part", "positions and the venue's maintenance total cut from the record"),
    ("2026-08-26_spot_missing", "unified account, spot balance not recorded"),
    ("2026-09-25_spot_missing", "unified account, spot balance not recorded"),
    ("2026-10-02_spot_missing", "unified account, spot balance not recorded"),
    ("2026-10-04_spot_missing", "unified account, spot balance not recorded"),
];

/// Maintenance fractions of Lighter's markets that have no shipped schedule: of the round numbers that the
/// venue uses, the one that gives the recorded price.
const LIGHTER_FRACTIONS: &[(&str, f64)] =
    &[("MEGA", 0.2), ("NMR", 0.2), ("STRK", 0.12), ("SUI", 0.06), ("ZEC", 0.06)];

/// All records, by venue and day.
pub fn records() -> Vec<Record> {
    let read = |folder: &str, parse: fn(String, &Value) -> Record| {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/accounts").join(folder);
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
        paths.sort();
        paths
            .into_iter()
            .map(|path| {
                let text = std::fs::read(&path).expect("a readable file");
                let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
                parse(name, &serde_json::from_slice(&text).expect("JSON"))
            })
            .collect::<Vec<_>>()
    };
    let mut all = read("hyperliquid", hyperliquid);
    all.extend(read("lighter", lighter));
    all
}

fn number(value: &Value) -> Option<f64> {
    value.as_str()?.parse().ok()
}

fn amount(value: f64) -> Amount {
    Amount::from_f64(value).expect("an amount")
}

fn position(symbol: &str, signed_size: f64, notional: f64) -> AccountPosition {
    AccountPosition {
        symbol: Symbol::new(symbol).expect("a symbol"),
        side: if signed_size > 0.0 { Side::Long } else { Side::Short },
        size: Size::from_f64(signed_size.abs()).expect("a size"),
        entry_price: None,
        mark_price: Price::from_f64(notional / signed_size.abs()).expect("a price"),
        backing: Backing::Cross,
        max_leverage: None,
        liquidation_price: None,
    }
}

fn hyperliquid(name: String, answer: &Value) -> Record {
    let at = Timestamp::from_nanos(answer["time"].as_i64().expect("milliseconds") * 1_000_000);
    let (mut positions, mut theirs, mut cross_notional) = (Vec::new(), Vec::new(), 0.0);
    for item in answer["assetPositions"].as_array().expect("a list") {
        let item = &item["position"];
        let size = number(&item["szi"]).expect("a size");
        let notional = number(&item["positionValue"]).expect("a value");
        let mut position = position(item["coin"].as_str().expect("a coin"), size, notional);
        if item["leverage"]["type"] == "isolated" {
            let raw = number(&item["leverage"]["rawUsd"]).expect("rawUsd");
            position.backing = Backing::Isolated(amount(raw + size.signum() * notional));
        } else {
            cross_notional += notional;
        }
        let stated = item["maxLeverage"].as_u64();
        position.max_leverage = stated.map(|leverage| u16::try_from(leverage).expect("small"));
        positions.push(position);
        theirs.push(number(&item["liquidationPx"]));
    }
    let summary = &answer["crossMarginSummary"];
    let maintenance = number(&answer["crossMaintenanceMarginUsed"]);
    let spot = answer["spotClearinghouseState"]["tokenToAvailableAfterMaintenance"]
        .as_array()
        .and_then(|tokens| tokens.iter().find(|token| token[0] == 0))
        .and_then(|token| number(&token[1]));
    let equity = match spot {
        Some(available) => available + maintenance.expect("maintenance"),
        None => number(&summary["accountValue"]).expect("an account value"),
    };
    let mode = match (answer["userAbstraction"].as_str(), spot) {
        (Some("portfolioMargin"), _) => AccountMode::Portfolio,
        (_, Some(_)) => AccountMode::Unified,
        (_, None) => AccountMode::Standard,
    };
    let total = number(&summary["totalNtlPos"]).expect("a total");
    Record {
        venue: Venue::Hyperliquid,
        at,
        state: AccountState {
            account: AccountName::new("recorded").expect("a name"),
            mode,
            cross_equity: amount(equity),
            cross_maintenance: maintenance.map(amount),
            positions,
        },
        theirs,
        in_part: (total / cross_notional - 1.0).abs() > 1e-6 && cross_notional > 0.0,
        lacks: LACKING.iter().find(|(lacking, _)| *lacking == name).map(|(_, why)| *why),
        name,
    }
}

fn lighter(name: String, answer: &Value) -> Record {
    let account = &answer["accounts"][0];
    let (mut positions, mut theirs) = (Vec::new(), Vec::new());
    for item in account["positions"].as_array().expect("a list") {
        let size = number(&item["position"]).expect("a size") * item["sign"].as_f64().expect("a sign");
        let value = number(&item["position_value"]).expect("a value");
        let mut position = position(item["symbol"].as_str().expect("a symbol"), size, value);
        if item["margin_mode"] == 1 {
            let allotted = number(&item["allocated_margin"]).expect("a margin");
            position.backing =
                Backing::Isolated(amount(allotted + number(&item["unrealized_pnl"]).expect("a profit")));
        }
        positions.push(position);
        // The venue's "none" is a zero.
        theirs.push(number(&item["liquidation_price"]).filter(|price| *price > 0.0));
    }
    Record {
        name,
        venue: Venue::Lighter,
        // The answers do not say; the schedules are flat.
        at: Timestamp::parse_text("2026-01-01").expect("a day"),
        state: AccountState {
            account: AccountName::new("recorded").expect("a name"),
            mode: AccountMode::Standard,
            cross_equity: amount(number(&account["cross_asset_value"]).expect("an account value")),
            cross_maintenance: number(&account["cross_maintenance_margin_requirement"]).map(amount),
            positions,
        },
        theirs,
        in_part: false,
        lacks: None,
    }
}

/// Our prices beside the venue's. Whole accounts go through [`value_account`]; of accounts known in part,
/// what the venue says the rest keeps is held constant; markets without a shipped schedule take the fraction
/// listed here; portfolio accounts are priced as unified ones, since that is how the venue prints them.
pub fn compare(record: &Record) -> Vec<Compared> {
    let mut state = record.state.clone();
    if state.mode == AccountMode::Portfolio {
        let valued = value_account(record.venue, &state, record.at);
        assert!(valued.positions.iter().all(|position| position.outcome == Outcome::PortfolioMargin));
        state.mode = AccountMode::Unified;
    }
    let valued = value_account(record.venue, &state, record.at);
    let account = PublicAccount::new(record.venue, &state, record.at);
    let mut in_part = None;
    if record.in_part
        && let Some(stated) = state.cross_maintenance
    {
        let mut cross = account.cross().expect("schedules");
        cross.other_maintenance = stated.to_f64() - cross.maintenance();
        in_part = Some(cross.liquidation_prices().collect::<Vec<_>>().into_iter());
    }
    state
        .positions
        .iter()
        .zip(&valued.positions)
        .zip(&record.theirs)
        .map(|((position, valued), theirs)| {
            let ours = match (&mut in_part, &valued.outcome, position.backing) {
                (Some(prices), _, Backing::Cross) => prices.next().expect("as many").map(|found| found.price),
                (_, Outcome::Priced(price), _) => Some(*price),
                (_, Outcome::Never, _) => None,
                (_, Outcome::NoTable(_), _) => by_fraction(record, position),
                (_, Outcome::PortfolioMargin, _) => panic!("{}: made unified above", record.name),
            };
            Compared { symbol: position.symbol.clone(), ours, theirs: *theirs }
        })
        .collect()
}

/// A market whose fraction is known, the rest of the account by the venue's own total.
fn by_fraction(record: &Record, position: &AccountPosition) -> Option<f64> {
    let symbol = position.symbol.as_str();
    // The longs that the venue gives no price have none at half their value either.
    let fraction = LIGHTER_FRACTIONS.iter().find(|(known, _)| *known == symbol).map_or(0.5, |known| known.1);
    let table = MarginTable::flat(fraction, 1.0).expect("a rate");
    let (size, mark_price) = (position.size.to_f64(), position.mark_price.to_f64());
    let margin = match position.backing {
        Backing::Isolated(margin) => margin.to_f64(),
        Backing::Cross => {
            let all = record.state.cross_maintenance.expect("the venue's total").to_f64();
            record.state.cross_equity.to_f64() - all + fraction * size * mark_price
        }
    };
    let own = Position { side: position.side, entry_price: mark_price, size, margin };
    liquidation(&own, Contract::Linear, &table).map(|found| found.price)
}

/// The record with the equity that its first priced cross position implies, by the venue's own formula
/// `P = Pm − s·avail/q / (1 − s·l)`. What follows for the other positions is then a check.
pub fn with_implied_equity(record: &Record) -> Option<Record> {
    let (position, price) =
        record.state.positions.iter().zip(&record.theirs).find_map(|(position, price)| {
            Some((position, (*price)?)).filter(|_| position.backing == Backing::Cross)
        })?;
    let (s, q) = (position.side.sign(), position.size.to_f64());
    let rate = 0.5 / f64::from(position.max_leverage?);
    let available = s * (position.mark_price.to_f64() - price) * q * (1.0 - s * rate);
    let valued = value_account(record.venue, &record.state, record.at);
    let mut implied = record.clone();
    implied.state.cross_equity = amount(available + valued.cross_maintenance?);
    implied.in_part = false;
    Some(implied)
}

/// One line a record, as Markdown.
pub fn printed() -> String {
    let mut text = String::from(
        "| account | positions | priced by the venue | largest | median | above 1e-6 | none in both | remark |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for record in records() {
        let compared = compare(&record);
        let mut differences: Vec<f64> = compared.iter().filter_map(Compared::difference).collect();
        differences.sort_by(f64::total_cmp);
        let priced = compared.iter().filter(|one| one.theirs.is_some()).count();
        let none = compared.iter().filter(|one| one.theirs.is_none() && one.ours.is_none()).count();
        let remark = match (&record.lacks, record.state.mode, record.in_part) {
            (Some(why), _, _) => why,
            (_, AccountMode::Portfolio, _) => "portfolio margin, from the venue's available balance",
            (_, _, true) => "some positions recorded, the rest by the venue's maintenance total",
            _ => "",
        };
        writeln!(
            text,
            "| {} {} | {} | {priced} | {} | {} | {} | {none} of {} | {remark} |",
            record.venue,
            record.name.replace('_', " "),
            compared.len(),
            within(differences.last()),
            within(differences.get(differences.len() / 2)),
            differences.iter().filter(|difference| **difference > EXACT).count(),
            compared.len() - priced,
        )
        .expect("a string grows");
    }
    text
}

/// The power of ten that a difference stays within, so that the last digits of a machine do not show.
pub fn within(difference: Option<&f64>) -> String {
    let Some(difference) = difference else { return "–".to_owned() };
    let power = (-15..1).find(|power| *difference <= 10_f64.powi(*power)).unwrap_or(1);
    format!("≤ 1e{power}")
}
