//! Columns of comma-separated rows: names resolved to positions once per file, fields cut per row.
//!
//! Names are compared without case, quotes and punctuation (`Event Time (IST)` is `event_time_ist`), so
//! that reordered and added columns do no harm. Fields are first parsed as they stand; only if that fails
//! are blanks and quotes around them removed, which keeps the common row free of that work.

use liqlens_market::{NumberError, Price, Size, Taker, TimeError, Timestamp, parse_rate};

use crate::row::{Reason, RowError};

/// The most columns a row may have: twice what the widest supported file has, with room for additions.
pub(crate) const MAX_COLUMNS: usize = 32;

/// The column names of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    names: Vec<String>,
}

/// Position of a column, with the name it has in messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    at: usize,
}

impl Header {
    /// Reads a header line.
    pub(crate) fn parse(line: &[u8]) -> Self {
        Self { names: line.split(|&byte| byte == b',').map(normalised).collect() }
    }

    /// The header a file without one is read as.
    pub(crate) fn of(names: &[&str]) -> Self {
        Self { names: names.iter().map(|name| (*name).to_owned()).collect() }
    }

    /// How many columns there are.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// The first of `names` that exists; the first is the name used in messages.
    pub(crate) fn find(&self, names: &[&'static str]) -> Option<Column> {
        let at = names.iter().find_map(|name| self.names.iter().position(|have| have == name))?;
        (at < MAX_COLUMNS).then_some(Column { name: names[0], at })
    }

    /// Whether all of `names` exist.
    pub(crate) fn has(&self, names: &[&'static str]) -> bool {
        names.iter().all(|name| self.find(&[name]).is_some())
    }
}

/// Lower case, runs of anything but letters and digits as one underscore, none at the ends.
fn normalised(name: &[u8]) -> String {
    let mut out = String::new();
    for character in String::from_utf8_lossy(name).chars() {
        if character.is_alphanumeric() {
            out.extend(character.to_lowercase());
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    while out.ends_with('_') {
        out.pop();
    }
    out
}

/// Cuts rows of a fixed number of columns.
#[derive(Debug, Clone)]
pub(crate) struct Splitter {
    /// Where each field ends.
    ends: [usize; MAX_COLUMNS],
    columns: usize,
}

/// One row cut into fields.
pub(crate) struct Fields<'a> {
    line: &'a [u8],
    ends: &'a [usize; MAX_COLUMNS],
}

const COMMAS: u64 = 0x2c2c_2c2c_2c2c_2c2c;
const LOW_SEVEN: u64 = 0x7f7f_7f7f_7f7f_7f7f;

impl Splitter {
    /// For rows under this header.
    pub(crate) fn new(header: &Header) -> Self {
        Self { ends: [0; MAX_COLUMNS], columns: header.len() }
    }

    /// Cuts a row, or rejects it for its number of columns.
    #[inline]
    pub(crate) fn split<'a>(&'a mut self, line: &'a [u8]) -> Result<Fields<'a>, RowError> {
        let mut count = 0;
        let mut base = 0;
        // Eight bytes at a time: a byte of `marks` is 0x80 exactly where the line has a comma.
        let (words, tail) = line.as_chunks::<8>();
        for word in words {
            let word = u64::from_le_bytes(*word) ^ COMMAS;
            let mut marks = !(((word & LOW_SEVEN) + LOW_SEVEN) | word | LOW_SEVEN);
            while marks != 0 {
                if count < MAX_COLUMNS {
                    self.ends[count] = base + (marks.trailing_zeros() / 8) as usize;
                }
                count += 1;
                marks &= marks - 1;
            }
            base += 8;
        }
        for (offset, &byte) in tail.iter().enumerate() {
            if byte == b',' {
                if count < MAX_COLUMNS {
                    self.ends[count] = base + offset;
                }
                count += 1;
            }
        }
        if count < MAX_COLUMNS {
            self.ends[count] = line.len();
        }
        if count + 1 != self.columns || self.columns > MAX_COLUMNS {
            return Err(RowError::new("row", Reason::ColumnCount { expected: self.columns }));
        }
        Ok(Fields { line, ends: &self.ends })
    }
}

impl<'a> Fields<'a> {
    /// The field's bytes as they stand.
    #[inline]
    pub(crate) fn raw(&self, column: Column) -> &'a [u8] {
        let start = if column.at == 0 { 0 } else { self.ends[column.at - 1] + 1 };
        &self.line[start..self.ends[column.at]]
    }

    /// The field without blanks and quotes around it.
    pub(crate) fn clean(&self, column: Column) -> &'a [u8] {
        clean(self.raw(column))
    }

    #[inline]
    fn parse<T, E: Into<Reason>>(
        &self,
        column: Column,
        parse: impl Fn(&[u8]) -> Result<T, E>,
    ) -> Result<T, RowError> {
        let raw = self.raw(column);
        match parse(raw) {
            Ok(value) => Ok(value),
            Err(_) => parse(clean(raw)).map_err(|error| RowError::new(column.name, error.into())),
        }
    }

    /// A strictly positive price.
    #[inline]
    pub(crate) fn price(&self, column: Column) -> Result<Price, RowError> {
        self.parse(column, Price::parse)
    }

    /// A size, zero allowed.
    #[inline]
    pub(crate) fn size(&self, column: Column) -> Result<Size, RowError> {
        self.parse(column, Size::parse)
    }

    /// A size above zero.
    #[inline]
    pub(crate) fn positive(&self, column: Column) -> Result<Size, RowError> {
        self.parse(column, Size::parse_positive)
    }

    /// A finite signed number that is not money.
    pub(crate) fn rate(&self, column: Column) -> Result<f64, RowError> {
        self.parse(column, parse_rate)
    }

    /// An unsigned integer such as a trade id.
    #[inline]
    pub(crate) fn integer(&self, column: Column) -> Result<u64, RowError> {
        self.parse(column, parse_integer)
    }

    /// An epoch number of any plausible unit.
    #[inline]
    pub(crate) fn epoch(&self, column: Column) -> Result<Timestamp, RowError> {
        self.parse(column, Timestamp::parse_epoch)
    }

    /// Text with an offset, as the column promises.
    pub(crate) fn time_with_offset(&self, column: Column) -> Result<Timestamp, RowError> {
        self.parse(column, parse_time)
    }

    /// Text without an offset in a column documented to be UTC, or an epoch number.
    pub(crate) fn time_utc(&self, column: Column) -> Result<Timestamp, RowError> {
        self.parse(column, parse_time_utc)
    }

    /// `true` or `false` in any case.
    #[inline]
    pub(crate) fn flag(&self, column: Column) -> Result<bool, RowError> {
        self.parse(column, parse_flag)
    }

    /// `BUY` or `SELL` in any case.
    pub(crate) fn order_side(&self, column: Column) -> Result<Taker, RowError> {
        self.parse(column, |text| {
            if text.eq_ignore_ascii_case(b"BUY") {
                Ok(Taker::Buy)
            } else if text.eq_ignore_ascii_case(b"SELL") {
                Ok(Taker::Sell)
            } else {
                Err(Reason::NotASide)
            }
        })
    }
}

/// Without blanks, then one pair of quotes, then blanks inside those.
pub(crate) fn clean(field: &[u8]) -> &[u8] {
    let field = field.trim_ascii();
    match field.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) {
        Some(inner) => inner.trim_ascii(),
        None => field,
    }
}

#[inline]
fn parse_integer(text: &[u8]) -> Result<u64, NumberError> {
    if text.is_empty() {
        return Err(NumberError::Empty);
    }
    // 19 digits cannot overflow; venues' ids have at most 13.
    if text.len() > 19 {
        return Err(NumberError::TooLarge);
    }
    let mut value = 0u64;
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Err(NumberError::NotANumber);
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    Ok(value)
}

#[inline]
fn parse_flag(text: &[u8]) -> Result<bool, Reason> {
    match text {
        b"true" => Ok(true),
        b"false" => Ok(false),
        _ if text.eq_ignore_ascii_case(b"true") => Ok(true),
        _ if text.eq_ignore_ascii_case(b"false") => Ok(false),
        _ => Err(Reason::NotAFlag),
    }
}

fn parse_time(text: &[u8]) -> Result<Timestamp, TimeError> {
    // RFC 3339 with nanoseconds and an offset has 35 bytes; more is damage.
    if text.len() > 40 {
        return Err(TimeError::NotATime);
    }
    Timestamp::parse_text(core::str::from_utf8(text).map_err(|_| TimeError::NotATime)?)
}

fn parse_time_utc(text: &[u8]) -> Result<Timestamp, TimeError> {
    if !text.is_empty() && text.iter().all(u8::is_ascii_digit) {
        return Timestamp::parse_epoch(text);
    }
    if text.len() > 40 {
        return Err(TimeError::NotATime);
    }
    parse_time(text).or_else(|_| parse_time(&[text, b"Z"].concat()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn header_names_ignore_case_quotes_and_punctuation() {
        let header = Header::parse(b"Symbol, \"Order Type\",Event Time (IST)");
        assert_eq!(header, Header::of(&["symbol", "order_type", "event_time_ist"]));
        assert!(header.find(&["open_time", "order_type"]).is_some_and(|column| column.name == "open_time"));
        assert!(header.find(&["price"]).is_none());
    }

    #[test]
    fn quoted_and_padded_fields_are_read() {
        let header = Header::of(&["price", "size"]);
        let mut splitter = Splitter::new(&header);
        let (price, size) = (header.find(&["price"]).unwrap(), header.find(&["size"]).unwrap());
        let fields = splitter.split(b" \"71157.6\" ,0.5\t").unwrap();
        assert_eq!(fields.price(price).unwrap(), Price::parse(b"71157.6").unwrap());
        assert_eq!(fields.size(size).unwrap(), Size::parse(b"0.5").unwrap());
        let error = splitter.split(b"\"1,000.5\",2").err().unwrap();
        assert_eq!(error.reason, Reason::ColumnCount { expected: 2 });
    }

    #[test]
    fn times_without_offset_are_utc_only_where_documented() {
        let noon = Timestamp::parse_text("2024-01-02T12:00:00Z").unwrap();
        assert_eq!(parse_time_utc(b"2024-01-02 12:00:00").unwrap(), noon);
        assert_eq!(parse_time_utc(b"1704196800000").unwrap(), noon);
        assert_eq!(parse_time_utc(b"2024-01-02 17:30:00+05:30").unwrap(), noon);
        assert_eq!(parse_time(b"2024-01-02 12:00:00"), Err(TimeError::NotATime));
    }

    proptest! {
        /// Against `slice::split`, on every width up to and beyond the limit.
        #[test]
        fn cuts_where_the_commas_are(line in "[-,a0\u{80}]{0,90}") {
            let expected: Vec<&[u8]> = line.as_bytes().split(|&byte| byte == b',').collect();
            let names = vec!["c"; expected.len()];
            let header = Header::of(&names);
            let mut splitter = Splitter::new(&header);
            match splitter.split(line.as_bytes()) {
                Ok(fields) => for (at, field) in expected.iter().enumerate() {
                    prop_assert_eq!(fields.raw(Column { name: "c", at }), *field);
                },
                Err(_) => prop_assert!(expected.len() > MAX_COLUMNS),
            }
            let mut wrong = Splitter::new(&Header::of(&vec!["c"; expected.len() + 1]));
            prop_assert!(wrong.split(line.as_bytes()).is_err());
        }
    }
}
