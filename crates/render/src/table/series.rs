//! Tables of what was recorded of a market: tape, prices, open interest, funding, gaps.

use liqlens_query::document::{
    Candle, ChannelGaps, CompletenessName, FundingName, FundingPoint, FundingSeries, Gaps, Hole,
    OpenInterestPoint, OpenInterestSeries, PriceSeries, SeriesHead, Tape, TapeRow,
};

use super::{Cell, Column, Label, Row, Rows, Sheet};

/// Columns every row starts with, and those of the document.
fn columns<const N: usize>(own: [Column; N]) -> Vec<Column> {
    let mut columns = vec![Column::text("symbol"), Column::text("market"), Column::time("as_of")];
    columns.extend(own);
    columns
}

/// The cells under them.
fn head(head: &SeriesHead) -> [Cell<'_>; 3] {
    [Cell::Text(&head.symbol), Cell::Text(&head.market), Cell::Time(&head.as_of)]
}

fn label(head: &SeriesHead) -> Label<'_> {
    Label { document: &head.schema, snapshot: None }
}

impl Rows for Tape {
    fn label(&self) -> Label<'_> {
        label(&self.head)
    }

    fn columns(&self) -> Vec<Column> {
        columns([
            Column::time("ts"),
            Column::time("known"),
            Column::float("period_s"),
            Column::text("side"),
            Column::float("size"),
            Column::price("price"),
            Column::price("valued_at"),
            Column::usd("usd"),
            Column::text("completeness"),
        ])
    }

    fn rows(&self, sheet: &mut Sheet<'_>) {
        sheet.head(&head(&self.head));
        for row in &self.rows {
            let TapeRow { ts, known, period_s, side, size, price, valued_at, usd, completeness } = row;
            sheet
                .row()
                .time(ts)
                .time(known)
                .put(*period_s)
                .side(*side)
                .put(*size)
                .put(price.as_ref())
                .put(valued_at.as_ref())
                .put(*usd)
                .text(match completeness {
                    CompletenessName::Full => "full",
                    CompletenessName::Floor => "floor",
                });
        }
    }
}

impl Rows for PriceSeries {
    fn label(&self) -> Label<'_> {
        label(&self.head)
    }

    fn columns(&self) -> Vec<Column> {
        columns([
            Column::time("start"),
            Column::time("end"),
            Column::price("open"),
            Column::price("high"),
            Column::price("low"),
            Column::price("close"),
            Column::float("volume"),
        ])
    }

    fn rows(&self, sheet: &mut Sheet<'_>) {
        sheet.head(&head(&self.head));
        for Candle { start, end, open, high, low, close, volume } in &self.candles {
            sheet.row().time(start).time(end).put(open).put(high).put(low).put(close).put(*volume);
        }
    }
}

impl Rows for OpenInterestSeries {
    fn label(&self) -> Label<'_> {
        label(&self.head)
    }

    fn columns(&self) -> Vec<Column> {
        columns([Column::time("ts"), Column::float("size"), Column::usd("usd")])
    }

    fn rows(&self, sheet: &mut Sheet<'_>) {
        sheet.head(&head(&self.head));
        for OpenInterestPoint { ts, size, usd } in &self.points {
            sheet.row().time(ts).put(*size).put(*usd);
        }
    }
}

impl Rows for FundingSeries {
    fn label(&self) -> Label<'_> {
        label(&self.head)
    }

    fn columns(&self) -> Vec<Column> {
        columns([
            Column::time("ts"),
            Column::float("rate"),
            Column::float("interval_h"),
            Column::text("kind"),
        ])
    }

    fn rows(&self, sheet: &mut Sheet<'_>) {
        sheet.head(&head(&self.head));
        for FundingPoint { ts, rate, interval_h, kind } in &self.points {
            sheet.row().time(ts).put(*rate).put(*interval_h).text(match kind {
                FundingName::Settled => "settled",
                FundingName::Predicted => "predicted",
            });
        }
    }
}

/// One row a hole, and one without a hole for a channel that has none.
impl Rows for Gaps {
    fn label(&self) -> Label<'_> {
        label(&self.head)
    }

    fn columns(&self) -> Vec<Column> {
        columns([
            Column::text("channel"),
            Column::time("first"),
            Column::time("newest"),
            Column::float("period_s"),
            Column::time("from"),
            Column::time("to"),
            Column::float("seconds"),
            Column::text("cause"),
        ])
    }

    fn rows(&self, sheet: &mut Sheet<'_>) {
        sheet.head(&head(&self.head));
        for channel in &self.channels {
            if channel.gaps.is_empty() {
                channel_row(sheet, channel).empty(4);
            }
            for Hole { from, to, seconds, cause } in &channel.gaps {
                channel_row(sheet, channel).time(from).time(to).put(*seconds).text(cause);
            }
        }
    }
}

/// A row with the cells about the channel.
fn channel_row<'a>(sheet: &'a mut Sheet<'_>, channel: &ChannelGaps) -> Row<'a> {
    let ChannelGaps { name, first, newest, period_s, gaps: _ } = channel;
    let mut row = sheet.row();
    row.text(name).time(first).time(newest).put(*period_s);
    row
}
