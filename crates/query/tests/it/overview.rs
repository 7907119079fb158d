//! Overview and tick, against the other documents and against the files.

use liqlens_market::{Span, Timestamp};
use liqlens_model::ModelId;
use liqlens_query::document::{Cluster, Overview, SideName, Usd};
use liqlens_query::series::{MAX_TAPE_ROWS, TapeOptions, tape};
use liqlens_query::{LadderOptions, MapOptions, View, overview, views};

use crate::bundle::{EVENTS, end, events, market, subject};
use crate::series::{ask, raw};

fn two_views(model: ModelId, at: Timestamp) -> [View; 2] {
    let stops = [at - Span::DAY, at];
    let views: Vec<View> = views(&mut market(model), &subject(), events(at, 20), &stops)
        .into_iter()
        .map(Result::unwrap)
        .collect();
    views.try_into().unwrap()
}

#[test]
fn a_row_says_what_the_other_documents_say() {
    let [before, now] = two_views(ModelId::M2, end());
    let row = now.overview_row(Some(&before));
    let map = now.map(&MapOptions::default()).unwrap();
    assert_eq!((&row.marks, &row.day), (&map.marks, &map.day));
    assert!(row.marks.is_some() && row.day.is_some());
    let asked = [-5.0, -2.0, -1.0, 1.0, 2.0, 5.0].map(|pct| now.price_moved_by(pct));
    assert_eq!(row.at, now.at(&asked).moves);
    for (side, nearest) in [(SideName::Long, &row.nearest_long), (SideName::Short, &row.nearest_short)] {
        let nearest = nearest.as_ref().unwrap();
        let clusters = now.clusters(10.0).clusters;
        let of_side: Vec<&Cluster> = clusters.iter().filter(|cluster| cluster.side == side).collect();
        assert!(of_side.contains(&nearest));
        assert!(of_side.iter().all(|cluster| cluster.distance_pct.abs() >= nearest.distance_pct.abs()));
    }
    assert_eq!(row.stamp.snapshot, map.stamp.snapshot);
    // The files: readings at the end and a day before, and the newest rate, a running estimate for eight hours.
    let minutes = raw::minutes();
    let at = |ts: Timestamp| minutes.iter().find(|minute| minute.end == ts).unwrap();
    let change = (at(end()).open_interest / at(end() - Span::DAY).open_interest - 1.0) * 100.0;
    assert!((row.open_interest_change_24h_pct.unwrap() - change).abs() <= 0.000_05 + 1e-9);
    assert_eq!((row.funding_rate, row.funding_interval_h), (Some(at(end()).predicted), Some(8.0)));
    assert_eq!(now.overview_row(None).open_interest_change_24h_pct, None);
}

/// The tape of a day adds up to the day's dollars of the row: both value reports at the price before them.
#[test]
fn the_days_reports_are_those_of_the_tape() {
    // A day of whole quarters of an hour, as the row counts.
    let at = Timestamp::parse_text("2026-03-18T12:00:00Z").unwrap();
    let [_, now] = two_views(ModelId::M1, at);
    let [longs, shorts] = now.overview_row(None).reported_24h_usd.unwrap();
    let from = at - Span::DAY + Span::MINUTE;
    let options = TapeOptions { limit: MAX_TAPE_ROWS, ..TapeOptions::default() };
    let rows = tape(EVENTS.iter().cloned(), &ask(from, at), &options).unwrap().rows;
    for (side, usd) in [(SideName::Long, longs), (SideName::Short, shorts)] {
        let sum: Usd = rows.iter().filter(|row| row.side == side).filter_map(|row| row.usd).sum();
        assert!((sum.to_f64() - usd.to_f64()).abs() < 10.0, "{sum} {usd}");
    }
}

#[test]
fn a_tick_is_the_little_that_the_documents_say() {
    let [_, now] = two_views(ModelId::M1, end());
    let (tick, stamp) = (now.tick(), now.map(&MapOptions::default()).unwrap());
    let (stamp, day) = (stamp.stamp, stamp.day.unwrap());
    assert_eq!((&tick.price, &tick.snapshot, &tick.as_of), (&stamp.price, &stamp.snapshot, &stamp.as_of));
    assert_eq!(
        (tick.grade, tick.age_s, &tick.coverage),
        (stamp.grade.letter, stamp.age_s, &stamp.coverage.text)
    );
    let of_day = tick.day.unwrap();
    assert_eq!((of_day.high, of_day.low, of_day.change_pct), (day.high, day.low, day.change_pct));
    assert_eq!(tick.schema, "tick/1");
}

/// On the real market under the learned model, with all its draws.
#[test]
fn rungs_of_the_bundled_market_are_answers() {
    let [_, now] = two_views(ModelId::M2, end());
    for window_pct in [5.0, 10.0] {
        let ladder = now.ladder(&LadderOptions { window_pct });
        assert!((200..=501).contains(&ladder.at.len()) && ladder.reach.len() > 30);
        assert!(ladder.at.iter().all(|rung| rung.interval.is_some() || rung.price == ladder.stamp.price));
        for rung in ladder.at.iter().step_by(7) {
            assert_eq!(*rung, now.at(&[rung.price.to_f64()]).moves[0]);
        }
        for rung in &ladder.reach {
            assert_eq!(*rung, now.reach(rung.amount_usd).pair);
        }
        // Both sides hold enough here for the map to mark an amount, and the ladder has a rung for it.
        let marked = now.map(&MapOptions::default()).unwrap().marks.unwrap();
        assert!(ladder.reach.contains(&marked));
        assert!(ladder.reach.is_sorted_by(|a, b| a.amount_usd < b.amount_usd));
    }
}

#[test]
fn an_overview_lists_rows_and_failures() {
    let [_, now] = two_views(ModelId::M1, end());
    let document: Overview = overview(end(), vec![now.overview_row(None)], Vec::new());
    let json = serde_json::to_value(&document).unwrap();
    assert_eq!(
        (json["schema"].as_str(), json["as_of"].as_str()),
        (Some("overview/1"), Some("2026-03-20T23:59:00Z"))
    );
    assert_eq!(serde_json::from_value::<Overview>(json).unwrap(), document);
}
