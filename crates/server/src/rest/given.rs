//! The parameters of a request: those that every question has, and its own.

use axum::http::HeaderMap;
use liqlens_ask::request::{AsOf, moment};
use liqlens_ask::{EvidenceName, Failure, Scope, quoted, unknown_parameter};
use liqlens_market::Timestamp;
use liqlens_model::ModelId;
use liqlens_render::Theme;

use super::endpoint::Endpoint;
use super::form::Form;

/// What a request gave, read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Given {
    /// Moment, evidence and model.
    pub(crate) scope: Scope,
    /// Whether the moment was named in absolute words, so that the answer stays what it is.
    pub(crate) fixed: bool,
    /// Answers of grade D too.
    pub(crate) allow_stale: bool,
    /// The form wanted.
    pub(crate) form: Form,
    /// Ground of pictures.
    pub(crate) theme: Theme,
    /// The question's own parameters, as they came.
    pub(crate) own: Vec<(String, String)>,
}

/// Most parameters looked at.
const MOST: usize = 32;

impl Given {
    /// Reads a query string. `now` is what the clock says; `newest` is the moment meant where none is named.
    pub(crate) fn read(
        endpoint: &Endpoint,
        query: &str,
        headers: &HeaderMap,
        now: Timestamp,
        newest: AsOf,
    ) -> Result<Self, Failure> {
        let mut format = None;
        let mut given = Self {
            scope: Scope { as_of: newest, evidence: None, model: None },
            fixed: false,
            allow_stale: false,
            form: Form::Json,
            theme: Theme::Light,
            own: Vec::new(),
        };
        let mut seen: Vec<String> = Vec::new();
        for (name, value) in pairs(query)? {
            if seen.len() == MOST {
                return Err(Failure::usage(
                    "too-many-parameters",
                    format!("There are more than {MOST} parameters."),
                    "No question has so many.",
                    "Leave some of them away.",
                ));
            }
            if seen.contains(&name) {
                return Err(twice(&name));
            }
            if !endpoint.parameters().any(|parameter| parameter.name == name) {
                let known = endpoint.parameters().map(|parameter| parameter.name).collect::<Vec<_>>();
                return Err(unknown_parameter(&name, known.iter().copied()));
            }
            seen.push(name.clone());
            match name.as_str() {
                "as_of" => {
                    given.scope.as_of = AsOf::At(not_later(moment(&value, now)?, now)?);
                    given.fixed = !value.starts_with("now");
                }
                "evidence" => given.scope.evidence = Some(one_of(&name, &value, &EVIDENCE)?),
                "model" => given.scope.model = Some(one_of(&name, &value, &MODELS)?),
                "allow_stale" => given.allow_stale = one_of(&name, &value, &TRUTHS)?,
                "theme" => given.theme = one_of(&name, &value, &THEMES)?,
                "format" => format = Some(value),
                _ => given.own.push((name, value)),
            }
        }
        given.form = Form::wanted(format.as_deref(), headers, endpoint.forms)?;
        Ok(given)
    }

    /// The moment after which nothing may show in the answer.
    pub(crate) fn known_by(&self, now: Timestamp) -> Timestamp {
        match self.scope.as_of {
            AsOf::At(at) => at,
            AsOf::Newest => now,
        }
    }

    /// Text that is equal for requests that mean the same, apart from their own parameters.
    pub(crate) fn key(&self) -> String {
        let Self { scope, allow_stale, form, theme, .. } = self;
        format!("{scope:?} {allow_stale} {} {theme:?}", form.name())
    }
}

const EVIDENCE: [(&str, EvidenceName); 2] =
    [("measured", EvidenceName::Measured), ("modelled", EvidenceName::Modelled)];
const MODELS: [(&str, ModelId); 3] = [("m0", ModelId::M0), ("m1", ModelId::M1), ("m2", ModelId::M2)];
const TRUTHS: [(&str, bool); 2] = [("true", true), ("false", false)];
const THEMES: [(&str, Theme); 2] = [("light", Theme::Light), ("dark", Theme::Dark)];

fn one_of<T: Copy>(name: &str, value: &str, known: &[(&'static str, T)]) -> Result<T, Failure> {
    known.iter().find(|(text, _)| *text == value).map(|(_, meant)| *meant).ok_or_else(|| {
        let list: Vec<&str> = known.iter().map(|(text, _)| *text).collect();
        Failure::usage(
            "value-not-understood",
            format!("{} is no value of `{name}`.", quoted(value)),
            format!("It is one of {}.", list.join(", ")),
            format!("Write it like {name}={}.", list[0]),
        )
    })
}

/// What is not known yet cannot be asked.
fn not_later(at: Timestamp, now: Timestamp) -> Result<Timestamp, Failure> {
    if at <= now {
        return Ok(at);
    }
    Err(Failure::usage(
        "as-of-in-future",
        format!("{at} has not come yet."),
        format!("The server's clock shows {now}."),
        "Ask for an earlier moment, or leave as_of away for the newest.",
    )
    .detail("now", now.to_string()))
}

fn twice(name: &str) -> Failure {
    Failure::usage(
        "parameter-twice",
        format!("The parameter {} was given twice.", quoted(name)),
        "One question has one value of each.",
        "Leave one of them away; several moves are separated by commas.",
    )
}

/// Names and values of a query string, unescaped.
pub(crate) fn pairs(query: &str) -> Result<Vec<(String, String)>, Failure> {
    let text = |bytes: &str| {
        // A plus sign is itself here, as in `move=+2%`: parameters are text, not the fields of a form. A per cent sign
        // that escapes nothing is itself too.
        percent_encoding::percent_decode_str(bytes).decode_utf8().map(std::borrow::Cow::into_owned).map_err(
            |_| {
                Failure::usage(
                    "parameter-not-text",
                    "A parameter is not text.",
                    "Its bytes are not UTF-8.",
                    "Write other characters than ASCII as UTF-8, percent-encoded.",
                )
            },
        )
    };
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((text(name)?, text(value)?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rest::endpoint::ENDPOINTS;

    fn now() -> Timestamp {
        Timestamp::parse_text("2026-03-20T12:00:00Z").unwrap()
    }

    fn read(path: &str, query: &str) -> Result<Given, Failure> {
        let endpoint = ENDPOINTS.iter().find(|endpoint| endpoint.path == path).unwrap();
        Given::read(endpoint, query, &HeaderMap::new(), now(), AsOf::Newest)
    }

    #[test]
    fn common_parameters_are_taken_and_the_rest_is_the_questions_own() {
        let given = read(
            "/v1/at/{symbol}",
            "as_of=2026-03-18T12:00Z&model=m1&allow_stale=true&move=-2%25,+770,to:75000,%2B2%",
        )
        .unwrap();
        assert_eq!(given.scope.as_of, AsOf::At(Timestamp::parse_text("2026-03-18T12:00:00Z").unwrap()));
        assert_eq!((given.scope.model, given.allow_stale, given.fixed), (Some(ModelId::M1), true, true));
        assert_eq!(given.own, [("move".to_owned(), "-2%,+770,to:75000,+2%".to_owned())]);
        assert!(!read("/v1/at/{symbol}", "as_of=now-2h").unwrap().fixed);
    }

    #[test]
    fn what_is_not_understood_is_refused_by_name() {
        for (query, code) in [
            ("as_of=2026-03-20T12:00:01Z", "as-of-in-future"),
            ("as_of=1767531600", "time-not-understood"),
            ("model=m9", "value-not-understood"),
            ("evidence=", "value-not-understood"),
            ("allow_stale", "value-not-understood"),
            ("model=m1&model=m1", "parameter-twice"),
            ("modle=m1", "parameter-unknown"),
            ("format=../../etc/passwd", "format-not-understood"),
            ("within=%ff", "parameter-not-text"),
        ] {
            assert_eq!(read("/v1/map/{symbol}", query).unwrap_err().code, code, "{query}");
        }
        assert_eq!(read("/v1/map/{symbol}", "modle=m1").unwrap_err().hint, "Did you mean `model`?");
    }

    proptest! {
        #[test]
        fn no_query_panics(query in "[ -~]{0,120}") {
            let _ = read("/v1/heatmap/{symbol}", &query);
        }
    }
}
