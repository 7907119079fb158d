//! `liqlens map`: dollars by liquidation price.

use liqlens_render::map_picture;

use super::{chart_delivery, deliver_chart};
use crate::app::App;
use crate::ask::Asked;
use crate::cli::{Global, MapArgs};
use crate::failure::Failure;
use crate::request::{bin, window};

pub(crate) fn run(app: &App, global: &Global, args: &MapArgs) -> Result<(), Failure> {
    let delivery = chart_delivery(app, &args.save, &args.look)?;
    let window = args.within.as_deref().map(window).transpose()?;
    let bin = args.bin.as_deref().map(bin).transpose()?;
    let asked = Asked::open(app, global, &args.symbol)?;
    let map = asked.map(window, bin)?;
    deliver_chart(app, &delivery, &map, || map_picture(&map, delivery.theme, delivery.size))
}
