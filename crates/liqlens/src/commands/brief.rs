//! `liqlens brief`: one page a reader can use.

use liqlens_ask::Failure;
use liqlens_ask::request::{Amount, AmountUnit, window};
use liqlens_query::document::{Brief, Map};
use liqlens_render::text::Readable as _;
use liqlens_render::{Picture, card_picture, map_picture};

use super::{deliver_picture, theme, words};
use crate::app::App;
use crate::cli::{BriefArgs, BriefForm, Global};
use crate::desk::Desk;
use crate::request::{Delivery, Form, size};

/// Forms of the brief. SVG stands for the map, as PNG does.
const FORMS: [Form; 7] =
    [Form::Text, Form::Json, Form::Markdown, Form::Html, Form::Png, Form::Svg, Form::Card];

pub(crate) fn run(app: &App, global: &Global, args: &BriefArgs) -> Result<(), Failure> {
    let asked_form = match (args.format, app.json) {
        (Some(BriefForm::Json) | None, true) => Some(Form::Json),
        (Some(_), true) => {
            return Err(Failure::usage(
                "form-contradiction",
                "Both --json and another --format were given.",
                "One answer has one form.",
                "Leave one of them away.",
            ));
        }
        (form, false) => form.map(|form| match form {
            BriefForm::Text => Form::Text,
            BriefForm::Md => Form::Markdown,
            BriefForm::Html => Form::Html,
            BriefForm::Json => Form::Json,
            BriefForm::Png => Form::Png,
            BriefForm::Card => Form::Card,
        }),
    };
    let delivery = Delivery::resolve(asked_form, args.output.as_deref(), &FORMS)?
        .looking(theme(args.look.theme), size(&args.look.size)?);
    let amount = args.amount.as_deref().map(|text| Amount::parse(text, AmountUnit::Usd)).transpose()?;
    let within = args.within.as_deref().map(window).transpose()?;
    let desk = Desk::open(app, global)?;
    let asked = desk.ask(&args.symbol)?;
    let brief = asked.brief(amount.as_ref(), within)?;
    // The map is wanted only by forms that show it.
    let pictured = matches!(delivery.form, Form::Png | Form::Svg | Form::Html) && brief.withheld.is_none();
    let map = if pictured { Some(asked.map(None, None)?) } else { None };
    deliver(app, &delivery, &brief, map.as_ref())?;
    // A withheld brief says why; the exit code says so to scripts, unless they asked for it.
    asked.answerable(&brief.stamp)
}

fn deliver(app: &App, delivery: &Delivery, brief: &Brief, map: Option<&Map>) -> Result<(), Failure> {
    let map = map.map(|map| map_picture(map, delivery.theme, delivery.size));
    match delivery.form {
        Form::Card => deliver_picture(app, delivery, &card_picture(brief, delivery.theme)),
        Form::Png | Form::Svg => match &map {
            Some(picture) => deliver_picture(app, delivery, picture),
            // Nothing to draw; the exit code and its message say why.
            None => Ok(()),
        },
        form => {
            let bytes =
                words(app, delivery, form, brief, || brief.outline(), map.as_ref().map(Picture::svg))?;
            app.deliver(delivery.file.as_deref(), &bytes)
        }
    }
}
