//! `liqlens heatmap`: the map over time.

use liqlens_ask::request::{moment, row, span, step, window};
use liqlens_ask::{Failure, Range, RangeStart, quoted};
use liqlens_market::Span;
use liqlens_render::heatmap_picture;

use super::{chart_delivery, deliver_chart};
use crate::app::App;
use crate::cli::{Global, HeatmapArgs};
use crate::desk::Desk;

pub(crate) fn run(app: &App, global: &Global, args: &HeatmapArgs) -> Result<(), Failure> {
    let delivery = chart_delivery(app, &args.save, &args.look)?;
    let start = match &args.from {
        Some(text) => RangeStart::At(moment(text, app.now)?),
        None => RangeStart::Before(last(&args.last)?),
    };
    let range = Range {
        start: Some(start),
        step: args.step.as_deref().map(step).transpose()?,
        bins_per_row: row(&args.row)?,
        window_pct: window(&args.within)?,
    };
    let desk = Desk::open(app, global)?;
    let asked = desk.ask(&args.symbol)?;
    let heatmap = asked.heatmap(&range)?;
    deliver_chart(app, &delivery, &heatmap, || heatmap_picture(&heatmap, delivery.theme, delivery.size))
}

fn last(text: &str) -> Result<Span, Failure> {
    span(text).ok_or_else(|| {
        Failure::usage(
            "range-not-understood",
            format!("The range {} was not understood.", quoted(text)),
            "It is a whole number and one of s, m, h, d, w.",
            "Write it like --last 24h or --last 7d.",
        )
    })
}
