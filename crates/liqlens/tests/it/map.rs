//! `map`.

use liqlens_query::document::{Map, SideName, Usd};
use liqlens_query::format;

use crate::context::TestContext;

#[test]
fn the_rows_in_words_add_up_to_the_bins_in_json() {
    let context = TestContext::new();
    let map: Map = serde_json::from_value(context.json("map BTC --within 5% --bin 100usd")).unwrap();
    let text = context.text("map BTC --within 5% --bin 100usd");
    for (side, total) in [(SideName::Long, &map.long), (SideName::Short, &map.short)] {
        let bins: Usd = map.bins.iter().filter(|bin| bin.side == side).map(|bin| bin.usd).sum();
        assert_eq!(bins, total.in_window_usd);
        let line = format!("{} within ±5 %", format::usd_short(bins.to_f64()));
        assert!(text.contains(&line), "{line} in {text}");
    }
    // 5 % of price in bins of $100 are more than the forty rows that are shown.
    assert!(text.contains("bins of $100"), "{text}");
    assert!(text.lines().filter(|line| line.starts_with("  ▼") || line.starts_with("  ▲")).count() < 60);
}

#[test]
fn csv_lists_every_bin_with_exact_dollars() {
    let context = TestContext::new();
    let map: Map = serde_json::from_value(context.json("map BTC --within 5%")).unwrap();
    let csv = context.text("map BTC --within 5% --csv");
    let mut lines = csv.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let column = |name: &str| header.iter().position(|head| *head == name).unwrap();
    let (usd, low) = (column("usd"), column("price_lo"));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), map.bins.len());
    for (row, bin) in rows.iter().zip(&map.bins) {
        assert_eq!((row[low], row[usd]), (bin.price_lo.as_str(), bin.usd.to_string().as_str()));
    }
}

#[test]
fn pictures_are_written_in_both_forms_and_themes() {
    let context = TestContext::new();
    context.words("map BTC -o light.svg").ok();
    context.words("map BTC -o dark.svg --theme dark").ok();
    context.words("map BTC -o small.png --size 1200x630").ok();
    let read = |name| std::fs::read(context.path(name)).unwrap();
    let (light, dark, png) = (read("light.svg"), read("dark.svg"), read("small.png"));
    assert!(light.starts_with(b"<svg") || light.starts_with(b"<?xml"));
    assert_ne!(light, dark);
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    // The header chunk holds width and height as big-endian integers.
    assert_eq!((&png[16..20], &png[20..24]), (&1200u32.to_be_bytes()[..], &630u32.to_be_bytes()[..]));
}

#[test]
fn a_page_carries_the_picture_and_nothing_foreign() {
    let context = TestContext::new();
    context.words("map BTC -o map.html").ok();
    let page = std::fs::read_to_string(context.path("map.html")).unwrap();
    assert_eq!(page.matches("<svg").count(), 1);
    assert!(!page.contains("<script") && !page.contains("src=") && !page.contains("href=\"http"));
}
