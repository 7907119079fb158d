//! Reach, at and clusters laid out.

use std::fmt::Write as _;

use liqlens_query::document::{
    At, AtMove, Cluster, Clusters, Interval, Reach, ReachPair, ReachSide, SideName, Tilt, TiltLabel,
};
use liqlens_query::format;

use super::Readable;
use super::outline::{Block, Cell, Column, Outline, Row, SIDES, Table, foot, head, side_word};

impl Readable for Reach {
    fn outline(&self) -> Outline {
        let mut blocks = head(&self.stamp, "").to_vec();
        blocks.push(Block::Table(pair_table(std::slice::from_ref(&self.pair), self.stamp.is_measured())));
        blocks.push(Block::Paragraph(tilt_line(&self.pair, self.stamp.is_measured())));
        blocks.extend(foot(&self.stamp));
        Outline { blocks, compact: true }
    }
}

impl Readable for At {
    fn outline(&self) -> Outline {
        let mut blocks = head(&self.stamp, "").to_vec();
        blocks.push(Block::Table(Table {
            columns: vec![
                Column::right("move"),
                Column::right("to price"),
                Column::right("▼ longs"),
                Column::right("▲ shorts"),
                Column::left(if self.stamp.is_measured() { "" } else { "80 %" }),
            ],
            rows: self.moves.iter().map(|asked| move_row(asked, self.stamp.is_measured())).collect(),
            heads: true,
        }));
        blocks.push(Block::Paragraph(SIDES.to_owned()));
        blocks.extend(foot(&self.stamp));
        Outline { blocks, compact: true }
    }
}

impl Readable for Clusters {
    fn outline(&self) -> Outline {
        let mut blocks = head(&self.stamp, " clusters").to_vec();
        let window = format!(
            "Within {} to {} (±{} %)",
            format::price_grouped(&self.window.price_lo),
            format::price_grouped(&self.window.price_hi),
            self.window.pct
        );
        if self.clusters.is_empty() {
            blocks.push(Block::Paragraph(format!("{window} no cluster stands out.")));
        } else {
            blocks.push(Block::Paragraph(format!("{window}:")));
            blocks.push(Block::Table(cluster_table(&self.clusters)));
        }
        blocks.push(Block::Paragraph(SIDES.to_owned()));
        blocks.extend(foot(&self.stamp));
        Outline { blocks, compact: false }
    }
}

/// Reach for several amounts of one market at one moment, as one table; the first answer's head and foot
/// stand for all.
pub fn reach_table(reaches: &[Reach]) -> Outline {
    let Some(first) = reaches.first() else {
        return Outline::default();
    };
    let pairs: Vec<ReachPair> = reaches.iter().map(|reach| reach.pair.clone()).collect();
    let mut blocks = head(&first.stamp, "").to_vec();
    blocks.push(Block::Table(pair_table(&pairs, first.stamp.is_measured())));
    blocks.push(Block::Paragraph(SIDES.to_owned()));
    blocks.extend(foot(&first.stamp));
    Outline { blocks, compact: true }
}

/// Both distances of every amount given, two rows an amount.
pub(super) fn pair_table(pairs: &[ReachPair], measured: bool) -> Table {
    let rows = pairs
        .iter()
        .flat_map(|pair| {
            [(SideName::Long, &pair.long), (SideName::Short, &pair.short)]
                .map(|(side, answer)| reach_row(side, pair, answer, measured))
        })
        .collect();
    Table {
        columns: vec![
            Column::left("side"),
            Column::right("amount"),
            Column::right("move"),
            Column::right("percent"),
            Column::right("to price"),
            Column::left("80 %"),
        ],
        rows,
        heads: false,
    }
}

fn reach_row(side: SideName, pair: &ReachPair, answer: &ReachSide, measured: bool) -> Row {
    let amount = format::usd_short(pair.amount_usd.to_f64());
    let mut cells: Vec<Cell> = vec![side_word(side).into(), amount.into()];
    if let (Some(price), Some(usd), Some(pct)) = (&answer.price, &answer.move_usd, answer.move_pct) {
        cells.extend([
            format::usd_signed(usd.to_f64()).into(),
            format!("({})", format::percent_signed(pct)).into(),
            format!("to {}", format::price_grouped(price)).into(),
            interval_of_move(answer.interval.as_ref(), measured).into(),
        ]);
    } else {
        let held = format::usd_short(answer.available_usd.to_f64());
        let mut words = format!("the map holds {held} of this side at any distance");
        if let Some(share) = answer.held_in {
            let _ = write!(words, "; {} of draws hold the amount", format::share(share));
        }
        cells.extend([format::NONE.into(), format::NONE.into(), format::NONE.into(), words.into()]);
    }
    Row { side: Some(side), cells }
}

/// Which side sits closer, in words that agree with the figures.
pub(super) fn tilt_line(pair: &ReachPair, measured: bool) -> String {
    match &pair.tilt {
        None => "tilt: none, a side does not hold this amount".to_owned(),
        Some(Tilt { label: TiltLabel::Balanced, ratio, sign_held, .. }) => {
            let held = sign_held.map(|share| format!("; sign held in {} of draws", format::share(share)));
            format!("tilt: balanced ({ratio:.2}×{})", held.unwrap_or_default())
        }
        Some(tilt) => {
            let side = match tilt.side {
                SideName::Long => "longs",
                SideName::Short => "shorts",
            };
            let label = match tilt.label {
                TiltLabel::Balanced => "balanced",
                TiltLabel::Mild => "mild",
                TiltLabel::Clear => "clear",
                TiltLabel::Strong => "strong",
            };
            let held = match tilt.sign_held {
                Some(share) => format!("sign held in {} of draws", format::share(share)),
                None if measured => MEASURED.to_owned(),
                None => "how firmly is not yet estimated".to_owned(),
            };
            format!("tilt: {side} sit closer ({label}, {:.1}×; {held})", tilt.ratio)
        }
    }
}

fn move_row(asked: &AtMove, measured: bool) -> Row {
    let side = match asked.move_pct {
        pct if pct < 0.0 => Some(SideName::Long),
        pct if pct > 0.0 => Some(SideName::Short),
        _ => None,
    };
    let interval = match &asked.interval {
        Some(interval) => format::usd_interval(interval),
        None if measured => MEASURED.to_owned(),
        None => NOT_YET.to_owned(),
    };
    Row {
        side,
        cells: vec![
            format::move_both(asked.move_usd.to_f64(), asked.move_pct).into(),
            format::price_grouped(&asked.price).into(),
            format::usd_short(asked.long_usd.to_f64()).into(),
            format::usd_short(asked.short_usd.to_f64()).into(),
            interval.into(),
        ],
    }
}

const NOT_YET: &str = "not yet estimated";
/// What stands for the interval of a figure that is read rather than inferred.
const MEASURED: &str = "measured";

fn interval_of_move(interval: Option<&Interval>, measured: bool) -> String {
    match interval {
        Some(interval) => format!("80 %: {}", format::move_range(interval)),
        None if measured => MEASURED.to_owned(),
        None => format!("80 %: {NOT_YET}"),
    }
}

/// Clusters, one a row, in the document's order.
pub(super) fn cluster_table(clusters: &[Cluster]) -> Table {
    let ranged = clusters.iter().any(|cluster| cluster.interval.is_some());
    let row = |cluster: &Cluster| {
        let mut cells: Vec<Cell> = vec![
            side_word(cluster.side).into(),
            cluster.rank.to_string().into(),
            format::price_grouped(&cluster.peak_price).into(),
            format::move_both(cluster.distance_usd.to_f64(), cluster.distance_pct).into(),
            format::usd_short(cluster.usd.to_f64()).into(),
        ];
        let range = cluster.interval.as_ref().map_or_else(String::new, format::usd_interval);
        cells.extend(ranged.then(|| Cell::from(range)));
        let (low, high) =
            (format::price_grouped(&cluster.price_lo), format::price_grouped(&cluster.price_hi));
        cells.extend([format::share(cluster.share_of_side).into(), format!("{low} – {high}").into()]);
        Row { side: Some(cluster.side), cells }
    };
    let mut columns = vec![
        Column::left("side"),
        Column::right("#"),
        Column::right("peak"),
        Column::right("distance"),
        Column::right("dollars"),
    ];
    columns.extend(ranged.then(|| Column::left("80 %")));
    columns.extend([Column::right("of side"), Column::left("from – to")]);
    Table { columns, rows: clusters.iter().map(row).collect(), heads: true }
}
