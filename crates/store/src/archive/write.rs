//! Writing one day of one channel.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use liqlens_market::{Event, Span, Timestamp};
use parquet::basic::{Compression, Encoding};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::ColumnPath;
use tempfile::{NamedTempFile, TempPath};

use super::columns::{self, KNOWN_TS, Kind, Values};
use super::footer::{self, Contents, MAX_ROWS};
use super::read::MAX_PAGE_BYTES;
use super::rows::Rows;
use crate::block::Digest;
use crate::place::Place;
use crate::segment::Hole;

/// How pages are compressed, after numbers have been turned into packed differences.
///
/// Two million real trades (bootstrapped from a recorded stream), one core, bytes a trade and nanoseconds
/// to decode one: none 14.2 and 6.5, LZ4 7.1 and 12, Snappy 7.1 and 14, zstd 6.3 and 20, gzip 6.6 and 39.
/// LZ4 halves the file for the least time, and is pure Rust, where zstd would bring a C library.
const COMPRESSION: Compression = Compression::LZ4_RAW;
/// Rows of a page: few enough that all columns of one decode into a core's own cache.
const PAGE_ROWS: usize = 8_192;
/// A dictionary that grows beyond this gives way to differences. Sizes of trades are few and round: with
/// numbers for them they take 1.3 bytes instead of 3.6.
const DICTIONARY_BYTES: usize = 64 << 10;
/// A row group with this many rows ends with its hour, so that an hour can be read without the others.
pub(crate) const HOUR_ROWS: usize = 16_384;
/// A row group with this many bytes of text ends.
const GROUP_TEXT_BYTES: usize = 4 << 20;

/// Writes one file beside its place; it becomes visible when it is renamed.
pub(crate) struct DayWriter {
    out: SerializedFileWriter<Checksummed<NamedTempFile>>,
    place: Place,
    rows: Rows,
    crcs: Vec<u32>,
    digest: Digest,
    events: u64,
}

/// A finished file that still has its temporary name.
pub(crate) struct Written {
    pub(crate) file: TempPath,
    pub(crate) events: u64,
    pub(crate) bytes: u64,
    pub(crate) digest: [u8; 16],
}

impl DayWriter {
    /// Starts a file in `directory`.
    pub(crate) fn create(directory: &Path, place: Place) -> io::Result<Self> {
        let file = Checksummed::new(NamedTempFile::with_prefix_in("day-", directory)?);
        let schema = columns::schema(place.channel).map_err(failed)?;
        let mut out =
            SerializedFileWriter::new(file, schema, Arc::new(properties(&place))).map_err(failed)?;
        out.flush()?;
        out.inner_mut().take_crc();
        let rows = Rows::new(place.channel);
        Ok(Self { out, place, rows, crcs: Vec::new(), digest: Digest::default(), events: 0 })
    }

    /// Adds an event, which must not come before the last one added.
    pub(crate) fn push(&mut self, event: &Event) -> io::Result<()> {
        if self.group_is_full(event.known_ts) {
            self.end_group()?;
        }
        let misplaced = |_| io::Error::new(io::ErrorKind::InvalidData, "an event of another channel");
        self.rows.push(event).map_err(misplaced)?;
        if self.rows.text_bytes() > MAX_PAGE_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "an event exceeds the limit of a page"));
        }
        self.digest.push(event);
        self.events += 1;
        Ok(())
    }

    /// Completes the file and makes it durable. `holes` are the events that should be there and are not.
    pub(crate) fn finish(mut self, holes: &[Hole]) -> io::Result<Written> {
        self.end_group()?;
        let digest = self.digest.finish();
        for key in footer::keys(&self.place, self.events, digest, holes, &self.crcs) {
            self.out.append_key_value_metadata(key);
        }
        let data_end = self.out.bytes_written() as u64;
        let mut file = self.out.into_inner().map_err(failed)?.out;
        let bytes = file.as_file().metadata()?.len();
        let mut tail = Vec::new();
        file.seek(SeekFrom::Start(data_end))?;
        file.read_to_end(&mut tail)?;
        let place = footer::seal(&mut tail, data_end)?;
        file.seek(SeekFrom::Start(data_end + place.start as u64))?;
        file.write_all(&tail[place])?;
        file.as_file().sync_all()?;
        // The limits of the reader are those of the writer.
        if Contents::read(file.as_file_mut(), &self.place).is_err() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the day exceeds the limits of a file"));
        }
        Ok(Written { file: file.into_temp_path(), events: self.events, bytes, digest })
    }

    fn group_is_full(&self, next: Timestamp) -> bool {
        let hour = |ns: i64| ns.div_euclid(Span::HOUR.nanos());
        let new_hour = self.rows.span().is_some_and(|(_, last)| hour(last) != hour(next.nanos()));
        (new_hour && self.rows.len() >= HOUR_ROWS)
            || self.rows.len() >= MAX_ROWS
            || self.rows.text_bytes() >= GROUP_TEXT_BYTES
    }

    fn end_group(&mut self) -> io::Result<()> {
        let rows = std::mem::replace(&mut self.rows, Rows::new(self.place.channel));
        if rows.len() == 0 {
            return Ok(());
        }
        let mut group = self.out.next_row_group().map_err(failed)?;
        for (column, values) in columns::of(self.place.channel).iter().zip(rows.columns()) {
            let missing = || io::Error::other("the schema has fewer columns than the rows");
            let mut writer = group.next_column().map_err(failed)?.ok_or_else(missing)?;
            write_column(&mut writer, column.kind, values).map_err(failed)?;
            writer.close().map_err(failed)?;
        }
        group.close().map_err(failed)?;
        self.out.flush()?;
        self.crcs.push(self.out.inner_mut().take_crc());
        Ok(())
    }
}

fn write_column(
    writer: &mut SerializedColumnWriter<'_>,
    kind: Kind,
    values: &Values,
) -> Result<usize, ParquetError> {
    match values {
        Values::Whole(values) => writer.typed::<Int64Type>().write_batch(values, None, None),
        Values::Maybe(values) => {
            let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
            let there: Vec<i64> = values.iter().flatten().copied().collect();
            writer.typed::<Int64Type>().write_batch(&there, Some(&levels), None)
        }
        Values::Real(values) => writer.typed::<DoubleType>().write_batch(values, None, None),
        Values::Word(values) => {
            let Kind::Word(known) = kind else {
                return Err(ParquetError::General("words in a column of another kind".into()));
            };
            let known: Vec<ByteArray> = known.iter().map(|word| ByteArray::from(*word)).collect();
            let words: Vec<ByteArray> =
                values.iter().filter_map(|place| known.get(usize::from(*place))).cloned().collect();
            writer.typed::<ByteArrayType>().write_batch(&words, None, None)
        }
        Values::Text(values) => {
            let texts: Vec<ByteArray> = values.iter().map(|text| ByteArray::from(text.as_str())).collect();
            writer.typed::<ByteArrayType>().write_batch(&texts, None, None)
        }
    }
}

/// How a channel's columns are written.
fn properties(place: &Place) -> WriterProperties {
    let known = i32::try_from(KNOWN_TS).unwrap_or_default();
    let sorted = SortingColumn { column_idx: known, descending: false, nulls_first: false };
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!("liqlens version ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_compression(COMPRESSION)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_sorting_columns(Some(vec![sorted]))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_write_batch_size(PAGE_ROWS)
        // Pages end by rows alone, so that those of all columns cover the same rows.
        .set_data_page_size_limit(usize::MAX)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES)
        .set_max_row_group_row_count(None)
        .set_dictionary_enabled(false);
    for column in columns::of(place.channel) {
        let path = ColumnPath::from(column.name);
        let encoding = match column.kind {
            Kind::Real | Kind::Word(_) | Kind::Text => Encoding::PLAIN,
            _ => Encoding::DELTA_BINARY_PACKED,
        };
        properties = properties
            .set_column_dictionary_enabled(
                path.clone(),
                matches!(column.kind, Kind::FewWhole | Kind::Word(_)),
            )
            .set_column_encoding(path, encoding);
    }
    properties.build()
}

/// An error of the library as one of the system, which most of them are.
fn failed(error: ParquetError) -> io::Error {
    io::Error::other(error)
}

/// A file with the checksum of what was written to it.
struct Checksummed<W> {
    out: W,
    crc: crc32fast::Hasher,
}

impl<W> Checksummed<W> {
    fn new(out: W) -> Self {
        Self { out, crc: crc32fast::Hasher::new() }
    }

    /// The checksum of what was written since it was last taken.
    fn take_crc(&mut self) -> u32 {
        std::mem::take(&mut self.crc).finalize()
    }
}

impl<W: Write> Write for Checksummed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.crc.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
