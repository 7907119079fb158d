//! Instructions of single steps, which must not grow unnoticed: unlike times they are the same on a busy
//! machine, so that they can be committed and compared.
//!
//! `cargo bench -p liqlens --bench counts` runs each piece under valgrind's callgrind, counts the instructions
//! of its [`measured`] part alone, and fails if one differs from `counts.txt` by more than 3 %. `-- --update`
//! writes `counts.txt` anew. Where valgrind is missing nothing is compared, and it says so. Without `--bench`
//! (as `cargo test --benches` calls it) each piece runs once.
//!
//! Counts are of one processor family, one compiler and one build profile; elsewhere they may differ and
//! then say nothing.

mod pieces;

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::Command;

use liqlens_bench::Failure;

use crate::pieces::{PIECES, Piece};

/// Share by which a count may differ from the committed one.
const TOLERANCE: f64 = 0.03;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    if let Some(id) = arguments.iter().skip_while(|argument| *argument != "--piece").nth(1) {
        let piece = PIECES.iter().find(|piece| piece.id == id).ok_or("no such piece")?;
        return (piece.run)();
    }
    if has("--list") {
        return Ok(());
    }
    let mut out = io::stdout().lock();
    if !has("--bench") {
        PIECES.iter().try_for_each(|piece| (piece.run)())?;
        return Ok(writeln!(out, "{} pieces ran", PIECES.len())?);
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        return Ok(writeln!(out, "skipped: valgrind is not installed, so no instructions are counted")?);
    }
    compare(has("--update"), &mut out)
}

/// Prints every piece beside its committed count; fails where one is beyond the tolerance.
fn compare(update: bool, out: &mut impl io::Write) -> Result<(), Failure> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/counts/counts.txt");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let (mut text, mut differ) = (String::new(), Vec::new());
    writeln!(out, "{:<16} {:>14} {:>14} {:>8}  one of", "piece", "instructions", "committed", "change")?;
    for piece in PIECES {
        let found = instructions(piece)? / piece.times;
        writeln!(text, "{} {found}", piece.id)?;
        let before =
            committed.lines().find_map(|line| line.strip_prefix(piece.id)?.trim().parse::<u64>().ok());
        let change = before.map(|before| found as f64 / before as f64 - 1.0);
        let shown = change.map_or_else(|| "new".to_owned(), |change| format!("{:+.1} %", change * 100.0));
        let before_shown = before.map_or_else(String::new, |before| before.to_string());
        writeln!(out, "{:<16} {found:>14} {before_shown:>14} {shown:>8}  {}", piece.id, piece.what)?;
        if change.is_none_or(|change| change.abs() > TOLERANCE) {
            differ.push(piece.id);
        }
    }
    if update {
        std::fs::write(&path, text)?;
    } else if !differ.is_empty() {
        let list = differ.join(", ");
        return Err(format!("beyond 3 % of the committed count: {list}; find out why, then --update").into());
    }
    Ok(())
}

/// Instructions of the measured part of a piece.
fn instructions(piece: &Piece) -> Result<u64, Failure> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*measured*"])
        .arg(std::env::current_exe()?)
        .args(["--piece", piece.id])
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let counted = said.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
    match counted {
        Some(counted) if output.status.success() && counted > 0 => Ok(counted),
        _ => Err(format!("{} could not be counted: {said}", piece.id).into()),
    }
}
