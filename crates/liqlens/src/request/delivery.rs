//! Where an answer goes and in which form.

use std::path::{Path, PathBuf};

use liqlens_ask::{Failure, quoted};
use liqlens_render::{Size, Theme};

/// A form an answer can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Text for people.
    Text,
    /// The document itself.
    Json,
    /// Rows of exact decimals.
    Csv,
    /// Markdown without raw HTML.
    Markdown,
    /// One self-contained page.
    Html,
    /// Vector picture.
    Svg,
    /// Raster picture.
    Png,
    /// The brief's card, a picture made for link previews.
    Card,
}

impl Form {
    /// Name in messages and after `--format`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Svg => "svg",
            Self::Png => "png",
            Self::Card => "card",
        }
    }

    /// The form that a file's suffix stands for.
    fn of_suffix(path: &Path) -> Option<Self> {
        let suffix = path.extension()?.to_str()?.to_ascii_lowercase();
        Some(match suffix.as_str() {
            "txt" => Self::Text,
            "json" => Self::Json,
            "csv" => Self::Csv,
            "md" | "markdown" => Self::Markdown,
            "html" | "htm" => Self::Html,
            "svg" => Self::Svg,
            "png" => Self::Png,
            _ => return None,
        })
    }
}

/// Form, place and look of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// The form.
    pub(crate) form: Form,
    /// The file; `None` is standard output.
    pub(crate) file: Option<PathBuf>,
    /// Ground of pictures.
    pub(crate) theme: Theme,
    /// Size of pictures.
    pub(crate) size: Size,
}

impl Delivery {
    /// Combines a form asked for by name with a file's suffix; `supported` are the command's forms.
    pub(crate) fn resolve(
        asked: Option<Form>,
        file: Option<&Path>,
        supported: &[Form],
    ) -> Result<Self, Failure> {
        let names = || supported.iter().map(|form| form.name()).collect::<Vec<_>>().join(", ");
        let suffix = file.and_then(Form::of_suffix);
        let form = match (asked, file, suffix) {
            (Some(asked), _, Some(suffix)) if !agree(asked, suffix) => {
                return Err(Failure::usage(
                    "form-contradiction",
                    format!("The file's suffix says {}, the options say {}.", suffix.name(), asked.name()),
                    "One answer has one form.",
                    "Leave the option away or change the suffix.",
                ));
            }
            // The card is the one picture with two file forms; the suffix chooses.
            (Some(form), ..) | (None, _, Some(form)) => form,
            (None, Some(file), None) => {
                return Err(Failure::usage(
                    "suffix-unknown",
                    format!(
                        "The form of {} cannot be told from its suffix.",
                        quoted(&file.to_string_lossy())
                    ),
                    format!("This command writes {}.", names()),
                    "Give the file one of these suffixes (txt for text).",
                ));
            }
            (None, None, None) => Form::Text,
        };
        if !supported.contains(&form) {
            return Err(Failure::usage(
                "form-unsupported",
                format!("This command does not write {}.", form.name()),
                format!("Its forms are {}.", names()),
                "Choose one of these, or ask `liqlens map` or `liqlens heatmap` for a picture.",
            ));
        }
        Ok(Self { form, file: file.map(Path::to_path_buf), theme: Theme::default(), size: Size::default() })
    }

    /// With the look of pictures.
    #[must_use]
    pub(crate) fn looking(mut self, theme: Theme, size: Size) -> Self {
        self.theme = theme;
        self.size = size;
        self
    }

    /// Whether a card goes into an SVG file.
    pub(crate) fn vector_card(&self) -> bool {
        self.file.as_deref().and_then(Form::of_suffix) == Some(Form::Svg)
    }
}

fn agree(asked: Form, suffix: Form) -> bool {
    asked == suffix || (asked == Form::Card && matches!(suffix, Form::Png | Form::Svg))
}

/// Reads `1600x900`.
pub(crate) fn size(text: &str) -> Result<Size, Failure> {
    let pixels = text
        .split_once(['x', '×'])
        .and_then(|(width, height)| Some((width.parse::<u32>().ok()?, height.parse::<u32>().ok()?)));
    [Size::Wide, Size::Card].into_iter().find(|size| Some(size.pixels()) == pixels).ok_or_else(|| {
        Failure::usage(
            "size-unsupported",
            format!("Pictures of size {} are not made.", quoted(text)),
            "Their layout is made for 1600x900 (pages) and 1200x630 (link previews).",
            "Write --size 1600x900, or save SVG, which scales to any size.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Form; 8] =
        [Form::Text, Form::Json, Form::Csv, Form::Markdown, Form::Html, Form::Svg, Form::Png, Form::Card];

    fn form(asked: Option<Form>, file: Option<&str>) -> Result<Form, &'static str> {
        Delivery::resolve(asked, file.map(Path::new), &ALL).map(|d| d.form).map_err(|failure| failure.code)
    }

    #[test]
    fn the_suffix_chooses_and_must_agree_with_the_option() {
        assert_eq!(form(None, None), Ok(Form::Text));
        assert_eq!(form(None, Some("a/b.PNG")), Ok(Form::Png));
        assert_eq!(form(None, Some("x.markdown")), Ok(Form::Markdown));
        assert_eq!(form(Some(Form::Json), Some("x.json")), Ok(Form::Json));
        assert_eq!(form(Some(Form::Json), Some("x.data")), Ok(Form::Json));
        assert_eq!(form(Some(Form::Card), Some("x.svg")), Ok(Form::Card));
        assert_eq!(form(Some(Form::Json), Some("x.csv")), Err("form-contradiction"));
        assert_eq!(form(None, Some("x.data")), Err("suffix-unknown"));
        assert_eq!(form(None, Some("")), Err("suffix-unknown"));
        let only_text = Delivery::resolve(None, Some(Path::new("x.png")), &[Form::Text, Form::Json]);
        assert_eq!(only_text.unwrap_err().code, "form-unsupported");
    }

    #[test]
    fn sizes_are_those_the_layout_knows() {
        assert_eq!(size("1600x900").unwrap(), Size::Wide);
        assert_eq!(size("1200×630").unwrap(), Size::Card);
        for text in ["", "x", "0x0", "1600", "1600x901", "99999999999x1", "-1x5"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
