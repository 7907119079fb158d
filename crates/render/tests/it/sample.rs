//! Documents of plausible size and shape for the tests and the gallery: made by plain formulas, not by
//! the engine.

use liqlens_query::document::*;

pub const PRICE: f64 = 69_900.0;

fn usd(dollars: f64) -> Usd {
    Usd::from_f64(dollars)
}

fn price(value: f64) -> PriceText {
    PriceText::new(value, 1)
}

pub fn stamp(schema: &str) -> Stamp {
    Stamp {
        schema: schema.into(),
        symbol: "BTC".into(),
        model: "m1".into(),
        as_of: "2026-03-20T13:00:00Z".into(),
        snapshot: "7f3c9a0be1d2440fa1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718".into(),
        age_s: 2.1,
        price: price(PRICE),
        price_decimals: 1,
        grade: Grade { letter: GradeLetter::C, reasons: vec!["no checked interval".into()] },
        coverage: Coverage {
            oi_share: Some(0.91),
            venues: 3,
            missing: vec!["hyperliquid".into()],
            text: "3 venues, 91 % of OI".into(),
        },
        evidence: Evidence { measured: 0.14, reported: 0.0, modelled: 0.86 },
        reporting: None,
        markets: vec![market("Binance BTCUSDT"), market("Bybit BTCUSDT"), market("OKX BTC-USDT-SWAP")],
        warnings: vec![],
    }
}

fn market(title: &str) -> MarketStamp {
    MarketStamp {
        market: title.to_lowercase(),
        title: title.into(),
        price: price(PRICE),
        open_interest_size: Some(92_000.0),
        open_interest_usd: Some(usd(6.43e9)),
        history_days: Some(90.0),
        trigger: "mark price".into(),
        margin_table: "venue document".into(),
        channels: vec![],
        flows: Some(Flows {
            opened: [0.0; 2],
            closed: [0.0; 2],
            liquidated: [0.0; 2],
            unrested: [0.0; 2],
            seeded: [0.0; 2],
            expired: [0.0; 2],
        }),
    }
}

/// Humps of mass at the distances where leverage of 100, 50, 25, 10 and 5 is liquidated.
fn density(distance: f64, seed: f64) -> [f64; 5] {
    let hump = |centre: f64, width: f64| (-((distance - centre) / width).powi(2)).exp();
    let ripple =
        1.0 + 0.35 * (distance * 900.0 + seed).sin() + 0.25 * (distance * 2_300.0 + 2.0 * seed).cos();
    [
        5e6 * hump(0.13, 0.06),
        16e6 * hump(0.088, 0.022) + 4e6 * hump(0.05, 0.02),
        34e6 * hump(0.038, 0.012) + 12e6 * hump(0.055, 0.012),
        30e6 * hump(0.018, 0.006) + 9e6 * hump(0.029, 0.006),
        22e6 * hump(0.009, 0.0035),
    ]
    .map(|usd| usd * ripple.max(0.1))
}

pub fn bands() -> Vec<Band> {
    [
        ("≤5×", 0.0, Some(5.0)),
        ("5–10×", 5.0, Some(10.0)),
        ("10–25×", 10.0, Some(25.0)),
        ("25–50×", 25.0, Some(50.0)),
        (">50×", 50.0, None),
    ]
    .into_iter()
    .map(|(label, leverage_min, leverage_max)| Band { label: label.into(), leverage_min, leverage_max })
    .collect()
}

fn side_bins(side: SideName, step: f64, reach: f64, last: f64) -> Vec<MapBin> {
    let sign = if side == SideName::Long { -1.0 } else { 1.0 };
    let count = (reach / step).round() as usize;
    let mut total = 0.0;
    let mut bins = Vec::new();
    for at in 0..count {
        let (near, far) = (at as f64 * step, (at as f64 + 1.0) * step);
        let parts = density(near + step / 2.0, 2.0 * sign)
            .map(|usd| (usd * (1.0 - 0.12 * sign) * step / 0.0025).round());
        let sum: f64 = parts.iter().sum();
        total += sum;
        let edges = (last * (1.0 + sign * near), last * (1.0 + sign * far));
        bins.push(MapBin {
            side,
            price_lo: price(edges.0.min(edges.1)),
            price_hi: price(edges.0.max(edges.1)),
            distance_pct: sign * (near + far) * 50.0,
            usd: usd(sum),
            usd_lo80: None,
            usd_hi80: None,
            by_band: parts.map(usd).to_vec(),
            cumulative_usd: usd(total),
            accounts: None,
        });
    }
    bins
}

fn cluster(side: SideName, rank: usize, peak: f64, dollars: f64, last: f64) -> Cluster {
    Cluster {
        side,
        rank,
        price_lo: price(peak - 250.0),
        price_hi: price(peak + 250.0),
        peak_price: price(peak),
        distance_pct: (peak / last - 1.0) * 100.0,
        distance_usd: price(peak - last),
        usd: usd(dollars),
        interval: None,
        reported_usd: None,
        share_of_side: 0.1,
        prominence: 2.0,
    }
}

fn reach(at: f64, last: f64) -> ReachSide {
    ReachSide {
        price: Some(price(at)),
        move_usd: Some(price(at - last)),
        move_pct: Some((at / last - 1.0) * 100.0),
        interval: None,
        held_in: None,
        available_usd: usd(2.4e9),
    }
}

pub fn pair() -> ReachPair {
    ReachPair {
        amount_usd: usd(5.5e8),
        reported_amount_usd: None,
        long: reach(67_312.4, PRICE),
        short: reach(73_021.7, PRICE),
        tilt: Some(Tilt { side: SideName::Long, ratio: 1.21, sign_held: None, label: TiltLabel::Balanced }),
    }
}

pub fn day() -> DayRange {
    DayRange {
        high: price(70_412.5),
        low: price(69_120.0),
        change_pct: -0.42,
        closes: (0..96).map(|at| 69_700.0 + 500.0 * (f64::from(at) / 9.0).sin()).collect(),
    }
}

pub fn balance() -> Balance {
    Balance {
        day_sigma_pct: Some(2.5),
        asymmetry: vec![Asymmetry {
            distance_pct: 1.0,
            sigmas: None,
            long_usd: usd(3e7),
            short_usd: usd(2e7),
            value: Some(-0.2),
            interval: None,
        }],
        fuel: Some(Fuel {
            horizon_h: 24,
            up_usd: usd(2e8),
            down_usd: usd(3e8),
            squeeze: Some(-0.2),
            interval: None,
            squeeze_z: None,
        }),
    }
}

pub fn map() -> Map {
    let mut bins = side_bins(SideName::Long, 0.0025, 0.10, PRICE);
    bins.reverse();
    bins.extend(side_bins(SideName::Short, 0.0025, 0.10, PRICE));
    let total = |side| bins.iter().filter(|bin| bin.side == side).map(|bin| bin.usd).sum::<Usd>();
    let side_totals = |side| MapSide {
        liquidatable_usd: total(side) + usd(3.1e8),
        in_window_usd: total(side),
        liquidatable_interval: None,
        in_window_interval: None,
        reported_liquidatable_usd: None,
        reported_in_window_usd: None,
        beyond_window_usd: usd(3.1e8),
        liquidatable_size: 80_000.0,
        unliquidatable_size: 12_000.0,
    };
    let mut clusters = Vec::new();
    for side in [SideName::Long, SideName::Short] {
        let mut sorted: Vec<&MapBin> = bins.iter().filter(|bin| bin.side == side).collect();
        sorted.sort_by(|a, b| b.usd.cmp(&a.usd));
        let mut peaks: Vec<f64> = Vec::new();
        for bin in sorted {
            let middle = (bin.price_lo.to_f64() + bin.price_hi.to_f64()) / 2.0;
            if peaks.iter().all(|peak| (peak - middle).abs() > 600.0) && peaks.len() < 5 {
                peaks.push(middle);
                clusters.push(cluster(side, peaks.len(), middle, bin.usd.to_f64() * 2.6, PRICE));
            }
        }
    }
    Map {
        stamp: stamp("map/1"),
        window: Window { price_lo: price(PRICE * 0.9), price_hi: price(PRICE * 1.1), pct: 10.0 },
        bin: BinWidth::Bp(25.0),
        bands: bands(),
        long: side_totals(SideName::Long),
        short: side_totals(SideName::Short),
        bins,
        marks: Some(pair()),
        clusters,
        balance: balance(),
        day: Some(day()),
    }
}

/// A walk that visits both halves of the price range, 144 hourly columns with two holes.
pub fn heatmap() -> Heatmap {
    let rows = 160_usize;
    let (width_bp, middle) = (12.5, 70_000.0_f64);
    let edge = |row: usize| middle * ((row as f64 - rows as f64 / 2.0) * width_bp / 10_000.0).exp();
    let edges: Vec<PriceText> = (0..=rows).map(|row| price(edge(row))).collect();
    let walk = |hour: f64| {
        middle
            * (1.0 + 0.022 * (hour / 17.0).sin() + 0.012 * (hour / 5.3).sin() - 0.02 * (hour / 144.0)
                + 0.004 * (hour * 1.7).sin())
    };
    let mut book = vec![[0.0_f64; 2]; rows];
    let mut columns = Vec::new();
    for hour in 0..144_u32 {
        let (open, close) = (walk(f64::from(hour)), walk(f64::from(hour) + 1.0));
        let (high, low) = (open.max(close) * 1.0022, open.min(close) * 0.9976);
        let mut reported = [0_i64; 2];
        for (row, mass) in book.iter_mut().enumerate() {
            let centre = (edge(row) + edge(row + 1)) / 2.0;
            let distance = centre / close - 1.0;
            let added: f64 = density(distance.abs(), f64::from(hour) / 9.0).iter().sum::<f64>() * 0.02;
            let swept = (low..=high).contains(&centre);
            if swept {
                reported[0] += if centre < open { (mass[0] * 0.05) as i64 } else { 0 };
                reported[1] += if centre > open { (mass[1] * 0.05) as i64 } else { 0 };
                *mass = [0.0; 2];
            }
            mass[usize::from(distance > 0.0)] += added * (1.0 + (f64::from(hour) / 6.0).sin().max(0.0) * 2.0);
            mass[0] *= 0.985;
            mass[1] *= 0.985;
            if distance > 0.0 {
                mass[0] = 0.0;
            } else {
                mass[1] = 0.0;
            }
        }
        let gap = (60..64).contains(&hour) || hour == 101;
        let stamp =
            |hour: u32| format!("2026-03-{:02}T{:02}:00:00Z", 14 + (hour + 13) / 24, (hour + 13) % 24);
        columns.push(Column {
            start: stamp(hour),
            end: stamp(hour + 1),
            status: match hour {
                _ if gap => ColumnStatus::Gap,
                143 => ColumnStatus::Forming,
                _ => ColumnStatus::Closed,
            },
            ohlc: (!gap).then(|| [open, high, low, close].map(price)),
            long_usd: book.iter().map(|mass| if gap { 0 } else { mass[0] as i64 }).collect(),
            short_usd: book.iter().map(|mass| if gap { 0 } else { mass[1] as i64 }).collect(),
            reported_usd: if gap { [0; 2] } else { reported },
        });
    }
    let mut cells: Vec<i64> = columns
        .iter()
        .flat_map(|column| column.long_usd.iter().chain(&column.short_usd).copied())
        .filter(|usd| *usd > 0)
        .collect();
    cells.sort_unstable();
    let quantile = |share: f64| cells[((cells.len() - 1) as f64 * share) as usize];
    let mut stamp = stamp("heatmap/1");
    stamp.price = price(walk(144.0));
    Heatmap {
        stamp,
        step_s: 3_600,
        rows: HeatRows { width_bp, first: 8_900, count: rows, edges },
        columns,
        scale: HeatScale { p50_usd: quantile(0.5), p90_usd: quantile(0.9), p99_usd: quantile(0.99) },
    }
}

pub fn brief() -> Brief {
    let pair = pair();
    Brief {
        stamp: stamp("brief/1"),
        caveat: "Liquidation maps are not price predictions. They show where leverage sits, not where price must go; news, flows and spot demand dominate direction.".into(),
        headline: "BTC liquidation map: $3,120 up vs. $2,590 down for $550M".into(),
        stamp_line: "2026-03-20 13:00 UTC · 3 venues, 91 % of OI · data 2 s old · grade C · snapshot 7f3c9a0b".into(),
        withheld: None,
        bullets: vec![],
        sections: vec![],
        window_pct: 5.0,
        reach: Some(pair),
        at: [-5.0, -2.0, -1.0, 1.0, 2.0, 5.0]
            .into_iter()
            .map(|move_pct: f64| AtMove {
                move_pct,
                move_usd: price(PRICE * move_pct / 100.0),
                price: price(PRICE * (1.0 + move_pct / 100.0)),
                long_usd: usd(if move_pct < 0.0 { -move_pct * 1.9e8 } else { 0.0 }),
                short_usd: usd(if move_pct > 0.0 { move_pct * 1.6e8 } else { 0.0 }),
                interval: None,
                reported_long_usd: None,
                reported_short_usd: None,
            })
            .collect(),
        balance: Some(balance()),
        price_box: PriceBox { price: price(PRICE), source: "Binance BTCUSDT".into(), day: Some(day()) },
        changed: vec![],
        cover: Cover {
            amount_usd: Some(usd(5.5e8)),
            alt: "BTC at 69,900.0: a fall of $2,590 or a rise of $3,120 would liquidate $550M.".into(),
        },
    }
}
