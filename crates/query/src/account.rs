//! Writes the document of one public account.

use std::collections::BTreeMap;

use liqlens_engine::{Account, AccountBook, AccountSource, SnapshotError};
use liqlens_margin::{CrossAccount, Outcome, PublicAccount};
use liqlens_market::{
    AccountMode, AccountPosition, AccountState, Backing, Instrument, Price, Symbol, Timestamp,
};

use crate::document::{self, AccountHolding, Joint, PathPoint, PriceText, Usd};
use crate::view::{side_name, snapshot_id};

/// How far each coin moves when the common move is 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Betas {
    /// Coins that differ from the rest.
    pub of: BTreeMap<Symbol, f64>,
    /// The rest. One moves everything together, which within the majors is close to what happens.
    pub others: f64,
}

impl Betas {
    /// All coins move alike.
    pub const TOGETHER: Self = Self { of: BTreeMap::new(), others: 1.0 };

    fn of(&self, symbol: &Symbol) -> f64 {
        self.of.get(symbol).copied().unwrap_or(self.others)
    }
}

/// Joint moves at which the path is shown, percent.
const PATH_PCT: [f64; 13] = [-50.0, -40.0, -30.0, -20.0, -10.0, -5.0, 0.0, 5.0, 10.0, 20.0, 30.0, 40.0, 50.0];

/// The document of an account of a book as it was known at a moment; `None` for a reconstructed account
/// whose sums left the range of an amount.
pub fn account_document(
    book: &AccountBook,
    account: &Account<'_>,
    betas: &Betas,
    as_of: Timestamp,
) -> Result<Option<document::Account>, SnapshotError> {
    let venue = book.venue();
    let snapshot = snapshot_id(as_of, &[account.name().as_str().as_bytes(), &book.snapshot()?]);
    let Some(state) = account.state() else { return Ok(None) };
    let state: &AccountState = &state;
    let published = PublicAccount::new(venue, state, account.at());
    let valued = published.value();
    let mut warnings = Vec::new();

    let mut positions: Vec<AccountHolding> = Vec::with_capacity(state.positions.len());
    for (position, found) in state.positions.iter().zip(&valued.positions) {
        match &found.outcome {
            Outcome::NoTable(missing) => {
                warnings.push(format!("{} is not priced: {missing}.", position.symbol));
            }
            Outcome::Priced(_) | Outcome::Never | Outcome::PortfolioMargin => {}
        }
        positions.push(holding(position, found.price(), found.maintenance, betas));
    }
    positions.sort_by(|a, b| b.notional_usd.cmp(&a.notional_usd).then_with(|| a.symbol.cmp(&b.symbol)));

    let cross_betas: Vec<f64> = published.cross_positions().map(|p| betas.of(&p.symbol)).collect();
    let cross = match published.cross() {
        _ if state.mode == AccountMode::Portfolio => {
            warnings.push(
                "Portfolio margin: borrowed, lent and spot assets move with the coins too, so no joint move is \
                 computed."
                    .to_owned(),
            );
            None
        }
        Ok(cross) if !cross_betas.is_empty() => Some(cross),
        Ok(_) | Err(_) => None,
    };
    if matches!(account.source(), AccountSource::Reconstructed(_)) {
        warnings.push(
            "Rebuilt from fills and transfers: fees and funding are not in them, and marks are the newest fill \
             prices."
                .to_owned(),
        );
    }
    if state.positions.iter().any(|position| position.backing != Backing::Cross) {
        warnings.push("Isolated positions have their own margin; the joint moves leave them out.".to_owned());
    }
    Ok(Some(document::Account {
        schema: document::Account::SCHEMA.to_owned(),
        venue: venue.id().to_owned(),
        account: account.name().short(),
        as_of: as_of.to_string(),
        snapshot,
        state_at: account.at().to_string(),
        age_s: (as_of - account.at()).seconds().max(0.0),
        source: match account.source() {
            AccountSource::Reported(_) => "reported",
            AccountSource::Reconstructed(_) => "reconstructed",
        }
        .to_owned(),
        mode: match state.mode {
            AccountMode::Standard => "standard",
            AccountMode::Unified => "unified",
            AccountMode::Portfolio => "portfolio",
        }
        .to_owned(),
        equity_usd: Usd::from_f64(state.cross_equity.to_f64()),
        maintenance_usd: valued.cross_maintenance.map(Usd::from_f64),
        venue_maintenance_usd: state.cross_maintenance.map(|stated| Usd::from_f64(stated.to_f64())),
        positions,
        joint: cross.as_ref().map(|cross| joint(cross, &cross_betas)),
        path: cross.as_ref().map_or_else(Vec::new, |cross| path(cross, &cross_betas)),
        warnings,
    }))
}

fn holding(
    position: &AccountPosition,
    ours: Option<f64>,
    maintenance: Option<f64>,
    betas: &Betas,
) -> AccountHolding {
    let decimals = Instrument::price_decimals(position.mark_price);
    let text = |price: f64| {
        PriceText::new(price, Price::from_f64(price).map_or(decimals, Instrument::price_decimals))
    };
    let venues = position.liquidation_price.map(Price::to_f64);
    AccountHolding {
        symbol: position.symbol.to_string(),
        side: side_name(position.side),
        size: position.size.to_string(),
        entry_price: position.entry_price.map(|price| text(price.to_f64())),
        mark_price: text(position.mark_price.to_f64()),
        notional_usd: Usd::from_f64(position.size.to_f64() * position.mark_price.to_f64()),
        backing: match position.backing {
            Backing::Cross => "cross",
            Backing::Isolated(_) => "isolated",
        }
        .to_owned(),
        beta: betas.of(&position.symbol),
        liquidation_price: ours.map(text),
        venue_liquidation_price: venues.map(text),
        difference: ours.zip(venues).map(|(ours, venues)| ours / venues - 1.0),
        maintenance_usd: maintenance.map(Usd::from_f64),
    }
}

fn joint(cross: &CrossAccount<'_>, betas: &[f64]) -> Joint {
    let found = cross.joint_liquidation(betas);
    let percent = |moved: Option<f64>| moved.map(|moved| crate::rounding::round(moved * 100.0, 4));
    Joint { fall_pct: percent(found.fall), rise_pct: percent(found.rise) }
}

fn path(cross: &CrossAccount<'_>, betas: &[f64]) -> Vec<PathPoint> {
    PATH_PCT
        .into_iter()
        .map(|move_pct| {
            let moved = move_pct / 100.0;
            PathPoint {
                move_pct,
                equity_usd: Usd::from_f64(cross.equity_after(betas, moved)),
                maintenance_usd: Usd::from_f64(cross.maintenance_after(betas, moved)),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use liqlens_market::{AccountName, Amount, Event, EventBody, Side, Size, Venue};

    use super::*;

    /// A unified account of Hyperliquid, recorded 2026-10-08: three shorts behind 1,279,260.80 of spot
    /// collateral, with the prices the venue printed.
    fn recorded() -> (AccountBook, Timestamp) {
        let leg = |symbol: &str, size: &str, mark: &str, leverage: u16, venues: &str| AccountPosition {
            symbol: Symbol::new(symbol).unwrap(),
            side: Side::Short,
            size: Size::parse(size.as_bytes()).unwrap(),
            entry_price: None,
            mark_price: Price::parse(mark.as_bytes()).unwrap(),
            backing: Backing::Cross,
            max_leverage: Some(leverage),
            liquidation_price: Some(Price::parse(venues.as_bytes()).unwrap()),
        };
        let state = AccountState {
            account: AccountName::new("0x0000000000000000000000000000000000000001").unwrap(),
            mode: AccountMode::Unified,
            cross_equity: Amount::parse(b"1279260.79987858").unwrap(),
            cross_maintenance: Some(Amount::parse(b"44258.806876").unwrap()),
            positions: vec![
                leg("BTC", "22", "80870", 40, "136313.4115825814"),
                leg("ETH", "125", "2423.8", 25, "12110.0901411922"),
                leg("NEAR", "70560.4", "4.5238", 10, "21.1930985625"),
            ],
        };
        let at = Timestamp::parse_text("2026-10-08").unwrap();
        let mut book = AccountBook::new(Venue::Hyperliquid);
        book.step(&Event::at(at, EventBody::Account(Box::new(state))));
        (book, at)
    }

    #[test]
    fn a_recorded_account_agrees_with_its_venue_and_moves_jointly() {
        let (book, at) = recorded();
        let account = book.accounts().next().unwrap();
        let alike = account_document(&book, &account, &Betas::TOGETHER, at).unwrap().unwrap();
        assert!(alike.positions.iter().all(|p| p.difference.unwrap().abs() < 1e-9), "{alike:?}");
        assert!((alike.maintenance_usd.unwrap() - alike.venue_maintenance_usd.unwrap()).cents().abs() <= 1);
        // All three rise by x: they lose N·x and must keep more. By hand, with N = 1,779,140 + 302,975 +
        // 319,201.14 and the maintenance 44,258.81 growing alike: x = 1,235,001.99/(N + 44,258.81).
        let notional = 22.0 * 80_870.0 + 125.0 * 2_423.8 + 70_560.4 * 4.5238;
        let expected = 100.0 * 1_235_001.993_002_58 / (notional + 44_258.806_876);
        let joint = alike.joint.unwrap();
        assert!((joint.rise_pct.unwrap() - expected).abs() < 1e-3, "{joint:?} {expected}");
        assert_eq!(joint.fall_pct, None);
        let here = alike.path.iter().find(|point| point.move_pct == 0.0).unwrap();
        assert_eq!(here.equity_usd, alike.equity_usd);

        // With bitcoin alone moving, the joint rise is the distance to its own price.
        let bitcoin = BTreeMap::from([(Symbol::new("BTC").unwrap(), 1.0)]);
        let alone = Betas { of: bitcoin, others: 0.0 };
        let alone = account_document(&book, &account, &alone, at).unwrap().unwrap();
        let expected = (136_313.411_582_581_4 / 80_870.0 - 1.0) * 100.0;
        assert!((alone.joint.unwrap().rise_pct.unwrap() - expected).abs() < 1e-3);
    }
}
