//! The brief: figures and the sentences that follow from them by rule.
//!
//! [`compose`] decides which facts hold and in which order they are told; every wording stands in the
//! message catalogue next door. There is no free text: the same view gives the same bytes.

mod length;
mod phrases;

use liqlens_market::Side;

use crate::document::{
    Brief, BriefSection, CAVEAT, Changed, Cluster, Cover, PriceBox, PriceText, ReachPair, SideName,
    TiltLabel, Usd,
};
use crate::view::{View, side_name};

/// What a brief is made from.
#[derive(Debug, Clone, Copy)]
pub struct BriefInputs<'a> {
    /// The moment of the brief.
    pub now: &'a View,
    /// The market one hour earlier, if it could be asked then.
    pub hour_ago: Option<&'a View>,
    /// The market one day earlier, if it could be asked then.
    pub day_ago: Option<&'a View>,
    /// Amount to compare both sides at; `None` chooses one (see [`View::comparable_amount`]).
    pub amount: Option<Usd>,
    /// Window inside which the amount is chosen, percent; `None` for [`View::comparison_window_pct`].
    pub window_pct: Option<f64>,
    /// Show numbers even at grade D.
    pub allow_stale: bool,
}

/// Moves listed in every brief, percent.
const MOVES_PCT: [f64; 6] = [-5.0, -2.0, -1.0, 1.0, 2.0, 5.0];
/// Distance searched for clusters and drawn, percent.
const MAP_WINDOW_PCT: f64 = 10.0;
/// A cluster that holds this share of the amount is named.
const ONE_BAND: f64 = 0.40;
/// A change of open interest over a day worth telling.
const OPEN_INTEREST_MOVE: f64 = 0.05;
/// Earlier days needed before a day's liquidations can be called large.
const DAYS_TO_COMPARE: usize = 10;

/// Composes the brief.
pub fn compose(inputs: &BriefInputs<'_>) -> Brief {
    let view = inputs.now;
    let stamp = view.stamp(Brief::SCHEMA);
    let coin = view.instrument.base.clone();
    let withheld = (stamp.withheld() && !inputs.allow_stale).then(|| phrases::withheld(&stamp.grade));
    let shown = withheld.is_none();
    let window_pct = inputs.window_pct.unwrap_or_else(|| view.comparison_window_pct());
    let amount = inputs.amount.or_else(|| view.comparable_amount(window_pct)).filter(|_| shown);
    let reach = amount.map(|amount| view.reach_pair(amount));
    let at = if shown { view.at_moves(&MOVES_PCT.map(|pct| view.price_moved_by(pct))) } else { Vec::new() };
    let balance = shown.then(|| view.balance());
    let (headline, bullets) = match (&withheld, &reach) {
        (Some(reason), _) => (phrases::headline_withheld(&coin), vec![reason.clone()]),
        (None, Some(pair)) => {
            (phrases::headline(&coin, pair), phrases::bullets(&coin, pair, view.measured().is_some()))
        }
        (None, None) => (phrases::headline_no_amount(&coin, window_pct), phrases::at_bullets(&at)),
    };

    let changed: Vec<Changed> = amount.map_or_else(Vec::new, |amount| {
        [(1, inputs.hour_ago), (24, inputs.day_ago)]
            .into_iter()
            .filter_map(|(hours_ago, view)| {
                let view = view?;
                let price = view.price_text(view.last_price());
                Some(Changed { hours_ago, price, reach: view.reach_pair(amount) })
            })
            .collect()
    });

    let gone = inputs.day_ago.and_then(|day_ago| cluster_gone(view, day_ago));
    let fuel = balance.as_ref().and_then(phrases::fuel);
    let dispensable: Vec<String> = [phrases::makers(&at), fuel, gone].into_iter().flatten().collect();
    let mut sections = Vec::new();
    let mut section = |id: &str, title: &str, sentences: Vec<String>| {
        sections.push(BriefSection { id: id.to_owned(), title: title.to_owned(), sentences });
    };
    let [facts, implications, readings] = if shown {
        [
            what_this_tells_us(inputs, reach.as_ref()),
            phrases::implications(reach.as_ref(), &at, balance.as_ref()),
            phrases::readings(&at),
        ]
    } else {
        core::array::from_fn(|_| vec![phrases::NOTHING_SHOWN.to_owned()])
    };
    section("what-this-tells-us", "What this tells us", facts);
    section("market-implications", "Market implications", implications);
    section("how-traders-read-this", "How traders read this", readings);
    section("caveat", "Important caveat", vec![CAVEAT.to_owned()]);
    section("bottom-line", "Bottom line", vec![phrases::bottom_line(reach.as_ref(), withheld.as_deref())]);
    let price_box = PriceBox {
        price: view.price_text(view.last_price()),
        source: format!("{}, {}", view.title(), view.price.trigger),
        day: view.day_range(),
    };
    section("price", "Price", vec![phrases::price(&price_box)]);
    section("what-changed", "What changed", phrases::changed(&changed, amount));
    section("data", "Data and freshness", phrases::data(&stamp, view));
    section("how-sure", "How sure we are", phrases::how_sure(&stamp, view.next_hour_new()));
    section("disclaimer", "Disclaimer", vec![phrases::DISCLAIMER.to_owned()]);

    let alt = phrases::alt(&headline, &bullets, &stamp);
    let mut brief = Brief {
        caveat: CAVEAT.to_owned(),
        headline,
        stamp_line: phrases::stamp_line(&stamp),
        withheld,
        bullets,
        sections,
        window_pct,
        reach,
        at,
        balance,
        price_box,
        changed,
        cover: Cover { amount_usd: amount, alt },
        stamp,
    };
    length::shorten(&mut brief, &dispensable);
    brief
}

/// Facts in the order of their weight.
fn what_this_tells_us(inputs: &BriefInputs<'_>, reach: Option<&ReachPair>) -> Vec<String> {
    let view = inputs.now;
    let mut sentences = Vec::new();
    let tilt = reach.and_then(|pair| pair.tilt.as_ref());
    if let Some((pair, tilt)) = reach.zip(tilt) {
        sentences.push(phrases::nearer_side(pair, tilt));
        let nearer = if tilt.side == SideName::Long { Side::Long } else { Side::Short };
        sentences.push(band_sentence(view, pair, nearer));
        if let Some((_, funding)) = &view.funding
            && tilt.label != TiltLabel::Balanced
        {
            // Longs pay a positive rate, so positive funding goes with leverage on the long side.
            let agrees = (funding.rate > 0.0) == (tilt.side == SideName::Long);
            sentences.push(phrases::funding(funding, agrees));
        }
    }
    if let Some(day_ago) = inputs.day_ago
        && let Some((now, then)) = view.open_interest.zip(day_ago.open_interest)
    {
        let change = now.contracts / then.contracts - 1.0;
        if change.is_finite() && change.abs() > OPEN_INTEREST_MOVE {
            sentences.push(phrases::open_interest_moved(change));
        }
    }
    if let Some(today) = remarkable_liquidations(view.liquidated_by_day()) {
        sentences.push(phrases::liquidated(today, view.reports_all()));
    }
    if let Some(day_ago) = inputs.day_ago
        && let Some(gone) = cluster_gone(view, day_ago)
    {
        sentences.push(gone);
    }
    sentences.push(match view.measured() {
        Some(measured) => phrases::all_measured(measured.holdings().count()),
        None => phrases::all_modelled(view.instrument.market.venue),
    });
    sentences
}

/// Where the nearer side's dollars sit: one band or many.
fn band_sentence(view: &View, pair: &ReachPair, side: Side) -> String {
    let reached = match side {
        Side::Long => &pair.long.price,
        Side::Short => &pair.short.price,
    };
    let Some(far) = reached.as_ref().map(PriceText::to_f64) else { return phrases::spread(0) };
    let inside: Vec<Cluster> = view
        .cluster_list(MAP_WINDOW_PCT)
        .into_iter()
        .filter(|cluster| cluster.side == side_name(side))
        .filter(|cluster| match side {
            Side::Long => cluster.price_hi.to_f64() >= far,
            Side::Short => cluster.price_lo.to_f64() <= far,
        })
        .collect();
    // Only the part of a cluster that the move gets to counts.
    let curve = view.curve(side);
    let within = |cluster: &Cluster| {
        let (near, end) = match side {
            Side::Long => (cluster.price_hi.to_f64(), cluster.price_lo.to_f64().max(far)),
            Side::Short => (cluster.price_lo.to_f64(), cluster.price_hi.to_f64().min(far)),
        };
        curve.usd_within(curve.distance_to(end)) - curve.usd_within(curve.distance_to(near))
    };
    let largest = inside.iter().map(|cluster| (within(cluster), cluster)).max_by_key(|(usd, _)| *usd);
    match largest {
        Some((usd, cluster)) if usd.to_f64() >= ONE_BAND * pair.amount_usd.to_f64() => {
            let mut near = cluster.peak_price.clone();
            let beyond = match side {
                Side::Long => near.to_f64() < far,
                Side::Short => near.to_f64() > far,
            };
            if beyond {
                near = view.price_text(far);
            }
            phrases::one_band(usd, &near)
        }
        _ => phrases::spread(inside.len()),
    }
}

/// The day's reported liquidations if they exceed nine tenths of the earlier days'.
fn remarkable_liquidations(by_day: &[[f64; 2]]) -> Option<[f64; 2]> {
    let (today, earlier) = by_day.split_first()?;
    let total = |day: &[f64; 2]| day[0] + day[1];
    let mut earlier: Vec<f64> = earlier.iter().map(total).filter(|usd| *usd > 0.0).collect();
    if earlier.len() < DAYS_TO_COMPARE {
        return None;
    }
    earlier.sort_by(f64::total_cmp);
    (total(today) > earlier[earlier.len() * 9 / 10]).then_some(*today)
}

/// Yesterday's largest cluster, if it is no longer there.
fn cluster_gone(now: &View, day_ago: &View) -> Option<String> {
    let yesterday = day_ago.cluster_list(MAP_WINDOW_PCT);
    let largest = yesterday.iter().filter(|cluster| cluster.rank == 1).max_by_key(|cluster| cluster.usd)?;
    let side = if largest.side == SideName::Long { Side::Long } else { Side::Short };
    let (lo, hi) = (largest.price_lo.to_f64(), largest.price_hi.to_f64());
    let day = now.day()?;
    let swept = match side {
        Side::Long => day.low <= lo,
        Side::Short => day.high >= hi,
    };
    let curve = now.curve(side);
    let left =
        (curve.usd_within(curve.distance_to(lo)) - curve.usd_within(curve.distance_to(hi))).to_f64().abs();
    if swept {
        Some(phrases::cluster_swept(&largest.peak_price))
    } else if left < 0.5 * largest.usd.to_f64() {
        Some(phrases::cluster_thinned(&largest.peak_price))
    } else {
        None
    }
}
