//! The accounts of one venue, where accounts are public: who holds what, backed by how much.
//!
//! [`AccountBook`] folds the venue's account log. An account whose state the venue has reported is what the
//! newest state says; one that is known only by its fills and transfers is rebuilt from them
//! ([`Reconstruction`]). Nothing is inferred and nothing is scaled up.

use std::borrow::Cow;
use std::collections::BTreeMap;

use liqlens_market::{
    AccountFill, AccountMode, AccountName, AccountPosition, AccountState, AccountTransfer, Backing, Event,
    EventBody, Price, Side, Size, Symbol, Timestamp, Venue,
};
use serde::{Deserialize, Serialize};

use crate::market::SnapshotError;
use crate::reconstruction::{Cash, Reconstruction};

/// What was seen and what was set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AccountCounters {
    /// Account states taken.
    pub states: u64,
    /// States older than the one already known; set aside.
    pub older_states: u64,
    /// Fills taken into a reconstruction.
    pub fills: u64,
    /// Transfers taken into a reconstruction.
    pub transfers: u64,
    /// Fills of accounts with a reported state that happened after it: the account has moved on, and its
    /// next state says how. The newest such moment is [`Account::stirred`].
    pub fills_after_state: u64,
    /// Transfers of accounts with a reported state that happened after it.
    pub transfers_after_state: u64,
    /// Fills and transfers that a known state already includes.
    pub included: u64,
    /// Fills and transfers refused because a sum would leave its range.
    pub refused: u64,
}

/// The newest price at which a market was valued or traded by the venue's accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The price.
    pub price: Price,
    /// When it held.
    pub at: Timestamp,
    /// Where it was seen.
    pub source: MarkSource,
}

/// Where a mark was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MarkSource {
    /// The mark price an account state was valued at.
    State,
    /// The price of an account's fill.
    Fill,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Record {
    Reported { at: Timestamp, state: Box<AccountState>, stirred: Option<Timestamp> },
    Reconstructed { at: Timestamp, account: Box<Reconstruction> },
}

/// The accounts of one venue at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccountBook {
    venue: Venue,
    /// Largest known time seen.
    clock: Option<Timestamp>,
    accounts: BTreeMap<AccountName, Record>,
    marks: BTreeMap<Symbol, Mark>,
    counters: AccountCounters,
}

/// One account of a book.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a> {
    book: &'a AccountBook,
    name: &'a AccountName,
    record: &'a Record,
}

/// How an account is known.
#[derive(Debug, Clone, Copy)]
pub enum AccountSource<'a> {
    /// The venue reported its state.
    Reported(&'a AccountState),
    /// It was rebuilt from its fills and transfers.
    Reconstructed(&'a Reconstruction),
}

/// Changes with every change of [`AccountBook`]'s fields or of what they mean.
const SNAPSHOT_VERSION: &str = "liqlens-accounts/1";

impl AccountBook {
    /// A venue of whose accounts nothing is known.
    pub fn new(venue: Venue) -> Self {
        Self {
            venue,
            clock: None,
            accounts: BTreeMap::new(),
            marks: BTreeMap::new(),
            counters: AccountCounters::default(),
        }
    }

    /// Takes one event of the venue's account log, in [`Event::log_order`]; other kinds say nothing here.
    ///
    /// The newest state of an account replaces whatever was known of it. Fills and transfers are summed up
    /// for accounts without a state; once there is one they are counted only.
    pub fn step(&mut self, event: &Event) {
        self.clock = self.clock.max(Some(event.known_ts));
        let at = event.event_ts;
        match &event.body {
            EventBody::Account(state) => self.take_state(at, state),
            EventBody::AccountFill(fill) => self.take_fill(at, fill),
            EventBody::AccountTransfer(transfer) => self.take_transfer(at, transfer),
            _ => {}
        }
    }

    fn take_state(&mut self, at: Timestamp, state: &AccountState) {
        for position in &state.positions {
            self.see(&position.symbol, Mark { price: position.mark_price, at, source: MarkSource::State });
        }
        if let Some(Record::Reported { at: newest, .. }) = self.accounts.get(&state.account)
            && *newest > at
        {
            self.counters.older_states += 1;
            return;
        }
        self.counters.states += 1;
        let record = Record::Reported { at, state: Box::new(state.clone()), stirred: None };
        self.accounts.insert(state.account.clone(), record);
    }

    fn take_fill(&mut self, at: Timestamp, fill: &AccountFill) {
        self.see(&fill.symbol, Mark { price: fill.price, at, source: MarkSource::Fill });
        let Self { accounts, marks, counters, .. } = self;
        match accounts.entry(fill.account.clone()).or_insert_with(|| Record::empty(at)) {
            Record::Reported { at: reported, stirred, .. } => {
                if at >= *reported {
                    counters.fills_after_state += 1;
                    *stirred = (*stirred).max(Some(at));
                } else {
                    counters.included += 1;
                }
            }
            Record::Reconstructed { at: newest, account } => {
                *newest = (*newest).max(at);
                if account.fill(at, fill, |symbol| marks.get(symbol).map(|mark| mark.price)) {
                    counters.fills += 1;
                } else {
                    counters.refused += 1;
                }
            }
        }
    }

    fn take_transfer(&mut self, at: Timestamp, transfer: &AccountTransfer) {
        let Self { accounts, marks, counters, .. } = self;
        match accounts.entry(transfer.account.clone()).or_insert_with(|| Record::empty(at)) {
            Record::Reported { at: reported, stirred, .. } => {
                if at >= *reported {
                    counters.transfers_after_state += 1;
                    *stirred = (*stirred).max(Some(at));
                } else {
                    counters.included += 1;
                }
            }
            Record::Reconstructed { at: newest, account } => {
                *newest = (*newest).max(at);
                if account.transfer(at, transfer.amount, |symbol| marks.get(symbol).map(|mark| mark.price)) {
                    counters.transfers += 1;
                } else {
                    counters.refused += 1;
                }
            }
        }
    }

    fn see(&mut self, symbol: &Symbol, mark: Mark) {
        match self.marks.get_mut(symbol) {
            Some(known) if known.at > mark.at => {}
            Some(known) => *known = mark,
            None => {
                self.marks.insert(symbol.clone(), mark);
            }
        }
    }

    /// The venue.
    pub const fn venue(&self) -> Venue {
        self.venue
    }

    /// Newest known time folded.
    pub const fn clock(&self) -> Option<Timestamp> {
        self.clock
    }

    /// What was seen and what was set aside.
    pub const fn counters(&self) -> &AccountCounters {
        &self.counters
    }

    /// Every account, by name.
    pub fn accounts(&self) -> impl Iterator<Item = Account<'_>> {
        self.accounts.iter().map(|(name, record)| Account { book: self, name, record })
    }

    /// One account.
    pub fn account(&self, name: &AccountName) -> Option<Account<'_>> {
        self.accounts.get_key_value(name).map(|(name, record)| Account { book: self, name, record })
    }

    /// The newest mark of a market.
    pub fn mark(&self, symbol: &Symbol) -> Option<Mark> {
        self.marks.get(symbol).copied()
    }

    /// Every market that an account has held or traded, with its newest mark.
    pub fn markets(&self) -> impl Iterator<Item = (&Symbol, &Mark)> {
        self.marks.iter()
    }

    /// The whole state as bytes.
    pub fn snapshot(&self) -> Result<Vec<u8>, SnapshotError> {
        postcard::to_stdvec(&(SNAPSHOT_VERSION, self))
            .map_err(|error| SnapshotError::Damaged(error.to_string()))
    }

    /// Continues from an [`AccountBook::snapshot`].
    pub fn resume(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let version = SnapshotError::Version(SNAPSHOT_VERSION);
        let (found, rest) = postcard::take_from_bytes::<&str>(bytes).map_err(|_| version.clone())?;
        if found != SNAPSHOT_VERSION {
            return Err(version);
        }
        postcard::from_bytes(rest).map_err(|error| SnapshotError::Damaged(error.to_string()))
    }
}

impl Record {
    fn empty(at: Timestamp) -> Self {
        Self::Reconstructed { at, account: Box::default() }
    }
}

impl<'a> Account<'a> {
    /// Whose it is.
    pub const fn name(&self) -> &'a AccountName {
        self.name
    }

    /// When it was so: the time of the state, or of the newest fill or transfer it was rebuilt from.
    pub const fn at(&self) -> Timestamp {
        match self.record {
            Record::Reported { at, .. } | Record::Reconstructed { at, .. } => *at,
        }
    }

    /// How it is known.
    pub fn source(&self) -> AccountSource<'a> {
        match self.record {
            Record::Reported { state, .. } => AccountSource::Reported(state),
            Record::Reconstructed { account, .. } => AccountSource::Reconstructed(account),
        }
    }

    /// The newest fill or transfer after the reported state, if there was one: the state is known to be
    /// out of date since then.
    pub const fn stirred(&self) -> Option<Timestamp> {
        match self.record {
            Record::Reported { stirred, .. } => *stirred,
            Record::Reconstructed { .. } => None,
        }
    }

    /// What backs its cross positions, quote currency: as reported at the marks of the state, or cash and
    /// positions at the newest marks.
    pub fn equity(&self) -> f64 {
        match self.source() {
            AccountSource::Reported(state) => state.cross_equity.to_f64(),
            AccountSource::Reconstructed(account) => self.equity_of(account).to_f64(),
        }
    }

    fn equity_of(&self, account: &Reconstruction) -> Cash {
        account.equity(|symbol| self.book.mark(symbol).map(|mark| mark.price))
    }

    /// Whether it holds no position.
    pub fn is_flat(&self) -> bool {
        match self.source() {
            AccountSource::Reported(state) => state.positions.is_empty(),
            AccountSource::Reconstructed(account) => account.is_flat(),
        }
    }

    /// Whether it has an open position in a market.
    pub fn holds(&self, symbol: &Symbol) -> bool {
        match self.source() {
            AccountSource::Reported(state) => state.positions.iter().any(|p| p.symbol == *symbol),
            AccountSource::Reconstructed(account) => {
                account.legs().get(symbol).is_some_and(|leg| leg.size_units != 0)
            }
        }
    }

    /// The account as a state: the reported one, or the rebuilt one at the newest marks, every position
    /// cross. `None` for a rebuilt account whose equity is beyond the range of an amount.
    ///
    /// A reported state is given as it was reported, at its own marks, so that what is computed from it can
    /// be held against what the venue computed.
    pub fn state(&self) -> Option<Cow<'a, AccountState>> {
        let account = match self.source() {
            AccountSource::Reported(state) => return Some(Cow::Borrowed(state)),
            AccountSource::Reconstructed(account) => account,
        };
        let positions = account
            .legs()
            .iter()
            .filter_map(|(symbol, leg)| {
                let side = match leg.size_units {
                    0 => return None,
                    1.. => Side::Long,
                    _ => Side::Short,
                };
                Some(AccountPosition {
                    symbol: symbol.clone(),
                    side,
                    // The size of i64::MIN has no counterpart; such a sum was never reached.
                    size: Size::from_units(leg.size_units.saturating_abs()).ok()?,
                    entry_price: Price::from_f64(leg.entry_price).ok(),
                    mark_price: self.book.mark(symbol)?.price,
                    backing: Backing::Cross,
                    max_leverage: None,
                    liquidation_price: None,
                })
            })
            .collect();
        Some(Cow::Owned(AccountState {
            account: self.name.clone(),
            mode: AccountMode::Standard,
            cross_equity: self.equity_of(account).to_amount()?,
            cross_maintenance: None,
            positions,
        }))
    }
}

#[cfg(test)]
mod tests {
    use liqlens_market::{Amount, Span, Taker};

    use super::*;

    fn start() -> Timestamp {
        Timestamp::parse_text("2026-03-01T00:00:00Z").unwrap()
    }

    fn name(text: &str) -> AccountName {
        AccountName::new(text).unwrap()
    }

    fn symbol(text: &str) -> Symbol {
        Symbol::new(text).unwrap()
    }

    fn price(text: &str) -> Price {
        Price::parse(text.as_bytes()).unwrap()
    }

    fn event(minute: i64, body: EventBody) -> Event {
        Event::at(start() + Span::MINUTE.times(minute), body)
    }

    fn fill(minute: i64, account: &str, coin: &str, side: Taker, at: &str, size: &str) -> Event {
        let fill = AccountFill {
            account: name(account),
            symbol: symbol(coin),
            side,
            crossed: true,
            price: price(at),
            size: Size::parse(size.as_bytes()).unwrap(),
        };
        event(minute, EventBody::AccountFill(Box::new(fill)))
    }

    fn transfer(minute: i64, account: &str, amount: &str) -> Event {
        let amount = Amount::parse(amount.as_bytes()).unwrap();
        let transfer = AccountTransfer { account: name(account), amount };
        event(minute, EventBody::AccountTransfer(Box::new(transfer)))
    }

    fn state(minute: i64, account: &str, equity: &str, mark: &str) -> Event {
        let position = AccountPosition {
            symbol: symbol("BTC"),
            side: Side::Long,
            size: Size::parse(b"1").unwrap(),
            entry_price: None,
            mark_price: price(mark),
            backing: Backing::Cross,
            max_leverage: None,
            liquidation_price: None,
        };
        let state = AccountState {
            account: name(account),
            mode: AccountMode::Standard,
            cross_equity: Amount::parse(equity.as_bytes()).unwrap(),
            cross_maintenance: None,
            positions: vec![position],
        };
        event(minute, EventBody::Account(Box::new(state)))
    }

    fn book(events: &[Event]) -> AccountBook {
        let mut book = AccountBook::new(Venue::Hyperliquid);
        for event in events {
            book.step(event);
        }
        book
    }

    #[test]
    fn the_newest_state_is_what_counts() {
        let book = book(&[
            state(10, "0xa", "100", "70000"),
            state(20, "0xa", "90", "69000"),
            state(15, "0xa", "95", "69500"),
        ]);
        let account = book.account(&name("0xa")).unwrap();
        assert_eq!((account.equity(), account.at()), (90.0, start() + Span::MINUTE.times(20)));
        assert_eq!(book.counters().older_states, 1);
        assert_eq!(book.mark(&symbol("BTC")).unwrap().price, price("69000"));
    }

    #[test]
    fn a_state_replaces_a_reconstruction_and_later_fills_only_stir_it() {
        let book = book(&[
            transfer(0, "0xa", "1000"),
            fill(1, "0xa", "BTC", Taker::Buy, "70000", "0.5"),
            state(2, "0xa", "90", "69000"),
            fill(1, "0xa", "ETH", Taker::Buy, "2000", "1"),
            fill(3, "0xa", "BTC", Taker::Sell, "69100", "1"),
        ]);
        let account = book.account(&name("0xa")).unwrap();
        assert!(matches!(account.source(), AccountSource::Reported(state) if state.positions.len() == 1));
        assert_eq!(account.stirred(), Some(start() + Span::MINUTE.times(3)));
        let counters = book.counters();
        assert_eq!((counters.fills, counters.included, counters.fills_after_state), (1, 1, 1));
    }

    /// By hand: 1,000 in, 0.01 BTC bought at 70,000 and 1 ETH sold at 2,000 leave cash of 2,300; another
    /// account's fills move the marks to 71,000 and 1,900, so equity is 2,300 + 710 − 1,900 = 1,110.
    #[test]
    fn a_rebuilt_account_is_valued_at_the_newest_marks_of_the_whole_log() {
        let book = book(&[
            transfer(0, "0xa", "1000"),
            fill(1, "0xa", "BTC", Taker::Buy, "70000", "0.01"),
            fill(2, "0xa", "ETH", Taker::Sell, "2000", "1"),
            fill(3, "0xb", "BTC", Taker::Sell, "71000", "0.01"),
            fill(4, "0xb", "ETH", Taker::Buy, "1900", "1"),
        ]);
        let account = book.account(&name("0xa")).unwrap();
        assert_eq!(account.equity(), 1_110.0);
        let state = account.state().unwrap();
        assert_eq!(state.cross_equity, Amount::parse(b"1110").unwrap());
        let sides: Vec<_> =
            state.positions.iter().map(|p| (p.symbol.as_str(), p.side, p.mark_price)).collect();
        assert_eq!(sides, [("BTC", Side::Long, price("71000")), ("ETH", Side::Short, price("1900"))]);
    }

    #[test]
    fn resuming_is_invisible() {
        let events = [
            transfer(0, "0xa", "1000"),
            fill(1, "0xa", "BTC", Taker::Buy, "70000", "0.01"),
            state(2, "0xb", "90", "69000"),
            fill(3, "0xb", "BTC", Taker::Sell, "69100", "1"),
            transfer(4, "0xa", "-5000"),
        ];
        let straight = book(&events);
        for cut in 0..events.len() {
            let mut resumed = AccountBook::resume(&book(&events[..cut]).snapshot().unwrap()).unwrap();
            for event in &events[cut..] {
                resumed.step(event);
            }
            assert_eq!(resumed.snapshot().unwrap(), straight.snapshot().unwrap());
        }
        let bytes = straight.snapshot().unwrap();
        for cut in [0, 3, 20, bytes.len() / 2, bytes.len() - 1] {
            assert!(AccountBook::resume(&bytes[..cut]).is_err(), "cut at {cut}");
        }
    }
}
