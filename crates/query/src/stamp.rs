//! The head of every document: age, grade, coverage, evidence, provenance.

use liqlens_engine::Ledger;
use liqlens_market::{FundingKind, Side, Span, Timestamp};
use liqlens_model::ModelId;

use crate::document::{Channel, Coverage, Evidence, Flows, Grade, GradeLetter, MarketStamp, Stamp, Usd};
use crate::format::share;
use crate::measured::STATES_OLD;
use crate::reporting;
use crate::rounding::round;
use crate::view::{Basis, Modelled, OpenInterestFacts, PriceResolution, View};

/// Large venues of the field; a question about a coin names those whose data is absent.
const MAJOR_VENUES: [&str; 8] = ["Binance", "Bybit", "OKX", "Hyperliquid", "Bitget", "Gate", "HTX", "Kraken"];
/// Where the positions of measured documents come from, beside the names of the models.
const MEASURED: &str = "m3";
/// Smallest age limit of any channel: trades are folded minute by minute.
const SHORTEST_LIMIT: Span = Span::MINUTE.times(2);
/// Open interest older than its limit is carried this long, then the market is withheld.
pub(crate) const OPEN_INTEREST_CARRIED: Span = Span::MINUTE.times(30);
/// History below which a map is still warming up.
const WARMING: Span = Span::DAY;
/// Share of the map that prints must have informed for grade A.
const LEAST_INFORMED: f64 = 0.5;
/// History below which far distances rest on the prior alone.
const FAR_INFORMED: Span = Span::DAY.times(30);

impl View {
    /// The head of a document.
    pub(crate) fn stamp(&self, schema: &str) -> Stamp {
        let newest = match &self.basis {
            Basis::Modelled(_) => self.open_interest.map_or(self.price.newest, |facts| facts.newest),
            Basis::Measured(measured) => measured.aged,
        };
        let newest = self.price.newest.min(newest);
        let (model, evidence) = match &self.basis {
            Basis::Modelled(modelled) => {
                (modelled.model.id(), Evidence { measured: 0.0, reported: 0.0, modelled: 1.0 })
            }
            Basis::Measured(_) => (MEASURED, Evidence { measured: 1.0, reported: 0.0, modelled: 0.0 }),
        };
        Stamp {
            schema: schema.to_owned(),
            symbol: self.subject.symbol.clone(),
            model: model.to_owned(),
            as_of: self.as_of.to_string(),
            snapshot: self.snapshot.clone(),
            age_s: (self.as_of - newest).seconds().max(0.0),
            price: self.price_text(self.last_price),
            price_decimals: self.decimals(),
            grade: self.grade(),
            coverage: self.coverage(),
            evidence,
            reporting: self.reporting().map(reporting::document),
            markets: vec![self.market_stamp()],
            warnings: match &self.basis {
                Basis::Modelled(modelled) => modelled.warnings(),
                Basis::Measured(measured) => self.measured_warnings(measured),
            },
        }
    }

    pub(crate) fn price_limit(&self) -> Span {
        match self.price.resolution {
            PriceResolution::Market(resolution) => resolution.times(2).max(SHORTEST_LIMIT),
            PriceResolution::AccountMarks | PriceResolution::AccountFills => STATES_OLD,
        }
    }

    /// The worst rule wins; every rule that keeps the grade from being better is named, worst first.
    pub(crate) fn grade(&self) -> Grade {
        let mut found = match &self.basis {
            Basis::Modelled(modelled) => self.modelled_rules(modelled),
            Basis::Measured(measured) => self.measured_rules(measured),
        };
        if self.subject.whole_coin {
            found.push((GradeLetter::C, "one venue only, of unknown share".to_owned()));
        }
        // Stable: reasons of one letter keep the order of the rules above.
        found.sort_by_key(|(letter, _)| std::cmp::Reverse(*letter));
        let letter = found.first().map_or(GradeLetter::A, |(letter, _)| *letter);
        Grade { letter, reasons: found.into_iter().map(|(_, reason)| reason).collect() }
    }

    fn modelled_rules(&self, modelled: &Modelled) -> Vec<(GradeLetter, String)> {
        let mut found: Vec<(GradeLetter, String)> = Vec::new();
        let mut rule = |letter, reason: String| found.push((letter, reason));
        let price_age = self.as_of - self.price.newest;
        if price_age > self.price_limit() {
            rule(GradeLetter::D, format!("the newest price is {} old", age(price_age)));
        }
        if let Some(open_interest) = &self.open_interest {
            let oi_age = self.as_of - open_interest.newest;
            if oi_age > open_interest.limit() + OPEN_INTEREST_CARRIED {
                rule(GradeLetter::D, format!("the newest open interest is {} old", age(oi_age)));
            } else if oi_age > open_interest.limit() {
                rule(GradeLetter::C, format!("the newest open interest is {} old", age(oi_age)));
            }
        }
        if modelled.history < WARMING {
            rule(GradeLetter::D, format!("warming up: {} of history", age(modelled.history)));
        }
        if self.open_interest.is_some_and(|facts| facts.holding) {
            rule(GradeLetter::C, "a jump in reported open interest is being held back".to_owned());
        }
        if modelled.model == ModelId::M0 {
            rule(GradeLetter::C, "M0 is a baseline whose dollars are not tied to open interest".to_owned());
        }
        if self.drawn().is_none() {
            rule(GradeLetter::C, "the model has no checked error interval yet".to_owned());
        }
        if let Some(facts) = self.reporting() {
            if facts.dominates {
                let reason = "how much the venue's public stream leaves out is the largest uncertainty";
                rule(GradeLetter::C, reason.to_owned());
            }
            if facts.informed < LEAST_INFORMED {
                let reason = format!(
                    "reported liquidations inform only {} of the map, the rest is assumed",
                    share(facts.informed)
                );
                rule(GradeLetter::B, reason);
            }
        }
        found
    }

    fn coverage(&self) -> Coverage {
        let venue = self.instrument.market.venue.title();
        let title = self.title();
        let (share, held) = match &self.basis {
            Basis::Modelled(_) => (Some(1.0), "all of its OI".to_owned()),
            Basis::Measured(measured) => self.measured_coverage(measured),
        };
        if self.subject.whole_coin {
            let missing: Vec<String> =
                MAJOR_VENUES.iter().filter(|v| **v != venue).map(|v| (*v).to_owned()).collect();
            let text = match &self.basis {
                Basis::Modelled(_) => format!("1 venue ({title}), others absent"),
                Basis::Measured(_) => format!("1 venue ({title}), {held}, others absent"),
            };
            Coverage { oi_share: None, venues: 1, missing, text }
        } else {
            let text = format!("1 venue ({title}), {held}");
            Coverage { oi_share: share, venues: 1, missing: Vec::new(), text }
        }
    }

    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.instrument.market.venue.title(), self.instrument.market.symbol)
    }

    fn market_stamp(&self) -> MarketStamp {
        MarketStamp {
            market: self.instrument.market.to_string(),
            title: self.title(),
            price: self.price_text(self.last_price),
            open_interest_size: self.open_interest.map(|facts| facts.contracts),
            open_interest_usd: self.open_interest_usd().map(Usd::from_f64),
            history_days: match &self.basis {
                Basis::Modelled(modelled) => Some(round(modelled.history.days(), 2)),
                Basis::Measured(_) => None,
            },
            trigger: self.price.trigger.to_owned(),
            margin_table: self.subject.margin_table.clone(),
            channels: self.channels(),
            flows: self
                .flows(Side::Long)
                .zip(self.flows(Side::Short))
                .map(|(long, short)| flows(long, short)),
        }
    }

    fn channels(&self) -> Vec<Channel> {
        let resolution = match self.price.resolution {
            PriceResolution::Market(Span::ZERO) => "trades".to_owned(),
            PriceResolution::Market(span) => format!("{span} bars"),
            PriceResolution::AccountMarks => "marks of account states".to_owned(),
            PriceResolution::AccountFills => "fills of public accounts".to_owned(),
        };
        let every = |span: Option<Span>| span.map_or("once".to_owned(), |s| format!("every {s}"));
        let mut channels = Vec::new();
        if let Basis::Measured(measured) = &self.basis {
            let (words, newest) = (measured.channel_words(), Some(measured.aged));
            channels.push(self.channel("account", words, newest, STATES_OLD));
        }
        channels.push(self.channel("price", resolution, Some(self.price.newest), self.price_limit()));
        channels.push(match &self.open_interest {
            Some(facts) => {
                self.channel("open-interest", every(facts.period), Some(facts.newest), facts.limit())
            }
            None => self.channel("open-interest", "absent".to_owned(), None, Span::MINUTE.times(10)),
        });
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
        let words = match (self.newest_liquidation.is_some(), self.reports_all()) {
            (false, _) => "absent",
            (true, true) => "every one reported",
            (true, false) => "reported, a floor",
        };
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
}

impl Modelled {
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

impl OpenInterestFacts {
    /// Age beyond which the newest reading is late.
    pub(crate) fn limit(&self) -> Span {
        self.period.unwrap_or(Span::MINUTE.times(5)).times(2).max(SHORTEST_LIMIT)
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

pub(crate) fn age(span: Span) -> String {
    crate::format::age(span.seconds())
}
