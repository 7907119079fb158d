//! Whole documents of a hand-made market under hand-made draws; every expected figure is had on paper.
//!
//! The market holds the same dollars in each of 500 bins of 0.001 in log price on either side, so a distance in
//! bins is dollars divided by dollars a bin, and a price is the last one times `e^(±0.001·bins)`.

use liqlens_engine::Reporting;
use liqlens_market::Side;
use liqlens_model::Feed;
use proptest::prelude::*;

use crate::document::{Brief, GradeLetter, Interval, Reach, SideName, TiltLabel, Usd};
use crate::testing::{even_view, member_view, modelled, with_reporting};
use crate::view::View;
use crate::{BriefInputs, MapOptions, compose};

/// The map: a dollar of longs and two of shorts a bin. The draws: half the longs, the map itself, and twice
/// the longs with half the shorts.
fn drawn_view(weights: [f64; 3]) -> View {
    member_view((1.0, 2.0), &[(weights[0], 0.5, 2.0), (weights[1], 1.0, 2.0), (weights[2], 2.0, 1.0)])
}

fn throttled(dominates: bool, informed: f64) -> Reporting {
    Reporting {
        feed: Feed::Throttled,
        factor: 0.25,
        lo80: 0.18,
        hi80: 0.66,
        realised: 1.0,
        dominates,
        informed,
    }
}

/// Price difference of a distance in bins, as the documents round it.
fn difference(view: &View, bins: f64) -> f64 {
    let decimals = 10_f64.powi(i32::try_from(view.decimals()).unwrap());
    (view.last_price() * ((0.001 * bins).exp() - 1.0) * decimals).round() / decimals
}

fn brief(view: &View, amount: Option<f64>) -> Brief {
    compose(&BriefInputs {
        now: view,
        hour_ago: Some(view),
        day_ago: Some(view),
        amount: amount.map(Usd::from_f64),
        window_pct: None,
        allow_stale: false,
    })
}

fn text(brief: &Brief) -> String {
    let sentences = brief.sections.iter().flat_map(|section| section.sentences.iter().cloned());
    brief.bullets.iter().cloned().chain(sentences).collect::<Vec<_>>().join(" ")
}

/// $100 of longs lie 100 bins away, in the draws 200, 100 and 50; $100 of shorts 50, in the draws 50, 50, 100.
#[test]
fn a_reach_has_the_quantiles_of_its_own_distance() {
    let view = drawn_view([0.2, 0.6, 0.2]);
    let pair = view.reach(Usd::from_f64(100.0)).pair;
    let interval = |lo: f64, hi: f64| {
        Some(Interval { lo80: difference(&view, lo), hi80: Some(difference(&view, hi)), widened: false })
    };
    assert_eq!(pair.long.interval, interval(-50.0, -200.0));
    assert_eq!(pair.short.interval, interval(50.0, 100.0));
    assert_eq!((pair.long.held_in, pair.short.held_in), (Some(1.0), Some(1.0)));
    // (1 − e^−0.1) / (e^0.05 − 1) = 1.856, and the third draw has it the other way round.
    let tilt = pair.tilt.unwrap();
    assert_eq!((tilt.side, tilt.ratio, tilt.label), (SideName::Short, 1.856, TiltLabel::Clear));
    assert_eq!(tilt.sign_held, Some(0.8));
}

/// UX-B4: with 79 % of the draws no side may be named, however large the ratio.
#[test]
fn a_sign_that_does_not_hold_names_no_side() {
    let view = drawn_view([0.19, 0.6, 0.21]);
    let tilt = view.reach(Usd::from_f64(100.0)).pair.tilt.unwrap();
    assert_eq!((tilt.sign_held, tilt.label), (Some(0.79), TiltLabel::Balanced));
    let text = text(&brief(&view, Some(100.0)));
    assert!(text.contains("an order that 79 % of the draws keep"), "{text}");
    assert!(text.contains("is not firm (balanced)"), "{text}");
    assert!(!text.contains("stacked closer") && !text.contains("about equally far"), "{text}");
}

/// The first draw holds $250 of longs in all: a fifth of the weight never reaches $300.
#[test]
fn an_interval_that_never_ends_is_open() {
    let view = drawn_view([0.2, 0.6, 0.2]);
    let long = view.reach(Usd::from_f64(300.0)).pair.long;
    let expected = Interval { lo80: difference(&view, -150.0), hi80: None, widened: false };
    assert_eq!((long.interval, long.held_in), (Some(expected), Some(0.8)));
    assert!(text(&brief(&view, Some(300.0))).contains(" or more) to liquidate $300 of longs"));
    // Beyond what the map holds there is no distance, but the third draw gets there.
    let long = view.reach(Usd::from_f64(800.0)).pair.long;
    assert_eq!((long.price, long.interval, long.held_in), (None, None, Some(0.2)));
}

/// A fall of 10 % is −1,000·ln 0.9 = 105.36 bins, a rise of 10 % is 95.31.
#[test]
fn a_move_has_the_quantiles_of_its_own_dollars() {
    let view = drawn_view([0.2, 0.6, 0.2]);
    let moves = view.at(&[-10.0, 10.0, 0.0].map(|pct| view.price_moved_by(pct))).moves;
    let interval = |lo80, hi80| Some(Interval { lo80, hi80: Some(hi80), widened: false });
    assert_eq!((moves[0].long_usd.cents(), moves[0].short_usd.cents()), (10_536, 0));
    assert_eq!(moves[0].interval, interval(52.68, 210.72));
    assert_eq!(moves[1].interval, interval(95.31, 190.62));
    assert_eq!(moves[2].interval, None);
}

#[test]
fn totals_bins_and_clusters_have_intervals_of_their_own() {
    let view = drawn_view([0.2, 0.6, 0.2]);
    let map = view.map(&MapOptions::default()).unwrap();
    let interval = |lo80, hi80| Some(Interval { lo80, hi80: Some(hi80), widened: false });
    assert_eq!(map.long.liquidatable_interval, interval(250.0, 1_000.0));
    assert_eq!(map.short.liquidatable_interval, interval(500.0, 1_000.0));
    assert!(map.long.in_window_interval.is_some());
    for bin in &map.bins {
        let (lo, hi) = (bin.usd_lo80.unwrap().cents(), bin.usd_hi80.unwrap().cents());
        // Longs from half to twice the map's, shorts from half of it to itself.
        let (least, most) = if bin.side == SideName::Long { (0.5, 2.0) } else { (0.5, 1.0) };
        let usd = bin.usd.to_f64() * 100.0;
        assert!((lo as f64 - least * usd).abs() < 2.0 && (hi as f64 - most * usd).abs() < 2.0, "{bin:?}");
    }
    let clusters = view.clusters(10.0).clusters;
    assert!(!clusters.is_empty());
    for cluster in clusters {
        let interval = cluster.interval.unwrap();
        let usd = cluster.usd.to_f64();
        let (least, most) = if cluster.side == SideName::Long { (0.5, 2.0) } else { (0.5, 1.0) };
        assert!((interval.lo80 - least * usd).abs() < 0.03, "{interval:?} {usd}");
        assert!((interval.hi80.unwrap() - most * usd).abs() < 0.03, "{interval:?} {usd}");
    }
}

#[test]
fn reported_dollars_are_a_share_of_the_true_ones() {
    let mut view = drawn_view([0.2, 0.6, 0.2]);
    with_reporting(&mut view, Some(throttled(false, 0.9)));
    let usd = |dollars: f64| Some(Usd::from_f64(dollars));
    let reach = view.reach(Usd::from_f64(100.0));
    assert_eq!(reach.pair.reported_amount_usd, usd(25.0));
    let reporting = reach.stamp.reporting.unwrap();
    assert_eq!((reporting.factor, reporting.lo80, reporting.hi80), (0.25, 0.18, 0.66));
    let at = &view.at(&[view.price_moved_by(-10.0)]).moves[0];
    assert_eq!((at.reported_long_usd, at.reported_short_usd), (usd(26.34), usd(0.0)));
    let map = view.map(&MapOptions::default()).unwrap();
    assert_eq!(map.short.reported_liquidatable_usd, usd(250.0));
    assert_eq!(map.long.reported_in_window_usd, usd(map.long.in_window_usd.to_f64() / 4.0));
    for cluster in &map.clusters {
        assert_eq!(cluster.reported_usd, usd(cluster.usd.to_f64() / 4.0));
    }
    assert!(text(&brief(&view, None)).contains("shows about 25 % (18–66 %) of that"));
}

#[test]
fn grades_follow_what_is_known() {
    let grade = |drawn: bool, reporting| {
        let mut view = if drawn { drawn_view([0.2, 0.6, 0.2]) } else { even_view(1.0, 2.0, &[]) };
        with_reporting(&mut view, reporting);
        view.grade()
    };
    let without = grade(false, None);
    assert_eq!(without.letter, GradeLetter::C);
    assert_eq!(without.reasons, ["the model has no checked error interval yet"]);
    assert_eq!(grade(true, None).letter, GradeLetter::A);
    assert_eq!(grade(true, Some(throttled(false, 0.5))).letter, GradeLetter::A);
    let little = grade(true, Some(throttled(false, 0.34)));
    assert_eq!(little.letter, GradeLetter::B);
    assert!(little.reasons[0].contains("only 34 % of the map"), "{little:?}");
    let dominated = grade(true, Some(throttled(true, 0.34)));
    assert_eq!((dominated.letter, dominated.reasons.len()), (GradeLetter::C, 2));
    assert!(dominated.reasons[0].contains("largest uncertainty"), "{dominated:?}");
}

#[test]
fn a_brief_tells_intervals_score_and_what_no_map_shows() {
    let mut view = drawn_view([0.2, 0.6, 0.2]);
    with_reporting(&mut view, Some(throttled(true, 0.34)));
    modelled(&mut view).next_hour_new = Some(0.6);
    view.squeeze_by_day = [0.1, 0.2, 0.3, 0.4, 0.5].repeat(4);
    let brief = brief(&view, Some(100.0));
    let text = text(&brief);
    for part in [
        "; 80 %: $395–1,470) to liquidate $100 of longs",
        "; 80 %: $415–852) to liquidate $100 of shorts",
        "(clear tilt to shorts; sign held in 80 % of draws)",
        "squeeze score +0.33; 80 %: \u{2212}0.33 … +0.60",
        "About half of the hour ahead's liquidations come from positions not open yet",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("not yet estimated") && !text.contains("not yet known"), "{text}");
    assert!(brief.balance.unwrap().fuel.unwrap().squeeze_z.is_some());
}

/// Documents with all their figures read back as they were written.
#[test]
fn documents_with_intervals_survive_json() {
    let mut view = drawn_view([0.2, 0.6, 0.2]);
    with_reporting(&mut view, Some(throttled(true, 0.34)));
    let reach = view.reach(Usd::from_f64(300.0));
    let json = serde_json::to_string(&reach).unwrap();
    assert_eq!(serde_json::from_str::<Reach>(&json).unwrap(), reach);
    assert!(json.contains("\"hi80\":null") && json.contains("\"feed\":\"throttled\""), "{json}");
    // A reader of documents written before there were intervals gets none.
    let old = r#"{"lo80":1.0,"hi80":2.0}"#;
    assert!(!serde_json::from_str::<Interval>(old).unwrap().widened);
}

proptest! {
    /// Whatever the draws are, no figure lies outside its own interval.
    #[test]
    fn figures_lie_in_their_intervals(
        members in proptest::collection::vec((0.01..1.0_f64, 0.0..9.0_f64, 0.0..9.0_f64), 1..8),
        amount in 1.0..2_000.0_f64, pct in 0.1..30.0_f64,
    ) {
        let view = member_view((1.0, 2.0), &members);
        let pair = view.reach(Usd::from_f64(amount)).pair;
        for side in [&pair.long, &pair.short] {
            let (Some(moved), Some(interval)) = (&side.move_usd, &side.interval) else { continue };
            prop_assert!(interval.lo80.abs() <= moved.to_f64().abs() + 1e-9);
            prop_assert!(interval.hi80.is_none_or(|hi| hi.abs() >= moved.to_f64().abs() - 1e-9));
        }
        for (side, signed) in [(Side::Long, -pct), (Side::Short, pct)] {
            let row = &view.at(&[view.price_moved_by(signed)]).moves[0];
            let usd = if side == Side::Long { row.long_usd } else { row.short_usd }.to_f64();
            let interval = row.interval.as_ref().unwrap();
            prop_assert!(interval.lo80 <= usd && interval.hi80.unwrap() >= usd);
        }
        let balance = view.balance();
        for (value, interval) in balance
            .asymmetry
            .iter()
            .map(|row| (row.value, &row.interval))
            .chain(balance.fuel.iter().map(|fuel| (fuel.squeeze, &fuel.interval)))
        {
            let (value, interval) = (value.unwrap(), interval.as_ref().unwrap());
            prop_assert!(-1.0 <= interval.lo80 && interval.lo80 <= value);
            prop_assert!(value <= interval.hi80.unwrap() && interval.hi80.unwrap() <= 1.0);
        }
    }
}
