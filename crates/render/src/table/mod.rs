//! Documents as tables: CSV for people and spreadsheets, an Arrow stream for programs.
//!
//! A document says once which columns it has, of which kind, and goes through its rows; a sink makes cells of
//! them. So the two forms cannot differ in anything but their form: same columns, same rows, same exact figures.
//! Every row starts with the same few columns, so that rows of several answers can be put into one file.

mod arrow;
pub(crate) mod csv;
#[cfg(test)]
mod sample;
mod series;
#[cfg(test)]
mod tests;
mod view;

use std::borrow::Cow;

use liqlens_query::document::{Interval, PriceText, SideName, Usd};

use crate::RenderError;

/// A document that is a table.
pub trait Tabular {
    /// The rows as RFC 4180 text with `\n` line ends. Missing values are empty cells.
    fn csv(&self) -> String;
}

/// A table whose columns have types.
pub trait Columnar: Tabular {
    /// The rows as an Arrow IPC stream, uncompressed: text as Utf8, money as Decimal128 of two decimals and prices
    /// of eight, other figures as Float64 or Int64, times as nanoseconds in UTC. Missing values are nulls. The
    /// schema's metadata has the document's name (`document`) and the state it is of (`snapshot`), if it has one.
    ///
    /// # Errors
    /// [`RenderError::Table`] if a cell is not what its column holds, which only a document made by hand can be.
    fn arrow(&self) -> Result<Vec<u8>, RenderError>;
}

impl<T: Rows> Tabular for T {
    fn csv(&self) -> String {
        csv::write(self)
    }
}

impl<T: Rows> Columnar for T {
    fn arrow(&self) -> Result<Vec<u8>, RenderError> {
        arrow::write(self)
    }
}

/// A document as columns and rows.
pub trait Rows {
    /// What the table is of.
    fn label(&self) -> Label<'_>;

    /// All columns, those at the head of every row first.
    fn columns(&self) -> Vec<Column>;

    /// Hands over every row.
    fn rows(&self, sheet: &mut Sheet<'_>);
}

/// What a table is of.
#[derive(Debug, Clone, Copy)]
pub struct Label<'a> {
    /// Name and version.
    document: &'a str,
    /// The state it was read from.
    snapshot: Option<&'a str>,
}

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    name: Cow<'static, str>,
    kind: Kind,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Words and names.
    Text,
    /// A moment.
    Time,
    /// Dollars, exact to the cent.
    Usd,
    /// Prices and price differences, exact to the last decimal.
    Price,
    /// Other figures.
    Float,
    /// Counts.
    Integer,
}

macro_rules! kinds {
    ($($name:ident = $kind:ident),+) => {
        impl Column {
            $(fn $name(name: impl Into<Cow<'static, str>>) -> Self {
                Self { name: name.into(), kind: Kind::$kind }
            })+
        }
    };
}

kinds!(text = Text, time = Time, usd = Usd, price = Price, float = Float, integer = Integer);

/// One cell of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cell<'a> {
    /// No value.
    Empty,
    /// Words.
    Text(&'a str),
    /// A moment (RFC 3339).
    Time(&'a str),
    /// Dollars.
    Usd(Usd),
    /// A price or price difference.
    Price(&'a PriceText),
    /// Another figure.
    Float(f64),
    /// A count.
    Integer(i64),
}

macro_rules! cells {
    ($($of:ty => $variant:ident),+ $(,)?) => {$(
        impl<'a> From<$of> for Cell<'a> {
            fn from(value: $of) -> Self {
                Self::$variant(value)
            }
        }
    )+};
}

cells!(Usd => Usd, &'a PriceText => Price, f64 => Float, i64 => Integer);

impl From<usize> for Cell<'_> {
    fn from(count: usize) -> Self {
        Self::Integer(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell<'_> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Empty, Into::into)
    }
}

/// Where rows go.
trait Sink {
    /// The first cells of the rows that follow.
    fn head(&mut self, cells: &[Cell<'_>]);
    /// A row begins; its first cells are there.
    fn begin(&mut self);
    /// The next cell.
    fn cell(&mut self, cell: Cell<'_>);
    /// The row ends.
    fn end(&mut self);
}

/// Takes the rows of a document.
pub struct Sheet<'a> {
    sink: &'a mut dyn Sink,
}

/// One row under construction; it ends when it goes out of scope.
struct Row<'a> {
    sink: &'a mut dyn Sink,
}

impl Sheet<'_> {
    /// The first cells of the rows that follow.
    fn head(&mut self, cells: &[Cell<'_>]) {
        self.sink.head(cells);
    }

    fn row(&mut self) -> Row<'_> {
        self.sink.begin();
        Row { sink: self.sink }
    }
}

impl Row<'_> {
    fn text(&mut self, text: &str) -> &mut Self {
        self.cell(Cell::Text(text))
    }

    fn time(&mut self, time: &str) -> &mut Self {
        self.cell(Cell::Time(time))
    }

    fn side(&mut self, side: SideName) -> &mut Self {
        self.text(side_name(side))
    }

    fn put<'a>(&mut self, value: impl Into<Cell<'a>>) -> &mut Self {
        self.cell(value.into())
    }

    /// Lower and upper bound; an open one is empty.
    fn bounds(&mut self, interval: Option<&Interval>) -> &mut Self {
        self.put(interval.map(|i| i.lo80)).put(interval.and_then(|i| i.hi80))
    }

    fn empty(&mut self, count: usize) -> &mut Self {
        for _ in 0..count {
            self.cell(Cell::Empty);
        }
        self
    }

    fn cell(&mut self, cell: Cell<'_>) -> &mut Self {
        self.sink.cell(cell);
        self
    }
}

impl Drop for Row<'_> {
    fn drop(&mut self) {
        self.sink.end();
    }
}

const fn side_name(side: SideName) -> &'static str {
    match side {
        SideName::Long => "long",
        SideName::Short => "short",
    }
}
