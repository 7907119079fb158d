//! The head of every document: age, grade, coverage, evidence, provenance.

use liqlens_engine::Ledger;
use liqlens_market::{FundingKind, Side, Span, Timestamp};
use liqlens_model::ModelId;

use crate::document::{Channel, Coverage, Evidence, Flows, Grade, GradeLetter, MarketStamp, Stamp, Usd};
use crate::view::View;

/// Large venues of the field; a question about a coin names those whose data is absent.
const MAJOR_VENUES: [&str; 8] = ["Binance", "Bybit", "OKX", "Hyperliquid", "Bitget", "Gate", "HTX", "Kraken"];
/// Smallest age limit of any channel: trades are folded minute by minute.
const SHORTEST_LIMIT: Span = Span::MINUTE.times(2);
/// Open interest older than its limit is carried this long, then the market is withheld.
const OPEN_INTEREST_CARRIED: Span = Span::MINUTE.times(30);
/// History below which a map is still warming up.
const WARMING: Span = Span::DAY;
/// History below which far distances rest on the prior alone.
const FAR_INFORMED: Span = Span::DAY.times(30);

impl View {
    /// The head of a document.
    pub(crate) fn stamp(&self, schema: &str) -> Stamp {
        let newest = self.price.newest.min(self.open_interest.newest);
        Stamp {
            schema: schema.to_owned(),
            symbol: self.subject.symbol.clone(),
            model: self.model.id().to_owned(),
            as_of: self.as_of.to_string(),
            snapshot: self.snapshot.clone(),
            age_s: (self.as_of - newest).seconds().max(0.0),
            price: self.price_text(self.standing.price),
            price_decimals: self.decimals(),
            grade: self.grade(),
            coverage: self.coverage(),
            evidence: Evidence { measured: 0.0, reported: 0.0, modelled: 1.0 },
            markets: vec![self.market_stamp()],
            warnings: self.warnings(),
        }
    }

    fn price_limit(&self) -> Span {
        self.price.resolution.times(2).max(SHORTEST_LIMIT)
    }

    fn open_interest_limit(&self) -> Span {
        self.open_interest.period.unwrap_or(Span::MINUTE.times(5)).times(2).max(SHORTEST_LIMIT)
    }

    /// The worst rule wins; every rule that keeps the grade from being better is named, worst first.
    pub(crate) fn grade(&self) -> Grade {
        let mut found: Vec<(GradeLetter, String)> = Vec::new();
        let mut rule = |letter, reason: String| found.push((letter, reason));
        let price_age = self.as_of - self.price.newest;
        if price_age > self.price_limit() {
            rule(GradeLetter::D, format!("the newest price is {} old", age(price_age)));
        }
        let oi_age = self.as_of - self.open_interest.newest;
        if oi_age > self.open_interest_limit() + OPEN_INTEREST_CARRIED {
            rule(GradeLetter::D, format!("the newest open interest is {} old", age(oi_age)));
        } else if oi_age > self.open_interest_limit() {
            rule(GradeLetter::C, format!("the newest open interest is {} old", age(oi_age)));
        }
        if self.history < WARMING {
            rule(GradeLetter::D, format!("warming up: {} of history", age(self.history)));
        }
        if self.open_interest.holding {
            rule(GradeLetter::C, "a jump in reported open interest is being held back".to_owned());
        }
        if self.model == ModelId::M0 {
            rule(GradeLetter::C, "M0 is a baseline whose dollars are not tied to open interest".to_owned());
        }
        rule(GradeLetter::C, "the model has no checked error interval yet".to_owned());
        if self.subject.whole_coin {
            rule(GradeLetter::C, "one venue only, of unknown share".to_owned());
        }
        // Stable: reasons of one letter keep the order of the rules above.
        found.sort_by_key(|(letter, _)| std::cmp::Reverse(*letter));
        let letter = found.first().map_or(GradeLetter::A, |(letter, _)| *letter);
        Grade { letter, reasons: found.into_iter().map(|(_, reason)| reason).collect() }
    }

    fn coverage(&self) -> Coverage {
        let venue = self.instrument.market.venue.title();
        let title = self.title();
        if self.subject.whole_coin {
            let missing: Vec<String> =
                MAJOR_VENUES.iter().filter(|v| **v != venue).map(|v| (*v).to_owned()).collect();
            Coverage { oi_share: None, venues: 1, missing, text: format!("1 venue ({title}), others absent") }
        } else {
            Coverage {
                oi_share: Some(1.0),
                venues: 1,
                missing: Vec::new(),
                text: format!("1 venue ({title}), all of its OI"),
            }
        }
    }

    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.instrument.market.venue.title(), self.instrument.market.symbol)
    }

    fn market_stamp(&self) -> MarketStamp {
        MarketStamp {
            market: self.instrument.market.to_string(),
            title: self.title(),
            price: self.price_text(self.standing.price),
            open_interest_size: self.standing.open_interest,
            open_interest_usd: Usd::from_f64(self.open_interest_usd()),
            history_days: round(self.history.days(), 2),
            trigger: self.trigger_text().to_owned(),
            margin_table: self.subject.margin_table.clone(),
            channels: self.channels(),
            flows: flows(self.flows(Side::Long), self.flows(Side::Short)),
        }
    }

    fn channels(&self) -> Vec<Channel> {
        let resolution = |span: Span| {
            if span == Span::ZERO { "trades".to_owned() } else { format!("{span} bars") }
        };
        let every = |span: Option<Span>| span.map_or("once".to_owned(), |s| format!("every {s}"));
        let mut channels = vec![
            self.channel(
                "price",
                resolution(self.price.resolution),
                Some(self.price.newest),
                self.price_limit(),
            ),
            self.channel(
                "open-interest",
                every(self.open_interest.period),
                Some(self.open_interest.newest),
                self.open_interest_limit(),
            ),
        ];
        let (newest, words, limit) = match &self.funding {
            Some((at, funding)) => {
                let words = match funding.kind {
                    FundingKind::Settled => "settled",
                    FundingKind::Predicted => "running estimate",
                };
                (Some(*at), format!("{words}, per {}", funding.interval), funding.interval)
            }
            None => (None, "absent".to_owned(), Span::DAY),
        };
        channels.push(self.channel("funding", words, newest, limit.times(2)));
        let words = if self.newest_liquidation.is_some() { "reported, a floor" } else { "absent" };
        channels.push(self.channel("liquidation", words.to_owned(), self.newest_liquidation, Span::HOUR));
        channels
    }

    fn channel(&self, name: &str, resolution: String, newest: Option<Timestamp>, limit: Span) -> Channel {
        Channel {
            name: name.to_owned(),
            resolution,
            newest: newest.map(|at| at.to_string()),
            age_s: newest.map(|at| (self.as_of - at).seconds().max(0.0)),
            limit_s: limit.seconds(),
        }
    }

    fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.model == ModelId::M0 {
            warnings.push(
                "M0 adds up traded volume at assumed leverages; its dollars do not shrink when positions close \
                 and are not bounded by open interest."
                    .to_owned(),
            );
        }
        if self.history < FAR_INFORMED {
            warnings.push(format!(
                "Only {} of history: distances beyond 10 % rest on the prior.",
                age(self.history)
            ));
        }
        if self.counters.gaps > 0 {
            warnings.push(format!(
                "{} holes in the price data ({} in all) were bridged.",
                self.counters.gaps,
                age(Span::from_nanos(self.counters.gap_ns))
            ));
        }
        warnings
    }
}

fn flows(long: &Ledger, short: &Ledger) -> Flows {
    let pair = |pick: fn(&Ledger) -> f64| [pick(long), pick(short)];
    Flows {
        opened: pair(|l| l.opened),
        closed: pair(|l| l.closed),
        liquidated: pair(|l| l.liquidated),
        unrested: pair(|l| l.unrested),
        seeded: pair(|l| l.seeded),
        expired: pair(|l| l.expired),
    }
}

fn age(span: Span) -> String {
    crate::format::age(span.seconds())
}

/// Rounds to some decimals, so that a JSON number does not pretend to more.
pub(crate) fn round(value: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (value * scale).round() / scale
}
