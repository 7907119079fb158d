//! A stage's turns: the clock is read, the markets somebody asks for walk on to it, and what changed is published.
//!
//! A turn takes a bounded amount of work, so that a market with years to fold does not hold up the others. Documents
//! come about by the very code that answers requests, so that what is published is what a request as of the same
//! moment gets, byte for byte.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use liqlens_ask::{Asked, Failure, Opened, Question};
use liqlens_market::{MarketId, Timestamp};
use liqlens_model::ModelId;
use liqlens_query::document::{ClockFacts, OverviewFailure, TapeRow, Usd};

use super::asking::{Asking, Whom};
use super::clock::{BEAT, Clock, Moment};
use super::following::{Following, Standing, is_on_its_way};
use super::frame::Body;
use super::topics::{Channel, Topic, Topics};
use super::walker::Recording;
use crate::metrics::StageMetrics;

/// Events one market folds in a turn.
const BUDGET: u64 = 50_000;
/// How long a topic that nobody reads is kept for readers that come back.
const KEPT: Duration = Duration::from_mins(1);
/// A document is published anew this long after the last even if no event came: it is older then, and says so.
const REFRESHED: Duration = Duration::from_secs(2);

/// How long a turn waits for what others are at work on.
const PAUSE: Duration = Duration::from_millis(10);

/// The rest of the server, as a stage sees it.
pub trait House: Send + Sync {
    /// Why there is no document, as JSON for subscribers.
    fn problem(&self, failure: &Failure) -> String;
    /// `health/1`.
    fn health(&self) -> Result<Vec<u8>, Failure>;
    /// A view that was made, for whoever asks for the same moment.
    fn offer(&self, opened: &Opened, view: &Arc<liqlens_query::View>);
    /// How old what is known of a market is, and how long all holes in its prices are.
    fn market(&self, market: &str, age: Duration, gaps: Duration);
    /// What the machine's clock says, milliseconds since 1970: only to be told how long a message was on its way.
    fn wall_ms(&self) -> u64;
}

/// A market and how it is folded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    market: MarketId,
    measured: bool,
    model: Option<ModelId>,
}

/// What a topic has had.
#[derive(Debug, Default)]
struct Cue {
    /// When it was last seen to, and what the clock showed then.
    seen: Option<(Duration, Moment)>,
    /// When, and of which state, something was last published.
    published: Option<(Duration, State)>,
    /// Since when nobody reads it.
    idle_since: Option<Duration>,
    /// Rows of a tape count if they became known later.
    after: Option<Timestamp>,
}

impl Cue {
    const fn see(&mut self, moment: Moment, at: Duration) {
        self.seen = Some((at, moment));
    }

    /// When it may be seen to again.
    fn due(&self, asking: &Asking) -> Option<Duration> {
        let every = BEAT.saturating_mul(u32::try_from(asking.beats()).unwrap_or(1));
        self.seen.map(|(last, _)| last + every)
    }
}

/// What a document was made of: a moment, and the events folded.
type State = (Timestamp, u64);

/// When the next turn is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// At once: there is work left.
    Now,
    /// At some time.
    At(Duration),
    /// When somebody asks for something new.
    WhenAsked,
}

/// What a turn came to.
#[derive(Debug)]
pub struct Report {
    /// When the next is to be.
    pub next: Turn,
    /// What the clock showed.
    pub moment: Moment,
    /// The same as documents show it.
    pub clock: ClockFacts,
    /// Whether anything was published.
    pub published: bool,
}

/// A stage's turns.
pub struct Player<'a> {
    recording: &'a dyn Recording,
    house: &'a dyn House,
    clock: &'a Mutex<Clock>,
    topics: &'a Topics,
    metrics: StageMetrics,
    following: BTreeMap<Key, RefCell<Following<'a>>>,
    /// Which market a symbol meant when it was last opened, and its canonical name.
    meant: BTreeMap<Whom, (Key, String)>,
    cues: BTreeMap<Arc<str>, Cue>,
    turn: Option<u64>,
    /// The symbols of all markets, while somebody reads the overview.
    symbols: Vec<String>,
    /// Whether anything was folded in this turn.
    folded: bool,
}

/// The markets of one turn.
type Round = BTreeMap<Whom, Result<Stood, Failure>>;

/// Where a market was found.
#[derive(Clone)]
enum Stood {
    /// At the moment asked about.
    Here(Key, Box<Opened>),
    /// On its way there.
    Walking,
}

impl<'a> Player<'a> {
    /// Has not begun.
    pub fn new(
        recording: &'a dyn Recording,
        house: &'a dyn House,
        clock: &'a Mutex<Clock>,
        topics: &'a Topics,
        metrics: StageMetrics,
    ) -> Self {
        Self {
            recording,
            house,
            clock,
            topics,
            metrics,
            following: BTreeMap::new(),
            meant: BTreeMap::new(),
            cues: BTreeMap::new(),
            turn: None,
            symbols: Vec::new(),
            folded: false,
        }
    }

    /// One turn; `at` is the time passed on a clock that never goes back.
    pub fn turn(&mut self, at: Duration) -> Report {
        let (moment, newest, change, clock) = {
            let clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
            (clock.moment(at), clock.newest(at), clock.next_change(at), clock.facts(at))
        };
        let topics = self.topics.all();
        if self.turn.replace(moment.turn).is_some_and(|turn| turn != moment.turn) {
            self.begin_anew(&topics);
        }
        let read = self.attend(&topics, moment, at);
        let due: Vec<&Arc<Topic>> = read.iter().copied().filter(|topic| self.is_due(topic, at)).collect();

        self.folded = false;
        self.symbols = if read.iter().any(|topic| topic.asking == Asking::Overview) {
            self.recording.symbols().unwrap_or_default()
        } else {
            Vec::new()
        };
        self.want_rows(&read);
        let round = self.walk(&due, newest, at);
        let mut published = self.publish_rows(&read);
        let mut left = false;
        for topic in due {
            match self.see_to(topic, &round, (moment, change.is_some()), at) {
                Seen::Published => published = true,
                Seen::Same => {}
                Seen::NotYet => left = true,
            }
        }
        self.forget_unread(&read);

        let next = match (left, self.folded) {
            (true, true) => Turn::Now,
            // Somebody else is at work.
            (true, false) => Turn::At(at + PAUSE),
            (false, _) => self.next_turn(&topics, moment, change, at),
        };
        Report { next, moment, clock, published }
    }

    /// How far each market is, by the symbol it was asked by.
    pub fn watermarks(&self) -> BTreeMap<String, Timestamp> {
        let known = |(key, name): &(Key, String)| {
            let newest = self.following.get(key)?.borrow().newest_known()?;
            Some((name.clone(), newest))
        };
        self.meant.values().filter_map(known).collect()
    }

    /// Ages and holes of the markets, for the metrics.
    pub fn ages(&self, now: Timestamp) -> Vec<(String, Duration, Duration)> {
        let duration = |span: i64| Duration::from_nanos(u64::try_from(span).unwrap_or(0));
        let mut ages = Vec::new();
        for (key, following) in &self.following {
            let following = following.borrow();
            if let Some(newest) = following.newest_known() {
                let gaps = following.gap_ns();
                ages.push((key.market.to_string(), duration((now - newest).nanos()), duration(gaps)));
            }
        }
        ages
    }

    /// Time jumped: numbers begin anew, and everything is due.
    fn begin_anew(&mut self, topics: &[Arc<Topic>]) {
        for topic in topics {
            self.topics.begin(topic);
        }
        self.cues.clear();
        self.meant.clear();
        for following in self.following.values_mut() {
            following.get_mut().want_rows(None);
            following.get_mut().take_rows();
        }
    }

    /// Notes who reads what, and lets go of topics that nobody came back to.
    fn attend<'t>(&mut self, topics: &'t [Arc<Topic>], moment: Moment, at: Duration) -> Vec<&'t Arc<Topic>> {
        self.cues.retain(|name, _| topics.iter().any(|topic| topic.name == *name));
        let mut read = Vec::new();
        for topic in topics {
            let cue = self.cues.entry(topic.name.clone()).or_default();
            if topic.read() {
                cue.idle_since = None;
                cue.after.get_or_insert(moment.now);
                read.push(topic);
                continue;
            }
            let since = *cue.idle_since.get_or_insert(at);
            // What passes unread is not kept.
            cue.after = None;
            if at.saturating_sub(since) >= KEPT {
                self.topics.forget(&topic.name);
                self.cues.remove(&topic.name);
            }
        }
        read
    }

    fn is_due(&self, topic: &Topic, at: Duration) -> bool {
        let due = self.cues.get(&topic.name).and_then(|cue| cue.due(&topic.asking));
        // Half a beat early is in time: turns come a little late, and the next beat would be too late.
        topic.asleep() || due.is_none_or(|due| at + BEAT / 2 >= due)
    }

    /// Lets the markets walk that something due is about.
    fn walk(&mut self, due: &[&Arc<Topic>], newest: Option<Timestamp>, at: Duration) -> Round {
        let mut round = Round::new();
        for topic in due {
            for whom in self.about(&topic.asking) {
                if let Entry::Vacant(place) = round.entry(whom) {
                    let stood = self.follow(place.key(), newest, at);
                    place.insert(stood);
                }
            }
        }
        round
    }

    fn about(&self, asking: &Asking) -> Vec<Whom> {
        match asking.whom() {
            Some(whom) => vec![whom.clone()],
            None if *asking == Asking::Overview => self.symbols.iter().cloned().map(Whom::of).collect(),
            None => Vec::new(),
        }
    }

    fn follow(&mut self, whom: &Whom, newest: Option<Timestamp>, at: Duration) -> Result<Stood, Failure> {
        // Who is on the way goes on to where it was sent, unless time has jumped back since.
        let under_way =
            self.meant.get(whom).and_then(|(key, _)| self.following.get(key)).and_then(|following| {
                let following = following.borrow();
                let to = following.opened().as_of;
                (following.stands() != Some(to) && newest.is_none_or(|newest| to <= newest)).then_some(to)
            });
        let opened = self.recording.open(whom.symbol.as_str(), &whom.scope(under_way.or(newest)))?;
        let key = Key::of(&opened);
        self.meant.insert(whom.clone(), (key.clone(), opened.subject.symbol.clone()));
        let reachable =
            self.following.get(&key).is_some_and(|following| following.borrow().can_reach(&opened));
        if !reachable {
            let following = Following::new(self.recording, &opened)?;
            self.following.insert(key.clone(), RefCell::new(following));
        }
        let Some(following) = self.following.get_mut(&key) else { return Ok(Stood::Walking) };
        let following = following.get_mut();
        following.head_for(&opened);
        let before = following.folded();
        let mut budget = BUDGET;
        let arrived = following.walk(&mut budget, at)?;
        self.folded |= budget < BUDGET;
        self.metrics.events.increment(following.folded() - before);
        Ok(if arrived { Stood::Here(key, Box::new(opened)) } else { Stood::Walking })
    }

    fn see_to(
        &mut self,
        topic: &Topic,
        round: &Round,
        (moment, moves): (Moment, bool),
        at: Duration,
    ) -> Seen {
        let Channel::State(state) = &topic.channel else {
            let walking =
                topic.asking.whom().is_some_and(|whom| matches!(round.get(whom), Some(Ok(Stood::Walking))));
            if walking {
                return Seen::NotYet;
            }
            self.cue(topic).see(moment, at);
            topic.wake();
            return Seen::Same;
        };
        let made_of = self.made_of(&topic.asking, round, moment);
        let asleep = topic.asleep();
        if let (Some((when, before)), Some(now)) = (self.cue(topic).published, made_of) {
            // Where the clock stands, the document is of what it shows.
            let refreshed = !moves || at.saturating_sub(when) + BEAT / 2 >= REFRESHED;
            if before == now || (before.1 == now.1 && !refreshed && !asleep) {
                self.cue(topic).see(moment, at);
                topic.wake();
                return Seen::Same;
            }
        }
        let began = Instant::now();
        let answer = self.answer(&topic.asking, round, moment);
        let published = match &answer {
            Ok(document) => state.publish(Body::Document(document), self.house.wall_ms()),
            Err(failure) if is_on_its_way(failure) => return Seen::NotYet,
            Err(failure) => state.publish(Body::Problem(&self.house.problem(failure)), self.house.wall_ms()),
        };
        topic.wake();
        let cue = self.cue(topic);
        cue.see(moment, at);
        cue.published = made_of.map(|made_of| (at, made_of));
        self.metrics.compute.record(began.elapsed().as_secs_f64());
        let Some(published) = published else { return Seen::Same };
        let form = match (answer.is_ok(), published.delta) {
            (false, _) => &self.metrics.problems,
            (true, true) => &self.metrics.deltas,
            (true, false) => &self.metrics.snapshots,
        };
        form.increment(1);
        Seen::Published
    }

    fn cue(&mut self, topic: &Topic) -> &mut Cue {
        self.cues.entry(topic.name.clone()).or_default()
    }

    /// The state a document would be made of; `None` if it cannot be told.
    fn made_of(&self, asking: &Asking, round: &Round, moment: Moment) -> Option<State> {
        let of = |whom: &Whom| match round.get(whom)? {
            Ok(Stood::Here(key, opened)) => Some((opened.as_of, self.following.get(key)?.borrow().folded())),
            _ => None,
        };
        match asking {
            Asking::Document(whom, _) | Asking::Tick(whom) | Asking::Tape(whom, _) => of(whom),
            Asking::Overview => {
                let whoms = self.about(asking);
                let folded = whoms.iter().map(|whom| of(whom).map(|(_, folded)| folded));
                folded.sum::<Option<u64>>().map(|folded| (moment.now, folded))
            }
            Asking::Health => None,
        }
    }

    fn answer(&self, asking: &Asking, round: &Round, moment: Moment) -> Result<String, Failure> {
        let bytes = match asking {
            Asking::Document(whom, question) => {
                let (following, opened) = self.here(whom, round)?;
                let question = match question {
                    Question::Heatmap(range) => Question::Heatmap(range.newest(opened.as_of, 2)),
                    other => other.clone(),
                };
                self.offer(following, opened);
                Asked::new(opened.clone(), Standing(following), whom.allow_stale).answer(&question)?.json()?
            }
            Asking::Tick(whom) => {
                let (following, opened) = self.here(whom, round)?;
                self.offer(following, opened);
                let asked = Asked::new(opened.clone(), Standing(following), true);
                json(&asked.view()?.tick())?
            }
            Asking::Tape(..) => Vec::new(),
            Asking::Overview => self.overview(round, moment)?,
            Asking::Health => self.house.health()?,
        };
        String::from_utf8(bytes).map_err(|error| Failure::internal("The document is not text.", error))
    }

    /// The market that was asked for, if it stands at the moment asked about.
    fn here<'r>(
        &self,
        whom: &Whom,
        round: &'r Round,
    ) -> Result<(&RefCell<Following<'a>>, &'r Opened), Failure> {
        match round.get(whom) {
            Some(Ok(Stood::Here(key, opened))) => {
                let following = self.following.get(key).ok_or_else(super::following::on_its_way)?;
                Ok((following, opened))
            }
            Some(Err(failure)) => Err(failure.clone()),
            _ => Err(super::following::on_its_way()),
        }
    }

    fn offer(&self, following: &RefCell<Following<'a>>, opened: &Opened) {
        if let Ok(Ok(view)) = following.borrow_mut().view(&opened.subject) {
            self.house.offer(opened, &view);
        }
    }

    /// All markets. One that is still being read does not hold up the others.
    fn overview(&self, round: &Round, moment: Moment) -> Result<Vec<u8>, Failure> {
        let (mut rows, mut failed) = (Vec::new(), Vec::new());
        for whom in self.about(&Asking::Overview) {
            let row = self.here(&whom, round).and_then(|(following, opened)| {
                Asked::new(opened.clone(), Standing(following), true).overview_row()
            });
            match row {
                Ok(row) => rows.push(row),
                Err(failure) => failed.push((whom.symbol, failure)),
            }
        }
        if let (true, Some((_, failure))) = (rows.is_empty(), failed.iter().find(|(_, f)| is_on_its_way(f))) {
            return Err(failure.clone());
        }
        let failed = failed.into_iter().map(|(symbol, failure)| OverviewFailure {
            symbol,
            code: failure.code.to_owned(),
            message: failure.what,
        });
        json(&liqlens_query::overview(moment.now, rows, failed.collect()))
    }

    /// Has each market make rows from the earliest moment on that a tape of it wants them.
    fn want_rows(&mut self, read: &[&Arc<Topic>]) {
        for (key, following) in &mut self.following {
            let tapes = read.iter().filter(|topic| tape_of(&self.meant, topic) == Some(key));
            let after = tapes.filter_map(|topic| self.cues.get(&topic.name).and_then(|cue| cue.after)).min();
            following.get_mut().want_rows(after);
        }
    }

    fn publish_rows(&mut self, read: &[&Arc<Topic>]) -> bool {
        let mut any = false;
        for (key, following) in &mut self.following {
            let rows = following.get_mut().take_rows();
            if rows.is_empty() {
                continue;
            }
            for topic in read.iter().filter(|topic| tape_of(&self.meant, topic) == Some(key)) {
                let (Channel::Events(events), Asking::Tape(_, min_usd)) = (&topic.channel, &topic.asking)
                else {
                    continue;
                };
                let after = self.cues.get(&topic.name).and_then(|cue| cue.after);
                let wanted = rows.iter().filter(|(known, row)| {
                    after.is_some_and(|after| *known > after) && is_at_least(row, *min_usd)
                });
                let texts: Vec<String> =
                    wanted.filter_map(|(_, row)| serde_json::to_string(row).ok()).collect();
                if !texts.is_empty() {
                    any = true;
                    self.metrics.tape_rows.increment(u64::try_from(texts.len()).unwrap_or(0));
                    events.publish(&texts, self.house.wall_ms());
                }
            }
        }
        any
    }

    /// Markets that nobody reads any more are no longer followed.
    fn forget_unread(&mut self, read: &[&Arc<Topic>]) {
        let wanted: Vec<Whom> = read.iter().flat_map(|topic| self.about(&topic.asking)).collect();
        self.meant.retain(|whom, _| wanted.contains(whom));
        let meant = &self.meant;
        self.following.retain(|key, _| meant.values().any(|(wanted, _)| wanted == key));
    }

    fn next_turn(
        &self,
        topics: &[Arc<Topic>],
        moment: Moment,
        change: Option<Duration>,
        at: Duration,
    ) -> Turn {
        let health = topics.iter().any(|topic| topic.read() && topic.asking == Asking::Health);
        let idle = self.cues.values().filter_map(|cue| cue.idle_since).min().map(|since| since + KEPT);
        let beat = change.filter(|_| topics.iter().any(|topic| topic.read()));
        // The clock may stand where some have not been yet: it was paused, or came to its end.
        let behind = |topic: &&Arc<Topic>| {
            let cue = self.cues.get(&topic.name).filter(|_| topic.read())?;
            cue.due(&topic.asking).filter(|_| cue.seen.is_none_or(|(_, seen)| seen != moment))
        };
        let behind = topics.iter().filter_map(|topic| behind(&topic)).min();
        let next = [beat, behind, health.then_some(at + BEAT * 4), idle].into_iter().flatten().min();
        next.map_or(Turn::WhenAsked, Turn::At)
    }
}

/// What came of seeing to a topic.
enum Seen {
    Published,
    Same,
    NotYet,
}

impl Key {
    fn of(opened: &Opened) -> Self {
        let (measured, model) = match &opened.basis {
            liqlens_ask::Basis::Modelled(model) => (false, Some(model.id)),
            liqlens_ask::Basis::Measured(model) => (true, model.as_ref().map(|model| model.id)),
        };
        Self { market: opened.instrument.market.clone(), measured, model }
    }
}

/// The market whose reports a tape shows.
fn tape_of<'m>(meant: &'m BTreeMap<Whom, (Key, String)>, topic: &Topic) -> Option<&'m Key> {
    match &topic.asking {
        Asking::Tape(whom, _) => meant.get(whom).map(|(key, _)| key),
        _ => None,
    }
}

fn is_at_least(row: &TapeRow, min_usd: Option<Usd>) -> bool {
    min_usd.is_none_or(|min| row.usd.is_some_and(|usd| usd >= min))
}

fn json(document: &impl serde::Serialize) -> Result<Vec<u8>, Failure> {
    let mut bytes = serde_json::to_vec(document)
        .map_err(|error| Failure::internal("The document could not be written as JSON.", error))?;
    bytes.push(b'\n');
    Ok(bytes)
}
