//! What lies in a directory of markets: `<venue>/<symbol>/<channel>/<YYYY-MM-DD>.<suffix>`.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use liqlens_market::{MarketId, Span, Timestamp, Venue};

use crate::channel::{Channel, Day};
use crate::disk;
use crate::error::{Damage, DamageReason, StoreError};
use crate::place::{self, Place};

/// The files of one market.
pub(crate) struct Listing {
    /// By channel, then day.
    pub(crate) channels: Vec<(Channel, VecDeque<(Place, PathBuf)>)>,
    /// What does not belong there.
    pub(crate) foreign: Vec<Damage>,
}

impl Listing {
    /// Looks for the files of `market` below `root`. The suffix starts with its dot.
    pub(crate) fn read(root: &Path, market: &MarketId, suffix: &str) -> Result<Self, StoreError> {
        let directory = place::market_dir(root, market);
        let mut listing = Self { channels: Vec::new(), foreign: Vec::new() };
        for entry in disk::list(&directory)? {
            let path = directory.join(&entry.name);
            let channel = entry.name.to_str().filter(|_| entry.is_dir).and_then(Channel::parse);
            let Some(channel) = channel else {
                listing.foreign.push(foreign(path));
                continue;
            };
            let mut files = VecDeque::new();
            for entry in disk::list(&path)? {
                let path = path.join(&entry.name);
                let name = entry.name.to_str().filter(|_| entry.is_file);
                match name.and_then(|name| Day::parse(name.strip_suffix(suffix)?)) {
                    Some(day) => files.push_back((Place { market: market.clone(), channel, day }, path)),
                    None => listing.foreign.push(foreign(path)),
                }
            }
            if !files.is_empty() {
                listing.channels.push((channel, files));
            }
        }
        // In the order of channels, which is not that of their names.
        listing.channels.sort_by_key(|(channel, _)| *channel);
        Ok(listing)
    }
}

/// The markets with at least one file, in order.
pub(crate) fn markets(root: &Path, suffix: &str) -> Result<Vec<MarketId>, StoreError> {
    let mut markets = Vec::new();
    for venue in Venue::ALL {
        for entry in disk::list(&root.join(venue.id()))? {
            let Some(symbol) = entry.name.to_str().and_then(place::symbol_of_dir) else {
                continue;
            };
            let market = MarketId { venue, symbol };
            if entry.is_dir && !Listing::read(root, &market, suffix)?.channels.is_empty() {
                markets.push(market);
            }
        }
    }
    markets.sort();
    Ok(markets)
}

fn foreign(path: PathBuf) -> Damage {
    let (from, to) = (Timestamp::EARLIEST, Timestamp::LATEST - Span::from_nanos(1));
    Damage { path, block: None, reason: DamageReason::Foreign, events_lost: None, from, to }
}
