//! Views that go on from states must be those that are folded from the first event, byte for byte.

use std::sync::{Arc, LazyLock};

use liqlens_ask::request::AsOf;
use liqlens_ask::{
    Answer, Asked, Basis, Failure, Folding, FromStart, Opened, Question, Scope, Silent, Source, Topic, open,
};
use liqlens_market::{Span, Timestamp};
use liqlens_model::ModelId;
use liqlens_query::document::Heatmap;
use liqlens_query::{AskError, HeatmapOptions, MapOptions, View};
use liqlens_server::folds::{Folds, Wanted};

static SOURCE: LazyLock<Arc<Source>> = LazyLock::new(|| Arc::new(Source::open(None).unwrap()));

/// Room for a handful of states of the model that learns, so that states are given up on the way.
const SCARCE: u64 = 40 << 20;
const ROOMY: u64 = 1 << 30;

fn opened(model: ModelId, at: Timestamp) -> Opened {
    let scope = Scope { as_of: AsOf::At(at), evidence: None, model: Some(model) };
    open(&SOURCE, "BTC", &scope).unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse_text(text).unwrap()
}

/// Moments anywhere in the bundled data, also between bars, in falling and rising order mixed.
fn moments(count: i64) -> Vec<Timestamp> {
    let (first, last) = (at("2025-12-03"), at("2026-03-20T23:59:00Z"));
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut moments: Vec<Timestamp> = (0..count)
        .map(|index| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let share = i64::try_from(seed >> 33).unwrap();
            // Every other one in the days that are known by the minute.
            let from = if index % 2 == 0 { first } else { at("2026-03-15") };
            from + Span::from_nanos((last - from).nanos() / (1 << 31) * share)
        })
        .collect();
    // Where days and weeks meet, and the ends.
    moments.extend([at("2026-03-18"), at("2026-03-12"), at("2026-03-18T12:00:00Z"), first, last]);
    moments
}

/// What a view says: numbers of every kind of question.
fn said(view: &View) -> String {
    let map = view.map(&MapOptions { window_pct: 8.0, bin: None }).unwrap();
    let price = view.last_price();
    let ats = view.at(&[price * 0.97, price * 1.02]);
    format!("{}{}", serde_json::to_string(&map).unwrap(), serde_json::to_string(&ats).unwrap())
}

#[test]
fn views_in_any_order_are_those_folded_from_the_start() {
    for (model, bytes, count) in [
        (ModelId::M0, ROOMY, 40),
        (ModelId::M1, ROOMY, 16),
        (ModelId::M2, ROOMY, 16),
        (ModelId::M2, SCARCE, 6),
    ] {
        let moments = moments(count);
        let mut rising = moments.clone();
        rising.sort_unstable();
        rising.dedup();
        let last = opened(model, *rising.last().unwrap());
        let expected = FromStart::new(&SOURCE, &Silent).views(&last, &rising).unwrap();
        let folds = Folds::new(SOURCE.clone(), bytes);
        let wanted = Wanted::default();
        for moment in moments {
            let index = rising.binary_search(&moment).unwrap();
            let asked = opened(model, moment);
            let seen = folds.wanted_by(&wanted).views(&asked, &[moment]).unwrap();
            match (&seen[0], &expected[index]) {
                // The margin rules of an earlier day may have other words.
                (Ok(seen), Ok(expected)) if asked.subject == last.subject => {
                    assert_eq!(said(seen), said(expected), "{model:?} {moment}");
                }
                (Ok(_), Ok(_)) => {}
                (seen, expected) => assert_eq!(seen.is_ok(), expected.is_ok(), "{model:?} {moment}"),
            }
        }
        assert!(folds.kept().0 <= bytes, "{:?}", folds.kept());
        assert!(folds.kept().1 > 0);
    }
}

/// Answers of both, as bytes.
fn both(
    folds: &Folds,
    opened: &Opened,
    topic: Topic,
    parameters: &[(&str, &str)],
) -> [Result<Vec<u8>, Failure>; 2] {
    let question = Question::parse(topic, parameters.iter().copied(), opened.as_of).unwrap();
    let bytes = |answer: Result<Answer, Failure>| answer.and_then(|answer| answer.json());
    let wanted = Wanted::default();
    [
        bytes(Asked::new(opened.clone(), folds.wanted_by(&wanted), true).answer(&question)),
        bytes(Asked::new(opened.clone(), FromStart::new(&SOURCE, &Silent), true).answer(&question)),
    ]
}

#[test]
fn briefs_and_heatmaps_are_those_folded_from_the_start() {
    let folds = Folds::new(SOURCE.clone(), ROOMY);
    for (model, moment, topic, parameters) in [
        (ModelId::M2, "2026-03-18T12:00:30Z", Topic::Brief, &[][..]),
        (ModelId::M0, "2026-03-20T11:07:00Z", Topic::Heatmap, &[("last", "6h"), ("step", "5m")]),
        (
            ModelId::M0,
            "2026-03-20T11:07:00Z",
            Topic::Heatmap,
            &[("last", "12d"), ("step", "4h"), ("row", "25bp")],
        ),
        // From before the first data on.
        (ModelId::M0, "2025-12-09", Topic::Heatmap, &[("last", "30d"), ("step", "1d")]),
        (
            ModelId::M0,
            "2026-03-17T23:59:59Z",
            Topic::Heatmap,
            &[("from", "2026-03-17T23:31:10Z"), ("step", "1m")],
        ),
        (ModelId::M2, "2026-03-19", Topic::Heatmap, &[("last", "1d"), ("step", "1h")]),
    ] {
        let [kept, from_start] = both(&folds, &opened(model, at(moment)), topic, parameters);
        assert_eq!(kept.unwrap(), from_start.unwrap(), "{moment} {topic:?} {parameters:?}");
    }
    // Once the way has been gone to its end, columns that were kept give the same.
    let newest = opened(ModelId::M2, at("2026-03-20T23:59:00Z"));
    folds.wanted_by(&Wanted::default()).views(&newest, &[newest.as_of]).unwrap();
    for (moment, parameters) in [
        ("2026-03-20T23:59:00Z", &[][..]),
        ("2026-03-19T07:03:20Z", &[("last", "30h"), ("step", "5m")]),
        ("2026-03-18", &[("last", "60d"), ("step", "4h"), ("within", "20%")]),
        ("2026-03-20T12:00:00Z", &[("last", "3d"), ("step", "15m"), ("row", "20bp")]),
        ("2026-03-17T12:00:00Z", &[("last", "10h"), ("step", "7m")]),
    ] {
        let asked = opened(ModelId::M2, at(moment));
        let [kept, from_start] = both(&folds, &asked, Topic::Heatmap, parameters);
        assert_eq!(kept.unwrap(), from_start.unwrap(), "{moment} {parameters:?}");
    }
    // What is refused is refused in the same words.
    let [kept, from_start] = both(
        &folds,
        &opened(ModelId::M0, at("2026-03-19")),
        Topic::Heatmap,
        &[("last", "30d"), ("step", "1m")],
    );
    assert_eq!(kept.unwrap_err(), from_start.unwrap_err());
}

#[test]
fn a_question_given_up_is_not_answered_and_leaves_nothing_wrong() {
    let folds = Folds::new(SOURCE.clone(), ROOMY);
    let asked = opened(ModelId::M0, at("2026-03-19"));
    let given_up = Wanted::default();
    given_up.give_up();
    let failure = folds.wanted_by(&given_up).views(&asked, &[asked.as_of]).unwrap_err();
    assert_eq!(failure.code, "abandoned");
    let Basis::Modelled(model) = &asked.basis else { panic!("a model was asked") };
    let options = HeatmapOptions {
        from: at("2026-03-18"),
        to: asked.as_of,
        step: Span::HOUR,
        bins_per_row: 2,
        margin_pct: 5.0,
    };
    let drawn: Result<Result<Heatmap, AskError>, Failure> =
        folds.wanted_by(&given_up).heatmap(&asked, model, &options);
    assert_eq!(drawn.unwrap_err().code, "abandoned");
    let wanted = Wanted::default();
    let seen = folds.wanted_by(&wanted).views(&asked, &[asked.as_of]).unwrap();
    let expected = FromStart::new(&SOURCE, &Silent).views(&asked, &[asked.as_of]).unwrap();
    assert_eq!(said(seen[0].as_ref().unwrap()), said(expected[0].as_ref().unwrap()));
}

#[test]
fn many_who_ask_at_once_are_all_answered_alike() {
    let folds = Folds::new(SOURCE.clone(), ROOMY);
    let asked = opened(ModelId::M0, at("2026-03-19T06:30:00Z"));
    let answers: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let wanted = Wanted::default();
                    let seen = folds.wanted_by(&wanted).views(&asked, &[asked.as_of]).unwrap();
                    said(seen[0].as_ref().unwrap())
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
}
