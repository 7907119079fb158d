//! The columns of each channel's files, and the values of some rows.
//!
//! Prices and sizes are whole numbers of 1e-8 and say so in their name; times are timestamps in
//! nanoseconds; sides are words. Kinds of events that are rare and nested travel as JSON text beside their
//! times.

use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::errors::ParquetError;
use parquet::schema::types::{Type, TypePtr};

use crate::channel::Channel;

/// A column of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nanoseconds since 1970, UTC.
    Time,
    /// Whole numbers.
    Whole,
    /// Whole numbers of which few differ.
    FewWhole,
    /// Whole numbers, some missing.
    MaybeWhole,
    /// Ids up to 2⁶⁴, some missing.
    MaybeId,
    /// Floats.
    Real,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Text.
    Text,
}

/// Who crossed the spread, in the order of [`liqlens_market::Taker`].
const TAKERS: &[&str] = &["buy", "sell"];
/// Sides in the order of [`liqlens_market::Side`].
const SIDES: &[&str] = &["long", "short"];
/// What a sum of liquidations means, in the order of [`liqlens_market::Completeness`].
const COMPLETENESS: &[&str] = &["full", "floor"];

/// Place of the known time among the columns of every channel.
pub(crate) const KNOWN_TS: usize = 1;

const EVENT_TIME: Column = Column { name: "event_ts", kind: Kind::Time };
const KNOWN_TIME: Column = Column { name: "known_ts", kind: Kind::Time };

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind }
}

const TRADE: &[Column] = &[
    EVENT_TIME,
    KNOWN_TIME,
    column("id", Kind::MaybeId),
    column("price_e8", Kind::Whole),
    column("size_e8", Kind::FewWhole),
    column("taker", Kind::Word(TAKERS)),
];
const BAR: &[Column] = &[
    EVENT_TIME,
    KNOWN_TIME,
    column("open_e8", Kind::Whole),
    column("high_e8", Kind::Whole),
    column("low_e8", Kind::Whole),
    column("close_e8", Kind::Whole),
    column("volume_e8", Kind::Whole),
    column("taker_buy_e8", Kind::MaybeWhole),
];
const PRICE: &[Column] =
    &[EVENT_TIME, KNOWN_TIME, column("mark_e8", Kind::Whole), column("index_e8", Kind::MaybeWhole)];
const OPEN_INTEREST: &[Column] =
    &[EVENT_TIME, KNOWN_TIME, column("size_e8", Kind::Whole), column("value_e8", Kind::MaybeWhole)];
const FUNDING: &[Column] =
    &[EVENT_TIME, KNOWN_TIME, column("rate", Kind::Real), column("interval_ns", Kind::Whole)];
const RATIO: &[Column] = &[EVENT_TIME, KNOWN_TIME, column("ratio", Kind::Real)];
const LIQUIDATION: &[Column] = &[
    EVENT_TIME,
    KNOWN_TIME,
    column("side", Kind::Word(SIDES)),
    column("size_e8", Kind::Whole),
    column("order_price_e8", Kind::MaybeWhole),
    column("fill_price_e8", Kind::MaybeWhole),
    column("completeness", Kind::Word(COMPLETENESS)),
];
const GAP: &[Column] = &[
    EVENT_TIME,
    KNOWN_TIME,
    column("from_ts", Kind::Time),
    column("to_ts", Kind::Time),
    column("channel", Kind::Text),
    column("cause", Kind::Text),
];
const BODY: &[Column] = &[EVENT_TIME, KNOWN_TIME, column("body_json", Kind::Text)];

/// The columns of a channel's files.
pub(crate) const fn of(channel: Channel) -> &'static [Column] {
    match channel {
        Channel::Trade => TRADE,
        Channel::Bar(..) => BAR,
        Channel::Price => PRICE,
        Channel::OpenInterest => OPEN_INTEREST,
        Channel::Funding(_) => FUNDING,
        Channel::LongShortRatio(_) => RATIO,
        Channel::Liquidation => LIQUIDATION,
        Channel::Gap => GAP,
        Channel::Instrument
        | Channel::MarginTable
        | Channel::Account
        | Channel::AccountTransfer
        | Channel::AccountFill
        | Channel::BookLevels
        | Channel::BookBands => BODY,
    }
}

/// The schema of a channel's files.
pub(crate) fn schema(channel: Channel) -> Result<TypePtr, ParquetError> {
    let fields = of(channel).iter().map(|column| field(column).map(Arc::new)).collect::<Result<_, _>>()?;
    Ok(Arc::new(Type::group_type_builder("event").with_fields(fields).build()?))
}

fn field(column: &Column) -> Result<Type, ParquetError> {
    let (physical, logical) = match column.kind {
        Kind::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::NANOS))),
        Kind::Whole | Kind::FewWhole | Kind::MaybeWhole => (Physical::INT64, None),
        Kind::MaybeId => (Physical::INT64, Some(LogicalType::integer(64, false))),
        Kind::Real => (Physical::DOUBLE, None),
        Kind::Word(_) | Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
    };
    let repetition = match column.kind {
        Kind::MaybeWhole | Kind::MaybeId => Repetition::OPTIONAL,
        _ => Repetition::REQUIRED,
    };
    Type::primitive_type_builder(column.name, physical)
        .with_logical_type(logical)
        .with_repetition(repetition)
        .build()
}

/// Values of one column, row by row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    Whole(Vec<i64>),
    Maybe(Vec<Option<i64>>),
    Real(Vec<f64>),
    /// Place in the list of words.
    Word(Vec<u8>),
    Text(Vec<String>),
}

impl Values {
    /// No values of a kind.
    pub(crate) fn none(kind: Kind) -> Self {
        match kind {
            Kind::Time | Kind::Whole | Kind::FewWhole => Self::Whole(Vec::new()),
            Kind::MaybeWhole | Kind::MaybeId => Self::Maybe(Vec::new()),
            Kind::Real => Self::Real(Vec::new()),
            Kind::Word(_) => Self::Word(Vec::new()),
            Kind::Text => Self::Text(Vec::new()),
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Whole(values) => values.len(),
            Self::Maybe(values) => values.len(),
            Self::Real(values) => values.len(),
            Self::Word(values) => values.len(),
            Self::Text(values) => values.len(),
        }
    }

    /// Takes the first `rows`, or all if there are fewer, and leaves the rest.
    pub(crate) fn take(&mut self, rows: usize) -> Self {
        fn first<T>(values: &mut Vec<T>, rows: usize) -> Vec<T> {
            let rest = values.split_off(rows.min(values.len()));
            std::mem::replace(values, rest)
        }
        match self {
            Self::Whole(values) => Self::Whole(first(values, rows)),
            Self::Maybe(values) => Self::Maybe(first(values, rows)),
            Self::Real(values) => Self::Real(first(values, rows)),
            Self::Word(values) => Self::Word(first(values, rows)),
            Self::Text(values) => Self::Text(first(values, rows)),
        }
    }
}
