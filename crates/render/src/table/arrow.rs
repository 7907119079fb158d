//! The Arrow form: an uncompressed IPC stream of record batches.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{
    Decimal128Builder, Float64Builder, Int64Builder, StringBuilder, TimestampNanosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};
use liqlens_market::Timestamp;
use liqlens_query::document::PriceText;

use super::{Cell, Column, Kind, Rows, Sheet, Sink};
use crate::RenderError;

/// Rows of one batch.
const BATCH: usize = 65_536;
/// Digits that a decimal can have.
const PRECISION: u8 = 38;
/// Decimals of dollars.
const USD_SCALE: i8 = 2;
/// Decimals of prices: the smallest unit in which the program keeps them. More only where a document has more.
const PRICE_SCALE: i8 = 8;
const ZONE: &str = "UTC";

/// A document as an Arrow stream.
pub(super) fn write(document: &dyn Rows) -> Result<Vec<u8>, RenderError> {
    let columns = document.columns();
    let mut survey = Survey { scale: PRICE_SCALE };
    document.rows(&mut Sheet { sink: &mut survey });
    if u8::try_from(survey.scale).is_ok_and(|scale| scale > PRECISION) {
        return Err(RenderError::Table(format!("a price has more than {PRECISION} decimals")));
    }
    let mut stream = Stream::new(document, &columns, survey.scale).map_err(|error| broken(&error))?;
    document.rows(&mut Sheet { sink: &mut stream });
    stream.finish()
}

fn broken(error: &ArrowError) -> RenderError {
    RenderError::Table(error.to_string())
}

/// Finds how many decimals prices have.
struct Survey {
    scale: i8,
}

impl Sink for Survey {
    fn head(&mut self, cells: &[Cell<'_>]) {
        for cell in cells {
            self.cell(*cell);
        }
    }

    fn begin(&mut self) {}

    fn cell(&mut self, cell: Cell<'_>) {
        if let Cell::Price(price) = cell {
            let decimals = price.as_str().split_once('.').map_or(0, |(_, decimals)| decimals.len());
            self.scale = self.scale.max(i8::try_from(decimals).unwrap_or(i8::MAX));
        }
    }

    fn end(&mut self) {}
}

/// A stream under construction.
struct Stream {
    writer: StreamWriter<Vec<u8>>,
    schema: SchemaRef,
    builders: Vec<Builder>,
    head: Vec<Value<String>>,
    /// Column of the next cell.
    at: usize,
    rows: usize,
    /// The first thing that went wrong.
    failed: Option<RenderError>,
}

/// A cell as a column keeps it.
#[derive(Debug, Clone, Copy)]
enum Value<T> {
    Empty,
    Text(T),
    /// Nanoseconds, or a count.
    Integer(i64),
    /// In units of the column's last decimal.
    Decimal(i128),
    Float(f64),
}

impl Value<&str> {
    fn owned(self) -> Value<String> {
        match self {
            Self::Empty => Value::Empty,
            Self::Text(text) => Value::Text(text.to_owned()),
            Self::Integer(value) => Value::Integer(value),
            Self::Decimal(value) => Value::Decimal(value),
            Self::Float(value) => Value::Float(value),
        }
    }
}

impl Value<String> {
    fn borrowed(&self) -> Value<&str> {
        match self {
            Self::Empty => Value::Empty,
            Self::Text(text) => Value::Text(text),
            Self::Integer(value) => Value::Integer(*value),
            Self::Decimal(value) => Value::Decimal(*value),
            Self::Float(value) => Value::Float(*value),
        }
    }
}

impl Stream {
    fn new(document: &dyn Rows, columns: &[Column], price_scale: i8) -> Result<Self, ArrowError> {
        let builders: Vec<Builder> =
            columns.iter().map(|column| Builder::new(column.kind, price_scale)).collect();
        let fields: Vec<Field> = columns
            .iter()
            .zip(&builders)
            .map(|(column, builder)| Field::new(column.name.as_ref(), builder.data_type(), true))
            .collect();
        let label = document.label();
        let mut metadata = HashMap::from([("document".to_owned(), label.document.to_owned())]);
        if let Some(snapshot) = label.snapshot {
            metadata.insert("snapshot".to_owned(), snapshot.to_owned());
        }
        let schema = Arc::new(Schema::new_with_metadata(fields, metadata));
        let writer = StreamWriter::try_new(Vec::new(), &schema)?;
        Ok(Self { writer, schema, builders, head: Vec::new(), at: 0, rows: 0, failed: None })
    }

    fn flush(&mut self) {
        let arrays: Vec<ArrayRef> = self.builders.iter_mut().map(Builder::finish).collect();
        self.rows = 0;
        let written =
            RecordBatch::try_new(self.schema.clone(), arrays).and_then(|batch| self.writer.write(&batch));
        if let Err(error) = written {
            self.failed.get_or_insert(broken(&error));
        }
    }

    fn finish(mut self) -> Result<Vec<u8>, RenderError> {
        if self.rows > 0 {
            self.flush();
        }
        match self.failed {
            Some(error) => Err(error),
            None => self.writer.into_inner().map_err(|error| broken(&error)),
        }
    }

    fn misfit(&mut self, column: usize, cell: Cell<'_>) {
        let name = self.schema.fields().get(column).map_or("beyond the last", |field| field.name());
        let what = format!("column {name} cannot hold {cell:?}");
        self.failed.get_or_insert(RenderError::Table(what));
    }
}

impl Sink for Stream {
    fn head(&mut self, cells: &[Cell<'_>]) {
        self.head.clear();
        for (column, cell) in cells.iter().enumerate() {
            match self.builders.get_mut(column).and_then(|builder| builder.value(*cell)) {
                Some(value) => {
                    let value = value.owned();
                    self.head.push(value);
                }
                None => self.misfit(column, *cell),
            }
        }
    }

    fn begin(&mut self) {
        for (builder, value) in self.builders.iter_mut().zip(&self.head) {
            builder.append(value.borrowed());
        }
        self.at = self.head.len();
    }

    fn cell(&mut self, cell: Cell<'_>) {
        let at = self.at;
        self.at += 1;
        let Some(builder) = self.builders.get_mut(at) else { return self.misfit(at, cell) };
        match builder.value(cell) {
            Some(value) => builder.append(value),
            None => self.misfit(at, cell),
        }
    }

    fn end(&mut self) {
        self.rows += 1;
        // After a failure nothing fits together any more.
        if self.rows == BATCH && self.failed.is_none() {
            self.flush();
        }
    }
}

/// A column under construction.
enum Builder {
    Text(StringBuilder),
    /// With the moment read last, which the next row often repeats.
    Time(TimestampNanosecondBuilder, (String, i64)),
    Decimal(Decimal128Builder, i8),
    Float(Float64Builder),
    Integer(Int64Builder),
}

impl Builder {
    fn new(kind: Kind, price_scale: i8) -> Self {
        let decimal = |scale| {
            let data_type = DataType::Decimal128(PRECISION, scale);
            Self::Decimal(Decimal128Builder::new().with_data_type(data_type), scale)
        };
        match kind {
            Kind::Text => Self::Text(StringBuilder::new()),
            Kind::Time => {
                Self::Time(TimestampNanosecondBuilder::new().with_timezone(ZONE), (String::new(), 0))
            }
            Kind::Usd => decimal(USD_SCALE),
            Kind::Price => decimal(price_scale),
            Kind::Float => Self::Float(Float64Builder::new()),
            Kind::Integer => Self::Integer(Int64Builder::new()),
        }
    }

    fn data_type(&self) -> DataType {
        match self {
            Self::Text(_) => DataType::Utf8,
            Self::Time(..) => DataType::Timestamp(TimeUnit::Nanosecond, Some(ZONE.into())),
            Self::Decimal(_, scale) => DataType::Decimal128(PRECISION, *scale),
            Self::Float(_) => DataType::Float64,
            Self::Integer(_) => DataType::Int64,
        }
    }

    /// A cell as the column keeps it; `None` if it cannot.
    fn value<'a>(&mut self, cell: Cell<'a>) -> Option<Value<&'a str>> {
        Some(match (self, cell) {
            (_, Cell::Empty) => Value::Empty,
            (Self::Text(_), Cell::Text(text)) => Value::Text(text),
            (Self::Time(_, (known, at)), Cell::Time(text)) => {
                if known != text {
                    *at = Timestamp::parse_text(text).ok()?.nanos();
                    text.clone_into(known);
                }
                Value::Integer(*at)
            }
            (Self::Decimal(_, USD_SCALE), Cell::Usd(usd)) => Value::Decimal(usd.cents().into()),
            (Self::Decimal(_, scale), Cell::Price(price)) => Value::Decimal(units(price, *scale)?),
            (Self::Float(_), Cell::Float(value)) => Value::Float(value),
            (Self::Integer(_), Cell::Integer(value)) => Value::Integer(value),
            _ => return None,
        })
    }

    fn append(&mut self, value: Value<&str>) {
        match (self, value) {
            (Self::Text(builder), Value::Text(text)) => builder.append_value(text),
            (Self::Time(builder, _), Value::Integer(at)) => builder.append_value(at),
            (Self::Decimal(builder, _), Value::Decimal(units)) => builder.append_value(units),
            (Self::Float(builder), Value::Float(value)) => builder.append_value(value),
            (Self::Integer(builder), Value::Integer(value)) => builder.append_value(value),
            (Self::Text(builder), _) => builder.append_null(),
            (Self::Time(builder, _), _) => builder.append_null(),
            (Self::Decimal(builder, _), _) => builder.append_null(),
            (Self::Float(builder), _) => builder.append_null(),
            (Self::Integer(builder), _) => builder.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Time(builder, _) => Arc::new(builder.finish()),
            Self::Decimal(builder, _) => Arc::new(builder.finish()),
            Self::Float(builder) => Arc::new(builder.finish()),
            Self::Integer(builder) => Arc::new(builder.finish()),
        }
    }
}

/// A price in units of so many decimals; `None` if its text is no such decimal.
fn units(price: &PriceText, scale: i8) -> Option<i128> {
    let text = price.as_str();
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let missing = usize::try_from(scale).ok()?.checked_sub(decimals.len())?;
    let plain = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(decimals) {
        return None;
    }
    let mut units: i128 = 0;
    for digit in whole.bytes().chain(decimals.bytes()).chain(core::iter::repeat_n(b'0', missing)) {
        units = units.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
    }
    // What a decimal of this precision can hold.
    (units < 10_i128.pow(PRECISION.into())).then_some(if negative { -units } else { units })
}
