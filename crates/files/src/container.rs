//! Plain, gzip and zip files, told apart by their first bytes and opened with limits.
//!
//! The archive is the unit of trust: a member with an escaping path, a symbolic link or a password makes
//! the whole archive suspect, and a checksum that fails at the last byte makes all rows before it suspect
//! too. Sizes are checked against limits before anything is inflated and again while inflating, because
//! declared sizes can lie.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::Limits;
use crate::beside::beside;
use crate::packing::{Container, ContainerFault};
use crate::report::FileError;
use crate::row::shown;

/// What was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) container: Container,
    /// Name of the archive's member.
    pub(crate) member: Option<String>,
}

/// Below this many bytes a high ratio is harmless (a short file of equal rows).
const RATIO_FLOOR_BYTES: u64 = 64 * 1024 * 1024;
/// Members looked at in one archive. Exchanges ship one.
const MEMBERS_MAX: u64 = 1_000;

/// Opens `source` and hands the text in it to `read`.
pub(crate) fn open<R: Read + Seek + Send, T>(
    mut source: R,
    name: &str,
    limits: &Limits,
    read: impl FnOnce(&Opened, &mut dyn Read) -> Result<T, FileError>,
) -> Result<T, FileError> {
    let failed = |error: io::Error| FileError::Io { name: name.to_owned(), source: error };
    let refused = |fault: ContainerFault| FileError::BadContainer { name: name.to_owned(), fault };

    let mut magic = [0u8; 8];
    let mut have = 0;
    while have < magic.len() {
        match source.read(&mut magic[have..]) {
            Ok(0) => break,
            Ok(count) => have += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(error)),
        }
    }
    let magic = &magic[..have];
    let packed_bytes = source.seek(SeekFrom::End(0)).map_err(failed)?;
    source.seek(SeekFrom::Start(0)).map_err(failed)?;

    if magic.starts_with(&[0x1f, 0x8b]) {
        let inflated = MultiGzDecoder::new(BufReader::with_capacity(128 * 1024, source));
        let opened = Opened { container: Container::Gzip, member: None };
        return beside(Bounded::new(inflated, packed_bytes, limits), |text| read(&opened, text));
    }
    if magic.starts_with(b"PK\x03\x04") || magic.starts_with(b"PK\x05\x06") {
        let members = members_claimed(&mut source, packed_bytes).map_err(failed)?;
        if members > MEMBERS_MAX {
            return Err(refused(ContainerFault::TooManyMembers(members, MEMBERS_MAX)));
        }
        let mut archive = ZipArchive::new(BufReader::with_capacity(128 * 1024, source))
            .map_err(|error| refused(zip_fault(error)))?;
        let chosen = choose(&mut archive, name).map_err(refused)?;
        let file = archive.by_index(chosen).map_err(|error| refused(zip_fault(error)))?;
        if file.size() > limits.inflated_bytes {
            return Err(refused(ContainerFault::TooLarge(limits.inflated_bytes)));
        }
        let member = String::from_utf8_lossy(file.name_raw()).into_owned();
        let packed_bytes = file.compressed_size().min(packed_bytes);
        if too_dense(file.size(), packed_bytes, limits) {
            return Err(refused(ContainerFault::TooDense(limits.ratio)));
        }
        let opened = Opened { container: Container::Zip, member: Some(member) };
        return beside(Bounded::new(file, packed_bytes, limits), |text| read(&opened, text));
    }
    let unsupported = [
        (&b"\x28\xb5\x2f\xfd"[..], "zstd"),
        (b"\xfd7zXZ\0", "xz"),
        (b"BZh", "bzip2"),
        (b"7z\xbc\xaf", "7z"),
        (b"\x04\x22\x4d\x18", "lz4"),
        (b"PAR1", "Parquet"),
    ];
    if let Some((_, kind)) = unsupported.iter().find(|(start, _)| magic.starts_with(start)) {
        return Err(refused(ContainerFault::Unsupported(kind)));
    }
    if name.to_ascii_lowercase().ends_with(".zip") && !magic.is_empty() {
        let what = if magic.trim_ascii_start().starts_with(b"<") { "a web page" } else { "unknown content" };
        return Err(refused(ContainerFault::NotAZip(what)));
    }
    read(&Opened { container: Container::Plain, member: None }, &mut source)
}

/// Says what a read error in the middle means: of the system, or of the archive.
pub(crate) fn read_failure(error: io::Error, opened: &Opened, name: &str) -> FileError {
    let name = name.to_owned();
    let fault = match error.get_ref().and_then(|inner| inner.downcast_ref::<ContainerFault>()) {
        Some(fault) => fault.clone(),
        None if opened.container == Container::Plain => return FileError::Io { name, source: error },
        None => match error.kind() {
            io::ErrorKind::UnexpectedEof => ContainerFault::Truncated,
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other => {
                ContainerFault::Damaged(error.to_string())
            }
            _ => return FileError::Io { name, source: error },
        },
    };
    FileError::BadContainer { name, fault }
}

fn zip_fault(error: ZipError) -> ContainerFault {
    match error {
        ZipError::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => ContainerFault::Truncated,
        // The directory of a zip stands at its end, so a download cut short has none.
        ZipError::InvalidArchive(what) if what.contains("find EOCD") => ContainerFault::Truncated,
        ZipError::UnsupportedArchive(what) => ContainerFault::UnsupportedZip(what.to_owned()),
        ZipError::CompressionMethodNotSupported(method) => {
            ContainerFault::UnsupportedZip(format!("compression method {method}"))
        }
        other => ContainerFault::Damaged(other.to_string()),
    }
}

/// How many members the end of the archive claims, before anything is allocated for them.
///
/// The record sits in the last 22 bytes, before which a comment of up to 64 KiB may stand; the one for
/// large archives lies just in front of it. Whichever claims most counts.
fn members_claimed<R: Read + Seek>(source: &mut R, packed_bytes: u64) -> io::Result<u64> {
    const TAIL_BYTES: u64 = 22 + 65_535 + 20 + 56;
    let length = packed_bytes.min(TAIL_BYTES);
    source.seek(SeekFrom::Start(packed_bytes - length))?;
    let mut tail = Vec::new();
    source.by_ref().take(length).read_to_end(&mut tail)?;
    source.seek(SeekFrom::Start(0))?;
    let short = memchr::memmem::find_iter(&tail, b"PK\x05\x06").filter_map(|at| {
        let count = tail.get(at + 10..at + 12)?.try_into().ok()?;
        Some(u64::from(u16::from_le_bytes(count)))
    });
    let long = memchr::memmem::find_iter(&tail, b"PK\x06\x06").filter_map(|at| {
        let count = tail.get(at + 32..at + 40)?.try_into().ok()?;
        Some(u64::from_le_bytes(count))
    });
    Ok(short.chain(long).max().unwrap_or(0))
}

/// Picks the one data file of an archive.
///
/// Some archives hold the same file twice, once below a folder and with a different number of rows. The
/// rule is the shallowest path, because that is where regular archives have it.
fn choose<R: Read + Seek>(archive: &mut ZipArchive<R>, name: &str) -> Result<usize, ContainerFault> {
    let mut found: Vec<(usize, String, usize)> = Vec::new();
    for index in 0..archive.len() {
        let member = archive.by_index_raw(index).map_err(zip_fault)?;
        let path = String::from_utf8_lossy(member.name_raw()).into_owned();
        if leads_outside(&path) {
            return Err(ContainerFault::UnsafePath(shown(path.as_bytes())));
        }
        if member.is_symlink() {
            return Err(ContainerFault::SymbolicLink(shown(path.as_bytes())));
        }
        if member.encrypted() {
            return Err(ContainerFault::Encrypted(shown(path.as_bytes())));
        }
        if member.is_dir() {
            continue;
        }
        let file = path.rsplit('/').next().unwrap_or_default().to_owned();
        let lower = file.to_ascii_lowercase();
        let is_data = [".csv", ".json", ".jsonl", ".ndjson", ".txt"].iter().any(|end| lower.ends_with(end));
        let is_hidden = file.starts_with('.') || path.starts_with("__MACOSX/");
        if is_data && !is_hidden {
            found.push((path.matches('/').count(), file, index));
        }
    }
    found.sort();
    match found.as_slice() {
        [] => Err(ContainerFault::NoDataFile),
        [(_, _, only)] => Ok(*only),
        [(depth, file, first), rest @ ..] => {
            if rest.iter().all(|(other_depth, other, _)| other == file && other_depth > depth) {
                return Ok(*first);
            }
            // Several files: the one named as the archive is, if it is alone at its depth.
            let archive_file = name.rsplit(['/', '\\']).next().unwrap_or_default();
            let stem = archive_file.rsplit_once('.').map_or(archive_file, |(stem, _)| stem);
            let mut named =
                found.iter().filter(|(_, file, _)| file.rsplit_once('.').is_some_and(|f| f.0 == stem));
            match (named.next(), named.next()) {
                (Some((_, _, index)), None) => Ok(*index),
                (Some((depth, _, index)), Some((next_depth, _, _))) if depth < next_depth => Ok(*index),
                _ => Err(ContainerFault::SeveralDataFiles(found.len())),
            }
        }
    }
}

/// Whether a member's name is anything but a plain path downwards. Stricter than what extraction would
/// forgive (`a/../b`, a leading slash): regular archives have neither.
fn leads_outside(path: &str) -> bool {
    path.starts_with('/')
        || path.contains(['\\', ':', '\0'])
        || path.split('/').any(|part| part == ".." || part == ".")
}

fn too_dense(bytes: u64, packed_bytes: u64, limits: &Limits) -> bool {
    bytes > RATIO_FLOOR_BYTES && bytes / limits.ratio.max(1) > packed_bytes
}

/// Stops inflating at the limits.
struct Bounded<'a, R> {
    inner: R,
    bytes: u64,
    packed_bytes: u64,
    limits: &'a Limits,
}

impl<'a, R: Read> Bounded<'a, R> {
    fn new(inner: R, packed_bytes: u64, limits: &'a Limits) -> Self {
        Self { inner, bytes: 0, packed_bytes, limits }
    }
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.bytes = self.bytes.saturating_add(count as u64);
        if self.bytes > self.limits.inflated_bytes {
            return Err(io::Error::other(ContainerFault::TooLarge(self.limits.inflated_bytes)));
        }
        if too_dense(self.bytes, self.packed_bytes, self.limits) {
            return Err(io::Error::other(ContainerFault::TooDense(self.limits.ratio)));
        }
        Ok(count)
    }
}
