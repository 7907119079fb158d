//! `--min`: a score as a check that fails.

use liqlens_ask::request::span;
use liqlens_ask::{Failure, Kind, quoted};
use liqlens_query::document::{Gain, Score, ScoreCheck, ScoredForecast};
use liqlens_query::format::{figure, score as score_text};
use serde_json::json;

/// A figure of a forecast that can be checked.
#[derive(Debug, Clone, PartialEq)]
enum Figure {
    /// Gain over R1, R2, the best baseline, or a baseline, of the uniform or the product head.
    Gain {
        over: String,
        product: bool,
    },
    Level,
    /// Coverage of the band of this promise.
    Coverage(f64),
    CalibrationError,
    Slope,
    Auc,
    Lift,
}

/// A figure at a horizon, and its bounds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Check {
    name: String,
    figure: Figure,
    minutes: i64,
    least: Option<f64>,
    most: Option<f64>,
}

impl Check {
    /// Reads `gain_best_1m=0.1`, `level_5m=0.5..2`; `baselines` and `horizons` are those that take part.
    pub(super) fn parse(text: &str, baselines: &[String], horizons: &[String]) -> Result<Self, Failure> {
        let (name, bounds) = text.split_once('=').ok_or_else(|| not_understood(text, "It has no `=`."))?;
        let unknown = || {
            let names = names(baselines).join(", ");
            Failure::usage(
                "check-unknown",
                format!("There is no figure {} to check.", quoted(name)),
                format!(
                    "The figures are {names}, each with a horizon scored behind it: _{}.",
                    horizons.join(", _")
                ),
                "Write it like --min gain_best_1m=0.",
            )
        };
        let (what, horizon) = name.rsplit_once('_').ok_or_else(unknown)?;
        let figure = figure_of(what, baselines).ok_or_else(unknown)?;
        let length = span(horizon).ok_or_else(unknown)?;
        if !horizons.iter().any(|scored| span(scored) == Some(length)) {
            return Err(unknown());
        }
        let (least, most) = bounds_of(bounds).ok_or_else(|| {
            not_understood(text, "After `=` stands a number, or LOW..HIGH with an end or both.")
        })?;
        let minutes = length.nanos() / liqlens_market::Span::MINUTE.nanos();
        Ok(Self { name: name.to_owned(), figure, minutes, least, most })
    }

    /// The check on a score.
    pub(super) fn of(&self, score: &Score) -> ScoreCheck {
        let horizon = score.horizons.iter().find(|horizon| horizon.minutes == self.minutes);
        let forecast = horizon.and_then(|horizon| horizon.forecast(&score.subject));
        let figure = forecast.and_then(|forecast| self.figure.of(forecast));
        let above = |figure: f64| {
            self.least
                .is_none_or(|least| if self.figure.must_exceed() { figure > least } else { figure >= least })
        };
        let below = |figure: f64| self.most.is_none_or(|most| figure <= most);
        ScoreCheck {
            name: self.name.clone(),
            meaning: format!("{} of {} at {} min", self.figure.meaning(), score.subject, self.minutes),
            least: self.least,
            most: self.most,
            figure,
            passed: figure.is_some_and(|figure| above(figure) && below(figure)),
        }
    }
}

impl Figure {
    fn of(&self, forecast: &ScoredForecast) -> Option<f64> {
        let product = &forecast.product_head;
        let lower = |gain: Option<Gain>| gain?.lower;
        match self {
            Self::Gain { over, product } => {
                let head = if *product { &forecast.product_head } else { &forecast.uniform_head };
                match over.as_str() {
                    "r1" => head.over_r1.map(|gain| gain.nats),
                    "r2" => head.over_r2.map(|gain| gain.nats),
                    "best" => lower(head.over_best_baseline),
                    baseline => lower(head.over(baseline)),
                }
            }
            Self::Level => forecast.raw_level,
            Self::Coverage(nominal) => {
                forecast.totals.coverage.iter().find(|band| band.nominal == *nominal)?.share
            }
            Self::CalibrationError => product.calibration_error,
            Self::Slope => product.calibration_slope,
            Self::Auc => product.auc,
            Self::Lift => product.lift,
        }
    }

    /// Whether the figure is the lower end of an interval, which must lie above the bound, not on it.
    fn must_exceed(&self) -> bool {
        matches!(self, Self::Gain { over, .. } if !matches!(over.as_str(), "r1" | "r2"))
    }

    fn meaning(&self) -> String {
        match self {
            Self::Gain { over, product } => {
                let head = if *product { " in the product head" } else { "" };
                match over.as_str() {
                    "r1" | "r2" => format!("gain over {}{head}", over.to_uppercase()),
                    "best" => format!("lower end of the gain over the best baseline{head}"),
                    baseline => format!("lower end of the gain over {baseline}{head}"),
                }
            }
            Self::Level => "raw level".to_owned(),
            Self::Coverage(nominal) => format!("coverage of the {:.0} % band", 100.0 * nominal),
            Self::CalibrationError => "calibration error".to_owned(),
            Self::Slope => "calibration slope".to_owned(),
            Self::Auc => "area under the curve".to_owned(),
            Self::Lift => "lift of the top tenth".to_owned(),
        }
    }
}

fn figure_of(what: &str, baselines: &[String]) -> Option<Figure> {
    let gain = |over: &str, product: bool| {
        let known = matches!(over, "r1" | "r2")
            || (over == "best" && !baselines.is_empty())
            || baselines.iter().any(|name| name == over);
        known.then(|| Figure::Gain { over: over.to_owned(), product })
    };
    if let Some(over) = what.strip_prefix("product_gain_") {
        return gain(over, true);
    }
    if let Some(over) = what.strip_prefix("gain_") {
        return gain(over, false);
    }
    Some(match what {
        "level" => Figure::Level,
        "coverage50" => Figure::Coverage(0.5),
        "coverage80" => Figure::Coverage(0.8),
        "coverage95" => Figure::Coverage(0.95),
        "ece" => Figure::CalibrationError,
        "slope" => Figure::Slope,
        "auc" => Figure::Auc,
        "lift" => Figure::Lift,
        _ => return None,
    })
}

fn names(baselines: &[String]) -> Vec<String> {
    let mut over = vec!["r1".to_owned(), "r2".to_owned()];
    if !baselines.is_empty() {
        over.push("best".to_owned());
        over.extend_from_slice(baselines);
    }
    let gains = over.iter().map(|over| format!("gain_{over}"));
    let product = over.iter().map(|over| format!("product_gain_{over}"));
    let others = ["level", "coverage50", "coverage80", "coverage95", "ece", "slope", "auc", "lift"];
    gains.chain(product).chain(others.map(str::to_owned)).collect()
}

/// `0.4`, `0.5..2`, `..0.6`, `0.5..`.
fn bounds_of(text: &str) -> Option<(Option<f64>, Option<f64>)> {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|value| value.is_finite());
    let Some((low, high)) = text.split_once("..") else { return Some((Some(number(text)?), None)) };
    let end = |text: &str| if text.is_empty() { Some(None) } else { number(text).map(Some) };
    let (low, high) = (end(low)?, end(high)?);
    let ordered = low.zip(high).is_none_or(|(low, high)| low <= high);
    (ordered && (low.is_some() || high.is_some())).then_some((low, high))
}

fn not_understood(text: &str, why: &str) -> Failure {
    Failure::usage(
        "check-not-understood",
        format!("The check {} was not understood.", quoted(text)),
        why,
        "Write it like --min gain_best_1m=0 or --min level_5m=0.5..2.",
    )
}

/// The bound of a check in words.
fn wanted(check: &ScoreCheck) -> String {
    match (check.least, check.most) {
        (Some(least), Some(most)) => format!("{} to {}", figure(least), figure(most)),
        (Some(least), None) if check.meaning.starts_with("lower end") => format!("above {}", figure(least)),
        (Some(least), None) => format!("at least {}", figure(least)),
        (None, Some(most)) => format!("at most {}", figure(most)),
        (None, None) => "anything".to_owned(),
    }
}

/// A failure if any check did not hold. The answer itself has been given.
pub(super) fn verdict(score: &Score) -> Result<(), Failure> {
    let failed: Vec<&ScoreCheck> = score.checks.iter().filter(|check| !check.passed).collect();
    if failed.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = failed
        .iter()
        .map(|check| {
            let found = check.figure.map_or_else(|| "missing".to_owned(), score_text);
            format!("{} is {found}, wanted {} ({})", check.name, wanted(check), check.meaning)
        })
        .collect();
    let names: Vec<&str> = failed.iter().map(|check| check.name.as_str()).collect();
    Err(Failure::new(
        Kind::CheckFailed,
        "check-failed",
        format!("{} of {} checks failed.", failed.len(), score.checks.len()),
        format!("{}.", lines.join("; ")),
        "Look at the table above; figures of short periods are noisy.",
    )
    .detail("failed", json!(names))
    .after_answer())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Check, &'static str> {
        let baselines = ["m0a".to_owned()];
        let horizons = ["1m", "60m"].map(str::to_owned);
        Check::parse(text, &baselines, &horizons).map_err(|failure| failure.code)
    }

    #[test]
    fn checks_are_read() {
        let check = parse("gain_m0a_1m=0.0").unwrap();
        assert_eq!((check.minutes, check.least, check.most), (1, Some(0.0), None));
        assert!(check.figure.must_exceed());
        let check = parse("level_60m=0.5..2").unwrap();
        assert_eq!(
            (check.figure, check.minutes, check.least, check.most),
            (Figure::Level, 60, Some(0.5), Some(2.0))
        );
        assert_eq!(parse("coverage80_1h=..0.88").unwrap().most, Some(0.88));
        assert!(!parse("product_gain_r2_1m=-0.1").unwrap().figure.must_exceed());
        for unknown in ["gain_m0b_1m=0", "gain_1m=0", "level=1", "level_5m=1", "beauty_1m=1", "_=1"] {
            assert_eq!(parse(unknown), Err("check-unknown"), "{unknown}");
        }
        for odd in ["level_1m", "level_1m=", "level_1m=x", "level_1m=2..1", "level_1m=..", "level_1m=nan"] {
            assert_eq!(parse(odd), Err("check-not-understood"), "{odd}");
        }
    }
}
