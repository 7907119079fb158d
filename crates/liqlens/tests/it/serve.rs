//! `serve`: the real program on a free port, asked over sockets.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::context::TestContext;

/// A running server; killed when it is dropped.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn start(context: &TestContext, arguments: &[&str]) -> Self {
        let mut command = context.command();
        command.args(["serve", "--bind", "127.0.0.1:0", "--json"]).args(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        let address = told["url"].as_str().unwrap().trim_start_matches("http://").to_owned();
        Self { child, address }
    }

    /// Status and body.
    fn get(&self, target: &str) -> (u16, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let request = format!("GET {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), bytes[end + 4..].to_vec())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// UX-P3: every surface gives the same bytes.
#[test]
fn answers_are_those_of_the_command_line_to_the_byte() {
    let context = TestContext::new();
    let served = Served::start(&context, &[]);
    for (words, target) in [
        ("reach BTC --amount 250M", "/v1/reach/BTC?amount=250M"),
        (
            "reach binance:BTCUSDT --amount 5 --in %oi --as-of 2026-03-18T12:00Z",
            "/v1/reach/binance:BTCUSDT?amount=5&in=%25oi&as_of=2026-03-18T12:00Z",
        ),
        ("at BTC --move -2% --move +770 --move to:60000", "/v1/at/BTC?move=-2%25,%2B770,to:60000"),
        ("map BTC", "/v1/map/BTC"),
        ("map BTC --within 5% --bin 25bp --model m0", "/v1/map/BTC?within=5%25&bin=25bp&model=m0"),
        ("clusters BTC --within 5% --as-of 2026-03-17", "/v1/clusters/BTC?within=5%25&as_of=2026-03-17"),
        (
            "heatmap BTC --last 6h --step 15m --as-of 2026-03-19T18:00Z",
            "/v1/heatmap/BTC?last=6h&step=15m&as_of=2026-03-19T18:00Z",
        ),
        ("brief BTC --amount 100M", "/v1/brief/BTC?amount=100M"),
        ("brief BTC --as-of 2026-03-16T08:00Z", "/v1/brief/BTC?as_of=2026-03-16T08:00Z"),
    ] {
        let (status, body) = served.get(target);
        assert_eq!(status, 200, "{target}: {}", String::from_utf8_lossy(&body));
        let typed = context.words(&format!("{words} --json")).ok();
        assert_eq!(String::from_utf8(body).unwrap(), typed.text(), "{words}");
    }
    let written = [
        ("map BTC", "/v1/map/BTC", ["csv", "md", "html", "svg", "png"].as_slice()),
        ("clusters BTC", "/v1/clusters/BTC", &["csv", "md", "html"]),
        ("heatmap BTC --last 6h", "/v1/heatmap/BTC?last=6h", &["csv", "svg"]),
        ("brief BTC", "/v1/brief/BTC", &["md", "html", "png"]),
        ("map BTC --theme dark", "/v1/map/BTC?theme=dark", &["svg"]),
    ];
    for (words, target, forms) in written {
        for form in forms {
            let file = format!("answer.{form}");
            context.words(&format!("{words} -o {file}")).ok();
            let mark = if target.contains('?') { '&' } else { '?' };
            let (status, body) = served.get(&format!("{target}{mark}format={form}"));
            assert_eq!(status, 200, "{target} {form}");
            assert!(body == std::fs::read(context.path(&file)).unwrap(), "{words} as {form}");
        }
    }
}

/// A store and an archive of the same events are served alike, and like the bundle.
#[test]
fn any_data_directory_is_served() {
    let context = TestContext::new();
    for index in 0..liqlens_files::bundled::FILES.len() {
        let name = context.bundled(index);
        context.run(&["import", name, "--data", "store"]).ok();
    }
    context.words("export -o archive --data store").ok();
    let target = "/v1/at/BTC?as_of=2026-03-18T12:00Z";
    let answer = |data: &[&str]| Served::start(&context, data).get(target);
    let bundled = answer(&[]);
    assert_eq!(bundled.0, 200);
    assert_eq!(answer(&["--data", "store"]), bundled);
    assert_eq!(answer(&["--data", "archive"]), bundled);
}

#[cfg(unix)]
#[test]
fn a_server_that_is_told_to_stop_does() {
    let context = TestContext::new();
    let mut served = Served::start(&context, &["--log", "json"]);
    assert_eq!(served.get("/v1/health/live").0, 200);
    // An idle socket does not keep it.
    let _idle = TcpStream::connect(&served.address).unwrap();
    let told = std::process::Command::new("kill").arg(served.child.id().to_string()).status().unwrap();
    assert!(told.success());
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
    let mut log = String::new();
    served.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    for line in log.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        assert!(event["level"].is_string(), "{line}");
    }
    // Nothing but the address went to standard output.
    let mut rest = String::new();
    served.child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn a_server_takes_no_option_of_a_question() {
    let context = TestContext::new();
    let run = context.words("serve --as-of 2026-03-18 --bind 127.0.0.1:0");
    assert_eq!((run.code, run.stderr.contains("Each request says itself")), (2, true), "{}", run.stderr);
    let run = context.words("serve --data nowhere --bind 127.0.0.1:0 --json");
    assert_eq!((run.code, run.json()["code"].as_str()), (3, Some("no-data-directory")));
}
