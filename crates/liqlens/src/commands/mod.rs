//! One module a command, and what they share: handing a document over in the form asked for.

mod account;
mod accounts;
mod at;
mod brief;
mod clusters;
mod completions;
mod demo;
mod export;
mod heatmap;
mod import;
mod key;
mod lab;
mod liqprice;
mod map;
mod reach;
mod schema;
mod score;
mod serve;
mod tiers;
mod version;

use liqlens_ask::Failure;
use liqlens_render::Picture;
use liqlens_render::text::{self, Outline, Readable, Tabular, TextStyle};
use serde::Serialize;

use crate::app::App;
use crate::cli::{Cli, Command, LookArgs, SaveArgs, ThemeName};
use crate::request::{Delivery, Form, size};

/// Runs the command that was asked for.
pub(crate) fn run(app: &App, cli: &Cli) -> Result<(), Failure> {
    let global = &cli.global;
    match &cli.command {
        Command::Demo(args) => demo::run(app, global, args),
        Command::Import(args) => import::run(app, global, args),
        Command::Export(args) => export::run(app, global, args),
        Command::Reach(args) => reach::run(app, global, args),
        Command::At(args) => at::run(app, global, args),
        Command::Map(args) => map::run(app, global, args),
        Command::Clusters(args) => clusters::run(app, global, args),
        Command::Account(args) => account::run(app, global, args),
        Command::Accounts(args) => accounts::run(app, global, args),
        Command::Heatmap(args) => heatmap::run(app, global, args),
        Command::Brief(args) => brief::run(app, global, args),
        Command::Serve(args) => serve::run(app, global, args),
        Command::Key(args) => key::run(app, args),
        Command::Liqprice(args) => liqprice::run(app, global, args),
        Command::Tiers(args) => tiers::run(app, global, args),
        Command::Score(args) => score::run(app, global, args),
        Command::Lab(args) => lab::run(app, args),
        Command::Schema(args) => schema::run(app, args),
        Command::Completions(args) => completions::run(args),
        Command::Version => version::run(app),
    }
}

/// Forms of a document that is a table.
const TABLE_FORMS: [Form; 5] = [Form::Text, Form::Json, Form::Csv, Form::Markdown, Form::Html];
/// Forms of a document that also has a picture.
const CHART_FORMS: [Form; 7] =
    [Form::Text, Form::Json, Form::Csv, Form::Markdown, Form::Html, Form::Svg, Form::Png];

/// What `--json`, `--csv` and `-o` come to.
fn delivery(app: &App, save: &SaveArgs, forms: &[Form]) -> Result<Delivery, Failure> {
    let asked = match (app.json, save.csv) {
        (true, _) => Some(Form::Json),
        (false, true) => Some(Form::Csv),
        (false, false) => None,
    };
    Delivery::resolve(asked, save.output.as_deref(), forms)
}

/// As [`delivery`], with the look of a picture.
fn chart_delivery(app: &App, save: &SaveArgs, look: &LookArgs) -> Result<Delivery, Failure> {
    Ok(delivery(app, save, &CHART_FORMS)?.looking(theme(look.theme), size(&look.size)?))
}

const fn theme(name: ThemeName) -> liqlens_render::Theme {
    match name {
        ThemeName::Light => liqlens_render::Theme::Light,
        ThemeName::Dark => liqlens_render::Theme::Dark,
    }
}

/// Hands over a document without a picture.
fn deliver_table<D: Serialize + Readable + Tabular>(
    app: &App,
    delivery: &Delivery,
    document: &D,
) -> Result<(), Failure> {
    let bytes = match delivery.form {
        Form::Csv => document.csv().into_bytes(),
        form => words(app, delivery, form, document, || document.outline(), None)?,
    };
    app.deliver(delivery.file.as_deref(), &bytes)
}

/// Hands over a document with a picture.
fn deliver_chart<D: Serialize + Readable + Tabular>(
    app: &App,
    delivery: &Delivery,
    document: &D,
    picture: impl Fn() -> Picture,
) -> Result<(), Failure> {
    match delivery.form {
        Form::Csv => app.deliver(delivery.file.as_deref(), document.csv().as_bytes()),
        Form::Svg | Form::Png | Form::Card => deliver_picture(app, delivery, &picture()),
        form => {
            let figure = (form == Form::Html).then(|| picture().svg().to_owned());
            let bytes = words(app, delivery, form, document, || document.outline(), figure.as_deref())?;
            app.deliver(delivery.file.as_deref(), &bytes)
        }
    }
}

/// Hands over a picture, as SVG or PNG.
fn deliver_picture(app: &App, delivery: &Delivery, picture: &Picture) -> Result<(), Failure> {
    if delivery.file.is_none() && app.terminal {
        return Err(Failure::usage(
            "picture-to-terminal",
            "A picture was not written to the terminal.",
            "Its bytes would only disturb the terminal.",
            format!("Save it with -o FILE.{}.", if delivery.form == Form::Svg { "svg" } else { "png" }),
        ));
    }
    if delivery.form == Form::Svg || (delivery.form == Form::Card && delivery.vector_card()) {
        return app.deliver(delivery.file.as_deref(), picture.svg().as_bytes());
    }
    app.deliver(delivery.file.as_deref(), &png(picture)?)
}

fn png(picture: &Picture) -> Result<Vec<u8>, Failure> {
    picture.to_png().map_err(|error| Failure::internal("The picture could not be drawn.", error))
}

/// The forms made of words.
fn words<D: Serialize>(
    app: &App,
    delivery: &Delivery,
    form: Form,
    document: &D,
    outline: impl Fn() -> Outline,
    figure: Option<&str>,
) -> Result<Vec<u8>, Failure> {
    Ok(match form {
        Form::Json => json(document)?,
        Form::Text => {
            // A file is no terminal: it gets neither colour nor the terminal's width.
            let style = if delivery.file.is_some() { TextStyle::PIPE } else { app.style };
            text::plain(&outline(), style).into_bytes()
        }
        Form::Markdown => text::markdown(&outline()).into_bytes(),
        Form::Html => text::html(&outline(), figure).into_bytes(),
        Form::Csv | Form::Svg | Form::Png | Form::Card => {
            return Err(Failure::internal(
                "The answer has no such form.",
                format!("{} was let through.", form.name()),
            ));
        }
    })
}

/// A document on one line.
fn json<D: Serialize>(document: &D) -> Result<Vec<u8>, Failure> {
    let mut bytes = serde_json::to_vec(document)
        .map_err(|error| Failure::internal("The document could not be written as JSON.", error))?;
    bytes.push(b'\n');
    Ok(bytes)
}
