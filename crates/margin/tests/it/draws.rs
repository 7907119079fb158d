//! Random positions and schedules, the same on every run.

use liqlens_margin::{Position, tables};
use liqlens_market::{Contract, MarginTable, MarginTier, Side, TierRule};

/// `SplitMix64` (Steele, Lea and Flood 2014): a few nanoseconds a number, and a million draws need no more.
#[derive(Debug, Clone)]
pub struct Draws(u64);

impl Draws {
    pub const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// In [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Each order of magnitude as likely as another.
    pub fn log_between(&mut self, low: f64, high: f64) -> f64 {
        self.between(low.ln(), high.ln()).exp()
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    pub fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.bits() % count as u64).unwrap()
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    pub fn side(&mut self) -> Side {
        if self.chance(0.5) { Side::Long } else { Side::Short }
    }

    /// A valid schedule of one to twelve tiers in the unit of `first_cap`.
    pub fn schedule(&mut self, rule: TierRule, first_cap: f64) -> MarginTable {
        let tiers = match rule {
            TierRule::Ramp { .. } => 1,
            _ => 1 + self.below(12),
        };
        let (mut floor, mut rate, mut amount) = (0.0, 0.0, 0.0);
        let mut cap = first_cap;
        let mut next_rate = self.log_between(0.001, 0.03);
        let tiers = (0..tiers)
            .map(|index| {
                if rule == TierRule::Continuous {
                    amount += floor * (next_rate - rate);
                }
                rate = next_rate;
                let open = index + 1 == tiers && self.chance(0.5);
                let tier = MarginTier {
                    floor,
                    cap: if open { f64::INFINITY } else { cap },
                    maintenance_rate: rate,
                    maintenance_amount: amount,
                    max_leverage: 1.0,
                };
                floor = cap;
                cap *= self.log_between(1.05, 6.0);
                next_rate = (rate * self.log_between(1.0, 2.0)).min(0.6);
                tier
            })
            .collect();
        MarginTable::with_rule(rule, tiers).unwrap()
    }

    /// A value in the unit of a schedule's bounds, from far inside the first tier to beyond the last.
    pub fn value_in(&mut self, table: &MarginTable) -> f64 {
        let tiers = table.tiers();
        let finite = |bound: f64| if bound.is_finite() { bound } else { 1e6 };
        let top = finite(tiers[tiers.len() - 1].cap).max(tiers[tiers.len() - 1].floor * 2.0);
        // Tier by tier, since ladders span many orders of magnitude; and near bounds.
        let tier = &tiers[self.below(tiers.len())];
        if tier.floor > 0.0 && self.chance(0.3) {
            return tier.floor * self.between(0.8, 1.25);
        }
        let low = if tier.floor > 0.0 { tier.floor } else { finite(tier.cap) * 1e-6 };
        let high = finite(tier.cap).max(low * 2.0);
        let value = self.log_between(low, high);
        if self.chance(0.05) { top * self.log_between(1.0, 5.0) } else { value }
    }

    /// A position whose value or size meets the schedule somewhere, at a leverage, with margin added or
    /// taken out, or with a margin unrelated to its value as cross positions have it.
    pub fn position(&mut self, table: &MarginTable, inverse: bool) -> (Position, Contract) {
        let entry_price = self.log_between(1e-4, 2e5);
        let met = self.value_in(table);
        let contract_value = *self.pick(&[1.0, 10.0, 100.0]);
        let contract = if inverse { Contract::Inverse { contract_value } } else { Contract::Linear };
        let by_size = matches!(table.rule(), TierRule::WholeBySize);
        let size = match contract {
            _ if by_size => met,
            Contract::Linear => met / entry_price,
            Contract::Inverse { .. } => met * entry_price / contract_value,
        };
        let notional = match contract {
            Contract::Linear => size * entry_price,
            Contract::Inverse { .. } => size * contract_value / entry_price,
        };
        let margin = notional
            * match self.below(8) {
                0 => self.log_between(1e-4, 3.0),
                1 => -self.log_between(1e-4, 1.5),
                2 => self.between(0.9, 1.1),
                _ => self.between(0.9, 3.0) / self.log_between(1.0, 150.0),
            };
        (Position { side: self.side(), entry_price, size, margin }, contract)
    }
}

/// The shipped schedules of a venue, each market on each day of recording.
pub fn shipped(venue: liqlens_market::Venue) -> Vec<&'static MarginTable> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/margin_tables");
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let mut symbols = std::collections::BTreeSet::new();
    for name in names.iter().filter(|name| name.extension().is_some_and(|end| end == "json")) {
        let file: serde_json::Value = serde_json::from_slice(&std::fs::read(name).unwrap()).unwrap();
        if file["venue"] != venue.id() {
            continue;
        }
        for schedule in file["schedules"].as_array().unwrap() {
            let of = schedule["symbols"].as_array().unwrap().iter().map(|s| s.as_str().unwrap().to_owned());
            symbols.extend(of);
        }
    }
    symbols
        .iter()
        .flat_map(|symbol| tables(&format!("{}:{symbol}", venue.id()).parse().unwrap()))
        .map(|dated| &dated.table)
        .collect()
}
