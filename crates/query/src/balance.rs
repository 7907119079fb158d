//! How the two sides weigh against each other: asymmetry at several distances, fuel, squeeze score.
//!
//! All of it is read off the same two curves, and off each draw's curves for the intervals.

use liqlens_market::Side;

use crate::document::{Asymmetry, Balance, Fuel, Usd};
use crate::intervals::interval;
use crate::rounding::round;
use crate::view::View;

/// Fixed distances, percent of the last price either way; those of the brief's moves among them.
const MOVES_PCT: [f64; 4] = [1.0, 2.0, 5.0, 10.0];
/// Distances in standard deviations of a day, in log price.
const SIGMAS: [f64; 3] = [0.5, 1.0, 2.0];
/// Horizon of the walk that weights the fuel; the volatility is that of a day.
const HORIZON_H: u32 = 24;
/// `erfc` of this is 2e-17, less than the rounding of a sum that begins with 1.
const NOTHING_BEYOND: f64 = 6.0;
/// Fewest days with a known return that make a volatility.
const LEAST_RETURNS: usize = 5;
/// Fewest earlier days' scores that make a z-score.
const LEAST_SCORES: usize = 10;
/// Decimals of ratios.
const DECIMALS: i32 = 4;

impl View {
    /// Standard deviation of the last days' log returns around zero, of one day; `None` below five days.
    pub(crate) fn daily_volatility(&self) -> Option<f64> {
        let returns = self.daily_log_returns();
        if returns.len() < LEAST_RETURNS {
            return None;
        }
        let mean_square = returns.iter().map(|r| r * r).sum::<f64>() / returns.len() as f64;
        Some(mean_square.sqrt())
    }

    /// How the two sides weigh against each other.
    pub(crate) fn balance(&self) -> Balance {
        let sigma = self.daily_volatility().filter(|sigma| *sigma > 0.0);
        let fixed = MOVES_PCT.map(|pct| {
            let (lo, hi) = self.window_prices(pct);
            self.asymmetry(pct, None, [lo, hi])
        });
        let scaled = sigma.into_iter().flat_map(|sigma| {
            SIGMAS.map(|sigmas| {
                let factor = libm::exp(sigmas * sigma);
                let prices = [self.last_price() / factor, self.last_price() * factor];
                self.asymmetry(round(sigmas * sigma * 100.0, DECIMALS), Some(sigmas), prices)
            })
        });
        Balance {
            day_sigma_pct: sigma.map(|sigma| round(sigma * 100.0, DECIMALS)),
            asymmetry: fixed.into_iter().chain(scaled).collect(),
            fuel: sigma.map(|sigma| self.fuel(sigma)),
        }
    }

    /// Both sides' dollars out to two prices. Dollars that the price has already passed count, as in `at`.
    fn asymmetry(&self, distance_pct: f64, sigmas: Option<f64>, prices: [f64; 2]) -> Asymmetry {
        let distances = Side::BOTH.map(|side| self.curve(side).distance_to(prices[side.index()]));
        let [long_usd, short_usd] =
            Side::BOTH.map(|side| self.curve(side).usd_within(distances[side.index()]));
        let value = lead(short_usd.to_f64(), long_usd.to_f64());
        let interval = value.zip(self.drawn()).map(|(value, drawn)| {
            let [long, short] =
                Side::BOTH.map(|side| drawn.within(self.curve(side), side, distances[side.index()]));
            interval(drawn.bounds(&leads(&short, &long)), value, DECIMALS)
        });
        let value = value.map(|value| round(value, DECIMALS));
        Asymmetry { distance_pct, sigmas, long_usd, short_usd, value, interval }
    }

    /// Dollars weighted by the chance that a driftless walk of volatility `sigma` a day gets to them within
    /// the day (reflection principle).
    fn fuel(&self, sigma: f64) -> Fuel {
        let bin = self.curve(Side::Long).bin_width();
        let unit = sigma * core::f64::consts::SQRT_2 / bin;
        let weight = |distance: f64| libm::erfc(distance / unit);
        let until = NOTHING_BEYOND * unit;
        let [down, up] = Side::BOTH.map(|side| self.curve(side).weighted(until, weight));
        let squeeze = lead(up, down);
        let interval = squeeze.zip(self.drawn()).map(|(squeeze, drawn)| {
            let [down, up] = Side::BOTH.map(|side| drawn.weighted(self.curve(side), side, until, weight));
            interval(drawn.bounds(&leads(&up, &down)), squeeze, DECIMALS)
        });
        Fuel {
            horizon_h: HORIZON_H,
            up_usd: Usd::from_f64(up),
            down_usd: Usd::from_f64(down),
            squeeze: squeeze.map(|squeeze| round(squeeze, DECIMALS)),
            interval,
            squeeze_z: squeeze.and_then(|squeeze| z_score(squeeze, &self.squeeze_by_day)),
        }
    }
}

/// `(a − b) / (a + b)`; `None` if both are nothing.
fn lead(a: f64, b: f64) -> Option<f64> {
    (a + b > 0.0).then(|| (a - b) / (a + b))
}

/// The same draw by draw; a draw that holds nothing leans to neither side.
fn leads(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| lead(*a, *b).unwrap_or(0.0)).collect()
}

/// Standard deviations from the mean of earlier values; `None` below ten of them or if they are all equal.
fn z_score(value: f64, earlier: &[f64]) -> Option<f64> {
    if earlier.len() < LEAST_SCORES {
        return None;
    }
    let count = earlier.len() as f64;
    let mean = earlier.iter().sum::<f64>() / count;
    let variance = earlier.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (count - 1.0);
    (variance > 0.0).then(|| round((value - mean) / variance.sqrt(), 2))
}

#[cfg(test)]
mod tests {
    use crate::testing::{even_view, member_view};

    use super::*;

    /// The view's curves hold, per bin of 0.001 in log price, 1 dollar of longs and 3 of shorts, 500 bins each.
    /// A fall of 1 % is −ln 0.99 = 10.0503 bins, a rise of 1 % is ln 1.01 = 9.9503 bins.
    #[test]
    fn asymmetry_is_the_lead_of_the_shorts() {
        let balance = even_view(1.0, 3.0, &[0.02; 6]).balance();
        assert_eq!(balance.day_sigma_pct, Some(2.0));
        assert_eq!(balance.asymmetry.len(), 7);
        let one = &balance.asymmetry[0];
        assert_eq!((one.distance_pct, one.sigmas, one.interval.clone()), (1.0, None, None));
        assert_eq!([one.long_usd.cents(), one.short_usd.cents()], [1_005, 2_985]);
        // (29.85 − 10.05) / (29.85 + 10.05)
        assert_eq!(one.value, Some(0.4962));
        // Two standard deviations are 0.04 in log price, 40 bins either way: (120 − 40) / 160.
        let two_sigmas = &balance.asymmetry[6];
        assert_eq!((two_sigmas.distance_pct, two_sigmas.sigmas), (4.0, Some(2.0)));
        assert_eq!([two_sigmas.long_usd.cents(), two_sigmas.short_usd.cents()], [4_000, 12_000]);
        assert_eq!(two_sigmas.value, Some(0.5));
    }

    /// An even density `d` a unit of log price, weighted by `2(1 − Φ(x/σ))`, integrates to `d·σ·√(2/π)`:
    /// with 1,000 dollars a unit and σ = 0.02, 15.9577 dollars of longs and three times that of shorts.
    #[test]
    fn fuel_is_the_integral_of_the_reflection_principle() {
        let fuel = even_view(1.0, 3.0, &[0.02; 6]).balance().fuel.unwrap();
        assert!((fuel.down_usd.to_f64() - 15.957_7).abs() < 0.01, "{fuel:?}");
        assert!((fuel.up_usd.to_f64() - 47.873_1).abs() < 0.02, "{fuel:?}");
        assert_eq!((fuel.squeeze, fuel.squeeze_z, fuel.horizon_h), (Some(0.5), None, 24));
    }

    #[test]
    fn without_a_volatility_only_fixed_distances_are_known() {
        let balance = even_view(1.0, 3.0, &[0.02; 4]).balance();
        assert_eq!((balance.day_sigma_pct, balance.asymmetry.len()), (None, 4));
        assert_eq!(balance.fuel, None);
    }

    /// Three members hold 1 : 1, 1 : 3 and 1 : 7, which lead by 0, 0.5 and 0.75.
    #[test]
    fn the_score_has_the_interval_of_its_draws() {
        let view = member_view((1.0, 3.0), &[(0.2, 1.0, 1.0), (0.6, 1.0, 3.0), (0.2, 1.0, 7.0)]);
        let balance = view.balance();
        let squeeze = balance.fuel.unwrap().interval.unwrap();
        assert!((squeeze.lo80 - 0.0).abs() < 1e-9 && (squeeze.hi80.unwrap() - 0.75).abs() < 1e-9);
        let asymmetry = balance.asymmetry[6].interval.clone().unwrap();
        assert!((asymmetry.lo80 - 0.0).abs() < 1e-9 && (asymmetry.hi80.unwrap() - 0.75).abs() < 1e-9);
    }

    /// The integers 1 to 10 have mean 5.5 and variance 82.5 / 9; 11 lies 5.5 / 3.0277 above.
    #[test]
    fn z_scores_need_ten_days() {
        let earlier: Vec<f64> = (1..=10).map(f64::from).collect();
        assert_eq!(z_score(11.0, &earlier), Some(1.82));
        assert_eq!(z_score(11.0, &earlier[..9]), None);
        assert_eq!(z_score(11.0, &[3.0; 12]), None);
    }
}
