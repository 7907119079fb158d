//! Where answers go: files, pipes, colour, width, remarks.

use std::io::Read as _;
use std::process::Stdio;

use crate::context::{Run, TestContext};

#[test]
fn the_suffix_chooses_the_form_and_the_file_holds_what_the_pipe_would() {
    let context = TestContext::new();
    for (suffix, line) in [
        ("json", "reach BTC --amount 50M --json"),
        ("csv", "reach BTC --amount 50M --csv"),
        ("txt", "reach BTC --amount 50M"),
    ] {
        let run = context.words(&format!("reach BTC --amount 50M -o answer.{suffix}")).ok();
        assert!(run.stdout.is_empty());
        assert_eq!(run.stderr, format!("wrote answer.{suffix}\n"));
        let file = std::fs::read(context.path(&format!("answer.{suffix}"))).unwrap();
        assert_eq!(file, context.words(line).ok().stdout, "{suffix}");
    }
    for suffix in ["md", "html"] {
        context.words(&format!("at BTC --move -2% -o answer.{suffix} --quiet")).ok();
        assert!(context.path(&format!("answer.{suffix}")).exists());
    }
    assert_eq!(std::fs::read_dir(context.directory()).unwrap().count(), 5, "nothing temporary is left");
}

#[test]
fn a_failed_command_leaves_the_old_file_alone() {
    let context = TestContext::new();
    std::fs::write(context.path("x.json"), "old").unwrap();
    assert_eq!(context.words("reach DOGE --amount 1M -o x.json").code, 3);
    assert_eq!(std::fs::read(context.path("x.json")).unwrap(), b"old");
    assert_eq!(context.words("reach BTC --amount 1M -o no/such/x.json").code, 7);
}

/// UX-C1: a reader that leaves early is no error.
#[test]
fn a_closed_pipe_is_silent() {
    let context = TestContext::new();
    let mut child = context
        .command()
        .args(["heatmap", "BTC", "--csv"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0u8; 16];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    drop(child.stdout.take());
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!(&first, b"symbol,as_of,mod");
}

#[test]
fn a_pipe_gets_no_colour_and_no_remarks() {
    let context = TestContext::new();
    let run = context.words("map BTC").ok();
    assert!(!run.text().contains('\u{1b}'));
    assert!(run.stderr.is_empty(), "{}", run.stderr);
    assert!(context.words("map BTC -v").ok().stderr.contains("events"));
}

#[test]
fn text_wraps_at_columns_and_never_beyond_a_hundred() {
    let context = TestContext::new();
    for (columns, widest) in [("60", 60), ("400", 100), ("0", 100), ("wide", 100)] {
        let output = context.command().args(["brief", "BTC"]).env("COLUMNS", columns).output().unwrap();
        let text = Run::of(output).ok().text();
        let longest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(longest <= widest && longest > widest - 20, "{columns}: {longest}");
    }
}
