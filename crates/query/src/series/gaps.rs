//! `gaps/1`: which data there are of a market, and what is missing.
//!
//! A hole is what the log says is one, or a stretch in which at least one reading of a regular channel is missing:
//! between bars any, between other readings one half longer than most of those before and after it, so that a
//! channel which changes its pace has none there. Trades and marks are missing if there is none for ten minutes.
//! Channels whose data come when something happens have only the holes that the log tells of.

use core::ops::ControlFlow;

use liqlens_market::{Event, EventBody, Gap, Timestamp, TradeRun};

use super::channel::{Channel, Kind};
use super::holes::too_many_holes;
use super::{MAX_HOLES, Reader, SeriesAsk, SeriesError, read};
use crate::document::{ChannelGaps, Gaps, Hole};
use crate::replay::IntoLog;

/// Most channels of a market.
const MAX_CHANNELS: usize = 64;

/// The channels of a log, and their holes that overlap the time from `from` to `to`.
///
/// First and newest data are those of the log, which is best read from its beginning.
pub fn gaps(log: impl IntoLog, ask: &SeriesAsk<'_>) -> Result<Gaps, SeriesError> {
    let until = ask.until()?;
    let mut reader =
        Channels { from: ask.from, list: Vec::new(), beyond: false, told: Vec::new(), told_count: 0 };
    read(log, until, &mut reader);
    if reader.beyond {
        return Err(SeriesError::TooLarge {
            what: "this market",
            wanted: (MAX_CHANNELS + 1) as u64,
            unit: "channels",
            limit: MAX_CHANNELS as u64,
            advice: "import bars of fewer lengths",
        });
    }
    reader.list.sort_by_key(|channel| channel.kind);
    let mut holes = reader.told_count;
    for channel in &mut reader.list {
        channel.finish(until);
        holes += channel.count;
    }
    too_many_holes(holes)?;
    Ok(Gaps {
        head: ask.head(Gaps::SCHEMA),
        channels: reader.list.iter().map(|channel| document(channel, &reader.told)).collect(),
    })
}

fn document(channel: &Channel, told: &[Gap]) -> ChannelGaps {
    let told = told.iter().filter(|gap| gap.channel == channel.kind.word()).map(|gap| {
        let cause = if gap.cause.is_empty() { "not recorded" } else { &gap.cause };
        (gap.from, gap.to, cause)
    });
    let mut holes: Vec<(Timestamp, Timestamp, &str)> = told.chain(channel.holes.iter().copied()).collect();
    // Stable: of a hole that was told and found, the cause that was told comes first.
    holes.sort_by_key(|(from, ..)| *from);
    let mut apart: Vec<(Timestamp, Timestamp, &str)> = Vec::with_capacity(holes.len());
    for (from, to, cause) in holes {
        match apart.last_mut() {
            Some(last) if from < last.1 => last.1 = last.1.max(to),
            _ => apart.push((from, to, cause)),
        }
    }
    let hole = |(from, to, cause): (Timestamp, Timestamp, &str)| Hole {
        from: from.to_string(),
        to: to.to_string(),
        seconds: (to - from).seconds(),
        cause: cause.to_owned(),
    };
    ChannelGaps {
        name: channel.kind.to_string(),
        first: channel.first.to_string(),
        newest: channel.newest.to_string(),
        period_s: channel.period().map(liqlens_market::Span::seconds),
        gaps: apart.into_iter().map(hole).collect(),
    }
}

/// The channels of a log under way.
struct Channels {
    /// Holes that end before are of no interest.
    from: Timestamp,
    list: Vec<Channel>,
    /// Whether there are more than a document may have.
    beyond: bool,
    told: Vec<Gap>,
    told_count: u64,
}

impl Channels {
    fn add(&mut self, kind: Kind, start: Timestamp, end: Timestamp) {
        if let Some(channel) = self.list.iter_mut().find(|channel| channel.kind == kind) {
            channel.add(start, end);
        } else if self.list.len() < MAX_CHANNELS {
            self.list.push(Channel::new(kind, self.from, start, end));
        } else {
            self.beyond = true;
        }
    }
}

impl Reader for Channels {
    fn event(&mut self, event: &Event) -> ControlFlow<()> {
        if let EventBody::Gap(gap) = &event.body {
            if gap.to > self.from && gap.to > gap.from {
                self.told_count += 1;
                if self.told.len() < MAX_HOLES {
                    self.told.push((**gap).clone());
                }
            }
        } else if let Some(kind) = Kind::of(&event.body) {
            self.add(kind, event.event_ts, kind.end(event.event_ts));
        }
        ControlFlow::Continue(())
    }

    fn trades(&mut self, trades: TradeRun<'_>) {
        trades.event_ts().iter().for_each(|ts| self.add(Kind::Trade, *ts, *ts));
    }
}
