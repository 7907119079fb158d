//! The table of what is offered: it makes the routes, reads the parameters and describes itself.

use liqlens_ask::{Parameter, Recorded, Topic};

use super::form::Form;

/// A path and what it answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Endpoint {
    /// Path, with `{symbol}` where one is asked for.
    pub(crate) path: &'static str,
    /// What it answers, one sentence.
    pub(crate) summary: &'static str,
    /// What is asked.
    pub(crate) asks: Asks,
    /// Parameters that other questions have too.
    pub(crate) common: &'static [Parameter],
    /// Forms of the answer, the usual one first.
    pub(crate) forms: &'static [Form],
    /// Name of the document.
    pub(crate) document: &'static str,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    /// A question about a market.
    Topic(Topic),
    /// What was recorded of a market.
    Recorded(Recorded),
    /// The markets, or one of them.
    Symbols,
    /// The venues.
    Venues,
    /// All markets side by side.
    Overview,
}

const fn parameter(
    name: &'static str,
    meaning: &'static str,
    example: &'static str,
    default: &'static str,
) -> Parameter {
    Parameter { name, meaning, example, default }
}

const AS_OF: Parameter = parameter(
    "as_of",
    "The moment asked about; `now` is what the server's clock shows.",
    "2026-03-18T12:00:00Z",
    "the newest moment known",
);
const EVIDENCE: Parameter = parameter(
    "evidence",
    "Where positions come from.",
    "modelled",
    "measured where public accounts are known, else modelled",
);
const MODEL: Parameter = parameter("model", "How positions are inferred.", "m2", "m2");
const ALLOW_STALE: Parameter = parameter(
    "allow_stale",
    "Whether answers of grade D are given, which are withheld otherwise.",
    "true",
    "false",
);
const FORMAT: Parameter =
    parameter("format", "Form of the answer; goes before `Accept`.", "json", "what `Accept` says, else json");
const THEME: Parameter = parameter("theme", "Ground of pictures.", "dark", "light");

const TABLE: &[Parameter] = &[AS_OF, EVIDENCE, MODEL, ALLOW_STALE, FORMAT];
const CHART: &[Parameter] = &[AS_OF, EVIDENCE, MODEL, ALLOW_STALE, FORMAT, THEME];

/// Of what no model has a part in.
const LOG: &[Parameter] = &[AS_OF, FORMAT];
/// Of what is the same at any moment.
const LIST: &[Parameter] = &[FORMAT];

const DATA: &[Form] = &[Form::Json];
const ROWS: &[Form] = &[Form::Json, Form::Csv, Form::Arrow];
const TABLES: &[Form] = &[Form::Json, Form::Csv, Form::Arrow, Form::Markdown, Form::Html];
const CHARTS: &[Form] =
    &[Form::Json, Form::Csv, Form::Arrow, Form::Png, Form::Svg, Form::Markdown, Form::Html];
const WORDS: &[Form] = &[Form::Json, Form::Markdown, Form::Html, Form::Png, Form::Svg];

/// Everything that is asked with parameters.
pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        path: "/v1/reach/{symbol}",
        summary: "How far price must move for an amount of each side to be liquidated.",
        asks: Asks::Topic(Topic::Reach),
        common: TABLE,
        forms: TABLES,
        document: "reach/1",
    },
    Endpoint {
        path: "/v1/at/{symbol}",
        summary: "How many dollars of each side moves of the price would liquidate.",
        asks: Asks::Topic(Topic::At),
        common: TABLE,
        forms: TABLES,
        document: "at/1",
    },
    Endpoint {
        path: "/v1/map/{symbol}",
        summary: "Dollars by liquidation price.",
        asks: Asks::Topic(Topic::Map),
        common: CHART,
        forms: CHARTS,
        document: "map/1",
    },
    Endpoint {
        path: "/v1/ladder/{symbol}",
        summary: "Both questions answered ahead, on rungs of prices and amounts.",
        asks: Asks::Topic(Topic::Ladder),
        common: TABLE,
        forms: ROWS,
        document: "ladder/1",
    },
    Endpoint {
        path: "/v1/clusters/{symbol}",
        summary: "Price bands where liquidations concentrate.",
        asks: Asks::Topic(Topic::Clusters),
        common: TABLE,
        forms: TABLES,
        document: "clusters/1",
    },
    Endpoint {
        path: "/v1/heatmap/{symbol}",
        summary: "The map over time.",
        asks: Asks::Topic(Topic::Heatmap),
        common: CHART,
        forms: CHARTS,
        document: "heatmap/1",
    },
    Endpoint {
        path: "/v1/brief/{symbol}",
        summary: "One page a reader can use.",
        asks: Asks::Topic(Topic::Brief),
        common: CHART,
        forms: WORDS,
        document: "brief/1",
    },
    Endpoint {
        path: "/v1/overview",
        summary: "The markets side by side.",
        asks: Asks::Overview,
        common: &[AS_OF, EVIDENCE, MODEL, FORMAT],
        forms: ROWS,
        document: "overview/1",
    },
    Endpoint {
        path: "/v1/tape/{symbol}",
        summary: "Liquidations that the venue reported, oldest first.",
        asks: Asks::Recorded(Recorded::Tape),
        common: LOG,
        forms: ROWS,
        document: "tape/1",
    },
    Endpoint {
        path: "/v1/price/{symbol}",
        summary: "Prices as candles.",
        asks: Asks::Recorded(Recorded::Price),
        common: LOG,
        forms: ROWS,
        document: "price/1",
    },
    Endpoint {
        path: "/v1/oi/{symbol}",
        summary: "Open interest, one-sided.",
        asks: Asks::Recorded(Recorded::OpenInterest),
        common: LOG,
        forms: ROWS,
        document: "oi/1",
    },
    Endpoint {
        path: "/v1/funding/{symbol}",
        summary: "Funding rates.",
        asks: Asks::Recorded(Recorded::Funding),
        common: LOG,
        forms: ROWS,
        document: "funding/1",
    },
    Endpoint {
        path: "/v1/gaps/{symbol}",
        summary: "Which data there are, and what is missing.",
        asks: Asks::Recorded(Recorded::Gaps),
        common: LOG,
        forms: ROWS,
        document: "gaps/1",
    },
    Endpoint {
        path: "/v1/symbols",
        summary: "The markets that can be asked.",
        asks: Asks::Symbols,
        common: LIST,
        forms: DATA,
        document: "symbols/1",
    },
    Endpoint {
        path: "/v1/symbols/{symbol}",
        summary: "One of the markets.",
        asks: Asks::Symbols,
        common: LIST,
        forms: DATA,
        document: "symbols/1",
    },
    Endpoint {
        path: "/v1/venues",
        summary: "What each venue's data mean.",
        asks: Asks::Venues,
        common: LIST,
        forms: DATA,
        document: "venues/1",
    },
];

impl Endpoint {
    /// Its own parameters.
    pub(crate) const fn own(&self) -> &'static [Parameter] {
        match self.asks {
            Asks::Topic(topic) => topic.parameters(),
            Asks::Recorded(recorded) => recorded.parameters(),
            Asks::Symbols | Asks::Venues | Asks::Overview => &[],
        }
    }

    /// All of its parameters.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &'static Parameter> + Clone {
        self.own().iter().chain(self.common)
    }
}
