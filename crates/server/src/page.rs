//! The page: the files of `web/dist`, which are part of the program.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::OnceLock;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use liqlens_ask::{Failure, Kind, quoted};
use rust_embed::RustEmbed;

use crate::problem::Problem;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Dist;

/// A file of the page as it is sent.
struct File {
    plain: Bytes,
    /// Where that is smaller.
    gzip: Option<Bytes>,
    tag: HeaderValue,
    media: &'static str,
    /// Whether its name changes with its contents.
    hashed: bool,
}

/// First words of the addresses that the page itself makes sense of; it is the same file for all of them.
const PAGES: [&str; 5] = ["map", "heatmap", "brief", "data", "api"];

/// Answers what no route does: the page, its files, or a problem.
pub(crate) async fn answer(request: Request) -> Response {
    let path = request.uri().path();
    let name = path.trim_start_matches('/');
    let first = name.split('/').next().unwrap_or_default();
    let page = name.is_empty() || PAGES.contains(&first);
    let Some(file) = files().get(if page { "index.html" } else { name }) else {
        return nothing(path).into_response();
    };
    file.answer(&request)
}

/// All files, compressed once.
fn files() -> &'static BTreeMap<String, File> {
    static FILES: OnceLock<BTreeMap<String, File>> = OnceLock::new();
    FILES.get_or_init(|| {
        Dist::iter()
            .filter_map(|name| {
                Some((name.to_string(), File::new(&name, Dist::get(&name)?.data.into_owned())))
            })
            .collect()
    })
}

impl File {
    fn new(name: &str, plain: Vec<u8>) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let gzip = encoder.write_all(&plain).ok().and_then(|()| encoder.finish().ok());
        let tag = format!("\"{}\"", &blake3::hash(&plain).to_hex()[..32]);
        Self {
            gzip: gzip.filter(|gzip| gzip.len() < plain.len()).map(Bytes::from),
            tag: HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\"")),
            media: media(name),
            hashed: name.starts_with("assets/"),
            plain: plain.into(),
        }
    }

    fn answer(&self, request: &Request) -> Response {
        let headers = request.headers();
        let known = headers.get(IF_NONE_MATCH).is_some_and(|tag| *tag == self.tag);
        let takes_gzip = headers
            .get(ACCEPT_ENCODING)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.split(',').any(|one| one.trim().split(';').next() == Some("gzip")));
        let (bytes, encoding) = match &self.gzip {
            _ if known => (Bytes::new(), None),
            Some(gzip) if takes_gzip => (gzip.clone(), Some(HeaderValue::from_static("gzip"))),
            _ => (self.plain.clone(), None),
        };
        let mut response = Response::new(Body::from(bytes));
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let keep = if self.hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.media));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(ETAG, self.tag.clone());
        if let Some(encoding) = encoding {
            headers.insert(CONTENT_ENCODING, encoding);
        }
        response
    }
}

fn media(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, suffix)| suffix) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "json" | "webmanifest" => "application/json",
        "png" => "image/png",
        _ => "text/plain; charset=utf-8",
    }
}

fn nothing(path: &str) -> Problem {
    Problem::from(Failure::new(
        Kind::NoData,
        "no-such-path",
        format!("There is nothing at {}.", quoted(path)),
        "It is neither a question nor a page.",
        "GET /v1/openapi.json lists the questions; the page is at /.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_in_the_program_and_every_file_has_a_media_type() {
        let html = String::from_utf8(files()["index.html"].plain.to_vec()).unwrap();
        for (name, file) in files() {
            assert!(!file.plain.is_empty() || name == "OFL.txt", "{name}");
            assert!(!file.hashed || file.media != "text/plain; charset=utf-8", "{name}");
        }
        // What the page loads first is there under the name it uses.
        let script = html.split("src=\"/").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        assert!(files().contains_key(script), "{script}");
    }
}
