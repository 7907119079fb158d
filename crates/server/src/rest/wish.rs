//! What a request wants, checked; and the document that it comes to, in any of its forms.

use liqlens_ask::{
    Answer, Asked, Failure, Question, RecordedAnswer, RecordedQuestion, listed, open, symbols, venues,
};
use liqlens_market::Timestamp;
use liqlens_query::document::{Map, Overview, OverviewFailure, Symbols, Venues};
use liqlens_query::overview;
use liqlens_render::text::{Outline, Readable as _, html, markdown};
use liqlens_render::{Columnar, Picture, Size, Theme, card_picture, heatmap_picture, map_picture};
use serde::Serialize;

use super::form::Form;
use super::given::Given;
use crate::app::App;
use crate::folds::Wanted;

/// What a request wants.
#[derive(Debug)]
pub(super) enum Wish {
    /// A question about a market.
    Question(Question),
    /// What was recorded of it.
    Recorded(RecordedQuestion),
    /// The markets, or one.
    Symbols,
    /// The venues.
    Venues,
    /// All markets side by side.
    Overview,
}

/// What it comes to.
pub(super) enum Made {
    /// A document, with the map where the form shows one beside it.
    Answer(Box<Answer>, Option<Box<Map>>),
    /// What was recorded.
    Recorded(RecordedAnswer),
    /// The markets.
    Symbols(Symbols),
    /// The venues.
    Venues(Venues),
    /// All markets side by side.
    Overview(Overview),
}

impl Wish {
    /// Makes the document. Runs on a worker.
    pub(super) fn made(
        &self,
        app: &App,
        symbol: &str,
        given: &Given,
        wanted: &Wanted,
    ) -> Result<Made, Failure> {
        let now = app.stage.now();
        Ok(match self {
            Self::Question(question) => {
                let opened = open(&app.source, symbol, &given.scope)?;
                let asked = Asked::new(opened, app.folds.wanted_by(wanted), given.allow_stale);
                let answer = asked.answer(question)?;
                let pictured = matches!((&answer, given.form), (Answer::Brief(brief), Form::Png | Form::Svg | Form::Html)
                    if brief.withheld.is_none());
                let map = if pictured { Some(Box::new(asked.map(None, None)?)) } else { None };
                Made::Answer(Box::new(answer), map)
            }
            Self::Recorded(question) => {
                let answer = question.answer(&app.source, wanted, symbol, given.scope.as_of, now)?;
                wanted.checked()?;
                Made::Recorded(answer)
            }
            Self::Symbols => {
                let only = (!symbol.is_empty()).then_some(symbol);
                Made::Symbols(symbols(&app.source, only, given.known_by(now))?)
            }
            Self::Venues => Made::Venues(venues(&app.source)?),
            Self::Overview => Made::Overview(side_by_side(app, given, now, wanted)?),
        })
    }
}

impl Made {
    /// The document in a form: the same bytes that the command line writes.
    pub(super) fn bytes(&self, form: Form, theme: Theme) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Answer(answer, _) if form == Form::Json => answer.json(),
            Self::Recorded(answer) if form == Form::Json => answer.json(),
            Self::Symbols(document) if form == Form::Json => json(document),
            Self::Venues(document) if form == Form::Json => json(document),
            Self::Overview(document) if form == Form::Json => json(document),
            Self::Overview(document) => table(document, form),
            Self::Answer(answer, map) => in_other_form(answer, map.as_deref(), form, theme),
            Self::Recorded(answer) => table(recorded(answer), form),
            Self::Symbols(_) | Self::Venues(_) => Err(no_such(form)),
        }
    }
}

/// All markets as of one moment, each at its newest where none is named. One that cannot be asked does not keep the
/// others from being shown.
fn side_by_side(app: &App, given: &Given, now: Timestamp, wanted: &Wanted) -> Result<Overview, Failure> {
    let (mut rows, mut failed) = (Vec::new(), Vec::new());
    for market in listed(&app.source)? {
        let row = open(&app.source, &market.symbol, &given.scope)
            .and_then(|opened| Asked::new(opened, app.folds.wanted_by(wanted), true).overview_row());
        wanted.checked()?;
        match row {
            Ok(row) => rows.push(row),
            Err(Failure { code, what, .. }) => {
                failed.push(OverviewFailure { symbol: market.symbol, code: code.to_owned(), message: what });
            }
        }
    }
    Ok(overview(given.known_by(now), rows, failed))
}

fn in_other_form(answer: &Answer, map: Option<&Map>, form: Form, theme: Theme) -> Result<Vec<u8>, Failure> {
    let picture = || match answer {
        Answer::Map(document) => Some(map_picture(document, theme, Size::Wide)),
        Answer::Heatmap(document) => Some(heatmap_picture(document, theme, Size::Wide)),
        // A brief that is withheld has no map to show; the card says why.
        Answer::Brief(brief) => {
            Some(map.map_or_else(|| card_picture(brief, theme), |map| map_picture(map, theme, Size::Wide)))
        }
        _ => None,
    };
    match form {
        Form::Csv | Form::Arrow => table(rows(answer).ok_or_else(|| no_such(form))?, form),
        Form::Svg => Ok(picture().ok_or_else(|| no_such(form))?.svg().as_bytes().to_vec()),
        Form::Png => picture()
            .ok_or_else(|| no_such(form))?
            .to_png()
            .map_err(|error| Failure::internal("The picture could not be drawn.", error)),
        Form::Markdown => Ok(markdown(&outline(answer).ok_or_else(|| no_such(form))?).into_bytes()),
        Form::Html => {
            let outline = outline(answer).ok_or_else(|| no_such(form))?;
            let figure = match answer {
                Answer::Brief(_) => map.map(|map| map_picture(map, theme, Size::Wide)),
                _ => picture(),
            };
            Ok(html(&outline, figure.as_ref().map(Picture::svg)).into_bytes())
        }
        Form::Json => Err(no_such(form)),
    }
}

/// A document that is a table, in the form of one.
fn table(document: &dyn Columnar, form: Form) -> Result<Vec<u8>, Failure> {
    match form {
        Form::Csv => Ok(document.csv().into_bytes()),
        Form::Arrow => document
            .arrow()
            .map_err(|error| Failure::internal("The rows could not be written as an Arrow stream.", error)),
        _ => Err(no_such(form)),
    }
}

fn rows(answer: &Answer) -> Option<&dyn Columnar> {
    match answer {
        Answer::Reach(document) => Some(document),
        Answer::At(document) => Some(document),
        Answer::Map(document) => Some(&**document),
        Answer::Ladder(document) => Some(&**document),
        Answer::Clusters(document) => Some(document),
        Answer::Heatmap(document) => Some(document),
        Answer::Brief(_) => None,
    }
}

fn recorded(answer: &RecordedAnswer) -> &dyn Columnar {
    match answer {
        RecordedAnswer::Tape(document) => document,
        RecordedAnswer::Price(document) => document,
        RecordedAnswer::OpenInterest(document) => document,
        RecordedAnswer::Funding(document) => document,
        RecordedAnswer::Gaps(document) => document,
    }
}

fn outline(answer: &Answer) -> Option<Outline> {
    match answer {
        Answer::Reach(document) => Some(document.outline()),
        Answer::At(document) => Some(document.outline()),
        Answer::Map(document) => Some(document.outline()),
        Answer::Clusters(document) => Some(document.outline()),
        Answer::Heatmap(document) => Some(document.outline()),
        Answer::Brief(document) => Some(document.outline()),
        Answer::Ladder(_) => None,
    }
}

fn json(document: &impl Serialize) -> Result<Vec<u8>, Failure> {
    let mut bytes = serde_json::to_vec(document)
        .map_err(|error| Failure::internal("The document could not be written as JSON.", error))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The table of endpoints offers a form that is not made.
fn no_such(form: Form) -> Failure {
    Failure::internal("The answer has no such form.", format!("{} was let through.", form.name()))
}
