//! Reach, at, map.

use liqlens_market::Side;
use liqlens_model::BANDS;

use crate::curve::Curve;
use crate::document::{
    At, AtMove, Band, BinWidth, DayRange, Map, MapBin, MapSide, Reach, ReachPair, ReachSide, Tilt, TiltLabel,
    Usd, Window,
};
use crate::rounding::round;
use crate::view::{AskError, Basis, View, side_name};

/// Most bins one map may have.
pub const MAX_BINS: u64 = 20_000;

/// How a map is cut.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MapOptions {
    /// Distance shown either way, percent of the last price, above 0 and below 100.
    pub window_pct: f64,
    /// Width of the bins; `None` chooses about eighty over the window.
    pub bin: Option<BinWidth>,
}

impl Default for MapOptions {
    fn default() -> Self {
        Self { window_pct: 10.0, bin: None }
    }
}

/// Share of the draws that must keep the sign of a tilt before a side may be named.
const LEAST_SIGN_HELD: f64 = 0.80;
/// Windows a map may be shown in, percent either way.
const WINDOWS_PCT: [f64; 4] = [10.0, 25.0, 50.0, 90.0];

impl View {
    /// How far price must move for `amount` of each side to be liquidated.
    pub fn reach(&self, amount: Usd) -> Reach {
        Reach { stamp: self.stamp(Reach::SCHEMA), pair: self.reach_pair(amount) }
    }

    /// The same without the head.
    pub(crate) fn reach_pair(&self, amount_usd: Usd) -> ReachPair {
        let reached = self.reached(amount_usd.to_f64());
        let [long_pct, short_pct] = Side::BOTH.map(|side| self.reach_pct(side, amount_usd));
        let tilt = long_pct.zip(short_pct).map(|(long, short)| {
            let (nearer, ratio) = compared(long.abs(), short.abs());
            tilt(nearer, ratio, reached.as_ref().and_then(|reached| self.sign_held(reached, nearer)))
        });
        ReachPair {
            amount_usd,
            reported_amount_usd: self.reported_usd(amount_usd),
            long: self.reach_side(Side::Long, amount_usd, reached.as_ref()),
            short: self.reach_side(Side::Short, amount_usd, reached.as_ref()),
            tilt,
        }
    }

    /// The same as one unrounded number, without a document around it: the signed move in percent of the
    /// last price; `None` if the side never holds that much. For callers that ask thousands of times.
    pub fn reach_pct(&self, side: Side, amount: Usd) -> Option<f64> {
        let distance = self.curve(side).reach(amount.to_f64())?;
        Some((self.curve(side).price_at(distance) / self.last_price() - 1.0) * 100.0)
    }

    fn reach_side(&self, side: Side, amount: Usd, reached: Option<&[Vec<f64>; 2]>) -> ReachSide {
        let curve = self.curve(side);
        let distance = curve.reach(amount.to_f64());
        let price = distance.map(|distance| curve.price_at(distance));
        let (interval, held_in) = self.reach_interval(side, reached, distance);
        ReachSide {
            price: price.map(|p| self.price_text(p)),
            move_usd: price.map(|p| self.price_text(p - self.last_price())),
            move_pct: price.map(|p| self.move_pct(p)),
            interval,
            held_in,
            available_usd: curve.usd_within(f64::INFINITY),
        }
    }

    /// How many dollars each of some moves would liquidate. A move is a target price.
    pub fn at(&self, prices: &[f64]) -> At {
        At { stamp: self.stamp(At::SCHEMA), moves: self.at_moves(prices) }
    }

    pub(crate) fn at_moves(&self, prices: &[f64]) -> Vec<AtMove> {
        prices
            .iter()
            .map(|&price| {
                let [long_usd, short_usd] = Side::BOTH.map(|side| self.curve(side).usd_within_or_none(price));
                // A move liquidates one side only.
                let interval = Side::BOTH.into_iter().zip([long_usd, short_usd]).find_map(|(side, usd)| {
                    let distance = self.curve(side).distance_to(price);
                    (distance > 0.0).then(|| self.within_interval(side, distance, usd)).flatten()
                });
                AtMove {
                    move_pct: self.move_pct(price),
                    move_usd: self.price_text(price - self.last_price()),
                    price: self.price_text(price),
                    long_usd,
                    short_usd,
                    interval,
                    reported_long_usd: self.reported_usd(long_usd),
                    reported_short_usd: self.reported_usd(short_usd),
                }
            })
            .collect()
    }

    /// Signed move from the last price to another, percent to four decimals.
    pub(crate) fn move_pct(&self, price: f64) -> f64 {
        round((price / self.last_price() - 1.0) * 100.0, 4)
    }

    /// The price a percentage away from the last one.
    pub fn price_moved_by(&self, pct: f64) -> f64 {
        self.last_price() * (1.0 + pct / 100.0)
    }

    /// Dollars by liquidation price.
    pub fn map(&self, options: &MapOptions) -> Result<Map, AskError> {
        let price = self.last_price();
        let (mut lo, mut hi) = self.window_prices(options.window_pct);
        let bin = options.bin.unwrap_or_else(|| automatic_bin(options.window_pct));
        if options.bin.is_none() {
            (lo, hi) = whole_bins(lo, hi, bin);
        }
        let edges = edges(lo, hi, bin)?;
        let mut bins = Vec::with_capacity(edges.len());
        for side in Side::BOTH {
            self.side_bins(side, &edges, price, &mut bins);
        }
        bins.sort_by(|a, b| a.price_lo.to_f64().total_cmp(&b.price_lo.to_f64()));
        let side_total = |side: Side, far: f64| {
            let curve = self.curve(side);
            let (liquidatable_size, unliquidatable_size) = self.sizes(side);
            let liquidatable_usd = curve.usd_within(f64::INFINITY);
            let window = curve.distance_to(far);
            let in_window_usd = curve.usd_within(window);
            MapSide {
                liquidatable_usd,
                in_window_usd,
                liquidatable_interval: self.within_interval(side, f64::INFINITY, liquidatable_usd),
                in_window_interval: self.within_interval(side, window, in_window_usd),
                reported_liquidatable_usd: self.reported_usd(liquidatable_usd),
                reported_in_window_usd: self.reported_usd(in_window_usd),
                beyond_window_usd: liquidatable_usd - in_window_usd,
                liquidatable_size,
                unliquidatable_size,
            }
        };
        let mut clusters = self.cluster_list(options.window_pct);
        clusters.retain(|cluster| cluster.rank <= 3);
        Ok(Map {
            stamp: self.stamp(Map::SCHEMA),
            window: Window {
                price_lo: self.price_text(lo),
                price_hi: self.price_text(hi),
                pct: options.window_pct,
            },
            bin,
            bands: BANDS
                .iter()
                .map(|band| Band {
                    label: band.label.to_owned(),
                    leverage_min: band.above,
                    leverage_max: band.up_to.is_finite().then_some(band.up_to),
                })
                .collect(),
            bins,
            long: side_total(Side::Long, lo),
            short: side_total(Side::Short, hi),
            marks: self.comparable_amount(self.comparison_window_pct()).map(|amount| self.reach_pair(amount)),
            clusters,
            balance: self.balance(),
            day: self.day_range(),
        })
    }

    /// Contracts of one side with and without a place on the map.
    fn sizes(&self, side: Side) -> (f64, f64) {
        match &self.basis {
            Basis::Modelled(modelled) => (modelled.map.liquidatable(side), modelled.map.unliquidatable(side)),
            Basis::Measured(measured) => (measured.placed_size(side), measured.unplaced_size(side)),
        }
    }

    /// One side's bins: differences of the cumulative cents at the edges, so that they sum to the cent.
    fn side_bins(&self, side: Side, edges: &[f64], price: f64, bins: &mut Vec<MapBin>) {
        let curve = self.curve(side);
        // From the price outward, so that cumulative sums run away from it.
        let mut outward: Vec<f64> = match side {
            Side::Long => edges.iter().rev().copied().filter(|edge| *edge < price).collect(),
            Side::Short => edges.iter().copied().filter(|edge| *edge > price).collect(),
        };
        outward.insert(0, price);
        for pair in outward.windows(2) {
            let (near, far) = (pair[0], pair[1]);
            let reached = curve.distance_to(far);
            let (inner, outer) = (curve.cents_within_price(near, price), curve.cents_within(reached));
            let by_band: Vec<Usd> = outer.iter().zip(&inner).map(|(o, i)| *o - *i).collect();
            let usd: Usd = by_band.iter().copied().sum();
            let interval = if near == price {
                self.within_interval(side, reached, usd)
            } else {
                self.between_interval(side, curve.distance_to(near), reached, usd)
            };
            bins.push(MapBin {
                side: side_name(side),
                price_lo: self.price_text(near.min(far)),
                price_hi: self.price_text(near.max(far)),
                distance_pct: round((f64::midpoint(near, far) / price - 1.0) * 100.0, 4),
                usd,
                usd_lo80: interval.as_ref().map(|interval| Usd::from_f64(interval.lo80)),
                usd_hi80: interval.and_then(|interval| interval.hi80).map(Usd::from_f64),
                by_band,
                cumulative_usd: outer.into_iter().sum(),
                accounts: self.measured().map(|measured| {
                    let inner =
                        if near == price { 0 } else { measured.within(side, curve.distance_to(near)) };
                    measured.within(side, curve.distance_to(far)) - inner
                }),
            });
        }
    }

    /// The window a map is shown in unless another is asked for, percent: 10, or the next of 25, 50 and 90
    /// within which anything stands at all. A few real positions can all be far away.
    pub fn telling_window_pct(&self) -> f64 {
        let holds = |pct: &f64| {
            let (lo, hi) = self.window_prices(*pct);
            let within = |side: Side, far: f64| {
                let curve = self.curve(side);
                curve.usd_within(curve.distance_to(far))
            };
            within(Side::Long, lo) + within(Side::Short, hi) > Usd::ZERO
        };
        WINDOWS_PCT.into_iter().find(holds).unwrap_or(WINDOWS_PCT[0])
    }

    pub(crate) fn window_prices(&self, pct: f64) -> (f64, f64) {
        (self.price_moved_by(-pct), self.price_moved_by(pct))
    }

    pub(crate) fn window(&self, pct: f64) -> Window {
        let (lo, hi) = self.window_prices(pct);
        Window { price_lo: self.price_text(lo), price_hi: self.price_text(hi), pct }
    }

    pub(crate) fn day_range(&self) -> Option<DayRange> {
        let day = self.day()?;
        Some(DayRange {
            high: self.price_text(day.high),
            low: self.price_text(day.low),
            change_pct: round((self.last_price() / day.close_before - 1.0) * 100.0, 4),
            closes: day.closes.iter().map(|close| round(*close, 8)).collect(),
        })
    }

    /// The amount both sides can be compared at: 0.8 × the smaller side's dollars inside the window,
    /// rounded down to two digits. `None` below the larger of $1M and 0.05 % of open interest.
    pub fn comparable_amount(&self, window_pct: f64) -> Option<Usd> {
        let (lo, hi) = self.window_prices(window_pct);
        let smaller = [(Side::Long, lo), (Side::Short, hi)]
            .map(|(side, far)| {
                let curve = self.curve(side);
                curve.by_band_within(curve.distance_to(far)).iter().sum::<f64>()
            })
            .into_iter()
            .fold(f64::INFINITY, f64::min);
        let amount = floor_two_digits(0.8 * smaller);
        let least = (0.0005 * self.open_interest_usd().unwrap_or(0.0)).max(1e6);
        (amount >= least).then(|| Usd::from_f64(amount))
    }

    /// Window inside which the comparable amount is chosen, percent: 5, or 10 if the last thirty days'
    /// volatility is above 80 % a year.
    pub fn comparison_window_pct(&self) -> f64 {
        if self.yearly_volatility().is_some_and(|sigma| sigma > 0.8) { 10.0 } else { 5.0 }
    }

    /// Standard deviation of the last days' log returns, a year's worth; `None` below five days.
    fn yearly_volatility(&self) -> Option<f64> {
        Some(self.daily_volatility()? * 365.0_f64.sqrt())
    }
}

impl Curve {
    /// Cents up to a price; everything at distance zero belongs to the first bin outward of the price.
    fn cents_within_price(&self, near: f64, price: f64) -> [Usd; BANDS.len()] {
        if near == price { [Usd::ZERO; BANDS.len()] } else { self.cents_within(self.distance_to(near)) }
    }

    /// Dollars a move to `price` liquidates: none if it goes the other way.
    fn usd_within_or_none(&self, price: f64) -> Usd {
        let distance = self.distance_to(price);
        if distance > 0.0 { self.usd_within(distance) } else { Usd::ZERO }
    }
}

/// The nearer side, and how many times as far the other one is.
fn compared(long: f64, short: f64) -> (Side, f64) {
    let (side, near, far) = if long < short { (Side::Long, long, short) } else { (Side::Short, short, long) };
    (side, if near > 0.0 { far / near } else { f64::INFINITY })
}

fn tilt(side: Side, ratio: f64, sign_held: Option<f64>) -> Tilt {
    let label = match ratio {
        _ if sign_held.is_some_and(|share| share < LEAST_SIGN_HELD) => TiltLabel::Balanced,
        r if r < 1.25 => TiltLabel::Balanced,
        r if r < 1.75 => TiltLabel::Mild,
        r if r < 3.0 => TiltLabel::Clear,
        _ => TiltLabel::Strong,
    };
    // JSON has no infinity; beyond a thousand the ratio says no more than "strong".
    Tilt { side: side_name(side), ratio: round(ratio.min(1_000.0), 3), sign_held, label }
}

/// About eighty bins over the window, in steps people read: 5, 10, 25, 50, 100 basis points.
fn automatic_bin(window_pct: f64) -> BinWidth {
    let wanted = window_pct * 2.0 * 100.0 / 80.0;
    let width = [5.0, 10.0, 25.0, 50.0, 100.0].into_iter().find(|w| *w >= wanted * 0.99).unwrap_or(100.0);
    BinWidth::Bp(width)
}

/// The window narrowed to whole bins, so that no bin at its ends looks small only because it is cut.
fn whole_bins(lo: f64, hi: f64, bin: BinWidth) -> (f64, f64) {
    let (up, down) = match bin {
        BinWidth::Usd(width) => (libm::ceil(lo / width) * width, libm::floor(hi / width) * width),
        BinWidth::Bp(width) => {
            let width = width / 10_000.0;
            let multiple =
                |round: fn(f64) -> f64, price: f64| libm::exp(round(libm::log(price) / width) * width);
            (multiple(libm::ceil, lo), multiple(libm::floor, hi))
        }
    };
    if up < down { (up, down) } else { (lo, hi) }
}

/// Bin edges over `[lo, hi]`: the window's ends and every multiple of the width between them. Multiples
/// are absolute, so a bin keeps its edges when the price moves.
fn edges(lo: f64, hi: f64, bin: BinWidth) -> Result<Vec<f64>, AskError> {
    let (from, to, width) = match bin {
        BinWidth::Usd(width) => (lo, hi, width),
        BinWidth::Bp(width) => (libm::log(lo), libm::log(hi), width / 10_000.0),
    };
    let count = (to - from) / width;
    if !(count.is_finite() && count >= 0.0 && count <= MAX_BINS as f64) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
        let wanted = count as u64;
        return Err(AskError::TooLarge {
            what: "this bin width",
            wanted,
            unit: "bins",
            limit: MAX_BINS,
            advice: "take wider bins or a narrower window",
        });
    }
    let mut edges = vec![lo];
    let mut index = libm::floor(from / width) + 1.0;
    while index * width < to {
        edges.push(match bin {
            BinWidth::Usd(_) => index * width,
            BinWidth::Bp(_) => libm::exp(index * width),
        });
        index += 1.0;
    }
    edges.push(hi);
    Ok(edges)
}

fn floor_two_digits(amount: f64) -> f64 {
    if amount <= 0.0 {
        return 0.0;
    }
    let scale = libm::pow(10.0, libm::floor(libm::log10(amount)) - 1.0);
    libm::floor(amount / scale + 1e-9) * scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tilt_words_follow_the_ratio() {
        for (long, short, label) in [
            (2.0, 2.4, TiltLabel::Balanced),
            (2.0, 2.5, TiltLabel::Mild),
            (2.0, 3.5, TiltLabel::Clear),
            (2.16, 0.83, TiltLabel::Clear),
            (6.0, 2.0, TiltLabel::Strong),
        ] {
            let (side, ratio) = compared(long, short);
            assert_eq!(tilt(side, ratio, None).label, label, "{long} {short}");
            assert_eq!(tilt(side, ratio, Some(0.80)).label, label, "{long} {short}");
            assert_eq!(tilt(side, ratio, Some(0.79)).label, TiltLabel::Balanced, "{long} {short}");
        }
        let ratio = |long, short| {
            let (side, ratio) = compared(long, short);
            (side, tilt(side, ratio, None).ratio)
        };
        assert_eq!(ratio(2.16, 0.83), (Side::Short, 2.602));
        assert_eq!(ratio(0.0, 1.0), (Side::Long, 1_000.0));
    }

    #[test]
    fn amounts_round_down_to_two_digits() {
        for (amount, floored) in [(1_178e6, 1_100e6), (999e6, 990e6), (1e6, 1e6), (42.9, 42.0), (0.0, 0.0)] {
            assert!((floor_two_digits(amount) - floored).abs() < 1e-6 * floored.max(1.0), "{amount}");
        }
    }

    #[test]
    fn too_many_bins_are_refused_with_the_limit() {
        let error = edges(90.0, 110.0, BinWidth::Usd(0.0001)).unwrap_err().to_string();
        assert!(error.contains("the limit is 20000"), "{error}");
    }
}
