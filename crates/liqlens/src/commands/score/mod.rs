//! `liqlens score`: models side by side on what was liquidated.

mod checks;
mod document;
mod period;

use std::path::Path;

use liqlens_ask::request::{moment, span};
use liqlens_ask::{EvidenceName, Failure, Kind, Opened, SourceKind, quoted, schedule};
use liqlens_engine::Market;
use liqlens_lab::contest::{Background, Cells, Contest, Contestant, Horizon, Settings, Weights};
use liqlens_lab::{Baseline, ROSTER, roster_model};
use liqlens_market::{Span, Timestamp};
use liqlens_query::conclude;
use liqlens_query::document::Score;
use liqlens_render::text::{Readable as _, plain};
use liqlens_render::{Picture, Theme, score_gain_picture, score_pit_picture, score_reliability_picture};

use self::checks::Check;
use self::document::{Held, document};
use self::period::Period;
use super::demo::{create, save};
use super::json;
use crate::app::{App, print, write_file};
use crate::cli::{BackgroundArg, CellsArg, Global, ScoreArgs, WeightsArg};
use crate::desk::Desk;
use crate::progress::Progress;

pub(crate) fn run(app: &App, global: &Global, args: &ScoreArgs) -> Result<(), Failure> {
    understood(global, args)?;
    let horizons = args.horizons.iter().map(|text| horizon(text)).collect::<Result<Vec<_>, _>>()?;
    let models: Vec<&str> =
        ROSTER.into_iter().filter(|name| args.models.iter().any(|asked| asked == name)).collect();
    let baselines: Vec<String> = Baseline::ALL
        .map(Baseline::id)
        .into_iter()
        .filter(|name| models.contains(name))
        .map(str::to_owned)
        .collect();
    let checks = args
        .min
        .iter()
        .map(|text| Check::parse(text, &baselines, &args.horizons))
        .collect::<Result<Vec<_>, _>>()?;
    let asked_from = args.from.as_deref().map(|text| moment(text, app.now)).transpose()?;
    let asked_to = args.to.as_deref().map(|text| moment(text, app.now)).transpose()?;
    if let Some(out) = &args.out {
        create(out)?;
    }

    let desk = Desk::open(app, global)?;
    let opened = desk.opened(&args.symbol, Some(EvidenceName::Modelled))?;
    let to = asked_to.unwrap_or(opened.as_of);
    let period = Period::settle(desk.source(), &opened, asked_from, to)?;
    let settings = settings(args, &period, horizons, baselines);
    let outcome = contest(app, &desk, &opened, &models, &settings, &period)?;
    if outcome.horizons.iter().all(|horizon| horizon.windows == 0) {
        return Err(nothing_scored(&opened, &period));
    }
    let bundled = matches!(desk.source().kind(), SourceKind::Bundled { .. });
    let held = Held { bundled, opened: &opened, period: &period, settings: &settings, models: &models };
    let mut score = document(&held, &outcome)?;
    score.checks = checks.iter().map(|check| check.of(&score)).collect();
    let score = conclude(score);

    if let Some(out) = &args.out {
        write_out(app, out, &score)?;
    }
    if app.json {
        print(&json(&score)?)?;
    } else {
        print(plain(&score.outline(), app.style).as_bytes())?;
    }
    checks::verdict(&score)
}

/// Options of every command that have no meaning here, or contradict.
fn understood(global: &Global, args: &ScoreArgs) -> Result<(), Failure> {
    if global.model.is_some() {
        return Err(Failure::usage(
            "model-of-score",
            "A single model was asked for.",
            "A score compares models.",
            "Name those that take part with --models m0a,m1,m2.",
        ));
    }
    if global.evidence == Some(crate::cli::EvidenceName::Measured) {
        return Err(Failure::usage(
            "evidence-of-score",
            "Measured positions were asked for.",
            "What is scored are models, by the liquidations that were reported.",
            "Leave --evidence away.",
        ));
    }
    if global.as_of.is_some() && args.to.is_some() {
        return Err(Failure::usage(
            "range-contradiction",
            "Both --as-of and --to were given.",
            "Both say what is the last moment known.",
            "Leave one of them away.",
        ));
    }
    Ok(())
}

fn horizon(text: &str) -> Result<Horizon, Failure> {
    let minute = Span::MINUTE.nanos();
    let fits = |length: &Span| length.nanos() % minute == 0 && Span::DAY.nanos() % length.nanos() == 0;
    let length = span(text).filter(fits).ok_or_else(|| {
        Failure::usage(
            "horizon-not-understood",
            format!("The length of forecast {} was not understood.", quoted(text)),
            "It is a whole number of minutes that divides a day, so that windows do not overlap its end.",
            "Write it like --horizons 1m,5m,30m,60m.",
        )
    })?;
    // As far as the protocol reads the map for the next longer of its horizons.
    let reach = Horizon::PROTOCOL.iter().find(|known| known.length >= length);
    Ok(Horizon { length, reach: reach.unwrap_or(&Horizon::PROTOCOL[4]).reach })
}

fn settings(args: &ScoreArgs, period: &Period, horizons: Vec<Horizon>, baselines: Vec<String>) -> Settings {
    let settings = if period.is_history() {
        Settings::history(period.calibrated_from)
    } else {
        Settings::sample(period.calibrated_from)
    };
    let mut distinct: Vec<Horizon> = Vec::new();
    for horizon in horizons {
        if !distinct.contains(&horizon) {
            distinct.push(horizon);
        }
    }
    Settings {
        horizons: distinct,
        until: Some(period.to),
        score_from: period.scored_from,
        cells: match args.cells {
            CellsArg::Auto => Cells::Auto,
            CellsArg::Bins => Cells::Bins,
            CellsArg::Minutes => Cells::Minutes,
        },
        weights: match args.weights {
            WeightsArg::Auto => Weights::Auto,
            WeightsArg::Prints => Weights::Prints,
            WeightsArg::Contracts => Weights::Contracts,
        },
        background: match args.background {
            BackgroundArg::Swept => Background::Swept,
            BackgroundArg::Touched => Background::Touched,
        },
        baselines,
        ..settings
    }
}

/// One pass over everything known until the end of the period.
fn contest(
    app: &App,
    desk: &Desk<'_>,
    opened: &Opened,
    models: &[&str],
    settings: &Settings,
    period: &Period,
) -> Result<liqlens_lab::contest::Outcome, Failure> {
    let Opened { instrument, .. } = opened;
    let (table, _) = schedule(instrument, period.calibrated_from)?;
    let impossible =
        |error: &dyn std::fmt::Display| Failure::internal("The models could not be set up.", error);
    let mut contestants = Vec::new();
    for name in models {
        let model = roster_model(name, instrument, &table.table)
            .ok_or_else(|| impossible(name))?
            .map_err(|error| impossible(&error))?;
        contestants.push(Contestant::market(name, Market::new(instrument.clone(), model)));
    }
    let mut contest = Contest::new(contestants, settings.clone()).map_err(|error| impossible(&error))?;
    let mut feed = desk.source().events(&instrument.market, period.to)?;
    let mut progress = Progress::start(app);
    let mut count = 0_u64;
    for event in feed.by_ref() {
        contest.step(&event);
        count += 1;
        if count.is_multiple_of(4_096) {
            let day: Timestamp = event.known_ts;
            progress.tell(|| format!("scoring {}, {count} events", day.date()));
        }
    }
    drop(progress);
    app.detail(&format!("{count} events of {}", instrument.market));
    for damage in feed.damage() {
        app.note(&format!("warning: {damage}"));
    }
    contest.finish().map_err(|error| Failure::internal("The score could not be computed.", error))
}

fn nothing_scored(opened: &Opened, period: &Period) -> Failure {
    Failure::new(
        Kind::NoData,
        "nothing-scored",
        format!("Nothing could be scored for {} until {}.", opened.instrument.market, period.to),
        "No window was complete: a window needs prices of every minute (trades, or bars no longer than a minute) \
         and a calibrated head.",
        "Import one-minute bars or trades of the days that have liquidations, or ask for a longer period.",
    )
}

/// What draws a score.
type Draw = fn(&Score, Theme) -> Picture;

/// The document and its pictures.
fn write_out(app: &App, out: &Path, score: &Score) -> Result<(), Failure> {
    let file = out.join("score.json");
    write_file(&file, &json(score)?)?;
    app.note(&format!("wrote {}", file.display()));
    let pictures: [(&str, Draw); 3] = [
        ("gain", score_gain_picture),
        ("reliability", score_reliability_picture),
        ("pit", score_pit_picture),
    ];
    for (name, draw) in pictures {
        save(out, name, &draw(score, Theme::Light))?;
        app.note(&format!("wrote {0}.png and {0}.svg", out.join(name).display()));
    }
    Ok(())
}
