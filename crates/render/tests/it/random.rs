//! Documents of any content: no panic, valid SVG, no text over another.

use liqlens_query::document::*;
use liqlens_render::{Size, Theme, card_picture, heatmap_picture, map_picture};
use proptest::prelude::*;

use crate::sample;
use crate::svg::check_layout;

fn price() -> impl Strategy<Value = PriceText> {
    prop_oneof![
        6 => (1.0f64..200_000.0, 0usize..3).prop_map(|(value, decimals)| PriceText::new(value, decimals)),
        2 => (1e-9f64..1.0).prop_map(|value| PriceText::new(value, 10)),
        1 => any::<f64>().prop_map(|value| PriceText::new(value, 2)),
        1 => ".{0,12}".prop_map(|text| serde_json::from_value(serde_json::Value::String(text)).unwrap()),
    ]
}

fn usd() -> impl Strategy<Value = Usd> {
    prop_oneof![4 => 0i64..1_000_000_000_000, 1 => any::<i64>()].prop_map(Usd::from_cents)
}

fn side() -> impl Strategy<Value = SideName> {
    prop_oneof![Just(SideName::Long), Just(SideName::Short)]
}

fn stamp() -> impl Strategy<Value = Stamp> {
    (".{0,60}", ".{0,30}", price(), ".{0,90}", any::<f64>()).prop_map(
        |(symbol, as_of, price, text, age_s)| {
            let mut stamp = sample::stamp("map/1");
            stamp.coverage.text.clone_from(&text);
            stamp.markets[0].title = text;
            Stamp { symbol, as_of, price, age_s, ..stamp }
        },
    )
}

fn reach_side() -> impl Strategy<Value = ReachSide> {
    let interval = (any::<f64>(), proptest::option::of(any::<f64>())).prop_map(|(lo80, hi80)| Interval {
        lo80,
        hi80,
        widened: false,
    });
    (
        proptest::option::of(price()),
        proptest::option::of(price()),
        proptest::option::of(prop_oneof![-50.0f64..50.0, any::<f64>()]),
        proptest::option::of(interval),
        usd(),
    )
        .prop_map(|(price, move_usd, move_pct, interval, available_usd)| ReachSide {
            price,
            move_usd,
            move_pct,
            interval,
            held_in: None,
            available_usd,
        })
}

fn pair() -> impl Strategy<Value = ReachPair> {
    (usd(), reach_side(), reach_side()).prop_map(|(amount_usd, long, short)| ReachPair {
        amount_usd,
        reported_amount_usd: None,
        long,
        short,
        tilt: None,
    })
}

fn map() -> impl Strategy<Value = Map> {
    let bin = (side(), price(), price(), usd(), proptest::collection::vec(usd(), 0..7), usd()).prop_map(
        |(side, price_lo, price_hi, usd, by_band, cumulative_usd)| MapBin {
            side,
            price_lo,
            price_hi,
            distance_pct: 0.0,
            usd,
            usd_lo80: None,
            usd_hi80: None,
            by_band,
            cumulative_usd,
            accounts: None,
        },
    );
    let cluster =
        (side(), price(), usd(), any::<f64>()).prop_map(|(side, peak, usd, distance_pct)| Cluster {
            side,
            rank: 1,
            price_lo: peak.clone(),
            price_hi: peak.clone(),
            distance_usd: peak.clone(),
            peak_price: peak,
            distance_pct,
            usd,
            interval: None,
            reported_usd: None,
            share_of_side: 0.5,
            prominence: 1.0,
        });
    let band = ".{0,20}".prop_map(|label| Band { label, leverage_min: 0.0, leverage_max: None });
    let day =
        (price(), price()).prop_map(|(high, low)| DayRange { high, low, change_pct: 0.0, closes: vec![] });
    (
        stamp(),
        (price(), price(), any::<f64>()),
        proptest::collection::vec(band, 0..9),
        proptest::collection::vec(bin, 0..60),
        proptest::option::of(pair()),
        proptest::collection::vec(cluster, 0..12),
        proptest::option::of(day),
        (usd(), usd()),
    )
        .prop_map(|(stamp, (price_lo, price_hi, pct), bands, bins, marks, clusters, day, totals)| {
            let mut map = sample::map();
            map.long.in_window_usd = totals.0;
            map.short.beyond_window_usd = totals.1;
            Map {
                stamp,
                window: Window { price_lo, price_hi, pct },
                bands,
                bins,
                marks,
                clusters,
                day,
                ..map
            }
        })
}

/// The usual map with its window moved and stretched: labels always have bars to stand on.
fn likely_map() -> impl Strategy<Value = Map> {
    (0.0005f64..3.0, 0.5f64..0.999, 1.001f64..1.5, pair(), stamp()).prop_map(
        |(scale, lo, hi, pair, stamp)| {
            let mut map = sample::map();
            let rescaled = |price: &PriceText| PriceText::new(price.to_f64() * scale, 6);
            map.stamp.symbol = stamp.symbol;
            map.stamp.price = rescaled(&map.stamp.price);
            map.window.price_lo = PriceText::new(sample::PRICE * scale * lo, 6);
            map.window.price_hi = PriceText::new(sample::PRICE * scale * hi, 6);
            for bin in &mut map.bins {
                bin.price_lo = rescaled(&bin.price_lo);
                bin.price_hi = rescaled(&bin.price_hi);
            }
            for cluster in &mut map.clusters {
                cluster.peak_price = rescaled(&cluster.peak_price);
            }
            map.marks = Some(pair);
            map
        },
    )
}

fn heatmap() -> impl Strategy<Value = Heatmap> {
    let edges = prop_oneof![
        (1e-6f64..1e5, 1e-5f64..0.5, 0usize..40).prop_map(|(first, step, count)| {
            (0..=count).map(|at| PriceText::new(first * (step * at as f64).exp(), 9)).collect::<Vec<_>>()
        }),
        proptest::collection::vec(price(), 0..6),
    ];
    let status = prop_oneof![
        4 => Just(ColumnStatus::Closed),
        1 => Just(ColumnStatus::Gap),
        1 => Just(ColumnStatus::Forming)
    ];
    let cells =
        (proptest::collection::vec(any::<i64>(), 40), proptest::collection::vec(0i64..1_000_000_000, 40));
    let column = (
        status,
        proptest::option::of([price(), price(), price(), price()]),
        cells,
        any::<[i64; 2]>(),
        0usize..50,
        ".{0,25}",
    );
    (stamp(), edges, proptest::collection::vec(column, 0..40), any::<[i64; 3]>(), any::<f64>(), any::<i64>())
        .prop_map(|(stamp, edges, columns, stops, width_bp, step_s)| {
            let count = edges.len().saturating_sub(1);
            let columns = columns
                .into_iter()
                .enumerate()
                .map(|(at, (status, ohlc, (mut long_usd, mut short_usd), reported_usd, odd, text))| {
                    // Now and then a column with too few cells.
                    let cells = if odd == 0 { count / 2 } else { count };
                    long_usd.truncate(cells);
                    short_usd.truncate(cells);
                    let hour = format!("2026-03-{:02}T{:02}:00:00Z", 1 + at / 24, at % 24);
                    let start = if odd == 1 { text.clone() } else { hour };
                    Column { start, end: text, status, ohlc, long_usd, short_usd, reported_usd }
                })
                .collect();
            let [p50_usd, p90_usd, p99_usd] = stops;
            Heatmap {
                stamp,
                step_s,
                rows: HeatRows { width_bp, first: 0, count, edges },
                columns,
                scale: HeatScale { p50_usd, p90_usd, p99_usd },
            }
        })
}

fn brief() -> impl Strategy<Value = Brief> {
    let moves = (any::<f64>(), usd(), usd()).prop_map(|(move_pct, long_usd, short_usd)| AtMove {
        move_pct,
        long_usd,
        short_usd,
        ..sample::brief().at[0].clone()
    });
    (
        stamp(),
        (".{0,120}", ".{0,200}", ".{0,400}"),
        proptest::option::weighted(0.2, ".{0,300}"),
        proptest::option::of(pair()),
        proptest::collection::vec(moves, 0..9),
        price(),
    )
        .prop_map(|(stamp, (headline, stamp_line, caveat), withheld, reach, at, price)| {
            let mut brief = sample::brief();
            brief.price_box.price = price;
            Brief { stamp, headline, stamp_line, caveat, withheld, reach, at, ..brief }
        })
}

fn theme() -> impl Strategy<Value = Theme> {
    prop_oneof![Just(Theme::Light), Just(Theme::Dark)]
}

fn size() -> impl Strategy<Value = Size> {
    prop_oneof![Just(Size::Wide), Just(Size::Card)]
}

proptest! {
    #[test]
    fn any_map_can_be_drawn(map in prop_oneof![map(), likely_map()], theme in theme(), size in size()) {
        prop_assert_eq!(check_layout(&map_picture(&map, theme, size)), Ok(()));
    }

    #[test]
    fn any_heatmap_can_be_drawn(map in heatmap(), theme in theme(), size in size()) {
        prop_assert_eq!(check_layout(&heatmap_picture(&map, theme, size)), Ok(()));
    }

    #[test]
    fn any_card_can_be_drawn(brief in brief(), theme in theme()) {
        prop_assert_eq!(check_layout(&card_picture(&brief, theme)), Ok(()));
    }
}
