//! The local store: a directory of checksummed segments, written by imports and read by every query. And the
//! archive ([`Archive`]): the same events as Parquet files, written from a store by [`Export`].
//!
//! ```text
//! DIR/LIQLENS                                            says that this is a store
//! DIR/binance/BTCUSDT/trade/2026-01-04.seg               one channel of one market on one UTC day
//! DIR/binance/BTCUSDT/bar-mark-1m/2026-01-04.seg
//! DIR/.lock                                              process that writes
//! DIR/.staging/                                          an import before its commit
//! DIR/.quarantine/                                       damaged segments that were replaced
//! ```
//!
//! What holds at every moment, also after a crash or a power failure:
//!
//! - a segment is complete or absent: written aside, made durable, then renamed;
//! - an import is visible in whole days and, unless the machine stops during the renames, as a whole;
//! - importing anything twice, in parts, or in another order changes no byte;
//! - a flipped bit or a missing end costs at most its block of 16,384 events, is reported, and never
//!   becomes a wrong event.
//!
//! ```
//! use liqlens_market::{Event, EventBody, MarketId, Price, PriceUpdate, Timestamp};
//! use liqlens_store::Store;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let directory = tempfile::tempdir()?;
//! let store = Store::create(&directory.path().join("data"))?;
//! let market: MarketId = "binance:BTCUSDT".parse()?;
//! let price = PriceUpdate { mark: Price::parse(b"71157.6")?, index: None };
//! let event = Event::at(Timestamp::parse_text("2026-01-04")?, EventBody::Price(price));
//!
//! let mut import = store.begin_import()?;
//! import.push(&market, event.clone())?;
//! assert_eq!(import.commit()?.counts.added, 1);
//!
//! let mut events = store.events(&market, None)?;
//! assert_eq!(events.by_ref().collect::<Vec<_>>(), [event]);
//! assert!(events.damage().is_empty());
//! # Ok(())
//! # }
//! ```

mod archive;
mod block;
mod channel;
mod codec;
mod disk;
mod error;
mod events;
mod ids;
mod import;
mod listing;
mod lock;
mod order;
mod place;
mod reader;
mod segment;
mod staging;
mod store;
#[cfg(test)]
mod testing;

pub use archive::{Archive, ArchiveLog, Export, ExportCounts, ExportReport};
pub use channel::{Channel, Day};
pub use error::{Damage, DamageReason, StoreError};
pub use events::Events;
pub use import::{Import, ImportCounts, ImportOptions, ImportReport};
pub use store::{ChannelInfo, Store};
