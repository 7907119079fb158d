//! What is settled about a file before its first event: its name, its market, what the caller said.

use liqlens_market::MarketId;

use crate::Options;
use crate::columns::{Column, Fields, Header, Splitter};
use crate::format::Unrecognised;
use crate::name::NameHints;
use crate::report::FileError;

/// What decoders need beyond their columns.
pub(crate) struct Setting<'a> {
    pub(crate) name: &'a str,
    pub(crate) market: &'a MarketId,
    pub(crate) hints: &'a NameHints,
    pub(crate) options: &'a Options,
    /// The first rows, for what has to be settled before the first event.
    pub(crate) rows: &'a [u8],
}

impl Setting<'_> {
    /// The column called by the first of `names` that exists; a file without it is not of this format.
    pub(crate) fn need(&self, header: &Header, names: &[&'static str]) -> Result<Column, FileError> {
        header.find(names).ok_or_else(|| FileError::NotRecognised {
            name: self.name.to_owned(),
            why: Unrecognised::MissingColumn(names[0]),
        })
    }

    /// Cuts the first rows for `splitter`, leaving out those with another number of columns.
    pub(crate) fn each_row(&self, header: &Header, mut look: impl FnMut(&Fields<'_>)) {
        let mut splitter = Splitter::new(header);
        for line in self.rows.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end) {
            if let Ok(fields) = splitter.split(line) {
                look(&fields);
            }
        }
    }
}
