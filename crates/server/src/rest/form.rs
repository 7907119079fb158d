//! The forms a document can take, and which one a request wants.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use liqlens_ask::{Failure, quoted};

/// The forms a document can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// The document itself.
    Json,
    /// Rows of exact decimals.
    Csv,
    /// The same rows as an Arrow stream.
    Arrow,
    /// Raster picture.
    Png,
    /// Vector picture.
    Svg,
    /// Markdown without raw HTML.
    Markdown,
    /// One self-contained page.
    Html,
}

impl Form {
    /// All of them.
    pub(crate) const ALL: [Self; 7] =
        [Self::Json, Self::Csv, Self::Arrow, Self::Png, Self::Svg, Self::Markdown, Self::Html];

    /// What stands after `format=`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Arrow => "arrow",
            Self::Png => "png",
            Self::Svg => "svg",
            Self::Markdown => "md",
            Self::Html => "html",
        }
    }

    /// Media type, without parameters.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv",
            Self::Arrow => "application/vnd.apache.arrow.stream",
            Self::Png => "image/png",
            Self::Svg => "image/svg+xml",
            Self::Markdown => "text/markdown",
            Self::Html => "text/html",
        }
    }

    /// Media type as it is sent.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            other => other.media_type(),
        }
    }

    /// Whether its bytes are worth compressing.
    pub(crate) const fn compresses(self) -> bool {
        !matches!(self, Self::Png)
    }

    /// The form that a request wants of those offered, the first of which is usual.
    pub(crate) fn wanted(
        format: Option<&str>,
        headers: &HeaderMap,
        offered: &[Self],
    ) -> Result<Self, Failure> {
        if let Some(name) = format {
            let form = Self::ALL.into_iter().find(|form| form.name() == name).ok_or_else(|| {
                Failure::usage(
                    "format-not-understood",
                    format!("The format {} was not understood.", quoted(name)),
                    format!("Here it is one of {}.", names(offered)),
                    "Take one of these, or leave `format` away for JSON.",
                )
            })?;
            return if offered.contains(&form) { Ok(form) } else { Err(unsupported(form.name(), offered)) };
        }
        let accepted: Vec<&str> = headers.get_all(ACCEPT).iter().filter_map(|v| v.to_str().ok()).collect();
        if accepted.is_empty() {
            return Ok(offered.first().copied().unwrap_or(Self::Json));
        }
        let accepted = accepted.join(",");
        best(&accepted, offered).ok_or_else(|| unsupported("any form that was accepted", offered))
    }
}

/// The offered form that is accepted with the greatest weight; of equal ones the first offered.
fn best(accepted: &str, offered: &[Form]) -> Option<Form> {
    let ranges: Vec<(&str, f64)> = accepted.split(',').map(range).collect();
    let weight = |form: Form| {
        let media_type = form.media_type();
        let family = media_type.split('/').next().unwrap_or_default();
        // The most specific range decides: the type, its family, anything.
        let of = |wanted: &str| {
            ranges.iter().find(|(range, _)| range.eq_ignore_ascii_case(wanted)).map(|(_, weight)| *weight)
        };
        of(media_type).or_else(|| of(&format!("{family}/*"))).or_else(|| of("*/*")).unwrap_or(0.0)
    };
    let mut best: Option<(Form, f64)> = None;
    for form in offered {
        let weight = weight(*form);
        if weight > best.map_or(0.0, |(_, weight)| weight) {
            best = Some((*form, weight));
        }
    }
    best.map(|(form, _)| form)
}

/// A media range and its weight.
fn range(text: &str) -> (&str, f64) {
    let mut parts = text.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    let weight = parts
        .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
        .map_or(1.0, |weight| weight.parse::<f64>().unwrap_or(0.0));
    (media_type, if weight.is_finite() { weight.clamp(0.0, 1.0) } else { 0.0 })
}

fn names(forms: &[Form]) -> String {
    forms.iter().map(|form| form.name()).collect::<Vec<_>>().join(", ")
}

fn unsupported(asked: &str, offered: &[Form]) -> Failure {
    Failure::usage(
        "form-unsupported",
        format!("This is not given as {asked}."),
        format!("Its forms are {}.", names(offered)),
        "Choose one of these with `format` or an `Accept` header.",
    )
    .detail("forms", offered.iter().map(|form| form.media_type()).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OFFERED: [Form; 3] = [Form::Json, Form::Csv, Form::Png];

    fn accept(text: &str) -> Result<Form, &'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, text.parse().unwrap());
        Form::wanted(None, &headers, &OFFERED).map_err(|failure| failure.code)
    }

    #[test]
    fn the_header_chooses_as_rfc_9110_says() {
        assert_eq!(accept("*/*"), Ok(Form::Json));
        assert_eq!(accept("text/csv"), Ok(Form::Csv));
        assert_eq!(accept("application/json;q=0.5, text/csv;q=0.9"), Ok(Form::Csv));
        assert_eq!(accept("text/*;q=0.3, */*;q=0.1"), Ok(Form::Csv));
        assert_eq!(accept("*/*, application/json;q=0"), Ok(Form::Csv));
        // What a browser sends for a page, and for an image.
        assert_eq!(accept("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), Ok(Form::Json));
        assert_eq!(accept("image/avif,image/webp,image/apng,image/*,*/*;q=0.8"), Ok(Form::Png));
        assert_eq!(accept("video/mp4"), Err("form-unsupported"));
        assert_eq!(accept("text/csv;q=0"), Err("form-unsupported"));
        assert_eq!(accept("text/csv;q=NaN"), Err("form-unsupported"));
    }

    #[test]
    fn the_parameter_goes_before_the_header() {
        let mut headers = HeaderMap::new();
        assert_eq!(Form::wanted(None, &headers, &OFFERED), Ok(Form::Json));
        headers.insert(ACCEPT, "image/png".parse().unwrap());
        assert_eq!(Form::wanted(Some("csv"), &headers, &OFFERED), Ok(Form::Csv));
        let refused = |name| Form::wanted(Some(name), &headers, &OFFERED).unwrap_err();
        assert_eq!(refused("svg").code, "form-unsupported");
        assert_eq!(refused("../../etc/passwd").code, "format-not-understood");
        assert!(refused("xml").why.contains("json, csv, png"));
    }

    proptest! {
        #[test]
        fn no_header_panics(text in "[ -~]{0,80}") {
            let _ = accept(&text);
        }
    }
}
