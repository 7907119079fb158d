//! Columns of comma-separated rows: names resolved to positions once per file, fields cut per row.
//!
//! Names are compared without case, quotes and punctuation (`Event Time (IST)` is `event_time_ist`), so
//! that reordered and added columns do no harm. Fields are first parsed as they stand; only if that fails
//! are blanks and quotes around them removed, which keeps the common row free of that work.

// The fields of a row are read inside its decoder: a call for each would cost about as much as the reading.
#![allow(clippy::inline_always)]

use liqlens_market::{Price, Size, Taker, TimeError, Timestamp, parse_id, parse_rate};

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

impl Splitter {
    /// For rows under this header.
    pub(crate) fn new(header: &Header) -> Self {
        Self { ends: core::array::from_fn(|at| at), columns: header.len() }
    }

    /// Cuts a row, or rejects it for its number of columns.
    #[inline(always)]
    pub(crate) fn split<'a>(&'a mut self, line: &'a [u8]) -> Result<Fields<'a>, RowError> {
        let between = self.columns.saturating_sub(1);
        // Fields mostly have the widths they had in the row before. To try that costs a few comparisons
        // that nothing waits for; looking for each comma means to branch on where it is.
        let (mut start, mut start_before, mut as_before) = (0, 0, true);
        for end in self.ends.iter_mut().take(between) {
            let guess = start + (*end - start_before);
            start_before = *end + 1;
            as_before &= line.get(guess) == Some(&b',');
            *end = guess;
            start = guess + 1;
        }
        if commas(line) != between || self.columns > MAX_COLUMNS {
            return Err(RowError::new("row", Reason::ColumnCount { expected: self.columns }));
        }
        if !as_before {
            let found = line.iter().enumerate().filter(|(_, byte)| **byte == b',').map(|(at, _)| at);
            self.ends.iter_mut().zip(found).for_each(|(end, at)| *end = at);
        }
        self.ends[between] = line.len();
        Ok(Fields { line, ends: &self.ends })
    }
}

/// Counts the commas of a line.
#[inline]
fn commas(line: &[u8]) -> usize {
    let (blocks, rest) = line.as_chunks::<64>();
    let (words, tail) = rest.as_chunks::<8>();
    let mut count = 0;
    for block in blocks {
        // The compiler makes a few vector instructions of this.
        let commas = block.iter().fold(0u8, |count, byte| count.wrapping_add(u8::from(*byte == b',')));
        count += usize::from(commas);
    }
    for word in words {
        count += word_commas(u64::from_le_bytes(*word));
    }
    match line.last_chunk::<8>() {
        // The end of the line with what is counted already shifted out: a loop over the few bytes that are
        // left would be mispredicted about as often as not.
        Some(last) if !tail.is_empty() => {
            count += word_commas(u64::from_le_bytes(*last) >> (8 * (8 - tail.len())));
        }
        Some(_) => {}
        None => count += tail.iter().map(|byte| usize::from(*byte == b',')).sum::<usize>(),
    }
    count
}

/// Counts the commas among eight bytes.
#[inline]
fn word_commas(word: u64) -> usize {
    const COMMAS: u64 = 0x2c2c_2c2c_2c2c_2c2c;
    const LOW_SEVEN: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    const ONES: u64 = 0x0101_0101_0101_0101;
    // 0x80 exactly where there is a comma.
    let other = word ^ COMMAS;
    let marks = !(((other & LOW_SEVEN) + LOW_SEVEN) | other | LOW_SEVEN);
    ((marks >> 7).wrapping_mul(ONES) >> 56) as usize
}

/// Parses a field as it stands or, if that fails, without blanks and quotes around it. A macro, because
/// a parser passed as a value is called through a shim that is not inlined.
macro_rules! parse_field {
    ($fields:expr, $column:expr, $parse:expr) => {{
        let raw = $fields.raw($column);
        match $parse(raw) {
            Ok(value) => Ok(value),
            Err(_) => parse_cleaned(raw, $column, $parse),
        }
    }};
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

    /// A strictly positive price.
    #[inline(always)]
    pub(crate) fn price(&self, column: Column) -> Result<Price, RowError> {
        parse_field!(self, column, Price::parse)
    }

    /// A size, zero allowed.
    #[inline]
    pub(crate) fn size(&self, column: Column) -> Result<Size, RowError> {
        parse_field!(self, column, Size::parse)
    }

    /// A size above zero.
    #[inline(always)]
    pub(crate) fn positive(&self, column: Column) -> Result<Size, RowError> {
        parse_field!(self, column, Size::parse_positive)
    }

    /// A finite signed number that is not money.
    pub(crate) fn rate(&self, column: Column) -> Result<f64, RowError> {
        parse_field!(self, column, parse_rate)
    }

    /// An unsigned integer such as a trade id.
    #[inline(always)]
    pub(crate) fn integer(&self, column: Column) -> Result<u64, RowError> {
        parse_field!(self, column, parse_id)
    }

    /// An epoch number of any plausible unit.
    #[inline(always)]
    pub(crate) fn epoch(&self, column: Column) -> Result<Timestamp, RowError> {
        parse_field!(self, column, Timestamp::parse_epoch)
    }

    /// Text with an offset, as the column promises.
    pub(crate) fn time_with_offset(&self, column: Column) -> Result<Timestamp, RowError> {
        parse_field!(self, column, parse_time)
    }

    /// Text without an offset in a column documented to be UTC, or an epoch number.
    pub(crate) fn time_utc(&self, column: Column) -> Result<Timestamp, RowError> {
        parse_field!(self, column, parse_time_utc)
    }

    /// `true` or `false` in any case.
    #[inline(always)]
    pub(crate) fn flag(&self, column: Column) -> Result<bool, RowError> {
        parse_field!(self, column, parse_flag)
    }

    /// `BUY` or `SELL` in any case.
    pub(crate) fn order_side(&self, column: Column) -> Result<Taker, RowError> {
        parse_field!(self, column, |text: &[u8]| {
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

#[cold]
fn parse_cleaned<T, E: Into<Reason>>(
    raw: &[u8],
    column: Column,
    parse: impl Fn(&[u8]) -> Result<T, E>,
) -> Result<T, RowError> {
    parse(clean(raw)).map_err(|error| RowError::new(column.name, error.into()))
}

/// Without blanks, then one pair of quotes, then blanks inside those.
pub(crate) fn clean(field: &[u8]) -> &[u8] {
    let field = field.trim_ascii();
    match field.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) {
        Some(inner) => inner.trim_ascii(),
        None => field,
    }
}

/// Which of the two it is follows no pattern, so the usual spellings are told apart without a branch.
#[inline(always)]
#[allow(clippy::needless_bitwise_bool)]
fn parse_flag(text: &[u8]) -> Result<bool, Reason> {
    if let (Some(start), Some(end)) = (text.first_chunk::<4>(), text.last()) {
        let yes = (*start == *b"true") & (text.len() == 4);
        let no = (*start == *b"fals") & (*end == b'e') & (text.len() == 5);
        if yes | no {
            return Ok(yes);
        }
    }
    if text.eq_ignore_ascii_case(b"true") {
        Ok(true)
    } else if text.eq_ignore_ascii_case(b"false") {
        Ok(false)
    } else {
        Err(Reason::NotAFlag)
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
        /// Against `slice::split`, on every width and length up to and beyond the limits.
        #[test]
        fn cuts_where_the_commas_are(line in "[-,a0\u{80}]{0,90}|[-a0]{60,70},[-,a0]{0,70}") {
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
