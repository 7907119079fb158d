//! A directory of gzipped tables, each described once: header and documentation come from one place.
//!
//! Tables are written row by row under temporary names and get their own only when all of them are
//! complete, so that a run that is stopped leaves nothing that looks like a market.

use std::fmt::{self, Display};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::NamedTempFile;

use liqlens_ask::{Failure, Kind, path_text};

use crate::app::{not_written, temporary_in};

/// What a table is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Table {
    /// Path below the directory.
    pub(super) path: &'static str,
    /// What its rows are.
    pub(super) about: &'static str,
    /// Names of the columns, each with its meaning and unit.
    pub(super) columns: &'static [(&'static str, &'static str)],
}

/// A directory that is being filled.
#[derive(Debug)]
pub(super) struct Output {
    directory: PathBuf,
}

/// A table that is being written.
#[derive(Debug)]
pub(super) struct TableFile {
    table: &'static Table,
    path: PathBuf,
    rows: u64,
    // Buffered in front of the encoder, which would work byte by byte otherwise.
    encoder: BufWriter<GzEncoder<NamedTempFile>>,
}

/// A table that is complete and waits for its name.
#[derive(Debug)]
pub(super) struct Finished {
    table: &'static Table,
    path: PathBuf,
    rows: u64,
    file: NamedTempFile,
}

/// A table in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    /// What it is.
    pub(super) table: &'static Table,
    /// Its rows, without the header.
    pub(super) rows: u64,
}

impl Output {
    /// Makes the directory, or takes an empty one.
    pub(super) fn create(directory: &Path) -> Result<Self, Failure> {
        let refused = |why: String, hint: &str| {
            let what = format!("The directory {} could not be written to.", path_text(directory));
            Failure::new(Kind::Storage, "output-not-written", what, why, hint)
        };
        std::fs::create_dir_all(directory)
            .map_err(|error| refused(format!("{error}."), "Choose another place with --out DIR."))?;
        let occupied = holds_files(directory)
            .map_err(|error| refused(format!("{error}."), "Choose another place with --out DIR."))?;
        if occupied {
            return Err(refused(
                "It is not empty, and files of another market among these would mislead.".to_owned(),
                "Name a new directory with --out DIR, or empty this one.",
            ));
        }
        Ok(Self { directory: directory.to_owned() })
    }

    /// Begins a table.
    pub(super) fn table(&self, table: &'static Table) -> Result<TableFile, Failure> {
        let path = self.directory.join(table.path);
        let failed = |error| not_written(&path, &error);
        let parent = path.parent().unwrap_or(&self.directory);
        std::fs::create_dir_all(parent).map_err(failed)?;
        let file = temporary_in(parent).map_err(failed)?;
        // The gzip header holds neither time nor name: equal rows are equal bytes.
        let encoder = GzEncoder::new(file, Compression::default());
        let mut file = TableFile { table, path, rows: 0, encoder: BufWriter::new(encoder) };
        file.line(table.columns.iter().map(|(name, _)| name as &dyn Display))?;
        Ok(file)
    }

    /// Gives complete tables their names. Those without a row are left away: a reader of archives refuses
    /// a file that holds nothing.
    pub(super) fn keep(tables: Vec<Finished>) -> Result<Vec<Written>, Failure> {
        let mut written = Vec::with_capacity(tables.len());
        for Finished { table, path, rows, file } in tables {
            if rows > 0 {
                file.persist(&path).map_err(|error| not_written(&path, &error.error))?;
                written.push(Written { table, rows });
            }
        }
        Ok(written)
    }
}

impl TableFile {
    /// Writes a row: one field for each column.
    pub(super) fn row(&mut self, fields: &[&dyn Display]) -> Result<(), Failure> {
        debug_assert_eq!(fields.len(), self.table.columns.len(), "{}", self.table.path);
        self.rows += 1;
        self.line(fields.iter().copied())
    }

    fn line<'a>(&mut self, fields: impl Iterator<Item = &'a dyn Display>) -> Result<(), Failure> {
        let write = || {
            for (at, field) in fields.enumerate() {
                write!(self.encoder, "{}{field}", if at == 0 { "" } else { "," })?;
            }
            writeln!(self.encoder)
        };
        write().map_err(|error| not_written(&self.path, &error))
    }

    /// Ends the table.
    pub(super) fn finish(self) -> Result<Finished, Failure> {
        let Self { table, path, rows, encoder } = self;
        let finish = || {
            let file = encoder.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?;
            file.as_file().sync_all()?;
            Ok(file)
        };
        let file = finish().map_err(|error| not_written(&path, &error))?;
        Ok(Finished { table, path, rows, file })
    }
}

/// Whether there is anything in a directory but empty directories, which a run that failed leaves behind.
fn holds_files(directory: &Path) -> io::Result<bool> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        if !entry.file_type()?.is_dir() || std::fs::read_dir(entry.path())?.next().is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A field that may be empty.
pub(super) struct Maybe<T>(pub(super) Option<T>);

impl<T: Display> Display for Maybe<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |value| value.fmt(f))
    }
}
