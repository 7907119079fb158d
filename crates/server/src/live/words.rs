//! What a client may say.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A message of a client.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Incoming {
    /// Begin to send a topic.
    Subscribe {
        /// The client's number for it.
        id: u64,
        /// What.
        channel: String,
        /// Of which market.
        symbol: Option<String>,
        /// As in the query of a request.
        #[serde(default)]
        params: BTreeMap<String, Param>,
        /// Where the client is, if it was here before.
        resume: Option<Resume>,
    },
    /// End that.
    Unsubscribe {
        /// Which.
        id: u64,
    },
    /// A replay of the client's own.
    Replay(ReplayOrder),
    /// Whether anybody is there.
    Ping {
        /// Comes back.
        t: Option<serde_json::Number>,
    },
}

/// What to do with a replay.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplayOrder {
    /// Start one here.
    pub(super) from: Option<String>,
    /// How fast.
    pub(super) speed: Option<f64>,
    /// Whether it goes on or pauses.
    pub(super) playing: Option<bool>,
    /// Jump there.
    pub(super) seek: Option<String>,
    /// Go back to the server's clock.
    pub(super) end: Option<bool>,
}

/// Where a client is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resume {
    /// Run of numbers.
    pub(super) epoch: String,
    /// The last it has.
    pub(super) seq: u64,
}

/// A parameter: text, or what is as good as it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(super) enum Param {
    /// Text.
    Text(String),
    /// A number, in digits.
    Number(serde_json::Number),
    /// True or false.
    Truth(bool),
}

impl Param {
    /// The text it stands for.
    pub(super) fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
            Self::Truth(truth) => truth.to_string(),
        }
    }
}

impl Incoming {
    /// The number of the subscription it is about.
    pub(super) const fn id(&self) -> Option<u64> {
        match self {
            Self::Subscribe { id, .. } | Self::Unsubscribe { id } => Some(*id),
            Self::Replay(_) | Self::Ping { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Incoming, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn messages_are_read_as_the_interface_says() {
        let said = r#"{"op":"subscribe","id":1,"channel":"map","symbol":"BTC","params":{"within":"5%","allow_stale":true},"resume":{"epoch":"e","seq":12}}"#;
        let Incoming::Subscribe { id: 1, params, resume, .. } = read(said).unwrap() else {
            panic!("a subscription");
        };
        assert_eq!(params["allow_stale"].clone().text(), "true");
        assert_eq!(resume, Some(Resume { epoch: "e".to_owned(), seq: 12 }));
        let order = ReplayOrder { speed: Some(100.0), from: Some("x".to_owned()), ..ReplayOrder::default() };
        assert_eq!(read(r#"{"op":"replay","from":"x","speed":100}"#).unwrap(), Incoming::Replay(order));
        assert_eq!(read(r#"{"op":"unsubscribe","id":7}"#).unwrap().id(), Some(7));
        assert!(matches!(read(r#"{"op":"ping","t":1}"#).unwrap(), Incoming::Ping { t: Some(_) }));
        assert!(matches!(read(r#"{"op":"ping"}"#).unwrap(), Incoming::Ping { t: None }));
    }

    #[test]
    fn anything_else_is_refused() {
        let nested = format!("{}1{}", "[".repeat(500), "]".repeat(500));
        for text in [
            "",
            "{}",
            "[]",
            "null",
            "\u{0}",
            r#"{"op":"dance"}"#,
            r#"{"op":"subscribe"}"#,
            r#"{"op":"subscribe","id":-1,"channel":"map"}"#,
            r#"{"op":"subscribe","id":1.5,"channel":"map"}"#,
            r#"{"op":"subscribe","id":1,"channel":"map","symbl":"BTC"}"#,
            r#"{"op":"subscribe","id":1,"channel":"map","params":{"within":[5]}}"#,
            r#"{"op":"subscribe","id":1,"channel":"map","channel":"at"}"#,
            r#"{"op":"unsubscribe","id":1}{"op":"unsubscribe","id":2}"#,
            r#"{"op":"replay","form":"x"}"#,
            r#"{"op":"ping","t":"1"}"#,
            &format!(r#"{{"op":"ping","t":{nested}}}"#),
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
