//! Liquidation prices from each venue's own margin rules.
//!
//! One question: at which price does the margin behind a position equal what the venue asks for? The
//! answer depends on the contract (linear or inverse), on the price at which maintenance is valued, on the
//! maintenance tier that holds *at the liquidation price*, and on what else shares the margin. "No
//! liquidation price" is a value of its own ([`None`]), never zero or a negative number.
//!
//! | question | answer |
//! |---|---|
//! | one position, rate known | [`solve`] |
//! | one position, a venue's tiers | [`liquidation_under`], and [`PreparedTable`] for millions of them |
//! | one position, a venue's own rules on a day | [`rules()`], then [`Rules::answer`] |
//! | where everything is lost | [`bankruptcy_price`] |
//! | a long and a short in one wallet | [`hedged`] |
//! | a whole cross account, coin by coin or coins together | [`CrossAccount`] |
//! | an account as a venue publishes it | [`PublicAccount`] |
//! | the tiers of a market on a day | [`table`] |
//!
//! The symbols in the formulas are those of the venues' documents:
//!
//! | symbol | meaning |
//! |---|---|
//! | `s` | +1 long, −1 short |
//! | `q` | size in base coin (linear) |
//! | `S` | size in quote currency (inverse): contracts × contract value |
//! | `E`, `P`, `Pm` | average entry price, liquidation price, mark price |
//! | `L` | leverage the trader chose |
//! | `M` | margin behind the position |
//! | `m`, `c` | maintenance rate and maintenance amount of the tier that holds at `P` |
//! | `f` | fee rate reserved inside the condition |
//! | `t` | taker fee rate, where it matters outside the condition |
//! | `V`, `K` | price at which frozen maintenance is valued, and that maintenance: `q·V·m − c` |
//! | `W`, `TMM`, `UPNL` | wallet balance; maintenance and unrealised profit of all other cross positions |
//! | `k`, `y` | growth of the rate per coin, and the position in coin, `S/P` (Deribit) |
//!
//! A long of 1 BTC from 60,000 at 10× on Binance stands on 6,000. Where it dies it is worth less than 300,000,
//! in the tier of 0.4 %: `(60,000 − 6,000) / (1 − 0.004) = 54,216.87`.
//!
//! ```
//! use liqlens_margin::{ContractKind, MarginMode, Question, rules, table};
//! use liqlens_market::{Contract, Side, Timestamp, Venue};
//!
//! let day = Timestamp::parse_text("2026-10-01")?;
//! let rules = rules(Venue::BinanceUsdm, ContractKind::Linear, MarginMode::Isolated, day)?;
//! let schedule = table(&"binance:BTCUSDT".parse()?, day)?;
//! let question = Question {
//!     side: Side::Long,
//!     entry_price: 60_000.0,
//!     size: 1.0,
//!     leverage: Some(10.0),
//!     margin: None,
//!     added_margin: 0.0,
//!     mark_price: None,
//!     fee_rate: None,
//!     tick: None,
//! };
//! let answer = rules.answer(Contract::Linear, schedule, &question)?;
//! let found = answer.liquidation.expect("10× is not covered by its margin");
//! assert!((found.price - 54_216.87).abs() < 0.01 && found.tier == 0);
//! assert_eq!(answer.bankruptcy_price, Some(54_000.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What every rule has been held against, number by number, is in `docs/liquidation_prices.md`.
//!
//! Each venue has a page in [`venues`]: its formulas, the dates on which they changed, a worked number,
//! and which published numbers prove it.

pub mod venues;

mod account;
mod answer;
mod batch;
mod condition;
mod in_force;
mod rules;
mod states;
mod tables;
mod tiers;

pub use account::{CrossAccount, HedgedPrices, JointMove, Leg, hedged};
pub use answer::{Answer, AnswerError, Assumed, Question};
pub use batch::PreparedTable;
pub use condition::{Position, Terms, Valuation, bankruptcy_price, notional, solve};
pub use in_force::{MissingRules, all_rules, rules};
pub use rules::{
    AddedMargin, ContractKind, FeeRule, InitialMargin, MarginMode, Proof, Rounding, Rules, Trigger, Valued,
};
pub use states::{Outcome, PublicAccount, ValuedAccount, ValuedPosition, value_account};
pub use tables::{DatedTable, MissingTable, all_tables, table, tables};
pub use tiers::{Condition, Liquidation, liquidation, liquidation_under, maintenance};
