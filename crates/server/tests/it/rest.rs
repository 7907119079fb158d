//! Questions over HTTP.

use std::io::Read as _;

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use serde_json::Value;

use crate::served::{ask, get};

/// Paths of the description that are asked with parameters, with their symbol put in.
fn operations() -> Vec<(String, Value)> {
    let description = get("/v1/openapi.json").ok().json();
    let paths = description["paths"].as_object().unwrap();
    paths
        .iter()
        .map(|(path, item)| (path.replace("{symbol}", "BTC").replace("{name}", "map"), item["get"].clone()))
        .collect()
}

fn escaped(text: &str) -> String {
    percent_encode(text.as_bytes(), NON_ALPHANUMERIC).to_string()
}

#[test]
#[ignore = "open: the form expected of Markdown is not settled"]
fn everything_described_is_answered_in_every_form() {
    let mut forms = 0;
    for (path, operation) in operations() {
        let content = operation["responses"]["200"]["content"].as_object().unwrap();
        for media in content.keys() {
            let reply = ask("GET", &path, &[("accept", media)]).ok();
            assert!(reply.header("content-type").starts_with(media.as_str()), "{path} {media}");
            let body = &reply.body;
            let begins: &[u8] = match media.as_str() {
                "application/json" => {
                    assert!(body.ends_with(b"\n"));
                    serde_json::from_slice::<Value>(body).unwrap();
                    b""
                }
                "image/png" => b"\x89PNG\r\n\x1a\n",
                "image/svg+xml" => b"<svg ",
                "text/html" => b"<!doctype html>",
                "text/markdown" => b"#",
                // A continuation marker begins each message of an Arrow stream.
                "application/vnd.apache.arrow.stream" => b"\xff\xff\xff\xff",
                "text/csv" => {
                    let columns = |line: &str| line.split(',').count();
                    let header = reply.text().lines().next().unwrap();
                    assert!(columns(header) > 3, "{header}");
                    b""
                }
                other => panic!("{other}"),
            };
            assert!(body.starts_with(begins), "{path} {media} {:?}", &body[..20.min(body.len())]);
            forms += 1;
        }
    }
    assert!(forms > 50, "{forms}");
}

#[test]
fn every_example_of_a_parameter_is_understood() {
    let mut asked = 0;
    for (path, operation) in operations() {
        for parameter in operation["parameters"].as_array().unwrap() {
            let name = parameter["name"].as_str().unwrap();
            if parameter["in"] != "query" || name == "cursor" {
                continue;
            }
            let example = &parameter["example"];
            let value = example.as_str().map_or_else(|| example.to_string(), escaped);
            get(&format!("{path}?{name}={value}")).ok();
            asked += 1;
        }
    }
    assert!(asked > 60, "{asked}");
}

#[test]
fn a_symbol_has_many_spellings() {
    for (path, symbol) in [
        ("/v1/at/BTC", "BTC"),
        ("/v1/at/btc", "BTC"),
        ("/v1/at/BTC%2FUSDT%3AUSDT", "BTC/USDT:USDT"),
        ("/v1/at/BTC%2FUSDT:USDT", "BTC/USDT:USDT"),
        ("/v1/at/binance%3ABTCUSDT", "binance:BTCUSDT"),
        ("/v1/at/binance:BTCUSDT", "binance:BTCUSDT"),
    ] {
        assert_eq!(get(path).ok().json()["symbol"], symbol, "{path}");
    }
    let listed = get("/v1/symbols").ok().json();
    assert_eq!(listed["symbols"][0]["symbol"], "BTC");
    assert_eq!(get("/v1/symbols/binance:BTCUSDT").ok().json(), listed);
}

#[test]
fn words_mean_what_they_mean_on_the_command_line() {
    // A plus sign may be escaped or not.
    let moves = get("/v1/at/BTC?move=-2%25,%2B2%25,to:75000").ok().json();
    assert_eq!(get("/v1/at/BTC?move=-2%,+2%,to:75000").ok().json(), moves);
    assert_eq!(moves["moves"].as_array().unwrap().len(), 3);
    // The same moment in other words is the same snapshot.
    let of = |as_of: &str| get(&format!("/v1/at/BTC?as_of={as_of}")).ok().json()["snapshot"].clone();
    let snapshot = of("2026-03-20T21:59:00Z");
    for words in ["now-2h", "@1774043940", "2026-03-20T22:59:00%2B01:00", "2026-03-20T22:59:00+01:00"] {
        assert_eq!(of(words), snapshot, "{words}");
    }
    assert_ne!(get("/v1/at/BTC").ok().json()["snapshot"], snapshot);
    assert_eq!(get("/v1/map/BTC?model=m0").ok().json()["model"], "m0");
}

#[test]
fn bytes_that_are_known_are_not_sent_again() {
    let path = "/v1/map/BTC?as_of=2026-03-19";
    let whole = get(path).ok();
    let tag = whole.header("etag").to_owned();
    assert_eq!(whole.header("cache-control"), "private, max-age=3600");
    assert_eq!(whole.header("vary"), "accept, accept-encoding");
    let known = ask("GET", path, &[("if-none-match", &tag)]);
    assert_eq!((known.status, known.body.len(), known.header("etag")), (304, 0, tag.as_str()));
    assert_ne!(get("/v1/map/BTC?as_of=2026-03-18").ok().header("etag"), tag);

    let packed = ask("GET", path, &[("accept-encoding", "gzip")]).ok();
    assert_eq!(packed.header("content-encoding"), "gzip");
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&packed.body[..]).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, whole.body);
    let known = ask("GET", path, &[("accept-encoding", "gzip"), ("if-none-match", packed.header("etag"))]);
    assert_eq!(known.status, 304);

    let head = ask("HEAD", path, &[]).ok();
    assert!(head.body.is_empty());
    assert_eq!(head.header("etag"), tag);
    assert_eq!(head.header("content-length"), whole.body.len().to_string());
    // The newest answer may be another one in a moment.
    assert_eq!(get("/v1/map/BTC").ok().header("cache-control"), "no-cache");
    assert_eq!(get("/v1/map/BTC?as_of=now-1h").ok().header("cache-control"), "no-cache");
}

#[test]
#[ignore = "open: a hint still names an option of the command line"]
fn refusals_are_problems_with_a_status_and_a_code() {
    for (target, status, code) in [
        ("/v1/map/BTX", 404, "symbol-unknown"),
        ("/v1/map/%3Cscript%3Ealert(1)%3C%2Fscript%3E", 400, "symbol-not-understood"),
        ("/v1/map/BTC?as_of=2026-03-21T12:00:00Z", 422, "as-of-in-future"),
        ("/v1/map/BTC?as_of=2020-01-01", 404, "before-data"),
        ("/v1/map/BTC?as_of=yesterday", 400, "time-not-understood"),
        ("/v1/map/BTC?within=0", 400, "window-not-understood"),
        ("/v1/map/BTC?bin=1e9", 400, "bin-not-understood"),
        ("/v1/map/BTC?withn=5%25", 400, "parameter-unknown"),
        ("/v1/map/BTC?within=5%25&within=6%25", 400, "parameter-twice"),
        ("/v1/map/BTC?format=..%2F..%2Fetc%2Fpasswd", 400, "format-not-understood"),
        ("/v1/reach/BTC?format=png", 406, "form-unsupported"),
        ("/v1/reach/BTC?amount=-1", 400, "amount-not-understood"),
        ("/v1/reach/BTC?amount=5&in=ETH", 400, "unit-not-this-coin"),
        ("/v1/at/BTC?move=770", 400, "move-not-understood"),
        ("/v1/at/BTC?move=-99999999", 422, "move-out-of-range"),
        ("/v1/at/BTC?evidence=measured", 404, "accounts-unknown"),
        ("/v1/at/BTC?evidence=measured&model=m0", 422, "evidence-contradiction"),
        ("/v1/heatmap/BTC?last=10000d&step=1m", 422, "too-large"),
        ("/v1/heatmap/BTC?from=2026-03-20&last=1d", 422, "range-contradiction"),
        ("/v1/heatmap/BTC?from=2026-03-20T23:59:30Z&as_of=2026-03-20", 422, "range-empty"),
        ("/v1/tape/BTC?cursor=x", 400, "cursor-not-understood"),
        ("/v1/schema/nothing", 404, "schema-unknown"),
        ("/v1/nothing", 404, "no-such-path"),
    ] {
        let reply = get(target);
        assert_eq!(reply.problem(), (status, code.to_owned()), "{target}");
        let problem = reply.json();
        for sentence in ["title", "hint"] {
            let sentence = problem[sentence].as_str().unwrap();
            assert!(!sentence.contains("--") && sentence.ends_with(['.', '?']), "{target}: {sentence}");
        }
        assert_eq!(reply.header("cache-control"), "no-store", "{target}");
    }
    let accepted = ask("GET", "/v1/map/BTC", &[("accept", "video/mp4")]);
    assert_eq!(accepted.problem(), (406, "form-unsupported".to_owned()));
    assert!(accepted.text().contains("image/png"));
}

#[test]
fn what_is_too_large_comes_with_a_smaller_question() {
    for target in [
        "/v1/heatmap/BTC?last=10d&step=1m",
        "/v1/heatmap/BTC?last=5d&step=1m&row=5bp&within=80%25",
        "/v1/map/BTC?within=50%25&bin=0.01usd",
        "/v1/map/binance:BTCUSDT?within=5%25&bin=0.0001bp",
        "/v1/price/BTC?max_points=100000",
        "/v1/tape/BTC?limit=100000",
    ] {
        let mut target = target.to_owned();
        let first = get(&target);
        assert_eq!(first.problem(), (422, "too-large".to_owned()), "{target}");
        // Each example is smaller; a few steps lead to an answer.
        for _ in 0..6 {
            let reply = get(&target);
            if reply.status == 200 {
                break;
            }
            let problem = reply.json();
            assert!(problem["wanted"].as_u64() > problem["limit"].as_u64(), "{target}");
            target = problem["example"].as_str().unwrap().to_owned();
        }
        get(&target).ok();
    }
}

#[test]
#[ignore = "open: the moment chosen is not of grade D"]
fn withheld_answers_are_given_to_those_who_insist() {
    // Two days after its open interest began the market has little history.
    let stale = "/v1/reach/BTC?as_of=2025-12-01T00:30:00Z";
    let (status, code) = get(stale).problem();
    assert!(status == 409 && (code == "warming" || code == "withheld"), "{status} {code}");
}

#[test]
fn the_server_says_how_it_is() {
    let health = get("/v1/health").ok().json();
    assert_eq!(health["schema"], "health/1");
    assert_eq!((&health["clock"]["mode"], &health["clock"]["playing"]), (&"recorded".into(), &false.into()));
    assert_eq!(health["clock"]["now"], "2026-03-20T23:59:00Z");
    assert_eq!(health["markets"][0]["market"], "binance:BTCUSDT");
    assert_eq!(get("/v1/health/live").ok().json()["state"], "live");
    // The sample is read in a moment; until then others may wait.
    let ready = get("/v1/health/ready");
    assert!(ready.status == 200 || ready.problem() == (503, "loading".to_owned()));
}

#[test]
fn schemas_are_those_of_the_documents() {
    let names = get("/v1/schema").ok().json();
    assert!(names.as_array().unwrap().contains(&"map/1".into()));
    assert_eq!(get("/v1/schema/map").ok().body, get("/v1/schema/map%2F1").ok().body);
    assert_eq!(get("/v1/schema/map").ok().json()["title"], "Map");
}
