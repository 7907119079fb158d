//! Maintenance schedules as documents: one market's ladder, and the list of what ships.

use liqlens_margin::{
    ContractKind, DatedTable, MarginMode, Proof, Rules, Valued, all_rules, all_tables, tables,
};
use liqlens_market::{Contract, Instrument, MarketId, Span, TierRule, Timestamp, Venue};
use serde::Serialize;

use crate::document::{
    ContractFacts, ContractName, Ladder, ModeName, ProofFacts, ProofKind, Recording, RuleFacts, Schedules,
    SymbolSchedules, TierRow, TierRuleName, Tiers, VenueSchedules,
};
use crate::format;

/// A market's schedule on a day, or all recordings of it.
///
/// # Errors
/// [`liqlens_margin::MissingTable`] if the market has none.
pub fn tiers(
    instrument: &Instrument,
    date: Timestamp,
    all_dates: bool,
) -> Result<Tiers, liqlens_margin::MissingTable> {
    let market = &instrument.market;
    let nearest = liqlens_margin::table(market, date)?;
    let recorded = tables(market);
    let shown = if all_dates { recorded } else { std::slice::from_ref(nearest) };
    let kind = ContractKind::from(instrument.contract);
    let mut document = Tiers {
        schema: Tiers::SCHEMA.to_owned(),
        snapshot: String::new(),
        market: market.to_string(),
        title: format!("{} {}", market.venue.title(), market.symbol),
        contract: contract_facts(instrument),
        date: date.date(),
        ladders: shown.iter().map(|dated| ladder(instrument, dated, date)).collect(),
        recorded: recorded.iter().map(|dated| dated.recorded.to_owned()).collect(),
        rules: rules_of(market.venue).filter(|rules| rules.contract == kind).map(rule_facts).collect(),
    };
    document.snapshot = identity(&document);
    Ok(document)
}

/// What ships, by venue; of one venue with its symbols. `filter` is a part of a symbol, in either case.
pub fn schedules(venue: Option<Venue>, filter: Option<&str>) -> Schedules {
    let wanted = filter.map(str::to_lowercase);
    let fits = |market: &MarketId| {
        wanted.as_ref().is_none_or(|part| market.symbol.as_str().to_lowercase().contains(part.as_str()))
    };
    let venues = Venue::ALL.into_iter().filter(|each| venue.is_none_or(|venue| venue == *each));
    let mut document = Schedules {
        schema: Schedules::SCHEMA.to_owned(),
        snapshot: String::new(),
        filter: filter.map(str::to_owned),
        venues: venues
            .map(|each| {
                let markets: Vec<&[DatedTable]> = all_tables()
                    .chunk_by(|a, b| a.market == b.market)
                    .filter(|recordings| {
                        recordings.iter().all(|dated| dated.market.venue == each && fits(&dated.market))
                    })
                    .collect();
                let mut recorded: Vec<String> =
                    markets.iter().flat_map(|dated| dated.iter()).map(|d| d.recorded.to_owned()).collect();
                recorded.sort();
                recorded.dedup();
                VenueSchedules {
                    venue: each.id().to_owned(),
                    title: each.title().to_owned(),
                    symbol_count: markets.len(),
                    recorded,
                    rules: rules_of(each).map(rule_facts).collect(),
                    symbols: match venue {
                        Some(_) => markets.iter().filter_map(|recordings| symbol(recordings)).collect(),
                        None => Vec::new(),
                    },
                }
            })
            .collect(),
    };
    document.snapshot = identity(&document);
    document
}

fn symbol(recordings: &[DatedTable]) -> Option<SymbolSchedules> {
    let newest = recordings.last()?;
    let tiers = newest.table.tiers();
    Some(SymbolSchedules {
        symbol: newest.market.symbol.to_string(),
        tiers: tiers.len(),
        base_rate: newest.table.base_rate(),
        max_leverage: tiers.first()?.max_leverage,
        complete: newest.complete,
        recorded: recordings.iter().map(|dated| dated.recorded.to_owned()).collect(),
    })
}

fn rules_of(venue: Venue) -> impl Iterator<Item = &'static Rules> {
    all_rules().filter(move |rules| rules.venue == venue)
}

fn ladder(instrument: &Instrument, dated: &DatedTable, date: Timestamp) -> Ladder {
    let rule = dated.table.rule();
    let bound_unit = bound_unit(instrument, rule);
    Ladder {
        recording: recording(dated, date),
        rule: rule_name(rule),
        rule_text: rule_text(rule, &bound_unit),
        bound_unit,
        amount_unit: amount_unit(instrument),
        rate_per_base: match rule {
            TierRule::Ramp { per_base } => Some(per_base),
            _ => None,
        },
        rate_over_leverage: rules_of(instrument.market.venue).any(|rules| rules.rate_over_leverage),
        tiers: (0..dated.table.tiers().len()).filter_map(|index| tier_row(dated, index)).collect(),
    }
}

/// One tier of a schedule, by its index.
pub(crate) fn tier_row(dated: &DatedTable, index: usize) -> Option<TierRow> {
    let tier = dated.table.tiers().get(index)?;
    Some(TierRow {
        number: index + 1,
        floor: tier.floor,
        cap: tier.cap.is_finite().then_some(tier.cap),
        maintenance_rate: tier.maintenance_rate,
        maintenance_amount: tier.maintenance_amount,
        max_leverage: tier.max_leverage,
    })
}

/// A schedule's provenance, seen from a day.
pub(crate) fn recording(dated: &DatedTable, date: Timestamp) -> Recording {
    let days = Timestamp::parse_text(dated.recorded)
        .ok()
        .zip(Timestamp::parse_text(&date.date()).ok())
        .map_or(0, |(recorded, asked)| (recorded - asked).nanos() / Span::DAY.nanos());
    let count = match days.unsigned_abs() {
        1 => "1 day".to_owned(),
        many => format!("{} days", format::figure(many as f64)),
    };
    Recording {
        recorded: dated.recorded.to_owned(),
        days_from_date: days,
        age_text: match days {
            0 => "on the day asked for".to_owned(),
            days if days < 0 => format!("{count} before the day asked for"),
            _ => format!("{count} after the day asked for"),
        },
        source: dated.source.to_string(),
        note: (!dated.note.is_empty()).then(|| dated.note.to_string()),
        complete: dated.complete,
    }
}

/// What is traded.
pub(crate) fn contract_facts(instrument: &Instrument) -> ContractFacts {
    let (kind, contract_value) = match instrument.contract {
        Contract::Linear => (ContractName::Linear, None),
        Contract::Inverse { contract_value } => (ContractName::Inverse, Some(contract_value)),
    };
    ContractFacts {
        kind,
        base: instrument.base.clone(),
        quote: instrument.quote.clone(),
        settle: instrument.settle.clone(),
        contract_value,
        multiplier: instrument.multiplier,
        size_unit: size_unit(instrument),
    }
}

/// Unit of sizes: `BTC`, `units of 1,000 PEPE`, `contracts of 100 USD`.
pub(crate) fn size_unit(instrument: &Instrument) -> String {
    match instrument.contract {
        Contract::Linear if instrument.multiplier == 1.0 => instrument.base.clone(),
        Contract::Linear => {
            format!("units of {} {}", format::figure(instrument.multiplier), instrument.base)
        }
        Contract::Inverse { contract_value } => {
            format!("contracts of {} {}", format::figure(contract_value), instrument.quote)
        }
    }
}

/// Unit of the bounds of tiers.
pub(crate) fn bound_unit(instrument: &Instrument, rule: TierRule) -> String {
    match rule {
        TierRule::Continuous | TierRule::WholeByNotional => amount_unit(instrument),
        TierRule::WholeBySize => size_unit(instrument),
        TierRule::Ramp { .. } => instrument.base.clone(),
    }
}

/// Unit of notionals and maintenance amounts.
pub(crate) fn amount_unit(instrument: &Instrument) -> String {
    match instrument.contract {
        Contract::Linear => instrument.quote.clone(),
        Contract::Inverse { .. } => instrument.base.clone(),
    }
}

pub(crate) const fn rule_name(rule: TierRule) -> TierRuleName {
    match rule {
        TierRule::Continuous => TierRuleName::Continuous,
        TierRule::WholeByNotional => TierRuleName::WholeByNotional,
        TierRule::WholeBySize => TierRuleName::WholeBySize,
        TierRule::Ramp { .. } => TierRuleName::Ramp,
    }
}

fn rule_text(rule: TierRule, bound_unit: &str) -> String {
    match rule {
        TierRule::Continuous => format!(
            "Each rate applies to the part of the position inside its tier, by value in {bound_unit}: \
             maintenance is value × rate − amount."
        ),
        TierRule::WholeByNotional => format!(
            "The rate of the tier reached applies to the whole position, by value in {bound_unit}, so \
             maintenance jumps at each bound."
        ),
        TierRule::WholeBySize => format!(
            "The rate of the tier reached applies to the whole position, by size in {bound_unit}, whatever \
             the price."
        ),
        TierRule::Ramp { per_base } => format!(
            "The rate grows with the position: the first rate plus {} for each {bound_unit}.",
            format::rate(per_base)
        ),
    }
}

pub(crate) const fn mode_name(mode: MarginMode) -> ModeName {
    match mode {
        MarginMode::Isolated => ModeName::Isolated,
        MarginMode::Cross => ModeName::Cross,
    }
}

/// A rule as documents show it.
pub(crate) fn rule_facts(rules: &Rules) -> RuleFacts {
    let day = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    RuleFacts {
        contract: match rules.contract {
            ContractKind::Linear => ContractName::Linear,
            ContractKind::Inverse => ContractName::Inverse,
        },
        mode: mode_name(rules.mode),
        from: day(rules.from),
        until: day(rules.until),
        period_text: match (rules.from, rules.until) {
            ("", "") => "no change known".to_owned(),
            (from, "") => format!("since {from}"),
            ("", until) => format!("before {until}"),
            (from, until) => format!("from {from}, before {until}"),
        },
        formula: rules.formula().to_owned(),
        valued_at: match rules.valued {
            Valued::AtLiquidation => "at the liquidation price",
            Valued::AtEntry => "at the entry price, and frozen there",
            Valued::AtMark => "at today's mark price, and frozen there",
        }
        .to_owned(),
        fee_inside: rules.fee != liqlens_margin::FeeRule::Outside,
        trigger: rules.trigger.to_string(),
        proof: proof_facts(rules.proof),
        source: rules.source.to_owned(),
    }
}

fn proof_facts(proof: Proof) -> ProofFacts {
    let (kind, ids, text) = match proof {
        Proof::Vectors(ids) => {
            let numbers = if ids.len() == 1 { "number" } else { "numbers" };
            (ProofKind::Reproduced, ids, format!("reproduces {} published or recorded {numbers}", ids.len()))
        }
        Proof::Published => (
            ProofKind::Published,
            &[][..],
            "published formula, no complete number found to hold it against".to_owned(),
        ),
        Proof::Derived => (
            ProofKind::Derived,
            &[][..],
            "derived from the venue's other rules, no published number found".to_owned(),
        ),
    };
    ProofFacts { kind, vectors: ids.iter().map(|id| (*id).to_owned()).collect(), text }
}

/// Content hash of a document that is a function of its question: 32 hex digits.
pub(crate) fn identity(document: &impl Serialize) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
    // Documents are plain structs of text and numbers, which serialise; no bytes would still be an id.
    hasher.update(&serde_json::to_vec(document).unwrap_or_default());
    hasher.finalize().to_hex().as_str()[..32].to_owned()
}
