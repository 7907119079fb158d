//! The pictures of ordinary, awkward and empty documents.

use liqlens_query::document::{
    Brief, ColumnStatus, Feed, GradeLetter, Heatmap, Interval, Map, Reporting, SideName,
};
use liqlens_query::format;
use liqlens_render::{Picture, Size, Theme, card_picture, heatmap_picture, map_picture};

use crate::sample;
use crate::svg::{check_layout, texts_of};

const THEMES: [Theme; 2] = [Theme::Light, Theme::Dark];
const SIZES: [Size; 2] = [Size::Wide, Size::Card];

fn maps(map: &Map) -> Vec<Picture> {
    THEMES.into_iter().flat_map(|theme| SIZES.map(|size| map_picture(map, theme, size))).collect()
}

fn heatmaps(map: &Heatmap) -> Vec<Picture> {
    THEMES.into_iter().flat_map(|theme| SIZES.map(|size| heatmap_picture(map, theme, size))).collect()
}

fn cards(brief: &Brief) -> Vec<Picture> {
    THEMES.map(|theme| card_picture(brief, theme)).to_vec()
}

/// UX-B14 for the map: whatever stands at a mark or cluster is the document's figure, worded by the
/// formatter.
#[test]
fn figures_on_the_map_are_the_documents() {
    let map = sample::map();
    let pair = sample::pair();
    for picture in maps(&map) {
        let mark = |arrow: &str, side: &liqlens_query::document::ReachSide| {
            format!(
                "{arrow} {} at {} ({})",
                format::usd_short(pair.amount_usd.to_f64()),
                format::price_near(side.price.as_ref().unwrap()),
                format::percent_signed_short(side.move_pct.unwrap())
            )
        };
        assert_eq!(texts_of(&picture, "marks"), [mark("▼", &pair.long), mark("▲", &pair.short)]);
        assert_eq!(texts_of(&picture, "price"), [format::price_grouped(&map.stamp.price)]);
        assert_eq!(
            texts_of(&picture, "sides"),
            [
                format!(
                    "▼ longs liquidated if price falls: {} in window",
                    format::usd_short(map.long.in_window_usd.to_f64())
                ),
                format!(
                    "▲ shorts liquidated if price rises: {} in window",
                    format::usd_short(map.short.in_window_usd.to_f64())
                ),
            ]
        );
        let expected: Vec<String> = map
            .clusters
            .iter()
            .filter(|cluster| cluster.rank <= 3)
            .map(|cluster| {
                format!(
                    "{} @ {} ({})",
                    format::usd_short(cluster.usd.to_f64()),
                    format::price_near(&cluster.peak_price),
                    format::percent_signed_short(cluster.distance_pct)
                )
            })
            .collect();
        let labels = texts_of(&picture, "clusters");
        assert!(labels.len() >= 4, "{labels:?}");
        assert!(labels.iter().all(|label| expected.contains(label)), "{labels:?} {expected:?}");
        // The largest of each side is never the one dropped.
        for side in [SideName::Long, SideName::Short] {
            let at = map.clusters.iter().position(|cluster| cluster.side == side).unwrap();
            let first = map.clusters[..at].iter().filter(|cluster| cluster.rank <= 3).count();
            assert!(labels.contains(&expected[first]), "{labels:?} lack {}", expected[first]);
        }
        for price in [&sample::day().low, &sample::day().high] {
            assert!(
                texts_of(&picture, "day").iter().any(|text| text.ends_with(&format::price_grouped(price)))
            );
        }
    }
}

#[test]
fn stops_and_price_of_the_heatmap_are_the_documents() {
    let map = sample::heatmap();
    for picture in heatmaps(&map) {
        let legend = texts_of(&picture, "legend");
        for stop in [map.scale.p50_usd, map.scale.p90_usd, map.scale.p99_usd] {
            let text = format::usd_short(stop as f64);
            assert!(legend.iter().any(|label| label.ends_with(&text)), "{legend:?} lacks {text}");
        }
        assert_eq!(texts_of(&picture, "price"), [format::price_grouped(&map.stamp.price)]);
    }
}

/// UX-B15: headline, two distances, price, time, grade, caveat, snapshot id; alternative text.
#[test]
fn the_card_says_what_it_must() {
    let brief = sample::brief();
    let pair = sample::pair();
    for picture in cards(&brief) {
        let all = texts_of(&picture, "").join(" ");
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        for text in [
            brief.headline.clone(),
            brief.caveat.clone(),
            format::price_grouped(&brief.price_box.price),
            format::utc_minute(&brief.stamp.as_of),
            "grade C".to_owned(),
            format::snapshot_short(&brief.stamp.snapshot),
            format!(
                "▼ {}",
                format::move_both(pair.long.move_usd.as_ref().unwrap().to_f64(), pair.long.move_pct.unwrap())
            ),
            format!(
                "▲ {}",
                format::move_both(
                    pair.short.move_usd.as_ref().unwrap().to_f64(),
                    pair.short.move_pct.unwrap()
                )
            ),
            "longs liquidated if price falls".to_owned(),
            "shorts liquidated if price rises".to_owned(),
        ] {
            // The caveat may be broken anywhere, and its lines are painted from the last.
            let words: Vec<&str> = text.split_whitespace().collect();
            assert!(
                all.contains(&flat(&text)) || words.iter().all(|word| all.contains(word)),
                "{text} in {all}"
            );
        }
        assert!(picture.svg().contains("<desc>BTC at 69,900.0: a fall of $2,590"));
        assert_eq!(picture.alt(), brief.cover.alt);
    }
}

#[test]
fn no_text_touches_another_or_leaves_the_picture() {
    let mut with_intervals = sample::map();
    if let Some(pair) = &mut with_intervals.marks {
        pair.long.interval = Some(Interval { lo80: -1_900.0, hi80: Some(-3_400.0), widened: false });
        pair.short.interval = Some(Interval { lo80: 2_300.0, hi80: None, widened: false });
    }
    let pictures =
        [maps(&sample::map()), maps(&with_intervals), heatmaps(&sample::heatmap()), cards(&sample::brief())];
    for picture in pictures.iter().flatten() {
        check_layout(picture).unwrap();
    }
}

/// Ranges are drawn and named on the map and the card, closed or open, and their absence is said.
#[test]
fn ranges_are_on_the_map_and_the_card() {
    let (mut map, mut brief) = (sample::map(), sample::brief());
    for picture in maps(&map) {
        assert!(texts_of(&picture, "foot").iter().any(|text| text.starts_with("No error interval yet.")));
    }
    let without = cards(&brief).iter().map(|card| card.svg().matches("<path").count()).collect::<Vec<_>>();
    for pair in [map.marks.as_mut().unwrap(), brief.reach.as_mut().unwrap()] {
        pair.long.interval = Some(Interval { lo80: -1_900.0, hi80: Some(-3_400.0), widened: false });
        pair.short.interval = Some(Interval { lo80: 2_300.0, hi80: None, widened: false });
    }
    map.stamp.reporting = Some(Reporting {
        feed: Feed::Throttled,
        factor: 0.35,
        lo80: 0.18,
        hi80: 0.66,
        realised: 0.8,
        informed: 0.7,
        words: String::new(),
    });
    for picture in maps(&map) {
        let foot = texts_of(&picture, "foot").join(" ");
        assert!(foot.contains("Shaded: 80 % range of the marks."), "{foot}");
        assert!(foot.contains("the stream shows 35 % of liquidations"), "{foot}");
        assert!(picture.alt().contains("80 %: −$1,900 … −$3,400."), "{}", picture.alt());
    }
    for (picture, lines) in cards(&brief).iter().zip(without) {
        let bars = texts_of(picture, "bars").join(" ");
        assert!(bars.contains("80 %: $1,900–3,400") && bars.contains("80 %: $2,300 or more"), "{bars}");
        // A whisker a side, and a tick at each of the three ends that exist.
        assert_eq!(picture.svg().matches("<path").count(), lines + 5);
        check_layout(picture).unwrap();
    }
}

/// UX-B15: the same document gives the same bytes.
#[test]
fn the_same_document_gives_the_same_bytes() {
    let draw = || {
        let pictures = [
            map_picture(&sample::map(), Theme::Dark, Size::Card),
            heatmap_picture(&sample::heatmap(), Theme::Dark, Size::Card),
            card_picture(&sample::brief(), Theme::Dark),
        ];
        pictures.map(|picture| (picture.svg().to_owned(), picture.to_png().unwrap()))
    };
    let (once, again) = (draw(), draw());
    assert!(once == again);
    for (_, png) in once {
        let text = String::from_utf8_lossy(&png[..4_000]).into_owned();
        assert!(text.contains(&sample::stamp("").snapshot), "the full snapshot id is stored in the PNG");
    }
}

#[test]
fn a_hostile_symbol_stays_text() {
    let symbol = "\"/><script>alert(1)</script>&amp;\u{0}\u{202e}";
    let (mut map, mut heatmap, mut brief) = (sample::map(), sample::heatmap(), sample::brief());
    map.stamp.symbol = symbol.into();
    heatmap.stamp.symbol = symbol.into();
    brief.stamp.symbol = symbol.into();
    brief.headline = symbol.repeat(20);
    map.bands[0].label = symbol.into();
    for picture in [maps(&map), heatmaps(&heatmap), cards(&brief)].iter().flatten() {
        assert!(!picture.svg().contains("<script"));
        assert!(picture.svg().contains("&lt;script&gt;"));
        check_layout(picture).unwrap();
        picture.to_png().unwrap();
    }
}

#[test]
fn empty_documents_say_what_is_missing() {
    let mut map = sample::map();
    map.bins.clear();
    map.clusters.clear();
    map.marks = None;
    map.day = None;
    map.bands.clear();
    for picture in maps(&map) {
        assert!(texts_of(&picture, "notice")[0].contains("No liquidation levels"));
        assert!(texts_of(&picture, "marks").is_empty());
        check_layout(&picture).unwrap();
    }

    let mut heatmap = sample::heatmap();
    for column in &mut heatmap.columns {
        column.status = ColumnStatus::Gap;
        column.ohlc = None;
    }
    for picture in heatmaps(&heatmap) {
        assert_eq!(texts_of(&picture, "profile"), ["no column with data"]);
        check_layout(&picture).unwrap();
    }
    heatmap.columns.truncate(1);
    heatmap.columns[0].status = ColumnStatus::Forming;
    for picture in heatmaps(&heatmap) {
        check_layout(&picture).unwrap();
    }
    heatmap.columns.clear();
    for picture in heatmaps(&heatmap) {
        assert!(texts_of(&picture, "notice")[0].contains("no columns"));
        check_layout(&picture).unwrap();
    }

    let mut brief = sample::brief();
    brief.reach = None;
    for picture in cards(&brief) {
        let moves = texts_of(&picture, "moves");
        assert!(moves.contains(&format!("▼ {}", format::percent_signed(-5.0))), "{moves:?}");
        assert!(
            moves.contains(&format!("{} longs liquidated", format::usd_short(brief.at[0].long_usd.to_f64()))),
            "{moves:?}"
        );
        check_layout(&picture).unwrap();
    }
    brief.at.clear();
    for picture in cards(&brief) {
        assert!(texts_of(&picture, "notice")[0].contains("No comparable amount"));
        check_layout(&picture).unwrap();
    }
}

/// UX-B13: with grade D the headline figures are withheld.
#[test]
fn withheld_figures_are_not_drawn() {
    let mut map = sample::map();
    map.stamp.grade.letter = GradeLetter::D;
    for picture in maps(&map) {
        assert!(texts_of(&picture, "marks").is_empty());
        assert!(texts_of(&picture, "head").contains(&"grade D".to_owned()));
    }
    let mut brief = sample::brief();
    brief.withheld = Some("Coverage is 31 %, below the 50 % an answer needs.".into());
    for picture in cards(&brief) {
        assert!(texts_of(&picture, "bars").is_empty());
        assert!(texts_of(&picture, "notice").iter().any(|text| text.contains("Coverage is 31 %")));
        check_layout(&picture).unwrap();
    }
}

/// UX-P6: a hole and a zero do not look alike, in the pixels.
#[test]
fn missing_is_hatched_and_zero_is_the_darkest_heat() {
    use resvg::tiny_skia::Pixmap;

    let mut map = sample::heatmap();
    let rows = map.rows.count;
    for column in &mut map.columns {
        column.long_usd = vec![0; rows];
        column.short_usd = vec![0; rows];
        column.reported_usd = [0; 2];
    }
    let colours = |map: &Heatmap| {
        let png = heatmap_picture(map, Theme::Light, Size::Wide).to_png().unwrap();
        let pixmap = Pixmap::decode_png(&png).unwrap();
        // A line high in the raster, away from the candles.
        let line: Vec<[u8; 3]> = (60..1_150)
            .filter_map(|x| pixmap.pixel(x, 180))
            .map(|pixel| [pixel.red(), pixel.green(), pixel.blue()])
            .collect();
        line
    };
    let darkest = [0x44, 0x01, 0x54];
    let line = colours(&map);
    let zero = line.iter().filter(|colour| **colour == darkest).count();
    // Five of 144 columns are holes.
    assert!((line.len() * 95 / 100..line.len() * 97 / 100 + 2).contains(&zero), "{zero} of {}", line.len());
    assert!(line.contains(&[0xe4, 0xe7, 0xeb]), "holes show the ground of missing data");
}
