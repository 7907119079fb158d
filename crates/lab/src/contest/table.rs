//! The scores as Markdown.

use core::fmt::Write as _;

use super::outcome::{Estimate, ForecastOutcome, HeadScores, HorizonOutcome, Outcome};
use super::truth::{Spread, TruthOutcome};

/// All tables of a contest: for each horizon the gains, then consistency and totals.
pub fn markdown(outcome: &Outcome) -> String {
    let mut text = String::new();
    for horizon in &outcome.horizons {
        // Writing into a string cannot fail.
        let _ = write_horizon(&mut text, outcome, horizon);
    }
    if !outcome.truth.is_empty() {
        let _ = write_truth(&mut text, &outcome.truth);
    }
    text
}

fn write_horizon(text: &mut String, outcome: &Outcome, horizon: &HorizonOutcome) -> core::fmt::Result {
    let HorizonOutcome { minutes, windows, burn_in, incomplete, cells, events, prints, .. } = horizon;
    write!(text, "### {minutes} min\n\n{windows} windows")?;
    if let Some([from, until]) = horizon.period {
        write!(text, " from {from} to {until}")?;
    }
    writeln!(
        text,
        " ({burn_in} before them to calibrate, {incomplete} with gaps left out); {cells} cells, {} events, {} prints, \
         {} contracts; {} prints where nothing was swept; best baseline {}.\n",
        figure(*events),
        figure(*prints),
        figure(horizon.contracts),
        figure(horizon.unplaced),
        horizon.best_baseline.as_deref().unwrap_or("none"),
    )?;

    let peer = outcome.baselines.first();
    write!(text, "| | raw level | over R1 | over R2 | product over R2 |")?;
    if let Some(peer) = peer {
        write!(text, " over {peer} | product over {peer} | over best baseline | product over best |")?;
    }
    writeln!(text, " AUC | lift | map share |")?;
    writeln!(text, "{}", "|---".repeat(8 + if peer.is_some() { 4 } else { 0 }) + "|")?;
    for forecast in &horizon.forecasts {
        let ForecastOutcome { name, plain, product, .. } = forecast;
        write!(
            text,
            "| {name} | {} | {} | {} | {} |",
            optional(forecast.raw_level),
            estimate(plain.over_uniform),
            estimate(plain.over_distance),
            estimate(product.over_distance),
        )?;
        if peer.is_some() {
            let first = |head: &HeadScores| estimate(head.over_baselines.first().copied().flatten());
            write!(
                text,
                " {} | {} | {} | {} |",
                first(plain),
                first(product),
                estimate(plain.over_best_baseline),
                estimate(product.over_best_baseline),
            )?;
        }
        writeln!(
            text,
            " {} | {} | {} |",
            optional(plain.auc),
            optional(plain.lift),
            optional(forecast.map_share)
        )?;
    }

    writeln!(
        text,
        "\n| product head | expected ÷ seen | ECE | slope | N | N in bursts | L | S | 50 % | 80 % | 95 % | banded | CRPS | \
         totals' level | PIT distance |"
    )?;
    writeln!(text, "{}", "|---".repeat(15) + "|")?;
    for forecast in &horizon.forecasts {
        let ForecastOutcome { name, product, totals, .. } = forecast;
        let tails = |test: Option<[f64; 2]>| optional(test.map(|[a, b]| a.min(b)));
        write!(
            text,
            "| {name} | {} | {} | {} | {} | {} | {} | {} |",
            optional((*events > 0.0).then(|| product.expected / events)),
            optional(product.calibration_error),
            optional(product.calibration_slope),
            tails(product.tests.number),
            tails(product.tests.number_in_bursts),
            optional(product.tests.likelihood),
            optional(product.tests.space),
        )?;
        for band in &totals.coverage {
            match (band.share, band.interval) {
                (Some(share), Some([low, high])) => {
                    write!(text, " {:.1} [{:.1}, {:.1}] |", 100.0 * share, 100.0 * low, 100.0 * high)?;
                }
                _ => write!(text, " – |")?,
            }
        }
        writeln!(
            text,
            " {} | {} | {} | {} |",
            totals.windows,
            optional(totals.crps),
            optional(totals.level),
            optional(totals.transform_distance),
        )?;
    }
    writeln!(text)
}

/// Medians over moments and sides; in brackets the cases without an answer.
fn write_truth(text: &mut String, rows: &[TruthOutcome]) -> core::fmt::Result {
    writeln!(text, "### Beside the truth\n")?;
    write!(text, "| | Wasserstein-1, bp | overlap |")?;
    let Some(first) = rows.first() else { return Ok(()) };
    let mut columns = 3;
    for (what, errors) in [("mass within", &first.mass), ("distance to", &first.reach)] {
        for error in errors {
            let share = 100.0 * error.at;
            write!(text, " {what} {share:.0} %, raw | calibrated |")?;
            columns += 2;
        }
    }
    writeln!(text, " reach in 80 % |\n{}|", "|---".repeat(columns + 1))?;
    for row in rows {
        write!(text, "| {} | {} | {} |", row.name, spread(&row.wasserstein_bp), spread(&row.overlap))?;
        for error in row.mass.iter().chain(&row.reach) {
            write!(text, " {} | {} |", spread(&error.raw), spread(&error.calibrated))?;
        }
        let covered: Vec<String> = row
            .reach_coverage
            .iter()
            .map(|(_, share, _)| optional(share.map(|share| 100.0 * share)))
            .collect();
        writeln!(text, " {} |", if covered.is_empty() { "–".to_owned() } else { covered.join(" ") })?;
    }
    writeln!(text)
}

fn spread(spread: &Spread) -> String {
    let median = optional(spread.median);
    if spread.missing > 0 { format!("{median} ({})", spread.missing) } else { median }
}

/// A gain with two decimals and its interval.
fn estimate(estimate: Option<Estimate>) -> String {
    match estimate {
        None => "–".to_owned(),
        Some(Estimate { value, lower: Some(lower), upper: Some(upper), .. }) => {
            format!("{value:.2} [{lower:.2}, {upper:.2}]")
        }
        Some(Estimate { value, .. }) => format!("{value:.2}"),
    }
}

fn optional(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), figure)
}

fn figure(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
