//! A question by name and parameters, as a request or a subscription carries it.
//!
//! [`Topic`] lists what can be asked and with which parameters, so that whoever offers questions – routes, a
//! subscription, their description – offers the same; [`Question`] is one of them, checked.

use liqlens_market::Timestamp;
use liqlens_model::BinIndex;
use liqlens_query::document::{At, BinWidth, Brief, Clusters, Heatmap, LiquidationLadder, Map, Reach, Stamp};

use crate::asked::{Asked, Range, RangeStart};
use crate::failure::{Failure, quoted};
use crate::folding::Folding;
use crate::request::{Amount, AmountUnit, Move, bin, moment, moves, row, span, step, window};

/// What can be asked of a market.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// How far for an amount.
    Reach,
    /// How much for a move.
    At,
    /// Dollars by liquidation price.
    Map,
    /// Reach and at on rungs.
    Ladder,
    /// Bands where liquidations concentrate.
    Clusters,
    /// The map over time.
    Heatmap,
    /// The page for readers.
    Brief,
}

/// A parameter of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Name.
    pub name: &'static str,
    /// What it says, one sentence.
    pub meaning: &'static str,
    /// A value that is understood.
    pub example: &'static str,
    /// What holds without it, in words or as a value.
    pub default: &'static str,
}

impl Parameter {
    pub(crate) const fn new(
        name: &'static str,
        meaning: &'static str,
        example: &'static str,
        default: &'static str,
    ) -> Self {
        Self { name, meaning, example, default }
    }
}

const AMOUNT: Parameter = Parameter::new(
    "amount",
    "Amount per side, in the unit of `in`.",
    "250M",
    "the largest both sides hold near the price, rounded down",
);
const UNIT: Parameter =
    Parameter::new("in", "What the amount counts: USD, %oi or the market's coin.", "USD", "USD");
const WITHIN: Parameter = Parameter::new(
    "within",
    "Distance either way from the price.",
    "5%",
    "the narrowest that tells something",
);
const BIN: Parameter = Parameter::new("bin", "Width of a bin.", "100usd", "auto, chosen for the window");
const MOVE: Parameter =
    Parameter::new("move", "Moves of the price, separated by commas.", "-2%,+2%,to:75000", "±1, ±2 and ±5 %");
const FROM: Parameter =
    Parameter::new("from", "Start of the first column.", "2026-03-18T00:00:00Z", "see last");
const LAST: Parameter = Parameter::new("last", "Length of the range, ending at as_of.", "24h", "24h");
const STEP: Parameter = Parameter::new("step", "Length of a column.", "5m", "auto, chosen for the range");
const ROW: Parameter =
    Parameter::new("row", "Height of a row, a multiple of 5 basis points.", "10bp", "10bp");
const MARGIN: Parameter =
    Parameter::new("within", "Distance shown beyond the prices of the range.", "10%", "10%");
const NEAR: Parameter = Parameter::new("within", "Distance either way from the price.", "10%", "10%");

impl Topic {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Reach, Self::At, Self::Map, Self::Ladder, Self::Clusters, Self::Heatmap, Self::Brief];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reach => "reach",
            Self::At => "at",
            Self::Map => "map",
            Self::Ladder => "ladder",
            Self::Clusters => "clusters",
            Self::Heatmap => "heatmap",
            Self::Brief => "brief",
        }
    }

    /// The topic of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.name() == name)
    }

    /// Its own parameters.
    pub const fn parameters(self) -> &'static [Parameter] {
        match self {
            Self::Reach => &[AMOUNT, UNIT],
            Self::At => &[MOVE],
            Self::Map => &[WITHIN, BIN],
            Self::Ladder | Self::Clusters => &[NEAR],
            Self::Heatmap => &[FROM, LAST, STEP, ROW, MARGIN],
            Self::Brief => &[AMOUNT, WITHIN],
        }
    }
}

/// A question about a market, checked.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// See [`Topic::Reach`].
    Reach {
        /// Amount; `None`: one that both sides hold near the price.
        amount: Option<Amount>,
    },
    /// See [`Topic::At`].
    At {
        /// Moves.
        moves: Vec<Move>,
    },
    /// See [`Topic::Map`].
    Map {
        /// Window, percent.
        window_pct: Option<f64>,
        /// Width of a bin.
        bin: Option<BinWidth>,
    },
    /// See [`Topic::Ladder`].
    Ladder {
        /// Window, percent.
        window_pct: f64,
    },
    /// See [`Topic::Clusters`].
    Clusters {
        /// Window, percent.
        window_pct: f64,
    },
    /// See [`Topic::Heatmap`].
    Heatmap(Range),
    /// See [`Topic::Brief`].
    Brief {
        /// Amount.
        amount: Option<Amount>,
        /// Window in which the amount is chosen, percent.
        window_pct: Option<f64>,
    },
}

/// The document that answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// `reach/1`.
    Reach(Reach),
    /// `at/1`.
    At(At),
    /// `map/1`.
    Map(Box<Map>),
    /// `ladder/1`.
    Ladder(Box<LiquidationLadder>),
    /// `clusters/1`.
    Clusters(Clusters),
    /// `heatmap/1`.
    Heatmap(Heatmap),
    /// `brief/1`.
    Brief(Box<Brief>),
}

/// Moves answered where none is named, percent.
const USUAL_MOVES_PCT: [f64; 6] = [-5.0, -2.0, -1.0, 1.0, 2.0, 5.0];
/// Window of clusters and ladders where none is named, percent.
const NEAR_PCT: f64 = 10.0;

impl Question {
    /// Reads a topic's parameters; `now` is what the clock says. A parameter that the topic does not have, or that
    /// is given twice, is a failure.
    pub fn parse<'a>(
        topic: Topic,
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let given = Given::of(topic.parameters(), parameters)?;
        let window = |default: f64| given.get("within").map_or(Ok(default), window);
        Ok(match topic {
            Topic::Reach => {
                let unit = given.get("in").map_or(Ok(AmountUnit::Usd), AmountUnit::parse)?;
                let amount = given.get("amount").map(|text| Amount::parse(text, unit)).transpose()?;
                Self::Reach { amount }
            }
            Topic::At => Self::At { moves: typed_moves(given.get("move"))? },
            Topic::Map => Self::Map {
                window_pct: given.get("within").map(crate::request::window).transpose()?,
                bin: given.chosen("bin").map(bin).transpose()?,
            },
            Topic::Ladder => Self::Ladder { window_pct: window(NEAR_PCT)? },
            Topic::Clusters => Self::Clusters { window_pct: window(NEAR_PCT)? },
            Topic::Heatmap => Self::Heatmap(given.range(now)?),
            Topic::Brief => Self::Brief {
                amount: given.get("amount").map(|text| Amount::parse(text, AmountUnit::Usd)).transpose()?,
                window_pct: given.get("within").map(crate::request::window).transpose()?,
            },
        })
    }

    /// What it is about.
    pub const fn topic(&self) -> Topic {
        match self {
            Self::Reach { .. } => Topic::Reach,
            Self::At { .. } => Topic::At,
            Self::Map { .. } => Topic::Map,
            Self::Ladder { .. } => Topic::Ladder,
            Self::Clusters { .. } => Topic::Clusters,
            Self::Heatmap(_) => Topic::Heatmap,
            Self::Brief { .. } => Topic::Brief,
        }
    }

    /// Text that is equal for equal questions, for caches.
    pub fn key(&self) -> String {
        format!("{self:?}")
    }
}

/// The parameters that came with a question.
pub(crate) struct Given<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Given<'a> {
    /// Takes the parameters; only those known, and each once.
    pub(crate) fn of(
        known: &[Parameter],
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Failure> {
        let mut given: Vec<(&str, &str)> = Vec::new();
        for (name, value) in parameters {
            if !known.iter().any(|parameter| parameter.name == name) {
                return Err(unknown_parameter(name, known.iter().map(|parameter| parameter.name)));
            }
            if given.iter().any(|(earlier, _)| *earlier == name) {
                return Err(Failure::usage(
                    "parameter-twice",
                    format!("The parameter {} was given twice.", quoted(name)),
                    "One question has one value of each.",
                    "Leave one of them away; several moves are separated by commas.",
                ));
            }
            given.push((name, value));
        }
        Ok(Self(given))
    }

    /// The value of a parameter.
    pub(crate) fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(given, _)| *given == name).map(|(_, value)| *value)
    }

    /// The value of a parameter that is chosen by itself without one, or with `auto`.
    pub(crate) fn chosen(&self, name: &str) -> Option<&'a str> {
        self.get(name).filter(|value| *value != "auto")
    }

    /// Where a range begins, if that was said.
    pub(crate) fn start(&self, now: Timestamp) -> Result<Option<RangeStart>, Failure> {
        Ok(match (self.get("from"), self.get("last")) {
            (Some(_), Some(_)) => {
                return Err(Failure::usage(
                    "range-contradiction",
                    "Both `from` and `last` were given.",
                    "A range has one start.",
                    "Leave one of them away.",
                ));
            }
            (Some(from), None) => Some(RangeStart::At(moment(from, now)?)),
            (None, Some(last)) => Some(RangeStart::Before(span(last).ok_or_else(|| {
                Failure::usage(
                    "range-not-understood",
                    format!("The range {} was not understood.", quoted(last)),
                    "It is a whole number and one of s, m, h, d, w.",
                    "Write it like 24h or 7d.",
                )
            })?)),
            (None, None) => None,
        })
    }

    fn range(&self, now: Timestamp) -> Result<Range, Failure> {
        Ok(Range {
            start: self.start(now)?,
            step: self.chosen("step").map(step).transpose()?,
            bins_per_row: self.get("row").map_or(Ok(ROW_BINS), row)?,
            window_pct: self.get("within").map_or(Ok(NEAR_PCT), window)?,
        })
    }
}

/// Rows of ten basis points.
const ROW_BINS: BinIndex = 2;

fn typed_moves(text: Option<&str>) -> Result<Vec<Move>, Failure> {
    let Some(text) = text else { return Ok(USUAL_MOVES_PCT.map(Move::Percent).to_vec()) };
    // A plus sign that was not escaped arrives as a blank.
    let one = |one: &str| one.strip_prefix(' ').map_or_else(|| one.to_owned(), |rest| format!("+{rest}"));
    moves(&text.split(',').map(one).collect::<Vec<_>>())
}

/// A name that is not among those known, with the nearest that is.
pub fn unknown_parameter(name: &str, known: impl Iterator<Item = &'static str> + Clone) -> Failure {
    let list = known.clone().collect::<Vec<_>>().join(", ");
    let nearest = known
        .map(|one| (strsim::jaro_winkler(one, name), one))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    Failure::usage(
        "parameter-unknown",
        format!("There is no parameter {}.", quoted(name)),
        if list.is_empty() {
            "This question has none of its own.".to_owned()
        } else {
            format!("Those of this question are {list}.")
        },
        nearest.map_or_else(|| "Leave it away.".to_owned(), |(_, one)| format!("Did you mean `{one}`?")),
    )
}

impl<F: Folding> Asked<F> {
    /// Answers a question.
    pub fn answer(&self, question: &Question) -> Result<Answer, Failure> {
        Ok(match question {
            Question::Reach { amount: Some(amount) } => {
                let reach = self.reach(core::slice::from_ref(amount))?.pop();
                Answer::Reach(
                    reach.ok_or_else(|| {
                        Failure::internal("The answer is missing.", "No amount was answered.")
                    })?,
                )
            }
            Question::Reach { amount: None } => Answer::Reach(self.usual_reach()?),
            Question::At { moves } => Answer::At(self.at(moves)?),
            Question::Map { window_pct, bin } => Answer::Map(Box::new(self.map(*window_pct, *bin)?)),
            Question::Ladder { window_pct } => Answer::Ladder(Box::new(self.ladder(*window_pct)?)),
            Question::Clusters { window_pct } => Answer::Clusters(self.clusters(*window_pct)?),
            Question::Heatmap(range) => Answer::Heatmap(self.heatmap(range)?),
            Question::Brief { amount, window_pct } => {
                Answer::Brief(Box::new(self.brief(amount.as_ref(), *window_pct)?))
            }
        })
    }
}

impl Answer {
    /// The document's head; a tick has a smaller one of its own.
    pub fn stamp(&self) -> Option<&Stamp> {
        match self {
            Self::Reach(document) => Some(&document.stamp),
            Self::At(document) => Some(&document.stamp),
            Self::Map(document) => Some(&document.stamp),
            Self::Ladder(document) => Some(&document.stamp),
            Self::Clusters(document) => Some(&document.stamp),
            Self::Heatmap(document) => Some(&document.stamp),
            Self::Brief(document) => Some(&document.stamp),
        }
    }

    /// The document as JSON on one line, with the line's end: the bytes that every surface gives out.
    pub fn json(&self) -> Result<Vec<u8>, Failure> {
        let written = match self {
            Self::Reach(document) => serde_json::to_vec(document),
            Self::At(document) => serde_json::to_vec(document),
            Self::Map(document) => serde_json::to_vec(document),
            Self::Ladder(document) => serde_json::to_vec(document),
            Self::Clusters(document) => serde_json::to_vec(document),
            Self::Heatmap(document) => serde_json::to_vec(document),
            Self::Brief(document) => serde_json::to_vec(document),
        };
        let mut bytes = written
            .map_err(|error| Failure::internal("The document could not be written as JSON.", error))?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use liqlens_market::Span;

    use super::*;
    use crate::request::MOST_MOVES;

    fn parse(topic: Topic, parameters: &[(&str, &str)]) -> Result<Question, Failure> {
        let now = Timestamp::parse_text("2026-01-04T15:00:00Z").unwrap();
        Question::parse(topic, parameters.iter().copied(), now)
    }

    #[test]
    fn every_example_is_understood_and_nothing_is_required() {
        for topic in Topic::ALL {
            assert_eq!(Topic::named(topic.name()), Some(topic));
            assert_eq!(parse(topic, &[]).unwrap().topic(), topic);
            for Parameter { name, example, .. } in topic.parameters() {
                assert_eq!(parse(topic, &[(name, example)]).unwrap().topic(), topic, "{name}={example}");
            }
        }
    }

    #[test]
    fn words_mean_what_they_mean_on_the_command_line() {
        let moves =
            vec![Move::Percent(-2.0), Move::Difference(770.0), Move::To(75_000.0), Move::Percent(2.0)];
        // The last one's plus sign arrived as a blank.
        assert_eq!(parse(Topic::At, &[("move", "-2%,+770,to:75000, 2%")]).unwrap(), Question::At { moves });
        let map = Question::Map { window_pct: Some(5.0), bin: Some(BinWidth::Usd(100.0)) };
        assert_eq!(parse(Topic::Map, &[("within", "5%"), ("bin", "100usd")]).unwrap(), map);
        assert_eq!(parse(Topic::Heatmap, &[("step", "auto")]), parse(Topic::Heatmap, &[]));
        assert_eq!(parse(Topic::Map, &[("bin", "auto")]), parse(Topic::Map, &[]));
        let Question::Heatmap(range) = parse(Topic::Heatmap, &[("last", "7d"), ("row", "25bp")]).unwrap()
        else {
            panic!("a heatmap was asked for");
        };
        assert_eq!((range.start, range.bins_per_row), (Some(RangeStart::Before(Span::DAY.times(7))), 5));
    }

    #[test]
    fn what_a_question_does_not_know_is_refused_by_name() {
        let refused = |topic, parameters: &[(&str, &str)]| parse(topic, parameters).unwrap_err();
        let typo = refused(Topic::Map, &[("withn", "5%")]);
        assert_eq!((typo.code, typo.hint.as_str()), ("parameter-unknown", "Did you mean `within`?"));
        assert_eq!(refused(Topic::Map, &[("bin", "10bp"), ("bin", "10bp")]).code, "parameter-twice");
        let both = [("from", "2026-01-01"), ("last", "1d")];
        assert_eq!(refused(Topic::Heatmap, &both).code, "range-contradiction");
        let many = vec!["+1%"; MOST_MOVES + 1].join(",");
        assert_eq!(refused(Topic::At, &[("move", &many)]).code, "too-many-moves");
        assert_eq!(refused(Topic::Heatmap, &[("row", "7bp")]).code, "row-not-understood");
    }
}
