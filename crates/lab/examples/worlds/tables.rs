//! The runs as tables: medians and ranges over all of them, then run by run, then without each ingredient.

use std::fmt::Write as _;

use liqlens_lab::{Ablation, ROSTER};

use crate::run::{AS_SHOWN, AtHorizon, BesideTruth, Scores, Summary, THROTTLED, TRUTH};

const M2: &str = "m2";
/// Median over the runs, and its extremes.
type Spread = Option<(f64, f64, f64)>;

/// All tables.
pub(crate) fn markdown(runs: &[Summary], days: u32, skip: u32) -> String {
    let mut text = String::new();
    let events: f64 = runs.iter().map(|run| run.events).sum();
    let _ = writeln!(
        text,
        "{} runs of {days} days (the first {skip} not scored), {events:.0} liquidations scored. Medians over \
         the runs; of M2 also the range.\n",
        runs.len()
    );
    side_by_side(&mut text, runs);
    run_by_run(&mut text, runs);
    ablations(&mut text, runs);
    text
}

fn scores<'a>(run: &'a Summary, minutes: i64, name: &str) -> Option<(&'a AtHorizon, &'a Scores)> {
    let horizon = run.horizons.iter().find(|horizon| horizon.minutes == minutes)?;
    Some((horizon, horizon.models.iter().find(|model| model.name == name)?))
}

fn beside<'a>(run: &'a Summary, name: &str) -> Option<&'a BesideTruth> {
    run.truth.iter().find(|one| one.name == name)
}

fn spread(values: impl Iterator<Item = Option<f64>>) -> Spread {
    let mut values: Vec<f64> = values.flatten().collect();
    values.sort_by(f64::total_cmp);
    let (low, high) = (*values.first()?, *values.last()?);
    let middle = values.len() / 2;
    let median = if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    };
    Some((median, low, high))
}

fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

fn cell(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), number)
}

fn percent(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |share| format!("{:.0}", share * 100.0))
}

/// A measure of a model in a run.
type Measure = Box<dyn Fn(&Summary, &str) -> Option<f64>>;

fn side_by_side(text: &mut String, runs: &[Summary]) {
    let models: Vec<&str> = ROSTER.into_iter().chain([THROTTLED, AS_SHOWN, TRUTH]).collect();
    let _ = writeln!(text, "| | {} |", models.join(" | "));
    let _ = writeln!(text, "|---{}|", "|---".repeat(models.len()));
    let at = |minutes: i64, pick: fn(&Scores) -> Option<f64>| -> Measure {
        Box::new(move |run, name| pick(scores(run, minutes, name)?.1))
    };
    let near = |pick: fn(&BesideTruth) -> Option<f64>| -> Measure {
        Box::new(move |run, name| pick(beside(run, name)?))
    };
    let measures: [(&str, Measure); 14] = [
        ("raw level, 5 min", at(5, |s| s.raw_level)),
        ("Wasserstein-1 within 20 %, bp", near(|t| t.wasserstein_bp)),
        ("overlap, 25-bp buckets", near(|t| t.overlap)),
        ("distance to 1 % of OI, abs. log error, raw", near(|t| t.reach[0][0])),
        ("the same, level set right", near(|t| t.reach[0][1])),
        ("distance to 2 % of OI, raw", near(|t| t.reach[1][0])),
        ("distance to 5 % of OI, raw", near(|t| t.reach[2][0])),
        ("mass within 5 %, abs. log error, level set right", near(|t| t.mass[0][1])),
        ("gain over R1, 5 min (nats an event)", at(5, |s| s.over_uniform)),
        ("gain over R1, 60 min", at(60, |s| s.over_uniform)),
        ("gain over R1, 240 min", at(240, |s| s.over_uniform)),
        ("gain over R2 with map added, 60 min", at(60, |s| s.product_over_distance)),
        ("AUC, 60 min", at(60, |s| s.auc)),
        ("calibration error, 5 min", at(5, |s| s.calibration_error)),
    ];
    for (title, measure) in &measures {
        let cells = models.iter().map(|name| match spread(runs.iter().map(|run| measure(run, name))) {
            Some((median, low, high)) if *name == M2 => {
                format!("**{}** [{}, {}]", number(median), number(low), number(high))
            }
            other => cell(other.map(|(median, _, _)| median)),
        });
        let _ = writeln!(text, "| {title} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    let _ = writeln!(text);
    for minutes in [5, 60, 240] {
        let paired = |pick: fn(&Scores) -> [Option<f64>; 3]| {
            let all: Vec<[Option<f64>; 3]> =
                runs.iter().filter_map(|run| Some(pick(scores(run, minutes, M2)?.1))).collect();
            let above = all.iter().filter(|gain| gain[1].is_some_and(|lower| lower > 0.0)).count();
            let (median, low, high) = spread(all.iter().map(|gain| gain[0])).unwrap_or_default();
            format!(
                "{} [{}, {}], interval above 0 in {above} of {}",
                number(median),
                number(low),
                number(high),
                all.len()
            )
        };
        let _ = writeln!(
            text,
            "- Paired gain of M2 at {minutes} minutes: over M0a {}; over the best baseline of each run {}.",
            paired(|s| s.over_peer),
            paired(|s| s.over_best)
        );
    }
    let _ = writeln!(text);
}

/// M2's gain over R1 as a share of the true map's.
fn of_truth(run: &Summary, minutes: i64) -> Option<f64> {
    let gain = |name| scores(run, minutes, name)?.1.over_uniform;
    Some(gain(M2)? / gain(TRUTH)?)
}

fn run_by_run(text: &mut String, runs: &[Summary]) {
    let _ = writeln!(
        text,
        "M2 run by run. Gains over the best baseline with 95 % intervals; bands are those of window totals; the \
         last column is the share of true distances to 1, 2 and 5 % of open interest inside the 80 % interval.\n"
    );
    let _ = writeln!(
        text,
        "| world, seed | raw level | 5 min over best | 60 min over best | 240 min over best | share of the true \
         map's gain, 5 / 60 / 240 min | 80 % bands, 5 / 60 / 240 min | 95 % bands | reach in 80 % |"
    );
    let _ = writeln!(text, "|---|---|---|---|---|---|---|---|---|");
    for run in runs {
        let three = |value: &dyn Fn(i64) -> Option<f64>| {
            [5, 60, 240].map(|minutes| percent(value(minutes))).join(" / ")
        };
        let over_best = [5, 60, 240].map(|minutes| {
            let found = scores(run, minutes, M2);
            let name = found.map_or("", |(horizon, _)| horizon.best_baseline.as_str());
            let [gain, lower, upper] = found.map_or([None; 3], |(_, scores)| scores.over_best);
            format!("{} [{}, {}] ({name})", cell(gain), cell(lower), cell(upper))
        });
        let band = |place: usize| move |minutes: i64| *scores(run, minutes, M2)?.1.coverage.get(place)?;
        let covered = beside(run, M2).map_or_else(String::new, |truth| {
            truth.covered.iter().map(|share| percent(*share)).collect::<Vec<_>>().join(" / ")
        });
        let level = scores(run, 5, M2).and_then(|(_, scores)| scores.raw_level);
        let _ = writeln!(
            text,
            "| {}, {} | {} | {} | {} | {} | {} | {covered} |",
            run.world,
            run.seed,
            cell(level),
            over_best.join(" | "),
            three(&|minutes| of_truth(run, minutes)),
            three(&band(1)),
            three(&band(2)),
        );
    }
    let _ = writeln!(text);
    let covered = |name: &str| -> Vec<String> {
        (0..3)
            .map(|place| {
                let shares = runs.iter().map(|run| *beside(run, name)?.covered.get(place)?);
                spread(shares).map_or_else(String::new, |(median, low, high)| {
                    format!("{:.0} [{:.0}, {:.0}]", median * 100.0, low * 100.0, high * 100.0)
                })
            })
            .collect()
    };
    for name in [M2, THROTTLED, AS_SHOWN] {
        let _ = writeln!(
            text,
            "- True distances to 1, 2, 5 % of open interest inside the 80 % interval of {name}, percent, median \
             [range] over the runs: {}.",
            covered(name).join("; ")
        );
    }
    let _ = writeln!(text);
}

fn ablations(text: &mut String, runs: &[Summary]) {
    let _ = writeln!(
        text,
        "Without one ingredient: difference to M2 in nats an event (median [range]; runs in which it is worse), \
         and what becomes of the level and of the distance to 1 % of open interest.\n"
    );
    let _ = writeln!(
        text,
        "| | 5 min | 60 min | raw level, 5 min | distance to 1 %, raw | level set right | Wasserstein-1, bp |"
    );
    let _ = writeln!(text, "|---|---|---|---|---|---|---|");
    let names = [M2].into_iter().chain(Ablation::ALL.map(Ablation::id)).chain([THROTTLED, AS_SHOWN]);
    for name in names {
        let lost = [5, 60].map(|minutes| {
            let differences: Vec<Option<f64>> = runs
                .iter()
                .map(|run| {
                    let gain = |name| scores(run, minutes, name)?.1.over_uniform;
                    Some(gain(name)? - gain(M2)?)
                })
                .collect();
            let worse = differences.iter().flatten().filter(|difference| **difference < 0.0).count();
            spread(differences.into_iter()).map_or_else(String::new, |(median, low, high)| {
                format!("{median:+.3} [{low:+.3}, {high:+.3}]; {worse} of {}", runs.len())
            })
        });
        let median = |values: &dyn Fn(&Summary) -> Option<f64>| {
            cell(spread(runs.iter().map(values)).map(|(median, _, _)| median))
        };
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {} | {} | {} |",
            if name == M2 { "– | –".to_owned() } else { lost.join(" | ") },
            median(&|run| scores(run, 5, name)?.1.raw_level),
            median(&|run| beside(run, name)?.reach.first()?[0]),
            median(&|run| beside(run, name)?.reach.first()?[1]),
            median(&|run| beside(run, name)?.wasserstein_bp),
        );
    }
}
