//! What is subscribed to, read from a channel's name and parameters.

use std::collections::BTreeMap;

use liqlens_ask::request::{Amount, AmountUnit, AsOf};
use liqlens_ask::{EvidenceName, Failure, Question, Scope, Topic as Subject, quoted, unknown_parameter};
use liqlens_market::Timestamp;
use liqlens_model::ModelId;
use liqlens_query::document::Usd;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What is subscribed to.
#[derive(Debug, Clone, PartialEq)]
pub enum Asking {
    /// A document of a market.
    Document(Whom, Question),
    /// The price of a market, `tick/1`.
    Tick(Whom),
    /// What a market's venue reports as liquidated, at least so many dollars a report.
    Tape(Whom, Option<Usd>),
    /// All markets, `overview/1`.
    Overview,
    /// The server itself, `health/1`.
    Health,
}

/// Which market, and who answers for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Whom {
    /// The symbol as asked.
    pub symbol: String,
    /// Where positions come from.
    pub evidence: Option<Evidence>,
    /// Which model infers them.
    pub model: Option<ModelId>,
    /// Whether answers of grade D are given.
    pub allow_stale: bool,
}

/// [`EvidenceName`], ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// Public accounts.
    Measured,
    /// A model.
    Modelled,
}

/// Channels beside the topics of questions.
const OTHERS: [&str; 4] = ["price", "tape", "overview", "health"];
/// Parameters of every channel of a market.
const COMMON: [&str; 3] = ["evidence", "model", "allow_stale"];
/// Parameters of a request that a subscription has no use for.
const OF_REQUESTS: [&str; 3] = ["as_of", "format", "theme"];

/// What came with a subscription.
pub type Parameters = BTreeMap<String, String>;

impl Asking {
    /// Reads a subscription; `now` is what the clock says.
    pub fn parse(
        channel: &str,
        symbol: Option<&str>,
        parameters: &Parameters,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let of_request = |name: &&String| OF_REQUESTS.contains(&name.as_str());
        if let Some(name) = parameters.keys().find(of_request) {
            return Err(Failure::usage(
                "parameter-of-requests",
                format!("The parameter {} has no meaning in a subscription.", quoted(name)),
                "A subscription follows the clock, and its documents are JSON.",
                "Leave it away, or start a replay to see another time.",
            ));
        }
        let own = || parameters.iter().filter(|(name, _)| !COMMON.contains(&name.as_str()));
        let none_of_its_own = || match own().next() {
            Some((name, _)) => Err(unknown_parameter(name, COMMON.into_iter())),
            None => Ok(()),
        };
        let whom = || Whom::parse(channel, symbol, parameters);
        match channel {
            "overview" | "health" => match parameters.keys().next() {
                Some(name) => Err(unknown_parameter(name, core::iter::empty())),
                None if channel == "overview" => Ok(Self::Overview),
                None => Ok(Self::Health),
            },
            "price" => none_of_its_own().and_then(|()| Ok(Self::Tick(whom()?))),
            "tape" => {
                if let Some((name, _)) = own().find(|(name, _)| *name != "min") {
                    return Err(unknown_parameter(name, ["min"].into_iter().chain(COMMON)));
                }
                let min = parameters.get("min").map(|min| least(min)).transpose()?;
                Ok(Self::Tape(whom()?, min))
            }
            name => {
                let topic = Subject::named(name).ok_or_else(|| unknown_channel(name))?;
                let own = own().map(|(name, value)| (name.as_str(), value.as_str()));
                Ok(Self::Document(whom()?, Question::parse(topic, own, now)?))
            }
        }
    }

    /// The market, of channels that are about one.
    pub const fn whom(&self) -> Option<&Whom> {
        match self {
            Self::Document(whom, _) | Self::Tick(whom) | Self::Tape(whom, _) => Some(whom),
            Self::Overview | Self::Health => None,
        }
    }

    /// Whether every event matters, not only the newest state.
    pub const fn is_events(&self) -> bool {
        matches!(self, Self::Tape(..))
    }

    /// Beats of the clock between two documents, at least.
    pub const fn beats(&self) -> u64 {
        match self {
            Self::Tick(_) | Self::Tape(..) => 1,
            _ => 4,
        }
    }

    /// Something to subscribe to.
    #[cfg(test)]
    pub(super) fn test(channel: &str) -> Self {
        Self::parse(channel, Some("BTC"), &Parameters::new(), Timestamp::EARLIEST).unwrap()
    }
}

impl Whom {
    fn parse(channel: &str, symbol: Option<&str>, parameters: &Parameters) -> Result<Self, Failure> {
        let symbol = symbol.ok_or_else(|| {
            Failure::usage(
                "symbol-missing",
                format!("The channel {channel} is about one market, and none was named."),
                "Each market has its own.",
                "Name it, such as \"symbol\":\"BTC\".",
            )
        })?;
        let evidence = parameters.get("evidence").map(|text| match text.as_str() {
            "measured" => Ok(Evidence::Measured),
            "modelled" => Ok(Evidence::Modelled),
            _ => Err(not_one_of("evidence", text, "measured and modelled")),
        });
        let model = parameters.get("model").map(|text| match text.as_str() {
            "m0" => Ok(ModelId::M0),
            "m1" => Ok(ModelId::M1),
            "m2" => Ok(ModelId::M2),
            _ => Err(not_one_of("model", text, "m0, m1 and m2")),
        });
        let allow_stale = parameters.get("allow_stale").map(|text| match text.as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(not_one_of("allow_stale", text, "true and false")),
        });
        Ok(Self {
            symbol: symbol.to_owned(),
            evidence: evidence.transpose()?,
            model: model.transpose()?,
            allow_stale: allow_stale.transpose()?.unwrap_or(false),
        })
    }

    /// A market by its symbol, answered as is usual.
    pub const fn of(symbol: String) -> Self {
        Self { symbol, evidence: None, model: None, allow_stale: true }
    }

    /// The question's scope at a moment; `None`: the market's own newest.
    pub fn scope(&self, at: Option<Timestamp>) -> Scope {
        Scope {
            as_of: at.map_or(AsOf::Newest, AsOf::At),
            evidence: self.evidence.map(|evidence| match evidence {
                Evidence::Measured => EvidenceName::Measured,
                Evidence::Modelled => EvidenceName::Modelled,
            }),
            model: self.model,
        }
    }
}

/// What is escaped in a name: what a browser escapes in a part of a query.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The name under which equal subscriptions share a topic: `map:BTC?within=5%25`.
pub fn name(channel: &str, symbol: Option<&str>, parameters: &Parameters) -> String {
    let mut name = channel.to_owned();
    if let Some(symbol) = symbol {
        name.push(':');
        name.push_str(symbol);
    }
    for (index, (parameter, value)) in parameters.iter().enumerate() {
        name.push(if index == 0 { '?' } else { '&' });
        name.extend(utf8_percent_encode(parameter, ESCAPED));
        name.push('=');
        name.extend(utf8_percent_encode(value, ESCAPED));
    }
    name
}

fn least(text: &str) -> Result<Usd, Failure> {
    match Amount::parse(text, AmountUnit::Usd)? {
        Amount::Usd(usd) => Ok(usd),
        _ => Err(not_one_of("min", text, "amounts in dollars, such as 100k")),
    }
}

fn not_one_of(name: &str, text: &str, those: &str) -> Failure {
    Failure::usage(
        "parameter-not-understood",
        format!("The {name} {} was not understood.", quoted(text)),
        format!("Understood are {those}."),
        "Write one of them, or leave it away.",
    )
}

fn unknown_channel(name: &str) -> Failure {
    let mut known: Vec<&str> = Subject::ALL.into_iter().map(Subject::name).chain(OTHERS).collect();
    known.sort_unstable();
    Failure::usage(
        "channel-unknown",
        format!("There is no channel {}.", quoted(name)),
        format!("Channels are {}.", known.join(", ")),
        "Subscribe to one of them.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(pairs: &[(&str, &str)]) -> Parameters {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn parse(channel: &str, pairs: &[(&str, &str)]) -> Result<Asking, Failure> {
        Asking::parse(channel, Some("BTC"), &parameters(pairs), Timestamp::EARLIEST)
    }

    #[test]
    fn every_channel_is_understood() {
        for topic in Subject::ALL {
            let Asking::Document(whom, question) = parse(topic.name(), &[]).unwrap() else {
                panic!("{} is a document", topic.name());
            };
            assert_eq!((whom.symbol.as_str(), question.topic()), ("BTC", topic));
        }
        assert!(matches!(parse("price", &[("model", "m1")]), Ok(Asking::Tick(Whom { model: Some(_), .. }))));
        let hundred_thousand = Some(Usd::from_f64(100_000.0));
        assert!(
            matches!(parse("tape", &[("min", "100k")]), Ok(Asking::Tape(_, min)) if min == hundred_thousand)
        );
        assert_eq!(parse("overview", &[]).unwrap(), Asking::Overview);
        assert_eq!(parse("health", &[]).unwrap(), Asking::Health);
    }

    #[test]
    fn what_a_channel_does_not_know_is_refused() {
        for (channel, pairs, code) in [
            ("depth", &[][..], "channel-unknown"),
            ("map", &[("withn", "5%")], "parameter-unknown"),
            ("map", &[("as_of", "2026-03-18")], "parameter-of-requests"),
            ("map", &[("format", "csv")], "parameter-of-requests"),
            ("map", &[("model", "m9")], "parameter-not-understood"),
            ("price", &[("within", "5%")], "parameter-unknown"),
            ("tape", &[("limit", "5")], "parameter-unknown"),
            ("tape", &[("min", "-5")], "amount-not-understood"),
            ("overview", &[("model", "m1")], "parameter-unknown"),
        ] {
            assert_eq!(parse(channel, pairs).unwrap_err().code, code, "{channel} {pairs:?}");
        }
        let nobody = Asking::parse("map", None, &Parameters::new(), Timestamp::EARLIEST);
        assert_eq!(nobody.unwrap_err().code, "symbol-missing");
    }

    #[test]
    fn equal_subscriptions_have_equal_names() {
        let pairs = parameters(&[("within", "5%"), ("bin", "$100")]);
        assert_eq!(name("map", Some("BTC"), &pairs), "map:BTC?bin=%24100&within=5%25");
        assert_eq!(name("price", Some("BTC/USDT:USDT"), &Parameters::new()), "price:BTC/USDT:USDT");
        assert_eq!(name("overview", None, &Parameters::new()), "overview");
    }
}
