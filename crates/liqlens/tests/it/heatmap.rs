//! `heatmap`.

use liqlens_query::document::{ColumnStatus, Heatmap};

use crate::context::TestContext;

#[test]
fn columns_and_rows_are_as_asked() {
    let context = TestContext::new();
    let map: Heatmap =
        serde_json::from_value(context.json("heatmap BTC --last 6h --step 30m --row 25bp --within 3%"))
            .unwrap();
    assert_eq!(map.step_s, 1_800);
    // Six hours up to 23:59 touch the half hours from 17:30 on.
    assert_eq!(map.columns.len(), 13);
    assert!((map.rows.width_bp - 25.0).abs() < 1e-9);
    assert_eq!(map.rows.edges.len(), map.rows.count + 1);
    assert_eq!(map.columns.last().unwrap().end, map.stamp.as_of);
}

/// UX-P4: a closed column does not move, whatever is asked around it.
#[test]
fn closed_columns_read_the_same_a_day_later() {
    let context = TestContext::new();
    let ask = |as_of: &str, last: &str| -> Heatmap {
        let line = format!("heatmap BTC --as-of {as_of} --last {last} --step 1h --row 50bp");
        serde_json::from_value(context.json(&line)).unwrap()
    };
    let early = ask("2026-03-19T12:00:00Z", "6h");
    let late = ask("2026-03-20T12:00:00Z", "36h");
    let mut compared = 0;
    for column in early.columns.iter().filter(|column| column.status == ColumnStatus::Closed) {
        let twin = late.columns.iter().find(|twin| twin.end == column.end).unwrap();
        for (row, usd) in column.long_usd.iter().enumerate() {
            let absolute = early.rows.first + i64::try_from(row).unwrap() - late.rows.first;
            if let Some(other) = usize::try_from(absolute).ok().and_then(|row| twin.long_usd.get(row)) {
                assert_eq!(usd, other, "{} row {row}", column.end);
                compared += 1;
            }
        }
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn the_default_range_is_the_last_day() {
    let context = TestContext::new();
    let map = context.json("heatmap BTC");
    assert_eq!(map["columns"].as_array().unwrap().last().unwrap()["end"], map["as_of"]);
    let text = context.text("heatmap BTC");
    assert!(text.contains("columns of 5 min"), "{text}");
}

#[test]
fn too_many_columns_are_refused_with_the_limit() {
    let context = TestContext::new();
    let run = context.words("heatmap BTC --last 60d --step 1m --json");
    assert_eq!(run.code, 2);
    let error = run.json();
    assert_eq!(error["code"], "too-large");
    assert!(error["details"]["limit"].as_u64().unwrap() < error["details"]["wanted"].as_u64().unwrap());
}
