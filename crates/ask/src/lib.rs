//! From words to a document: what was typed or requested, found in the data and put to the query crate.
//!
//! Every surface that is asked questions – the command line, the HTTP interface – goes through here, so that a
//! symbol, an amount or a time means the same everywhere and a refusal reads the same. In this order:
//! [`request`] (what the words mean), [`Source`] (where the events are), [`Opened`] (the market, the moment and
//! what answers), [`Folding`] (how views come about), [`Question`] (what can be asked, by name) and [`Asked`] (questions in,
//! documents out). [`Failure`]
//! is how a refusal leaves.
//!
//! It reads files, through the store; it knows no clock, no terminal, no socket and no thread.

mod asked;
mod catalogue;
mod failure;
mod folding;
mod opening;
mod question;
pub mod request;
mod series;
mod source;

pub use asked::{Asked, Range, RangeStart};
pub use catalogue::{Listed, listed, symbols, venues};
pub use failure::{Failure, Kind, path_text, quoted};
pub use folding::{Folding, FromStart, Listener, Seen, Silent, Watched};
pub use opening::{Basis, EvidenceName, Opened, Scope, open, schedule};
pub use question::{Answer, Parameter, Question, Topic, unknown_parameter};
pub use series::{Recorded, RecordedAnswer, RecordedQuestion};
pub use source::{Feed, Held, HeldMarkets, Source, SourceKind, sentence, storage};
