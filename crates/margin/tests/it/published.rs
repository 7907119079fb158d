//! Published and recorded liquidation prices (`tests/data/liquidation_vectors.json`), each put to the one
//! solver and, where it has the fields, to the venue's rules of its day.

use std::fmt::{self, Write};

use liqlens_margin::{
    Answer, ContractKind, DatedTable, MarginMode, Position, Question, Rounding, Rules, Terms, Valuation,
    rules, solve, table,
};
use liqlens_market::{Contract, MarginTable, MarketId, Side, Symbol, Timestamp, Venue};
use serde::Deserialize;

/// One published or recorded price.
#[derive(Debug, Clone, Deserialize)]
pub struct Vector {
    pub id: String,
    venue: String,
    contract: String,
    margin_mode: String,
    side: String,
    entry_price: Option<f64>,
    size: f64,
    size_unit: String,
    leverage: Option<f64>,
    margin: Option<f64>,
    wallet_balance: Option<f64>,
    mmr: Option<f64>,
    maint_amount: Option<f64>,
    fee_rate: f64,
    other: Stated,
    pub formula: String,
    #[serde(rename = "expected_liq_price")]
    pub expected: f64,
    pub tolerance: f64,
    pub as_of: String,
}

/// What only some venues state.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Stated {
    account_equity: Option<f64>,
    account_value: Option<f64>,
    adjust_factor: Option<f64>,
    available_after_maintenance: Option<f64>,
    contract_size: Option<f64>,
    contract_size_usd: Option<f64>,
    ct_val: Option<f64>,
    equity: Option<f64>,
    expected_bankruptcy_price: Option<f64>,
    extra_margin: Option<f64>,
    margin_static: Option<f64>,
    mark_price: Option<f64>,
    mm_other: Option<f64>,
    multiplier: Option<f64>,
    net_margin: Option<f64>,
    oracle_price: Option<f64>,
    pos_maint: Option<f64>,
    raw_usd: Option<f64>,
    symbol: Option<String>,
    tick: Option<f64>,
    tmm_other: Option<f64>,
    total_maintenance: Option<f64>,
    upnl_other: Option<f64>,
}

/// A vector as the solver takes it.
#[derive(Debug, Clone, Copy)]
pub struct Put {
    pub position: Position,
    pub contract: Contract,
    pub valuation: Valuation,
    pub terms: Terms,
}

/// Where the rates of an answer by rules came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schedule {
    /// The schedule shipped for that market and day, whose tier had to be found.
    Shipped,
    /// One tier with the rate that the vector states.
    Stated,
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shipped => "shipped tiers",
            Self::Stated => "stated rate",
        })
    }
}

/// All forty.
pub fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("../data/liquidation_vectors.json")).expect("the file parses")
}

impl Vector {
    pub fn venue(&self) -> Venue {
        match self.venue.as_str() {
            "binance_usdm" => Venue::BinanceUsdm,
            "binance_coinm" => Venue::BinanceCoinm,
            "hyperliquid" => Venue::Hyperliquid,
            "bybit" => Venue::Bybit,
            "okx" => Venue::Okx,
            "bitget" => Venue::Bitget,
            "gate" => Venue::Gate,
            "htx" => Venue::Htx,
            "kraken_futures" => Venue::Kraken,
            "dydx_v4" => Venue::Dydx,
            "lighter" => Venue::Lighter,
            "kucoin_futures" => Venue::Kucoin,
            "bitmex" => Venue::Bitmex,
            other => panic!("{}: unknown venue {other}", self.id),
        }
    }

    pub fn kind(&self) -> ContractKind {
        match self.contract.as_str() {
            "linear" => ContractKind::Linear,
            "inverse" => ContractKind::Inverse,
            other => panic!("{}: unknown contract {other}", self.id),
        }
    }

    /// The margin mode in our terms: Kraken's page calls a single-collateral wallet isolated from the
    /// others, but all of it backs the position.
    pub fn mode(&self) -> MarginMode {
        match (self.margin_mode.as_str(), self.venue.as_str()) {
            ("cross", _) | (_, "kraken_futures") => MarginMode::Cross,
            ("isolated", _) => MarginMode::Isolated,
            (other, _) => panic!("{}: unknown mode {other}", self.id),
        }
    }

    pub fn side(&self) -> Side {
        if self.side == "long" { Side::Long } else { Side::Short }
    }

    /// A day inside the period that `as_of` names.
    pub fn day(&self) -> Timestamp {
        let text = match self.as_of.as_str() {
            "2020/2021 tier table" => "2020-07-01",
            "<=2025" | "2023-2025" => "2025-01-01",
            "2020-2024" => "2022-07-01",
            year if year.len() == 4 => &format!("{year}-07-01"),
            month if month.len() == 7 => &format!("{month}-15"),
            day => day,
        };
        Timestamp::parse_text(text).expect("a day")
    }

    /// Price tick of the venue, where the vector or its note names it.
    pub fn tick(&self) -> Option<f64> {
        // The record's note: "exactly one tick (0.01) above the formula".
        self.other.tick.or((self.formula == "OKX-INV-ISO").then_some(0.01))
    }

    pub fn bankruptcy(&self) -> Option<f64> {
        self.other.expected_bankruptcy_price
    }

    /// The vector's formula id, which names a family and where its inputs stand, as the solver's arguments.
    pub fn put(&self) -> Put {
        let side = self.side();
        let s = side.sign();
        let Stated { mark_price, account_equity, account_value, .. } = self.other;
        let entry = self.entry_price;
        let terms = Terms {
            rate: self.mmr.unwrap_or(0.0),
            amount: self.maint_amount.unwrap_or(0.0),
            fee: self.fee_rate,
        };
        let no_fee = Terms { fee: 0.0, ..terms };
        let at = Valuation::AtLiquidation;
        let size = self.size;
        let put = |entry_price: Option<f64>, size: f64, margin: Option<f64>, valuation, terms| Put {
            position: Position {
                side,
                entry_price: entry_price.expect("an entry price"),
                size,
                margin: margin.expect("a margin"),
            },
            contract: self.contract(),
            valuation,
            terms,
        };
        match self.formula.as_str() {
            "BIN-LIN-1" => {
                let others = self.other.upnl_other.unwrap_or(0.0) - self.other.tmm_other.unwrap_or(0.0);
                put(entry, size, self.wallet_balance.map(|w| w + others), at, no_fee)
            }
            "BIN-INV-1" | "KRK-INV" => put(entry, size, self.wallet_balance, at, no_fee),
            "BYB-LIN-OLD" => {
                let initial = entry.zip(self.leverage).map(|(entry, leverage)| size * entry / leverage);
                let margin = self.other.net_margin.or(initial);
                let extra = self.other.extra_margin.unwrap_or(0.0);
                put(entry, size, margin.map(|m| m + extra), Valuation::AtEntry, no_fee)
            }
            "BYB-INV-OLD" => put(entry, size, self.other.net_margin, Valuation::AtEntry, no_fee),
            "OKX-INV-ISO" | "BITGET-ISO" => put(entry, size, self.margin, at, terms),
            "OKX-LIN-CROSS" => {
                put(mark_price, size * self.other.ct_val.expect("ct_val"), account_equity, at, terms)
            }
            "BITGET-CROSS-OLD" => {
                let mark = mark_price.expect("a mark");
                put(mark_price, size, account_equity, Valuation::At(mark), no_fee)
            }
            "GATE-LIN-ISO" => {
                put(entry, size * self.other.multiplier.expect("multiplier"), self.margin, at, terms)
            }
            "HTX-LIN-OLD" | "HTX-INV-OLD" => {
                let factor = self.other.adjust_factor.expect("an adjust factor");
                let rate = factor / self.leverage.expect("a leverage");
                let size = size * self.other.contract_size.unwrap_or(1.0);
                put(entry, size, self.other.margin_static, at, Terms { rate, ..Terms::default() })
            }
            "HL-RAW" => {
                let bought = s * size * entry.expect("an entry price");
                put(entry, size, self.other.raw_usd.map(|raw| raw + bought), at, no_fee)
            }
            "HL-CROSS" => {
                let from_totals = account_value.zip(self.other.total_maintenance).map(|(v, mm)| v - mm);
                let available = self.other.available_after_maintenance.or(from_totals);
                let own = terms.rate * size * mark_price.expect("a mark");
                put(mark_price, size, available.map(|available| available + own), at, no_fee)
            }
            "HL-ISO-ENTRY" => put(entry, size, self.margin, at, no_fee),
            "DYDX" => {
                let margin = self.other.equity.zip(self.other.mm_other).map(|(e, others)| e - others);
                put(self.other.oracle_price, size, margin, at, no_fee)
            }
            "LIGHTER" => put(mark_price, size, account_value, at, no_fee),
            "KUCOIN-ISO" => {
                // What is kept is given whole; it is a negative maintenance amount at rate zero.
                let kept = self.other.pos_maint.expect("pos_maint");
                let size = size * self.other.multiplier.expect("multiplier");
                let terms = Terms { rate: 0.0, amount: -kept, fee: 0.0 };
                put(entry, size, self.margin, Valuation::AtEntry, terms)
            }
            "BITMEX-LIN" => put(entry, size, self.wallet_balance, Valuation::AtEntry, no_fee),
            other => panic!("{}: unknown formula {other}", self.id),
        }
    }

    fn contract(&self) -> Contract {
        match (self.kind(), self.size_unit.as_str()) {
            (ContractKind::Linear, _) => Contract::Linear,
            (ContractKind::Inverse, "usd") => Contract::Inverse { contract_value: 1.0 },
            (ContractKind::Inverse, _) => {
                let value = self.other.contract_size_usd.or(self.other.ct_val);
                Contract::Inverse { contract_value: value.expect("the value of a contract") }
            }
        }
    }

    /// The solver's number, rounded as the venue's rule of that day says.
    pub fn ours(&self) -> Option<f64> {
        let put = self.put();
        let price = solve(&put.position, put.contract, put.valuation, put.terms)?;
        let rounds = self.rules().rounding == Rounding::UpForLongs && self.side() == Side::Long;
        Some(match self.tick().filter(|_| rounds) {
            Some(tick) => (price / tick).ceil() * tick,
            None => price,
        })
    }

    /// The rules in force on the vector's day.
    pub fn rules(&self) -> &'static Rules {
        rules(self.venue(), self.kind(), self.mode(), self.day()).expect("rules of that day")
    }

    /// The vector put to those rules: with the shipped schedule of its market where that is the one the
    /// number was computed with, else with its stated rate. `None` where neither says enough.
    pub fn answer(&self) -> Option<(Answer, Schedule)> {
        let put = self.put();
        let rule = self.rules();
        let (dated, schedule) = match self.shipped() {
            Some(dated) => (dated.clone(), Schedule::Shipped),
            // Without the ladder below it a maintenance amount means nothing.
            None if put.terms.amount == 0.0 => (self.stated()?, Schedule::Stated),
            None => return None,
        };
        let question = Question {
            side: put.position.side,
            entry_price: put.position.entry_price,
            size: put.position.size,
            leverage: self.leverage,
            // The venue's own way to the margin, where it is the leverage that the vector states.
            margin: (self.other.extra_margin.is_none()).then_some(put.position.margin),
            added_margin: self.other.extra_margin.unwrap_or(0.0),
            mark_price: self.other.mark_price.or(self.other.oracle_price),
            fee_rate: Some(put.terms.fee),
            tick: self.other.tick,
        };
        Some((rule.answer(put.contract, &dated, &question).expect("an answer"), schedule))
    }

    /// A schedule of the one rate that the vector states.
    fn stated(&self) -> Option<DatedTable> {
        let rate = self.mmr.or(self.other.adjust_factor)?;
        let symbol = Symbol::new("STATED").expect("a symbol");
        Some(DatedTable {
            market: MarketId { venue: self.venue(), symbol },
            recorded: "",
            source: "the vector".into(),
            note: "".into(),
            complete: true,
            table: MarginTable::flat(rate, 1.0).expect("a rate"),
        })
    }

    /// The shipped schedule that the venue computed the number with. Examples with rates of their own, and
    /// records older than any recorded schedule of their market, have none.
    fn shipped(&self) -> Option<&'static DatedTable> {
        let symbol = match self.id.as_str() {
            "bn-um-iso-btc-long"
            | "bn-um-cross-btc-long"
            | "bn-um-iso-btc-hedge-long"
            | "bitget-lin-iso-long" => "BTCUSDT",
            // The shipped ladder is the first edition, the cross example was computed with a later one.
            "bn-cm-iso-btc-long" => "BTCUSD_PERP",
            "kraken-inv-long" => "PI_XBTUSD",
            "lighter-cross-eth-long" => "ETH",
            "okx-lin-cross-btc" => "BTC-USDT-SWAP",
            id => id.strip_prefix("hl-iso-")?.split('-').find(|part| !part.starts_with("20"))?,
        };
        let market = format!("{}:{}", self.venue().id(), symbol.to_ascii_uppercase());
        table(&market.parse::<MarketId>().expect("a market"), self.day()).ok()
    }
}

/// The table of all vectors, as Markdown: expected, ours, the difference (also in ticks of the venue, where
/// its tick is known, or else in tolerances), and what the rules of the day were given.
pub fn printed() -> String {
    let mut text = String::from(
        "| id | expected | ours | difference | of the allowed | through the rules of the day |\n\
         |---|---|---|---|---|---|\n",
    );
    for vector in vectors() {
        let ours = vector.ours().expect("a price");
        let decimals = decimals(vector.tolerance);
        let difference = ours - vector.expected;
        let allowed = match vector.tick() {
            Some(tick) => format!("{:.0} ticks of {tick}", (difference / tick).round().abs()),
            None => format!("{:.2} of {}", (difference / vector.tolerance).abs(), small(vector.tolerance)),
        };
        let by_rules = match vector.answer() {
            Some((_, schedule)) => schedule.to_string(),
            None => "not enough fields".to_owned(),
        };
        writeln!(
            text,
            "| {} | {:.decimals$} | {ours:.decimals$} | {} | {allowed} | {by_rules} |",
            vector.id,
            vector.expected,
            small(difference),
        )
        .expect("a string grows");
    }
    text
}

/// Enough decimals to show a tolerance.
fn decimals(tolerance: f64) -> usize {
    let mut step = 0.01;
    (2..12)
        .find(|_| {
            let enough = step <= tolerance * 1.000_1;
            step /= 10.0;
            enough
        })
        .unwrap_or(12)
}

/// A small number in few characters; what is beyond a double's precision is nothing.
fn small(number: f64) -> String {
    if number.abs() < 1e-11 { "0".to_owned() } else { format!("{number:.1e}") }
}

/// The ones without a number to hold against, with what ours is.
pub fn printed_unverified() -> String {
    let list: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../data/liquidation_vectors_unverified.json"))
            .expect("the file parses");
    let mut text = String::from("| id | published | ours | why it proves nothing |\n|---|---|---|---|\n");
    for item in &list {
        let id = item["id"].as_str().expect("an id");
        let published = match (&item["published_liq_price"], &item["published_bankruptcy_price"]) {
            (serde_json::Value::Number(price), _) => price.to_string(),
            (_, serde_json::Value::Array(prices)) => {
                prices.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            }
            _ => "–".to_owned(),
        };
        let ours = unverified(id);
        let ours = if ours.is_empty() {
            "–".to_owned()
        } else {
            ours.iter().map(|price| format!("{price:.2}")).collect::<Vec<_>>().join(", ")
        };
        let why = item["discrepancy"].as_str().expect("a remark").trim_end_matches('.');
        writeln!(text, "| {id} | {published} | {ours} | {why} |").expect("a string grows");
    }
    text
}

/// Our numbers for the ones that cannot be verified; none where inputs are missing.
pub fn unverified(id: &str) -> Vec<f64> {
    let one_usd = Contract::Inverse { contract_value: 1.0 };
    let rate = |rate, fee| Terms { rate, amount: 0.0, fee };
    let old = |side, entry_price, size, margin, terms| {
        let position = Position { side, entry_price, size, margin };
        solve(&position, one_usd, Valuation::AtEntry, terms)
    };
    let bankrupt = |entry_price, margin| {
        let position = Position { side: Side::Long, entry_price, size: 0.02, margin };
        liqlens_margin::bankruptcy_price(&position, Contract::Linear)
    };
    let known = |name: &str| vectors().into_iter().find(|vector| vector.id == name).expect("a vector");
    match id {
        "bybit-inv-cross-2020" => {
            vec![old(Side::Long, 8_000.0, 10_000.0, 0.5, rate(0.005, 0.000_75))]
        }
        "bybit-inv-iso-60000" => Side::BOTH
            .map(|side| old(side, 50_000.0, 60_000.0, 60_000.0 / 50_000.0 / 10.0, rate(0.005, 0.0)))
            .to_vec(),
        // The published inverse form of 2026 on the recorded position of 2023.
        "bybit-2026-mark-based" => {
            let put = known("bybit-inv-iso-ethusd").put();
            vec![solve(&put.position, put.contract, Valuation::AtLiquidation, put.terms)]
        }
        "bn-cm-forum-old-amount" => {
            let put = known("bn-cm-cross-btc-long-100k").put();
            let terms = Terms { amount: 11.81, ..put.terms };
            vec![solve(&put.position, put.contract, put.valuation, terms)]
        }
        "kucoin-bankruptcy" => vec![bankrupt(4_189.35, 3.403_763_09), bankrupt(4_182.10, 3.688_975_86)],
        "okx-iso-one-tick" => vec![known("okx-inv-iso-eth").ours()],
        "bitmex-inverse-example" => {
            // 200,000 USD are 20 XBT, at 20×.
            let margin = 1.0;
            vec![old(Side::Long, 10_000.0, 200_000.0, margin, Terms::default())]
        }
        "hl-hip3-docs" => {
            let position = Position { side: Side::Long, entry_price: 250.0, size: 0.5, margin: 25.0 };
            vec![solve(&position, Contract::Linear, Valuation::AtLiquidation, rate(0.05, 0.0))]
        }
        _ => vec![],
    }
    .into_iter()
    .flatten()
    .collect()
}
