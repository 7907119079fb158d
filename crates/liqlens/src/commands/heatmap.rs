//! `liqlens heatmap`: the map over time.

use liqlens_query::document::BinWidth;
use liqlens_render::heatmap_picture;

use super::{chart_delivery, deliver_chart};
use crate::app::App;
use crate::ask::{Asked, Range};
use crate::cli::{Global, HeatmapArgs};
use crate::failure::Failure;
use crate::request::{bin, moment, step, window};

pub(crate) fn run(app: &App, global: &Global, args: &HeatmapArgs) -> Result<(), Failure> {
    let delivery = chart_delivery(app, &args.save, &args.look)?;
    let range = Range {
        from: args.from.as_deref().map(|text| moment(text, app.now)).transpose()?,
        to: args.to.as_deref().map(|text| moment(text, app.now)).transpose()?,
        step: args.step.as_deref().map(step).transpose()?,
        row_bp: row(&args.row)?,
        window_pct: window(&args.within)?,
    };
    let asked = Asked::open(app, global, &args.symbol)?;
    let heatmap = asked.heatmap(app, &range)?;
    deliver_chart(app, &delivery, &heatmap, || heatmap_picture(&heatmap, delivery.theme, delivery.size))
}

/// Rows are equal in log price, because they are shared by columns of different price.
fn row(text: &str) -> Result<f64, Failure> {
    match bin(text) {
        Ok(BinWidth::Bp(bp)) => Ok(bp),
        _ => Err(Failure::usage(
            "row-not-understood",
            format!("The row height {} was not understood.", crate::failure::quoted(text)),
            "Rows are equal in percent, so that columns at different prices share them.",
            "Write it like --row 10bp.",
        )),
    }
}
