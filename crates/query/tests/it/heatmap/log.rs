//! The log of columns: what it shows is what a fold from the start shows, for as long as it is kept.

use std::iter::Peekable;

use liqlens_engine::Market;
use liqlens_market::{Event, Span, Timestamp};
use liqlens_model::ModelId;
use liqlens_query::document::{ColumnStatus, Heatmap};
use liqlens_query::{HeatmapLevel, HeatmapLog, HeatmapLogError, HeatmapOptions, View, heatmap};
use proptest::prelude::*;

use super::plain::{self, Shown};
use crate::bundle::{EVENTS, market, subject, time};

const START: &str = "2026-03-15T00:00:00Z";

/// Events from the start of the minute bars on, a hole at 09:46 of the first day among them.
fn history(to: Timestamp) -> impl Iterator<Item = Event> {
    let from = time(START);
    EVENTS.iter().filter(move |event| event.known_ts > from && event.known_ts <= to).cloned()
}

/// A market that goes on minute by minute, and its log.
struct Live<I: Iterator<Item = Event>> {
    market: Market,
    log: HeatmapLog,
    minute: Timestamp,
    events: Peekable<I>,
}

fn live(id: ModelId, bins_per_row: i32, levels: &[HeatmapLevel]) -> Live<impl Iterator<Item = Event>> {
    let log = HeatmapLog::new(bins_per_row, levels).unwrap();
    let events = history(time("2026-03-18T00:00:00Z")).peekable();
    Live { market: market(id), log, minute: time(START), events }
}

impl<I: Iterator<Item = Event>> Live<I> {
    fn fold(&mut self, to: Timestamp) {
        while let Some(event) = self.events.next_if(|event| event.known_ts <= to) {
            self.market.step(&event);
        }
        self.market.advance(to);
    }

    fn go_to(&mut self, to: Timestamp) {
        while self.minute + Span::MINUTE <= to {
            self.minute = self.minute + Span::MINUTE;
            self.fold(self.minute);
            self.log.append(&self.market, self.minute).unwrap();
        }
        self.fold(to);
    }

    fn draw(&self, options: &HeatmapOptions) -> Result<Heatmap, HeatmapLogError> {
        let view = View::new(&self.market, subject(), options.to).unwrap();
        self.log.heatmap(&self.market, &view, options)
    }
}

fn minutes(count: i64) -> Span {
    Span::MINUTE.times(count)
}

/// Margins up to 20 % at prices that move by less than 4 % stay within the reach of 25 %.
fn options() -> impl Strategy<Value = HeatmapOptions> {
    let steps = prop::sample::select(vec![1, 5, 15, 30, 60, 240, 1_440]);
    let to = (180..2_000_i64, prop::sample::select(vec![0, 0, 20]));
    (steps, to, 1..300_i64, 1..5, 0.5..20.0_f64).prop_map(
        |(step, (minute, second), columns, bins_per_row, margin_pct)| {
            let to = time(START) + minutes(minute) + Span::SECOND.times(second);
            let from = (to - minutes(step).times(columns)).max(time(START));
            HeatmapOptions { from, to, step: minutes(step), bins_per_row, margin_pct }
        },
    )
}

fn shown(picture: Heatmap) -> Shown {
    let Heatmap { step_s, rows, columns, scale, .. } = picture;
    Shown { step_s, rows, columns, scale }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_log_shows_what_a_fold_shows(options in options(), learned in any::<bool>()) {
        let id = if learned { ModelId::M2 } else { ModelId::M1 };
        let mut live = live(id, options.bins_per_row, &HeatmapLevel::STANDARD);
        live.go_to(options.to);
        let logged = live.draw(&options).unwrap();
        let folded = heatmap(&mut market(id), &subject(), history(options.to), &options).unwrap();
        prop_assert_eq!(serde_json::to_string(&logged).unwrap(), serde_json::to_string(&folded).unwrap());
        prop_assert_eq!(shown(folded), plain::draw(&mut market(id), history(options.to), &options));
    }
}

fn last_hours(to: &str, hours: i64, step: Span, bins_per_row: i32) -> HeatmapOptions {
    let to = time(to);
    HeatmapOptions { from: to - Span::HOUR.times(hours), to, step, bins_per_row, margin_pct: 5.0 }
}

/// Cells have seven digits, so sums of cells can be off by one in the eighth.
#[test]
fn higher_rows_are_sums_of_the_rows_kept() {
    let asked = last_hours("2026-03-15T12:10:00Z", 6, Span::HOUR, 6);
    let mut live = live(ModelId::M1, 2, &HeatmapLevel::STANDARD);
    live.go_to(asked.to);
    let logged = live.draw(&asked).unwrap();
    let folded = heatmap(&mut market(ModelId::M1), &subject(), history(asked.to), &asked).unwrap();
    assert_eq!((&logged.stamp, &logged.rows), (&folded.stamp, &folded.rows));
    let mut compared = 0;
    for (logged, folded) in logged.columns.iter().zip(&folded.columns) {
        assert_eq!((&logged.end, logged.status, &logged.ohlc), (&folded.end, folded.status, &folded.ohlc));
        let pairs = |a: &[i64], b: &[i64]| -> Vec<_> { a.iter().copied().zip(b.iter().copied()).collect() };
        let sides = [pairs(&logged.long_usd, &folded.long_usd), pairs(&logged.short_usd, &folded.short_usd)];
        for (sum, cell) in sides.concat().into_iter().filter(|(_, cell)| *cell > 0) {
            assert!((sum - cell).abs() <= 1 + cell / 5_000_000, "{sum}, not {cell}");
            compared += 1;
        }
    }
    assert!(compared > 200, "{compared} cells");
}

#[test]
fn columns_do_not_change_when_more_are_appended() {
    let mut live = live(ModelId::M1, 2, &HeatmapLevel::STANDARD);
    let mut compared = 0;
    for step in [minutes(5), Span::HOUR] {
        let asked = last_hours(
            if step == Span::HOUR { "2026-03-16T02:30:00Z" } else { "2026-03-15T12:02:00Z" },
            6,
            step,
            2,
        );
        live.go_to(asked.to);
        let early = live.draw(&asked).unwrap();
        live.go_to(asked.to + Span::HOUR.times(9));
        let late = live.draw(&HeatmapOptions { to: asked.to + Span::HOUR.times(9), ..asked }).unwrap();
        assert_eq!(early.columns.last().unwrap().status, ColumnStatus::Forming);
        for (before, after) in early.columns.iter().zip(&late.columns) {
            if before.status == ColumnStatus::Forming {
                assert!(before.start == after.start && before.end < after.end);
                continue;
            }
            assert_eq!(
                (&before.start, &before.end, before.status, &before.ohlc, before.reported_usd),
                (&after.start, &after.end, after.status, &after.ohlc, after.reported_usd)
            );
            for row in 0..early.rows.count {
                let row_after = i64::try_from(row).unwrap() + early.rows.first - late.rows.first;
                let row_after = usize::try_from(row_after).unwrap();
                assert_eq!(before.long_usd[row], after.long_usd[row_after]);
                assert_eq!(before.short_usd[row], after.short_usd[row_after]);
                compared += 1;
            }
        }
    }
    assert!(compared > 5_000, "{compared} rows");
}

/// Two levels, an hour of minutes and a day of hours, of few rows.
const SHORT: [HeatmapLevel; 2] = [
    HeatmapLevel { step: Span::MINUTE, columns: 60, reach_pct: 10.0 },
    HeatmapLevel { step: Span::HOUR, columns: 24, reach_pct: 10.0 },
];

#[test]
fn memory_is_bounded_by_the_levels() {
    let mut live = live(ModelId::M1, 4, &SHORT);
    live.go_to(time("2026-03-15T06:00:00Z"));
    assert!(live.log.bytes() > 60 * 30 * 4);
    live.go_to(time("2026-03-17T06:00:00Z"));
    // From 10 % below to 10 % above are 2,007 basis points: 101 rows of 20 and the one begun at either end. Both
    // sides may hold something in the row of the price, and fifteen empty cells beyond it.
    let most_cells = (60 + 23) * (103 + 1 + 2 * 15) * 4;
    let columns = (64 + 32) * 128;
    assert!(live.log.bytes() < most_cells + columns, "{} bytes", live.log.bytes());
    assert_eq!(live.log.closed_until(), Some(time("2026-03-17T06:00:00Z")));
}

#[test]
fn what_is_not_kept_is_refused() {
    let mut live = live(ModelId::M1, 4, &SHORT);
    live.go_to(time("2026-03-16T06:00:00Z"));
    let now = "2026-03-16T06:00:00Z";
    let kept = last_hours(now, 1, Span::MINUTE, 4);
    assert_eq!(live.draw(&kept).unwrap().columns.len(), 60);
    let earlier = HeatmapOptions { from: kept.from - minutes(2), ..kept };
    assert!(matches!(live.draw(&earlier), Err(HeatmapLogError::Columns { .. })));
    let refused = |options: HeatmapOptions| live.draw(&options).unwrap_err().to_string();
    assert_eq!(refused(last_hours(now, 3, minutes(5), 4)), "columns of 5m are not kept; take one of 1m, 1h");
    assert_eq!(
        refused(last_hours(now, 1, Span::MINUTE, 6)),
        "rows of 6 bins cannot be made of rows of 4; take a multiple"
    );
    let far = HeatmapOptions { margin_pct: 30.0, ..kept };
    assert!(matches!(live.draw(&far), Err(HeatmapLogError::Rows { .. })));
    let many = HeatmapOptions { from: time("2026-03-01T00:00:00Z"), ..kept };
    assert!(matches!(live.draw(&many), Err(HeatmapLogError::Ask(_))));

    let view = View::new(&live.market, subject(), kept.to).unwrap();
    let other = HeatmapOptions { to: kept.to - Span::HOUR, from: kept.from - Span::HOUR, ..kept };
    let other = live.log.heatmap(&live.market, &view, &other);
    assert!(matches!(other, Err(HeatmapLogError::OtherMoment { .. })));
}

#[test]
fn a_column_is_appended_in_its_turn() {
    let mut live = live(ModelId::M1, 4, &SHORT);
    let to = time("2026-03-15T02:00:00Z");
    live.go_to(to);
    for wrong in [to - Span::MINUTE, to, to + minutes(2), to + Span::SECOND.times(30)] {
        let refused = live.log.append(&live.market, wrong).unwrap_err();
        assert!(
            matches!(refused, HeatmapLogError::NotNext { expected, .. } if expected == to + Span::MINUTE)
        );
    }
    // A market that has gone on cannot say what it was.
    live.fold(to + minutes(3));
    let late = live.log.append(&live.market, to + Span::MINUTE);
    assert!(matches!(late, Err(HeatmapLogError::Later { .. })));
}

#[test]
fn levels_that_make_no_log_are_refused() {
    let level =
        |minutes: i64, columns| HeatmapLevel { step: Span::MINUTE.times(minutes), columns, reach_pct: 10.0 };
    assert!(HeatmapLog::new(1, &HeatmapLevel::STANDARD).is_ok());
    assert_eq!(HeatmapLog::new(1, &[]).unwrap_err(), HeatmapLogError::NoLevels);
    for wrong in [
        vec![level(0, 10)],
        vec![level(-1, 10)],
        vec![level(1, 0)],
        vec![level(1, 10_001)],
        vec![level(5, 10), level(7, 10)],
        vec![level(5, 10), level(5, 10)],
        vec![level(60, 10), level(2_880, 10)],
    ] {
        assert!(matches!(HeatmapLog::new(1, &wrong), Err(HeatmapLogError::Level { .. })), "{wrong:?}");
    }
}
