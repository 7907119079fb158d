//! `liqlens demo`: everything once, from the bundled sample.

use std::fmt::Write as _;
use std::path::Path;

use liqlens_ask::request::Amount;
use liqlens_ask::{Failure, Kind, Range, path_text};
use liqlens_query::document::Usd;
use liqlens_render::text::{Readable as _, plain, reach_table};
use liqlens_render::{Picture, Size, Theme, heatmap_picture, map_picture};

use super::{json, png};
use crate::app::{App, print, write_file};
use crate::cli::{DemoArgs, Global};
use crate::desk::Desk;

/// Dollars per side of the table, millions.
const AMOUNTS_MILLION: [i64; 4] = [10, 50, 100, 250];

pub(crate) fn run(app: &App, global: &Global, args: &DemoArgs) -> Result<(), Failure> {
    if global.data.is_some() {
        return Err(Failure::usage(
            "demo-has-its-data",
            "The demo does not take --data.",
            "It shows the sample that is bundled with the program.",
            "Ask your own data with `liqlens brief SYMBOL --data DIR`.",
        ));
    }
    let desk = Desk::open(app, global)?;
    let asked = desk.ask("BTC")?;
    let brief = asked.brief(None, None)?;
    let amounts = AMOUNTS_MILLION.map(|millions| Amount::Usd(Usd::from_cents(millions * 100_000_000)));
    let reaches = asked.reach(&amounts)?;
    let map = asked.map(None, None)?;
    let heatmap = asked.heatmap(&Range::SIX_DAYS)?;

    create(&args.out)?;
    let map = map_picture(&map, Theme::Light, Size::Wide);
    let heatmap = heatmap_picture(&heatmap, Theme::Light, Size::Wide);
    for (name, picture) in [("map", &map), ("heatmap", &heatmap)] {
        save(&args.out, name, picture)?;
    }

    if app.json {
        return print(&json(&brief)?);
    }
    let mut text = plain(&brief.outline(), app.style);
    text.push('\n');
    text.push_str(&plain(&reach_table(&reaches), app.style));
    let out = args.out.display();
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "\nPictures: {out}/map.png, {out}/map.svg, {out}/heatmap.png, {out}/heatmap.svg\n\
         \nTry next:\n  \
         liqlens reach BTC --amount 250M\n  \
         liqlens at BTC --move -2% --move +2%\n  \
         liqlens map BTC --within 5%\n  \
         liqlens brief BTC -o brief.html\n  \
         liqlens import FILE --data DIR\n"
    );
    print(text.as_bytes())
}

pub(super) fn create(directory: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(directory).map_err(|error| {
        Failure::new(
            Kind::Storage,
            "output-not-written",
            format!("The directory {} could not be made.", path_text(directory)),
            format!("{error}."),
            "Choose another place with --out DIR.",
        )
    })
}

pub(super) fn save(directory: &Path, name: &str, picture: &Picture) -> Result<(), Failure> {
    write_file(&directory.join(format!("{name}.svg")), picture.svg().as_bytes())?;
    write_file(&directory.join(format!("{name}.png")), &png(picture)?)
}
