//! Where a segment lives: `<venue>/<symbol>/<channel>/<YYYY-MM-DD>.seg`.

use core::fmt;
use std::path::{Path, PathBuf};

use liqlens_market::{MarketId, Symbol};

use crate::channel::{Channel, Day};

/// What one segment holds: one channel of one market on one UTC day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) market: MarketId,
    pub(crate) channel: Channel,
    pub(crate) day: Day,
}

impl Place {
    /// The checksum every checksum inside the segment starts from.
    pub(crate) fn identity(&self) -> u32 {
        crc32fast::hash(self.to_string().as_bytes())
    }

    /// Its file below `root`.
    pub(crate) fn path(&self, root: &Path) -> PathBuf {
        self.path_with(root, ".seg")
    }

    /// Its file below `root` in another form, with the suffix of that.
    pub(crate) fn path_with(&self, root: &Path, suffix: &str) -> PathBuf {
        market_dir(root, &self.market).join(self.channel.to_string()).join(format!("{}{suffix}", self.day))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.market, self.channel, self.day)
    }
}

/// What stands for the colon of a symbol in a path, where some systems give it a meaning.
const COLON: &str = "+";

/// The directory of a market below `root`. [`Symbol`] admits only letters, digits, `_`, `-` (not in front)
/// and one colon, so with that replaced it is one harmless path component by construction.
pub(crate) fn market_dir(root: &Path, market: &MarketId) -> PathBuf {
    root.join(market.venue.id()).join(market.symbol.as_str().replace(':', COLON))
}

/// The symbol whose market has a directory of this name.
pub(crate) fn symbol_of_dir(name: &str) -> Option<Symbol> {
    Symbol::new(&name.replace(COLON, ":")).ok()
}
