//! The message catalogue of the brief: one function a wording.
//!
//! Rules of the house: no word that says what price does next, none that tells anyone what to do (the
//! test at the end knows the list); a side is named only where the figures name it; every number is
//! written by [`crate::format`] from the document's own value.

use liqlens_market::{Funding, Span, Venue};

use crate::document::{
    AtMove, Balance, CAVEAT, Changed, Grade, Interval, PriceBox, PriceText, ReachPair, ReachSide, SideName,
    Stamp, Tilt, TiltLabel, Usd,
};
use crate::format::{
    age, distance_range, percent_signed, price_grouped, price_near, score_range, score_signed, share,
    snapshot_short, usd_distance, usd_interval, usd_short, utc_minute,
};
use crate::measured::accounts_words;
use crate::view::View;

/// The last line.
pub(super) const DISCLAIMER: &str = "For information only, from public market data; not advice.";

/// Nothing here is measured, and why.
pub(super) fn all_modelled(venue: Venue) -> String {
    let why = match venue {
        Venue::Hyperliquid => "the positions that the venue publishes are not in this data",
        _ => "the venue publishes no positions",
    };
    format!("All of these dollars are modelled: {why}.")
}

/// Everything here is measured, and what that leaves open.
pub(super) fn all_measured(accounts: usize) -> String {
    format!(
        "All of these dollars are measured: public positions of {}, each at the liquidation price of the \
         venue's own rules while the account's other positions stay at their marks. Accounts that are not in \
         the data are not on the map.",
        accounts_words(accounts)
    )
}

/// A side's distance as unsigned money.
fn distance(side: &ReachSide) -> Option<String> {
    side.move_usd.as_ref().map(|text| usd_distance(text.to_f64()))
}

pub(super) fn headline(coin: &str, pair: &ReachPair) -> String {
    let amount = usd_short(pair.amount_usd.to_f64());
    match (distance(&pair.short), distance(&pair.long)) {
        (Some(up), Some(down)) => format!("{coin} liquidation map: {up} up vs. {down} down for {amount}"),
        (Some(up), None) => format!("{coin} liquidation map: {up} up for {amount}, not reached below"),
        (None, Some(down)) => format!("{coin} liquidation map: {down} down for {amount}, not reached above"),
        (None, None) => format!("{coin} liquidation map: {amount} is not reached on either side"),
    }
}

pub(super) fn headline_no_amount(coin: &str, window_pct: f64) -> String {
    format!("{coin} liquidation map: no comparable amount within {window_pct:.0} %")
}

pub(super) fn headline_withheld(coin: &str) -> String {
    format!("{coin} liquidation map: numbers withheld")
}

/// What the telling sections say while numbers are withheld.
pub(super) const NOTHING_SHOWN: &str = "Nothing while numbers are withheld.";

pub(super) fn withheld(grade: &Grade) -> String {
    let reason = grade.reasons.first().map_or("the data does not suffice", String::as_str);
    format!("Numbers are withheld: {reason}.")
}

pub(super) fn bullets(coin: &str, pair: &ReachPair, measured: bool) -> Vec<String> {
    let how = |interval: &Option<Interval>| match interval {
        Some(interval) => format!("80 %: {}", distance_range(interval)),
        None if measured => "measured".to_owned(),
        None => "interval not yet estimated".to_owned(),
    };
    let amount = usd_short(pair.amount_usd.to_f64());
    let bullet = |arrow: &str, verb: &str, name: &str, side: &ReachSide| match (&side.move_usd, side.move_pct)
    {
        (Some(usd), Some(pct)) => format!(
            "{arrow} {coin} would need to {verb} about {} ({}; {}) to liquidate {amount} of {name}",
            usd_distance(usd.to_f64()),
            percent_signed(pct),
            how(&side.interval),
        ),
        _ => format!(
            "{arrow} The map holds {} of {name} at any distance, less than {amount}",
            usd_short(side.available_usd.to_f64())
        ),
    };
    vec![bullet("▼", "fall", "longs", &pair.long), bullet("▲", "rise", "shorts", &pair.short)]
}

pub(super) fn at_bullets(at: &[AtMove]) -> Vec<String> {
    at.iter().map(at_bullet).collect()
}

fn at_bullet(row: &AtMove) -> String {
    let pct = percent_signed(row.move_pct);
    let range = row.interval.as_ref().map(|i| format!(" (80 %: {})", usd_interval(i))).unwrap_or_default();
    if row.move_pct < 0.0 {
        format!("▼ {pct} would liquidate {}{range} of longs", usd_short(row.long_usd.to_f64()))
    } else {
        format!("▲ {pct} would liquidate {}{range} of shorts", usd_short(row.short_usd.to_f64()))
    }
}

pub(super) fn stamp_line(stamp: &Stamp) -> String {
    format!(
        "{} · {} · data {} old · grade {} · snapshot {}",
        utc_minute(&stamp.as_of),
        stamp.coverage.text,
        age(stamp.age_s),
        stamp.grade.letter.as_str(),
        snapshot_short(&stamp.snapshot)
    )
}

pub(super) fn nearer_side(pair: &ReachPair, tilt: &Tilt) -> String {
    let (Some(down), Some(up)) = (distance(&pair.long), distance(&pair.short)) else {
        return "One side does not hold the amount at any distance.".to_owned();
    };
    match (tilt.label, tilt.side) {
        (TiltLabel::Balanced, _) if tilt.ratio >= 1.25 => format!(
            "Which side sits closer is not firm: {down} below and {up} above, an order that {} of the draws \
             keep.",
            share(tilt.sign_held.unwrap_or_default())
        ),
        (TiltLabel::Balanced, _) => {
            format!("Longs and shorts sit about equally far from price: {down} below, {up} above.")
        }
        (_, SideName::Short) => format!(
            "Shorts are stacked closer to price than longs; a rise of {up} would force as much buying as a \
             fall of {down} would force selling."
        ),
        (_, SideName::Long) => format!(
            "Longs are stacked closer to price than shorts; a fall of {down} would force as much selling as \
             a rise of {up} would force buying."
        ),
    }
}

pub(super) fn one_band(usd: Usd, near: &PriceText) -> String {
    format!("Much of it sits in one band: {} near {}.", usd_short(usd.to_f64()), price_near(near))
}

pub(super) fn spread(bands: usize) -> String {
    match bands {
        0 | 1 => "It is spread out, with no band that stands out.".to_owned(),
        n => format!("It is spread over {n} bands."),
    }
}

pub(super) fn funding(funding: &Funding, agrees: bool) -> String {
    // Rates are compared per eight hours whatever the venue's own interval is.
    let per_8h = funding.rate * Span::HOUR.times(8).seconds() / funding.interval.seconds();
    let sign = if per_8h < 0.0 { "\u{2212}" } else { "+" };
    let rate = format!("{sign}{:.4} %/8h", (per_8h * 100.0).abs());
    if agrees {
        format!("Funding of {rate} fits that.")
    } else {
        format!("Funding of {rate} points the other way, so treat the tilt with care.")
    }
}

pub(super) fn open_interest_moved(change: f64) -> String {
    let size = share(change.abs());
    if change > 0.0 {
        format!("Open interest rose {size} in 24 h, so the map is young.")
    } else {
        format!("Open interest fell {size} in 24 h, so the map is thinned.")
    }
}

pub(super) fn liquidated([long, short]: [f64; 2], all: bool) -> String {
    let how = if all { "reported" } else { "reported; venues throttle prints, so this is a floor" };
    format!(
        "{} of longs and {} of shorts were already liquidated in 24 h ({how}).",
        usd_short(long),
        usd_short(short)
    )
}

pub(super) fn cluster_swept(peak: &PriceText) -> String {
    format!("The {} band seen yesterday has been swept.", price_near(peak))
}

pub(super) fn cluster_thinned(peak: &PriceText) -> String {
    format!("The {} band seen yesterday has mostly closed.", price_near(peak))
}

pub(super) fn implications(
    reach: Option<&ReachPair>,
    at: &[AtMove],
    balance: Option<&Balance>,
) -> Vec<String> {
    let mut sentences = Vec::new();
    if let Some(pair) = reach {
        let amount = usd_short(pair.amount_usd.to_f64());
        if let Some(price) = &pair.short.price {
            sentences.push(format!(
                "If price rises to {}, about {amount} of shorts would be bought back.",
                price_grouped(price)
            ));
        }
        if let Some(price) = &pair.long.price {
            sentences.push(format!(
                "If it falls to {}, about {amount} of longs would be sold.",
                price_grouped(price)
            ));
        }
    }
    if let (Some(fall), Some(rise)) = (at.first(), at.last()) {
        sentences.push(format!(
            "Within ±{:.0} %, the map holds {} of longs below price and {} of shorts above it.",
            rise.move_pct,
            usd_short(fall.long_usd.to_f64()),
            usd_short(rise.short_usd.to_f64())
        ));
    }
    sentences.extend(balance.and_then(fuel));
    sentences.push("Knock-on effects are not simulated yet.".to_owned());
    sentences
}

/// Both sides weighted by how far away they stand.
pub(super) fn fuel(balance: &Balance) -> Option<String> {
    let (sigma, fuel) = (balance.day_sigma_pct?, balance.fuel.as_ref()?);
    let squeeze = fuel.squeeze?;
    let range = fuel.interval.as_ref().map(|i| format!("; 80 %: {}", score_range(i))).unwrap_or_default();
    let unusual =
        fuel.squeeze_z.map(|z| format!("; {} sd from its mean", score_signed(z))).unwrap_or_default();
    Some(format!(
        "Weighted by a day's reach (σ {sigma:.1} %), {} of shorts face {} of longs (squeeze score \
         {}{range}{unusual}).",
        usd_short(fuel.up_usd.to_f64()),
        usd_short(fuel.down_usd.to_f64()),
        score_signed(squeeze)
    ))
}

pub(super) fn readings(at: &[AtMove]) -> Vec<String> {
    let mut sentences = vec![
        "Momentum traders look at the nearer side, if spot demand points the same way.".to_owned(),
        "Contrarians note that nearby positions, once closed, are spent fuel.".to_owned(),
    ];
    sentences.extend(makers(at));
    sentences
}

/// What stands within 1 %.
pub(super) fn makers(at: &[AtMove]) -> Option<String> {
    let one_pct = |sign: f64| at.iter().find(|row| (row.move_pct - sign).abs() < 1e-6);
    let (fall, rise) = (one_pct(-1.0)?, one_pct(1.0)?);
    Some(format!(
        "Market makers, if the book is thin, compare it with what stands within 1 %: {} of longs, {} of shorts.",
        usd_short(fall.long_usd.to_f64()),
        usd_short(rise.short_usd.to_f64())
    ))
}

pub(super) fn bottom_line(reach: Option<&ReachPair>, withheld: Option<&str>) -> String {
    if let Some(reason) = withheld {
        return reason.to_owned();
    }
    let Some(pair) = reach else {
        return "Neither side holds enough near price to compare the two.".to_owned();
    };
    let amount = usd_short(pair.amount_usd.to_f64());
    match &pair.tilt {
        None => format!("{amount} is more than one side holds at any distance."),
        Some(tilt) if tilt.label == TiltLabel::Balanced && tilt.ratio >= 1.25 => {
            format!("On which side the same {amount} sits closer is not firm (balanced).")
        }
        Some(tilt) if tilt.label == TiltLabel::Balanced => {
            format!("The same {amount} sits about equally far above and below price (balanced).")
        }
        Some(tilt) => {
            let (near, far, side) = match tilt.side {
                SideName::Short => ("above", "below", "shorts"),
                SideName::Long => ("below", "above", "longs"),
            };
            let held = match tilt.sign_held {
                Some(held) => format!("sign held in {} of draws", share(held)),
                None => "how firmly is not yet known".to_owned(),
            };
            format!(
                "The same {amount} sits {:.1}× closer {near} price than {far} it ({} tilt to {side}; {held}).",
                tilt.ratio,
                label(tilt.label)
            )
        }
    }
}

const fn label(label: TiltLabel) -> &'static str {
    match label {
        TiltLabel::Balanced => "balanced",
        TiltLabel::Mild => "mild",
        TiltLabel::Clear => "clear",
        TiltLabel::Strong => "strong",
    }
}

pub(super) fn price(price_box: &PriceBox) -> String {
    let price = price_grouped(&price_box.price);
    match &price_box.day {
        Some(day) => format!(
            "{price} ({} in 24 h; high {}, low {}), {}.",
            percent_signed(day.change_pct),
            price_grouped(&day.high),
            price_grouped(&day.low),
            price_box.source
        ),
        None => format!("{price}, {}; no day of history.", price_box.source),
    }
}

pub(super) fn changed(changed: &[Changed], amount: Option<Usd>) -> Vec<String> {
    let Some(amount) = amount else { return vec!["There is no amount to compare over time.".to_owned()] };
    if changed.is_empty() {
        return vec!["There is no earlier map to compare with.".to_owned()];
    }
    changed
        .iter()
        .map(|then| {
            let when = format!("{} h ago, at {},", then.hours_ago, price_grouped(&then.price));
            let amount = usd_short(amount.to_f64());
            let words = |side: &ReachSide, word: &str| {
                distance(side).map_or(format!("not reached {word}"), |d| format!("{d} {word}"))
            };
            format!(
                "{when} the same {amount} was {} and {}.",
                words(&then.reach.short, "up"),
                words(&then.reach.long, "down")
            )
        })
        .collect()
}

pub(super) fn data(stamp: &Stamp, view: &View) -> Vec<String> {
    let mut sentences = Vec::new();
    for market in &stamp.markets {
        let channels: Vec<String> = market
            .channels
            .iter()
            .map(|channel| match channel.age_s {
                Some(seconds) => {
                    format!("{} ({}, {})", channel.name.replace('-', " "), channel.resolution, age(seconds))
                }
                None => format!("{} (absent)", channel.name.replace('-', " ")),
            })
            .collect();
        sentences.push(format!("{}, with ages: {}.", market.title, channels.join(", ")));
        let open_interest = match market.open_interest_usd {
            Some(usd) => format!("Open interest {} (one-sided)", usd_short(usd.to_f64())),
            None => "Open interest is not in the data".to_owned(),
        };
        sentences.push(format!("{open_interest}; margin rules: {}.", market.margin_table));
    }
    let [long, short] = view.liquidated_by_day().first().copied().unwrap_or_default();
    if long + short > 0.0 {
        sentences.push(format!(
            "Reported liquidations in 24 h: {} of longs, {} of shorts{}.",
            usd_short(long),
            usd_short(short),
            if view.reports_all() { "" } else { ", a floor" }
        ));
    }
    sentences.extend(stamp.reporting.as_ref().map(|reporting| reporting.words.clone()));
    if !stamp.coverage.missing.is_empty() {
        sentences.push(format!("Not in this data: {}.", stamp.coverage.missing.join(", ")));
    }
    sentences.extend(stamp.warnings.iter().cloned());
    sentences
}

pub(super) fn how_sure(stamp: &Stamp, next_hour_new: Option<f64>) -> Vec<String> {
    let grade = &stamp.grade;
    let mut sentences = vec![format!(
        "Grade {}, because {}.",
        grade.letter.as_str(),
        if grade.reasons.is_empty() { "nothing is missing".to_owned() } else { grade.reasons.join("; ") }
    )];
    if let Some(new) = next_hour_new {
        // Over an hour the map and a mere count of bins passed are hard to tell apart, so the share is told in
        // thirds, not in percent.
        let how_much = match new {
            n if n >= 2.0 / 3.0 => "Most",
            n if n >= 1.0 / 3.0 => "About half",
            _ => "Some",
        };
        sentences.push(format!(
            "{how_much} of the hour ahead's liquidations come from positions not open yet, which no map shows."
        ));
    }
    sentences.push("`liqlens score` checks past maps; METHODOLOGY.md has the tables.".to_owned());
    sentences
}

pub(super) fn alt(headline: &str, bullets: &[String], stamp: &Stamp) -> String {
    format!("{headline}. {}. As of {}. {CAVEAT}", bullets.join(". "), utc_minute(&stamp.as_of))
}
