//! The tables of `docs/liquidation_prices.md`, made from the rules, the published numbers, the recorded
//! accounts and the shipped schedules.

use std::collections::BTreeMap;
use std::fmt::Write;

use liqlens_margin::{FeeRule, MarginMode, Proof, Rules, Valued, all_rules};
use liqlens_market::{Backing, Timestamp, Venue};

use crate::published::{self, vectors};
use crate::recorded::{self, compare, records, within};

/// Each table under the name of its markers in the page.
pub fn tables() -> [(&'static str, String); 5] {
    [
        ("rules", rules()),
        ("numbers", published::printed()),
        ("accounts", recorded::printed()),
        ("unverified", published::printed_unverified()),
        ("schedules", schedules()),
    ]
}

/// The page with its tables made anew.
pub fn filled(page: &str) -> String {
    let mut page = page.to_owned();
    for (name, table) in tables() {
        let [begin, end] = ["begin", "end"].map(|edge| format!("<!-- {name}: {edge} -->"));
        let from = page.find(&begin).expect("the page has the marker") + begin.len();
        let to = page.find(&end).expect("the page has the marker");
        page.replace_range(from..to, &format!("\n\n{table}\n"));
    }
    page
}

/// What each rule rests on.
fn rules() -> String {
    let mut text = String::from(
        "| venue | contract | margin | in force | maintenance valued | fee inside | rests on | largest difference |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for rule in all_rules() {
        let period = match (rule.from, rule.until) {
            ("", "") => "no change known".to_owned(),
            ("", until) => format!("until {until}"),
            (from, "") => format!("since {from}"),
            (from, until) => format!("{from} to {until}"),
        };
        let valued = match rule.valued {
            Valued::AtLiquidation => "at the price",
            Valued::AtEntry => "at entry",
            Valued::AtMark => "at today's mark",
        };
        let fee = match rule.fee {
            FeeRule::Outside => "–".to_owned(),
            FeeRule::Taker { default_rate } => format!("{}%", round(default_rate * 100.0)),
            FeeRule::InRate { default_rate } => format!("{}%, in the rate", round(default_rate * 100.0)),
        };
        let mut rests = Vec::new();
        let mut worst: Option<f64> = None;
        let mut worse = |difference: f64| worst = Some(worst.map_or(difference, |w| w.max(difference)));
        match rule.proof {
            Proof::Vectors(ids) => {
                rests.push(format!("{} published or recorded {}", ids.len(), plural(ids.len(), "number")));
                for vector in vectors().iter().filter(|vector| ids.contains(&vector.id.as_str())) {
                    worse((vector.ours().expect("a price") / vector.expected - 1.0).abs());
                }
            }
            Proof::Published => rests.push("the published formula alone".to_owned()),
            Proof::Derived => rests.push("a form derived from the venue's other rules".to_owned()),
        }
        let (prices, none, difference) = in_accounts(rule);
        if prices + none > 0 {
            let prices = format!("{prices} {}", plural(prices, "price"));
            rests.push(format!("{prices} and {none} positions without one in recorded accounts"));
            worse(difference);
        }
        writeln!(
            text,
            "| {} | {} | {} | {period} | {valued} | {fee} | {} | {} |",
            rule.venue.title(),
            rule.contract.as_str(),
            rule.mode.as_str(),
            rests.join("; "),
            within(worst.as_ref()),
        )
        .expect("a string grows");
    }
    text
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}

/// A percentage without the noise of its binary form.
fn round(percent: f64) -> f64 {
    (percent * 1e6).round() / 1e6
}

/// How many positions of recorded accounts fall under a rule, priced and without a price, and the largest
/// difference among them.
fn in_accounts(rule: &Rules) -> (usize, usize, f64) {
    let (mut prices, mut none, mut worst) = (0, 0, 0.0_f64);
    let in_force = |at: Timestamp| {
        let day = at.date();
        rule.from <= day.as_str() && (rule.until.is_empty() || day.as_str() < rule.until)
    };
    for record in records() {
        if record.venue != rule.venue || record.lacks.is_some() || !in_force(record.at) {
            continue;
        }
        for (position, one) in record.state.positions.iter().zip(compare(&record)) {
            let mode = match position.backing {
                Backing::Cross => MarginMode::Cross,
                Backing::Isolated(_) => MarginMode::Isolated,
            };
            if mode == rule.mode && rule.contract.as_str() == "linear" {
                match one.difference() {
                    Some(difference) => {
                        prices += 1;
                        worst = worst.max(difference);
                    }
                    None => none += 1,
                }
            }
        }
    }
    (prices, none, worst)
}

/// What one file of schedules holds.
struct Recording {
    day: String,
    /// How many of the ladders go on beyond what is known.
    in_part: usize,
    symbols: Vec<String>,
}

/// Which schedules ship, by venue and day of recording.
fn schedules() -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/margin_tables");
    let mut of_venue: BTreeMap<String, Vec<Recording>> = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("the schedules") {
        let path = entry.expect("a file").path();
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let file: serde_json::Value =
            serde_json::from_slice(&std::fs::read(path).expect("a readable file")).expect("JSON");
        let schedules = file["schedules"].as_array().expect("a list");
        let symbols = |complete: bool| -> Vec<String> {
            let of = schedules.iter().filter(|schedule| schedule["complete"] == complete);
            of.flat_map(|schedule| schedule["symbols"].as_array().expect("a list"))
                .map(|symbol| symbol.as_str().expect("a symbol").to_owned())
                .collect()
        };
        let in_part = symbols(false);
        let mut all: Vec<String> = symbols(true).iter().chain(&in_part).cloned().collect();
        all.sort();
        let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
        let recording = Recording { day: text(&file["recorded"]), in_part: in_part.len(), symbols: all };
        of_venue.entry(text(&file["venue"])).or_default().push(recording);
    }
    let mut text =
        String::from("| venue | recorded | markets | known in part | which |\n|---|---|---|---|---|\n");
    for venue in Venue::ALL {
        let Some(mut files) = of_venue.remove(venue.id()) else {
            writeln!(text, "| {} | none | | | a question has to bring its rate |", venue.title())
                .expect("a string grows");
            continue;
        };
        files.sort_by(|a, b| a.day.cmp(&b.day));
        for Recording { day, in_part, symbols } in files {
            let which = if symbols.len() > 6 { "see the file".to_owned() } else { symbols.join(", ") };
            writeln!(text, "| {} | {day} | {} | {in_part} | {which} |", venue.title(), symbols.len())
                .expect("a string grows");
        }
    }
    text
}
