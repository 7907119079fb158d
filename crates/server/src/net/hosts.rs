//! By which names the server may be called.
//!
//! A page of another site can make a browser call a server of this machine under a name of its own (DNS
//! rebinding); such a request bears that name as its host, and is refused.

use std::net::{IpAddr, SocketAddr};

/// The names, in lower case and without ports.
#[derive(Debug, Clone)]
pub(crate) struct Hosts {
    names: Vec<String>,
}

impl Hosts {
    /// The address listened on, the names of this machine if it is one of its own, and those allowed.
    pub(crate) fn new(bind: IpAddr, allowed: &[String]) -> Self {
        let mut names = vec![bind.to_string()];
        if bind.is_loopback() || bind.is_unspecified() {
            names.extend(["localhost", "127.0.0.1", "::1"].map(str::to_owned));
        }
        names.extend(allowed.iter().map(|name| name.to_ascii_lowercase()));
        Self { names }
    }

    /// Whether a `Host` header, or the host and port of an origin, names this server.
    pub(crate) fn knows(&self, host: &str) -> bool {
        let name = without_port(host).to_ascii_lowercase();
        self.names.contains(&name)
    }
}

/// `example.org:80` as `example.org`, `[::1]:80` as `::1`.
fn without_port(host: &str) -> &str {
    if let Ok(address) = host.parse::<SocketAddr>() {
        let end = host.rfind(':').unwrap_or(host.len());
        return if address.is_ipv6() { host[1..end].trim_end_matches(']') } else { &host[..end] };
    }
    if let Some(inner) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return inner;
    }
    match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Whether an `Origin` is the page of this very server: the host it was called by, over either scheme.
pub(crate) fn same_origin(origin: &str, host: &str) -> bool {
    let of = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    of.is_some_and(|of| of.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_answers_to_its_own_names_only() {
        let hosts = Hosts::new([127, 0, 0, 1].into(), &["Map.Example".to_owned()]);
        for host in ["localhost", "LOCALHOST:7878", "127.0.0.1:7878", "[::1]:80", "[::1]", "map.example:443"]
        {
            assert!(hosts.knows(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil",
            "localhost:80:80",
            "10.0.0.1",
            "::2",
        ] {
            assert!(!hosts.knows(host), "{host}");
        }
        assert!(!Hosts::new([10, 0, 0, 1].into(), &[]).knows("localhost"));
    }

    #[test]
    fn an_origin_is_the_host_that_was_called() {
        assert!(same_origin("http://127.0.0.1:7878", "127.0.0.1:7878"));
        assert!(same_origin("https://Map.Example", "map.example"));
        for origin in
            ["null", "", "http://127.0.0.1", "http://127.0.0.1:1", "file://127.0.0.1:7878", "127.0.0.1:7878"]
        {
            assert!(!same_origin(origin, "127.0.0.1:7878"), "{origin}");
        }
    }
}
