//! Binance USD-M (linear) and COIN-M (inverse).
//!
//! Liquidation when margin balance ≤ maintenance at the **mark price**; no fee in the condition.
//! Maintenance is `notional·m − cum` of the tier that the notional at the liquidation price falls into, with
//! `cum_n = floor_n·(m_n − m_{n−1}) + cum_{n−1}`.
//!
//! | | formula |
//! |---|---|
//! | USD-M, one-way, isolated | `P = (s·q·E − M − cum) / (q·(s − m))`, `M` the isolated wallet |
//! | USD-M, one-way, cross | the same with `M = W − TMM + UPNL` (all other cross positions at their marks) |
//! | USD-M, hedge, cross | `P = (M + cum_L + cum_S − q_L·E_L + q_S·E_S) / (q_L·m_L + q_S·m_S − q_L + q_S)`: [`crate::hedged`] |
//! | COIN-M, one-way | `P = S·(1 + s·m) / (S/E + s·(M + cum))`, everything in coin, tiers in coin |
//! | COIN-M, hedge, cross | `P = (S_L·(1 + m_L) − S_S·(1 − m_S)) / (M + cum_L + cum_S + S_L/E_L − S_S/E_S)` (derived) |
//!
//! Isolated legs of hedge mode are solved one by one. The reported `isolatedMargin` includes unrealised
//! profit; the wallet is what is left without it. In portfolio margin (liquidated at a uniMMR of 105 %)
//! positions have no price of their own.
//!
//! **Worked number** (support document b3c689c1f50a44cabb3a84e663b81d93): long 3,683.979 ETH from 1,456.84,
//! wallet 1,535,443.01, other maintenance 71,200.81, other profit −56,354.57, m = 10 %, cum = 135,365:
//! `(3,683.979·1,456.84 − 1,407,887.63 − 135,365) / (3,683.979·0.9) = 1,153.26`. COIN-M (a position recorded
//! in 2022): long 2 contracts of 100 USD from 37,643.10 with 0.00268058 BTC, m = 0.4 %:
//! `200·1.004 / (0.00531306 + 0.00268058) = 25,119.97`.
//!
//! ```
//! use liqlens_margin::{Position, Terms, Valuation, solve};
//! use liqlens_market::{Contract, Side};
//! let margin = 1_535_443.01 - 71_200.811_44 - 56_354.57;
//! let eth = Position { side: Side::Long, entry_price: 1_456.84, size: 3_683.979, margin };
//! let terms = Terms { rate: 0.1, amount: 135_365.0, fee: 0.0 };
//! let price = solve(&eth, Contract::Linear, Valuation::AtLiquidation, terms).unwrap();
//! assert!((price - 1_153.26).abs() < 0.01);
//! ```

use liqlens_market::Venue;

use super::{cross, inverse, linear};
use crate::rules::{Proof, Rules};

const SUPPORT: &str = "Binance support, \"How to calculate liquidation price of USD-M futures contracts\" \
    (b3c689c1f50a44cabb3a84e663b81d93)";
const COIN_SUPPORT: &str = "Binance support, liquidation price of COIN-M futures contracts (be2c7d9d)";

const ISOLATED: Rules = linear(
    Venue::BinanceUsdm,
    Proof::Vectors(&["bn-um-iso-eth-long", "bn-um-iso-btc-long", "bn-um-iso-btc-hedge-long"]),
    SUPPORT,
);
const COIN_ISOLATED: Rules =
    inverse(Venue::BinanceCoinm, Proof::Vectors(&["bn-cm-iso-btc-long"]), COIN_SUPPORT);

/// USD-M.
pub const USDM: &[Rules] =
    &[ISOLATED, cross(ISOLATED, Proof::Vectors(&["bn-um-cross-eth-long", "bn-um-cross-btc-long"]))];
/// COIN-M.
pub const COINM: &[Rules] =
    &[COIN_ISOLATED, cross(COIN_ISOLATED, Proof::Vectors(&["bn-cm-cross-btc-long-100k"]))];
