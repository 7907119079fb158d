//! Containers: what is opened, what is refused, and that a failure at the last byte is a failure.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;
use liqlens_files::{
    Container, ContainerFault, FileError, Limits, Options, collect_bytes, read_bytes, read_path,
};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::{excerpt, excerpt_text, read};

const NAME: &str = "BTCUSDT-aggTrades-2025-10-22";

fn text() -> String {
    excerpt_text("BTCUSDT-aggTrades-2025-10-22.csv")
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn fault(name: &str, bytes: &[u8]) -> ContainerFault {
    match read(name, bytes).unwrap_err() {
        FileError::BadContainer { fault, .. } => fault,
        other => panic!("{other}"),
    }
}

/// Rows enough that events go out long before the end of the archive is reached.
fn many_rows() -> String {
    let mut rows = text().lines().next().unwrap().to_owned() + "\n";
    for id in 0..60_000u64 {
        let (whole, tenth, size) = (100_000 + id * 7 % 991, id % 10, id % 997 + 1);
        let ms = 1_761_091_200_000 + id;
        writeln!(rows, "{id},{whole}.{tenth},0.{size:03},1,1,{ms},true").unwrap();
    }
    rows
}

#[test]
fn plain_gzip_and_zip_give_the_same_events() {
    let (plain, expected) = read(&format!("{NAME}.csv"), text()).unwrap();
    assert_eq!((plain.container, plain.member), (Container::Plain, None));

    let (report, events) = read(&format!("{NAME}.csv.gz"), gz(text().as_bytes())).unwrap();
    assert_eq!((report.container, &events), (Container::Gzip, &expected));

    // Several members, one of them ending inside a row.
    let bytes = text().into_bytes();
    let (front, back) = bytes.split_at(150);
    let (report, events) = read(&format!("{NAME}.csv.gz"), [gz(front), gz(back)].concat()).unwrap();
    assert_eq!((report.rows, &events), (6, &expected));

    let member = format!("{NAME}.csv");
    let (report, events) = read("download.zip", zip(&[(&member, text().as_bytes())])).unwrap();
    assert_eq!(
        (report.container, report.member.as_deref(), &events),
        (Container::Zip, Some(member.as_str()), &expected)
    );

    // The bytes decide, not the name.
    let (report, _) = read(&format!("{NAME}.csv"), gz(text().as_bytes())).unwrap();
    assert_eq!(report.container, Container::Gzip);
    assert!(read(&format!("{NAME}.csv.gz"), text()).is_ok());
}

#[test]
fn an_archive_cut_short_is_an_error_even_after_good_rows() {
    let packed = gz(many_rows().as_bytes());
    let mut handed_out = 0;
    let cut = &packed[..packed.len() - 100];
    let result = read_bytes("BTCUSDT.csv.gz", cut, &Options::default(), |_| handed_out += 1);
    assert!(handed_out > 0, "the failure is a late one");
    assert!(
        matches!(result, Err(FileError::BadContainer { fault: ContainerFault::Truncated, .. })),
        "{result:?}"
    );
    let packed = zip(&[("BTCUSDT.csv", many_rows().as_bytes())]);
    assert_eq!(fault("BTCUSDT.zip", &packed[..packed.len() / 2]), ContainerFault::Truncated);
}

#[test]
fn a_checksum_that_fails_at_the_end_is_an_error() {
    let mut packed = gz(many_rows().as_bytes());
    let checksum = packed.len() - 8;
    packed[checksum] ^= 1;
    assert!(matches!(fault("BTCUSDT.csv.gz", &packed), ContainerFault::Damaged(_)));

    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    writer.start_file("BTCUSDT.csv", stored).unwrap();
    writer.write_all(many_rows().as_bytes()).unwrap();
    let mut packed = writer.finish().unwrap().into_inner();
    // One digit of a price in the middle: still a good row, and still not what was published.
    let at = memchr::memmem::find(&packed[500_000..], b",100").unwrap() + 500_001;
    packed[at] = b'9';
    assert!(matches!(fault("BTCUSDT.zip", &packed), ContainerFault::Damaged(_)));
}

#[test]
fn what_only_claims_to_be_an_archive_is_refused() {
    let page = b"<!DOCTYPE html><title>404 Not Found</title>";
    assert_eq!(fault("BTCUSDT.zip", page), ContainerFault::NotAZip("a web page"));
    assert_eq!(fault("BTCUSDT.ZIP", b"nothing"), ContainerFault::NotAZip("unknown content"));
    assert_eq!(fault("BTCUSDT.parquet", b"PAR1\0\0\0\0PAR1"), ContainerFault::Unsupported("Parquet"));
    assert_eq!(fault("BTCUSDT.csv.zst", b"\x28\xb5\x2f\xfd\0\0"), ContainerFault::Unsupported("zstd"));
    assert!(matches!(read("BTCUSDT.csv.gz", gz(b"")), Err(FileError::Empty { .. })));
}

#[test]
fn a_file_held_twice_is_read_from_its_regular_place() {
    let member = format!("{NAME}.csv");
    let nested = format!("{NAME}/{NAME}.csv");
    let short = text().lines().take(3).collect::<Vec<_>>().join("\n");
    for members in [
        [(member.as_str(), text()), (nested.as_str(), short.clone())],
        [(nested.as_str(), short.clone()), (member.as_str(), text())],
    ] {
        let members: Vec<_> = members.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
        let (report, _) = read(&format!("{NAME}.zip"), zip(&members)).unwrap();
        assert_eq!((report.rows, report.member.as_deref()), (6, Some(member.as_str())));
    }
    // Companions that are no data do not matter; a second data file does.
    let packed = zip(&[("__MACOSX/._x.csv", b"x"), ("readme.md", b"x"), (&nested, text().as_bytes())]);
    assert_eq!(read(&format!("{NAME}.zip"), packed).unwrap().0.rows, 6);
    let packed = zip(&[("a.csv", text().as_bytes()), ("b.csv", text().as_bytes())]);
    assert_eq!(fault("BTCUSDT.zip", &packed), ContainerFault::SeveralDataFiles(2));
    assert_eq!(fault("BTCUSDT.zip", &zip(&[("a.exe", b"MZ")])), ContainerFault::NoDataFile);
    assert_eq!(fault("BTCUSDT.zip", &zip(&[])), ContainerFault::NoDataFile);
}

#[test]
fn dangerous_members_make_the_archive_untrusted() {
    let good = ("BTCUSDT.csv", text());
    for name in ["../evil.csv", "/etc/evil.csv", "a\\..\\evil.csv"] {
        let packed = zip(&[(good.0, good.1.as_bytes()), (name, b"x")]);
        assert!(matches!(fault("BTCUSDT.zip", &packed), ContainerFault::UnsafePath(_)), "{name}");
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file(good.0, SimpleFileOptions::default()).unwrap();
    writer.write_all(good.1.as_bytes()).unwrap();
    writer.add_symlink("link.csv", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    let packed = writer.finish().unwrap().into_inner();
    assert_eq!(fault("BTCUSDT.zip", &packed), ContainerFault::SymbolicLink("link.csv".into()));

    // Bit 0 of the general purpose flags, at offset 6 of a local and 8 of a central header.
    let mut packed = zip(&[(good.0, good.1.as_bytes())]);
    let central = memchr::memmem::rfind(&packed, b"PK\x01\x02").unwrap();
    packed[6] |= 1;
    packed[central + 8] |= 1;
    assert_eq!(fault("BTCUSDT.zip", &packed), ContainerFault::Encrypted("BTCUSDT.csv".into()));
}

#[test]
fn an_archive_of_very_many_members_is_refused_by_its_claim() {
    let names: Vec<String> = (0..1_001).map(|at| format!("{at}.csv")).collect();
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    assert_eq!(fault("BTCUSDT.zip", &zip(&members)), ContainerFault::TooManyMembers(1_001, 1_000));
    assert_eq!(fault("BTCUSDT.zip", &zip(&members[..1_000])), ContainerFault::SeveralDataFiles(1_000));
}

#[test]
fn bombs_are_stopped_at_the_limits() {
    let limits = Limits { inflated_bytes: 100_000, ..Limits::default() };
    let options = Options { limits, ..Options::default() };
    for (name, packed) in [
        ("BTCUSDT.csv.gz", gz(many_rows().as_bytes())),
        ("BTCUSDT.zip", zip(&[("BTCUSDT.csv", many_rows().as_bytes())])),
    ] {
        match collect_bytes(name, &packed, &options).unwrap_err() {
            FileError::BadContainer { fault, .. } => assert_eq!(fault, ContainerFault::TooLarge(100_000)),
            other => panic!("{other}"),
        }
    }
    // 80 MB of one byte inflate about a thousandfold; a lower limit stands for a denser bomb.
    let zeros = vec![b'0'; 80_000_000];
    let limits = Limits { ratio: 500, ..Limits::default() };
    let options = Options { limits, ..Options::default() };
    let text = [text().as_bytes(), &zeros].concat();
    for (name, packed) in [("BTCUSDT.csv.gz", gz(&text)), ("BTCUSDT.zip", zip(&[("BTCUSDT.csv", &text)]))] {
        match collect_bytes(name, &packed, &options).unwrap_err() {
            FileError::BadContainer { fault, .. } => assert_eq!(fault, ContainerFault::TooDense(500)),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn a_size_that_lies_is_found_out() {
    let mut packed = zip(&[("BTCUSDT.csv", many_rows().as_bytes())]);
    let central = memchr::memmem::rfind(&packed, b"PK\x01\x02").unwrap();
    // Uncompressed size: claims 10 bytes.
    packed[central + 24..central + 28].copy_from_slice(&10u32.to_le_bytes());
    assert!(matches!(read("BTCUSDT.zip", &packed), Err(FileError::BadContainer { .. })));
}

#[test]
fn paths_that_are_no_files_are_named() {
    let options = Options::default();
    let folder = tempfile::tempdir().unwrap();
    let error = read_path(folder.path(), &options, |_| {}).unwrap_err();
    assert!(matches!(error, FileError::IsDirectory { .. }), "{error}");
    let error = read_path(&folder.path().join("absent.csv"), &options, |_| {}).unwrap_err();
    assert!(matches!(error, FileError::NotFound { .. }), "{error}");
    let mut count = 0;
    let report = read_path(&excerpt("BTCUSDT-aggTrades-2025-10-22.csv"), &options, |_| count += 1).unwrap();
    assert_eq!((report.events, count), (6, 6));
    #[cfg(unix)]
    {
        let error = read_path(std::path::Path::new("/dev/zero"), &options, |_| {}).unwrap_err();
        assert!(matches!(error, FileError::NotAFile { .. }), "{error}");
    }
}
