//! A finished answer and how it goes out: whole or compressed, or only the word that it has not changed.

use std::io::Write as _;
use std::sync::OnceLock;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

/// A finished answer.
#[derive(Debug)]
pub(crate) struct Reply {
    content_type: &'static str,
    bytes: Bytes,
    /// The same compressed, once somebody wanted it so; `None` inside where that saves nothing.
    gzip: OnceLock<Option<Bytes>>,
    /// Hash of the bytes.
    tag: String,
}

/// How long an answer may be used again without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Ask every time whether it has changed.
    Ask,
    /// It is about a fixed moment: only more data or another program would change it.
    Hour,
}

/// Smaller answers are not worth compressing.
const WORTH: usize = 860;

impl Reply {
    pub(crate) fn new(content_type: &'static str, bytes: impl Into<Bytes>, compresses: bool) -> Self {
        let bytes = bytes.into();
        let tag = blake3::hash(&bytes).to_hex().as_str()[..32].to_owned();
        let gzip = if compresses && bytes.len() >= WORTH { OnceLock::new() } else { OnceLock::from(None) };
        Self { content_type, bytes, gzip, tag }
    }

    /// Bytes it takes in memory, about: the compressed form is a fraction of it.
    pub(crate) fn weight(&self) -> u32 {
        u32::try_from(self.bytes.len() / 4 * 5 + 256).unwrap_or(u32::MAX)
    }

    /// The answer to a request with these headers.
    pub(crate) fn respond(&self, headers: &HeaderMap, keep: Keep) -> Response<Body> {
        let packed = if accepts_gzip(headers) { self.packed() } else { None };
        let tag = match packed {
            Some(_) => format!("\"{}-gz\"", self.tag),
            None => format!("\"{}\"", self.tag),
        };
        let known = self.is_known(headers);
        let mut response = Response::new(Body::empty());
        let out = response.headers_mut();
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            out.insert(ETAG, tag);
        }
        out.insert(VARY, HeaderValue::from_static("accept, accept-encoding"));
        let keep = match keep {
            Keep::Ask => "no-cache",
            Keep::Hour => "private, max-age=3600",
        };
        out.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        out.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        let bytes = match packed {
            Some(packed) => {
                out.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                packed.clone()
            }
            None => self.bytes.clone(),
        };
        *response.body_mut() = Body::from(bytes);
        response
    }

    fn packed(&self) -> Option<&Bytes> {
        self.gzip
            .get_or_init(|| {
                let mut packer = GzEncoder::new(Vec::new(), Compression::new(5));
                packer.write_all(&self.bytes).ok()?;
                let packed = packer.finish().ok()?;
                (packed.len() < self.bytes.len()).then(|| Bytes::from(packed))
            })
            .as_ref()
    }

    /// Whether the client has these bytes already, in either form.
    fn is_known(&self, headers: &HeaderMap) -> bool {
        let tags = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        tags.flat_map(|tags| tags.split(',')).any(|tag| {
            let tag = tag.trim();
            let bare = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
            tag == "*" || bare.strip_suffix("-gz").unwrap_or(bare) == self.tag
        })
    }
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let codings = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    codings.flat_map(|codings| codings.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let refused = parts.any(|part| {
            part.strip_prefix("q=")
                .is_some_and(|weight| weight.parse::<f64>().is_ok_and(|weight| weight == 0.0))
        });
        (name.eq_ignore_ascii_case("gzip") || name == "*") && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(axum::http::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_client_that_has_the_bytes_gets_none() {
        let reply = Reply::new("application/json", vec![b' '; 4_000], true);
        let plain = reply.respond(&HeaderMap::new(), Keep::Ask);
        let tag = plain.headers()[ETAG].to_str().unwrap().to_owned();
        assert_eq!(
            (plain.status(), plain.headers()[CACHE_CONTROL].to_str().unwrap()),
            (StatusCode::OK, "no-cache")
        );
        for known in [tag.clone(), format!("\"x\", W/{tag}"), tag.replace('"', ""), "*".to_owned()] {
            let response = reply.respond(&headers(&[(IF_NONE_MATCH, &known)]), Keep::Hour);
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{known}");
            assert!(!response.headers().contains_key(CONTENT_TYPE));
        }
        let response = reply.respond(&headers(&[(IF_NONE_MATCH, "\"other\"")]), Keep::Hour);
        assert_eq!(response.status(), StatusCode::OK);
        // The tag names bytes: other bytes, and the same bytes packed, have another.
        let other = Reply::new("application/json", vec![b' '; 4_001], true);
        let packed = reply.respond(&headers(&[(ACCEPT_ENCODING, "br, gzip")]), Keep::Ask);
        assert_ne!(other.respond(&HeaderMap::new(), Keep::Ask).headers()[ETAG], *tag);
        assert_ne!(packed.headers()[ETAG], *tag);
        assert_eq!(packed.headers()[CONTENT_ENCODING], "gzip");
    }

    #[test]
    fn compression_is_for_those_who_can_and_where_it_pays() {
        let long = Reply::new("text/csv; charset=utf-8", vec![b'1'; 4_000], true);
        let packs = |reply: &Reply, accepted: &str| {
            let response = reply.respond(&headers(&[(ACCEPT_ENCODING, accepted)]), Keep::Ask);
            response.headers().contains_key(CONTENT_ENCODING)
        };
        assert!(packs(&long, "gzip") && packs(&long, "*") && packs(&long, "deflate, gzip;q=0.5"));
        assert!(!packs(&long, "identity") && !packs(&long, "gzip;q=0"));
        assert!(!packs(&Reply::new("application/json", vec![b'1'; 100], true), "gzip"));
        assert!(!packs(&Reply::new("image/png", vec![b'1'; 4_000], false), "gzip"));
    }
}
