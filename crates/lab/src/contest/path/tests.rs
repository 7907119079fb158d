//! Cells of paths by hand.

use super::*;

fn minute(prints: &[(Side, Option<BinIndex>, f64)]) -> Minute {
    let mut minute = Minute::default();
    for (side, bin, contracts) in prints {
        minute.add(*side, *bin, *contracts);
    }
    minute
}

/// Side, pieces, prints and contracts of a cell.
type Row = (Side, Vec<(BinIndex, f64)>, f64, f64);

fn rows(swept: &Swept) -> Vec<Row> {
    let pieces = |cell: &PathCell| {
        swept.pieces[cell.first..cell.last].iter().map(|piece| (piece.bin, piece.fraction)).collect()
    };
    swept.cells.iter().map(|cell| (cell.side, pieces(cell), cell.prints, cell.contracts)).collect()
}

/// From 10.25 down to 9.5, then down to 8.5, then back up to 10.75.
fn path(prints: [&[(Side, Option<BinIndex>, f64)]; 3]) -> Path {
    let mut path = Path::new(10.25);
    let ranges = [(9.5, 10.25), (8.5, 9.75), (9.0, 10.75)];
    for (range, prints) in ranges.into_iter().zip(prints) {
        path.extend(Range::Between(range.0, range.1), &minute(prints));
    }
    path
}

#[test]
fn bins_by_hand() {
    let priced = [(Side::Long, Some(9), 2.0), (Side::Long, Some(3), 1.0), (Side::Short, Some(99), 4.0)];
    let swept = path([&[], &priced, &[]]).close(LogGrid::STANDARD, false);
    let expected = vec![
        (Side::Long, vec![(10, 0.25)], 0.0, 0.0),
        (Side::Long, vec![(9, 1.0)], 1.0, 2.0),
        (Side::Long, vec![(8, 0.5)], 1.0, 1.0),
        (Side::Short, vec![(10, 0.5)], 1.0, 4.0),
    ];
    assert_eq!(rows(&swept), expected);
}

#[test]
fn minutes_by_hand() {
    let long = [(Side::Long, None, 3.0)];
    let swept = path([&long, &long, &long]).close(LogGrid::STANDARD, true);
    // The third minute swept no long; its low of 9.0 lies in bin 9, first swept by the first minute.
    let expected = vec![
        (Side::Long, vec![(10, 0.25), (9, 0.5)], 2.0, 6.0),
        (Side::Long, vec![(9, 0.5), (8, 0.5)], 1.0, 3.0),
        (Side::Short, vec![(10, 0.5)], 0.0, 0.0),
    ];
    assert_eq!(rows(&swept), expected);
}

#[test]
fn spreading_by_hand() {
    // Minute 2 newly swept 8.5–9.5: half in bin 9, half in bin 8. Minute 3 newly swept no long; its range
    // within what was swept is 9.0–10.25: 1 in bin 9, 0.25 in bin 10.
    let long = [(Side::Long, None, 5.0)];
    let swept = path([&[], &long, &long]).close(LogGrid::STANDARD, false);
    let prints: Vec<f64> = swept.cells.iter().map(|cell| cell.prints).collect();
    for (found, expected) in prints.iter().zip([0.2, 0.5 + 0.8, 0.5, 0.0]) {
        assert!((found - expected).abs() < 1e-12, "{prints:?}");
    }
}

#[test]
fn groups_and_bins_hold_the_same_width_and_prints() {
    let prints = [(Side::Long, None, 5.0), (Side::Short, None, 1.0), (Side::Long, Some(9), 1.0)];
    let path = path([&prints, &prints[..1], &prints]);
    let [bins, groups] = [false, true].map(|by_minute| path.close(LogGrid::STANDARD, by_minute));
    for side in Side::BOTH {
        let of = |swept: &Swept| {
            let cells = swept.cells.iter().filter(|cell| cell.side == side);
            cells.fold((0.0, 0.0, 0.0), |(width, n, y), cell| {
                let pieces = &swept.pieces[cell.first..cell.last];
                let own: f64 = pieces.iter().map(|piece| piece.fraction).sum();
                (width + own, n + cell.prints, y + cell.contracts)
            })
        };
        let (a, b) = (of(&bins), of(&groups));
        for (a, b) in [(a.0, b.0), (a.1, b.1), (a.2, b.2)] {
            assert!((a - b).abs() < 1e-12, "{side}: {a} {b}");
        }
    }
    assert!((path.contracts() - 19.0).abs() < 1e-12);
}

#[test]
fn what_cannot_be_placed_is_counted() {
    let mut path = Path::new(10.0);
    path.extend(Range::Quiet, &minute(&[(Side::Long, None, 1.0), (Side::Short, Some(3), 1.0)]));
    for by_minute in [false, true] {
        let swept = path.close(LogGrid::STANDARD, by_minute);
        assert_eq!((swept.cells.len(), swept.unplaced), (0, 2.0));
    }
}
