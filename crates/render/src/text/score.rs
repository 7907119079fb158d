//! A score laid out: what was found first, a table of gains a horizon, then calibration, tests and caveats.

use liqlens_query::document::{BandScore, EventName, Gain, Score, ScoreCheck, ScoreHorizon, ScoredForecast};
use liqlens_query::format::{NONE, figure, score, score_signed};

use super::Readable;
use super::outline::{Block, Column, Outline, Table, time};
use super::rule_words::plain_row;

impl Readable for Score {
    fn outline(&self) -> Outline {
        let mut blocks = vec![Block::Title(self.headline.clone()), Block::Stamp(stamp_line(self))];
        blocks.push(Block::Bullets(self.horizons.iter().map(|horizon| horizon.finding.clone()).collect()));
        blocks.push(Block::Paragraph(meaning(self)));
        for horizon in self.horizons.iter().filter(|horizon| horizon.windows > 0) {
            blocks.push(Block::Paragraph(horizon_line(self, horizon)));
            blocks.push(Block::Table(gain_table(horizon)));
        }
        blocks.push(Block::Paragraph(
            "Calibration of the product (map and background by distance). ECE: mean miss of the expected counts; \
             slope: 1 is right. Bands: windows whose total lay inside the 50, 80 and 95 % band, with Wilson's \
             interval at 80 %."
                .to_owned(),
        ));
        blocks.push(Block::Table(calibration_table(self)));
        if let Some(table) = test_table(self) {
            blocks.push(Block::Paragraph(
                "Tests: small values speak against the forecast (N: number of events, and with the variance that \
                 bursts have; L: likelihood; S: places) or against equality (W: ranks of single events over m0a and \
                 the best baseline)."
                    .to_owned(),
            ));
            blocks.push(Block::Table(table));
        }
        if !self.checks.is_empty() {
            blocks.push(Block::Paragraph("Checks:".to_owned()));
            blocks.push(Block::Table(check_table(&self.checks)));
        }
        blocks.push(Block::Paragraph("Before you rely on this:".to_owned()));
        blocks.push(Block::Bullets(self.caveats.clone()));
        blocks.push(Block::Paragraph(format!("{} {}", self.scope.calibration, settings_line(self))));
        Outline { blocks, compact: false }
    }
}

fn stamp_line(document: &Score) -> String {
    let scope = &document.scope;
    format!(
        "{} · {} to {} · {} reports",
        document.title,
        time(&scope.from),
        time(&scope.to),
        figure(scope.prints as f64)
    )
}

fn meaning(document: &Score) -> String {
    let protocol = &document.protocol;
    format!(
        "Gains are in nats per event: +0.10 gives each event 1.11 times the probability. In brackets the 95 % \
         interval; where it holds 0 no difference can be claimed. {} {} R1 knows how much the price goes over, \
         R2 also how far from the price liquidations happen; every map goes through the same head, map and uniform \
         background, which sets its level right from the past.",
        protocol.event_meaning, protocol.cell_meaning
    )
}

fn horizon_line(document: &Score, horizon: &ScoreHorizon) -> String {
    let events = match document.protocol.event {
        EventName::Prints => "events",
        EventName::Contracts => "contracts",
    };
    let best = horizon.best_baseline.as_ref().map(|best| format!("; best baseline {best}"));
    format!(
        "{} min: {} windows, {} cells, {} {events}{}; * highest gain",
        horizon.minutes,
        figure(horizon.windows as f64),
        figure(horizon.cells as f64),
        figure(horizon.events.round()),
        best.unwrap_or_default(),
    )
}

/// `+0.36 [0.27, 0.47]`.
fn gain(gain: Option<Gain>) -> String {
    match gain {
        None => NONE.to_owned(),
        Some(Gain { nats, lower: Some(lower), upper: Some(upper), .. }) => {
            format!("{} [{}, {}]", score_signed(nats), score(lower), score(upper))
        }
        Some(Gain { nats, .. }) => score_signed(nats),
    }
}

fn optional(value: Option<f64>) -> String {
    value.map_or_else(|| NONE.to_owned(), score)
}

fn gain_table(horizon: &ScoreHorizon) -> Table {
    let rows = horizon.forecasts.iter().map(|forecast| {
        let head = &forecast.uniform_head;
        let best = horizon.best.as_ref() == Some(&forecast.name);
        // What stands against itself is 0 by definition, and says nothing.
        let unless = |same: bool, text: String| if same { NONE.to_owned() } else { text };
        plain_row([
            &format!("{}{}", forecast.name, if best { " *" } else { "" }),
            &unless(forecast.name == "m0a", gain(head.over_m0a)),
            &gain(head.over_best_baseline),
            &unless(forecast.name == "R2", gain(head.over_r2)),
            &optional(forecast.raw_level),
            &optional(head.auc),
            &optional(head.lift),
        ])
    });
    Table {
        columns: vec![
            Column::left("model"),
            Column::right("over m0a"),
            Column::right("over best baseline"),
            Column::right("over R2"),
            Column::right("raw level"),
            Column::right("AUC"),
            Column::right("lift"),
        ],
        rows: rows.collect(),
        heads: true,
    }
}

/// The forecasts that the second half is about: the subject and the best baseline.
fn looked_at<'a>(document: &'a Score, horizon: &'a ScoreHorizon) -> Vec<&'a ScoredForecast> {
    let mut names = vec![document.subject.as_str()];
    names.extend(horizon.best_baseline.as_deref().filter(|best| *best != document.subject));
    names.into_iter().filter_map(|name| horizon.forecast(name)).collect()
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| NONE.to_owned(), |share| format!("{:.1}", 100.0 * share))
}

fn band(coverage: Option<&BandScore>) -> String {
    match coverage.and_then(|band| Some((band.share?, band.interval?))) {
        Some((share, [low, high])) => {
            format!("{:.1} [{:.1}, {:.1}]", 100.0 * share, 100.0 * low, 100.0 * high)
        }
        None => NONE.to_owned(),
    }
}

fn calibration_table(document: &Score) -> Table {
    let mut rows = Vec::new();
    for horizon in document.horizons.iter().filter(|horizon| horizon.windows > 0) {
        for forecast in looked_at(document, horizon) {
            let (product, totals) = (&forecast.product_head, &forecast.totals);
            let share = |place: usize| percent(totals.coverage.get(place).and_then(|band| band.share));
            rows.push(plain_row([
                &horizon.minutes.to_string(),
                &forecast.name,
                &gain(product.over_r2),
                &percent(forecast.map_share),
                &optional(product.calibration_error),
                &optional(product.calibration_slope),
                &share(0),
                &band(totals.coverage.get(1)),
                &share(2),
                &totals.windows.to_string(),
                &optional(totals.crps),
            ]));
        }
    }
    Table {
        columns: vec![
            Column::right("min"),
            Column::left("model"),
            Column::right("over R2"),
            Column::right("map %"),
            Column::right("ECE"),
            Column::right("slope"),
            Column::right("50 %"),
            Column::right("80 %"),
            Column::right("95 %"),
            Column::right("of"),
            Column::right("CRPS"),
        ],
        rows,
        heads: true,
    }
}

fn test_table(document: &Score) -> Option<Table> {
    let mut rows = Vec::new();
    for horizon in &document.horizons {
        for forecast in looked_at(document, horizon) {
            let head = &forecast.product_head;
            let Some(number) = head.number_test else { continue };
            let tail = |[at_least, at_most]: [f64; 2]| at_least.min(at_most);
            let rank = |gain: Option<Gain>| optional(gain.and_then(|gain| gain.signed_rank));
            rows.push(plain_row([
                &horizon.minutes.to_string(),
                &forecast.name,
                &score(tail(number)),
                &optional(head.number_test_in_bursts.map(tail)),
                &optional(head.likelihood_test),
                &optional(head.spatial_test),
                &rank(forecast.uniform_head.over_m0a),
                &rank(forecast.uniform_head.over_best_baseline),
            ]));
        }
    }
    let columns = vec![
        Column::right("min"),
        Column::left("model"),
        Column::right("N"),
        Column::right("N in bursts"),
        Column::right("L"),
        Column::right("S"),
        Column::right("W, m0a"),
        Column::right("W, best"),
    ];
    (!rows.is_empty()).then_some(Table { columns, rows, heads: true })
}

fn check_table(checks: &[ScoreCheck]) -> Table {
    let bound = |value: Option<f64>| value.map_or_else(String::new, figure);
    let rows = checks.iter().map(|check| {
        plain_row([
            &check.name,
            &bound(check.least),
            &bound(check.most),
            &optional(check.figure),
            if check.passed { "held" } else { "FAILED" },
            &check.meaning,
        ])
    });
    Table {
        columns: vec![
            Column::left("check"),
            Column::right("from"),
            Column::right("to"),
            Column::right("found"),
            Column::left(""),
            Column::left("what"),
        ],
        rows: rows.collect(),
        heads: true,
    }
}

fn settings_line(document: &Score) -> String {
    let (protocol, scope) = (&document.protocol, &document.scope);
    let blocks = document.horizons.iter().map(|horizon| horizon.blocks).fold(0.0, f64::max);
    format!(
        "Half-life of levels {} days; intervals from {} resamples of blocks of {} h ({blocks:.0} in the period), \
         paired. Margin: {}. Snapshot {}; all figures with --json.",
        figure(protocol.half_life_days),
        figure(f64::from(protocol.resamples)),
        figure(protocol.block_h),
        scope.margin_table,
        liqlens_query::format::snapshot_short(&document.snapshot),
    )
}
