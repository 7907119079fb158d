//! `liqlens map`: dollars by liquidation price.

use liqlens_ask::Failure;
use liqlens_ask::request::{bin, window};
use liqlens_render::map_picture;

use super::{chart_delivery, deliver_chart};
use crate::app::App;
use crate::cli::{Global, MapArgs};
use crate::desk::Desk;

pub(crate) fn run(app: &App, global: &Global, args: &MapArgs) -> Result<(), Failure> {
    let delivery = chart_delivery(app, &args.save, &args.look)?;
    let window = args.within.as_deref().map(window).transpose()?;
    let bin = args.bin.as_deref().map(bin).transpose()?;
    let desk = Desk::open(app, global)?;
    let asked = desk.ask(&args.symbol)?;
    let map = asked.map(window, bin)?;
    deliver_chart(app, &delivery, &map, || map_picture(&map, delivery.theme, delivery.size))
}
