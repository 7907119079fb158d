//! The thread of a stage: turn after turn, each when it is due.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use liqlens_ask::Failure;
use liqlens_market::Timestamp;

use super::frame::{self, Body};
use super::player::{House, Player, Report, Turn};
use super::topics::Channel;
use super::walker::Recording;
use super::{Beat, Shared};
use crate::metrics::StageMetrics;

/// Defects after which a stage stays down.
const DEFECTS: u32 = 3;
/// A market's state that was folded this long without a defect is trusted again.
const TRUSTED: Duration = Duration::from_mins(10);

/// Runs a stage until it is stopped. A defect in a turn costs what was folded, not the server; several in a row leave
/// the stage down, which its topics then say.
pub(super) fn run(shared: &Shared, recording: &dyn Recording, house: &dyn House, metrics: &StageMetrics) {
    metrics.stages.increment(1.0);
    let mut defects = 0;
    while !shared.signal.stopped() {
        let began = Instant::now();
        let whole = catch_unwind(AssertUnwindSafe(|| play(shared, recording, house, metrics)));
        if whole.is_ok() {
            break;
        }
        metrics.restarts.increment(1);
        defects = if began.elapsed() > TRUSTED { 1 } else { defects + 1 };
        tracing::error!(defects, "a stage came to an end by a defect and begins again");
        if defects >= DEFECTS {
            give_up(shared, house);
            break;
        }
    }
    metrics.stages.decrement(1.0);
}

fn play(shared: &Shared, recording: &dyn Recording, house: &dyn House, metrics: &StageMetrics) {
    let mut player = Player::new(recording, house, &shared.clock, &shared.topics, metrics.clone());
    let mut shown: Option<(Timestamp, bool)> = None;
    let mut sizes = Sizes { metrics, topics: 0.0, bytes: 0.0 };
    while !shared.signal.stopped() {
        let at = shared.at();
        let report = player.turn(at);
        metrics.turn.record(shared.at().saturating_sub(at).as_secs_f64());

        let shows = (report.moment.now, report.clock.playing);
        let moved = shown.replace(shows) != Some(shows);
        if moved || report.published {
            tell(shared, &player, &report, moved);
            sizes.show(shared);
            if shared.everybodys {
                for (market, age, gaps) in player.ages(report.moment.now) {
                    house.market(&market, age, gaps);
                }
            }
        }
        match report.next {
            Turn::Now => {}
            Turn::At(next) => shared.signal.wait(Some(next.saturating_sub(shared.at()))),
            Turn::WhenAsked => shared.signal.wait(None),
        }
    }
}

fn tell(shared: &Shared, player: &Player<'_>, report: &Report, moved: bool) {
    let watermarks = player.watermarks();
    let watermarks = watermarks.iter().map(|(symbol, known)| (symbol.as_str(), *known));
    shared.beat.send_replace(Beat {
        clock: frame::clock(&report.clock),
        heartbeat: frame::heartbeat(&report.clock, watermarks),
        moved,
    });
}

/// What this stage adds to the sizes of all of them.
struct Sizes<'a> {
    metrics: &'a StageMetrics,
    topics: f64,
    bytes: f64,
}

impl Sizes<'_> {
    fn show(&mut self, shared: &Shared) {
        let topics = shared.topics.all();
        self.set(topics.len() as f64, topics.iter().map(|topic| topic.bytes()).sum::<usize>() as f64);
    }

    fn set(&mut self, topics: f64, bytes: f64) {
        self.metrics.topics.increment(topics - self.topics);
        self.metrics.topic_bytes.increment(bytes - self.bytes);
        (self.topics, self.bytes) = (topics, bytes);
    }
}

impl Drop for Sizes<'_> {
    fn drop(&mut self) {
        self.set(0.0, 0.0);
    }
}

/// Says on every topic that nothing will come any more.
fn give_up(shared: &Shared, house: &dyn House) {
    let problem = house.problem(&Failure::internal(
        "This is no longer kept up.",
        "Following the market failed several times.",
    ));
    for topic in shared.topics.all() {
        if let Channel::State(state) = &topic.channel {
            state.publish(Body::Problem(&problem), house.wall_ms());
        }
        topic.wake();
    }
}
