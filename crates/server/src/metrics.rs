//! What is counted, and `/metrics`.
//!
//! Names begin with `liqlens_`, end with their unit, and are described where they are made; labels have few values,
//! none of which comes from a client. Each server counts for itself, so that several in one process do not mix.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use metrics::{Counter, Gauge, Histogram, Key, Label, Metadata, Recorder, SharedString};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use tokio::sync::watch;

use crate::app::App;

mod process;

/// What is counted.
pub struct Metrics {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    /// Subscriptions.
    pub live: LiveMetrics,
    /// Stages.
    pub stage: StageMetrics,
}

/// What subscriptions count.
pub struct LiveMetrics {
    /// Open sockets.
    pub sockets: Level,
    /// Open event streams.
    pub streams: Level,
    /// Subscriptions of both.
    pub subscriptions: Level,
    /// Messages from clients.
    pub received: Counter,
    /// Bytes of them.
    pub received_bytes: Counter,
    /// Messages to clients.
    pub sent: Counter,
    /// Bytes of them.
    pub sent_bytes: Counter,
    /// Documents that slow readers were spared.
    pub conflated: Counter,
    /// Messages that were not understood.
    pub malformed: Counter,
}

/// What stages count.
#[derive(Clone)]
pub struct StageMetrics {
    /// Clocks with markets that follow them: the server's, and each private replay's.
    pub stages: Gauge,
    /// Topics.
    pub topics: Gauge,
    /// Bytes that topics hold.
    pub topic_bytes: Gauge,
    /// Events folded by all stages.
    pub events: Counter,
    /// Time of one turn of a stage.
    pub turn: Histogram,
    /// Time to answer, write and compare one document.
    pub compute: Histogram,
    /// Documents published whole.
    pub snapshots: Counter,
    /// Documents published as what changed.
    pub deltas: Counter,
    /// Problems published.
    pub problems: Counter,
    /// Events published.
    pub tape_rows: Counter,
    /// Stages that had to be begun again after a defect.
    pub restarts: Counter,
}

/// How many there are of something now.
#[derive(Clone)]
pub struct Level {
    count: Arc<watch::Sender<u64>>,
    shown: Gauge,
}

/// One of them, until it is dropped.
pub struct Counted(Level);

impl Level {
    /// One more.
    pub fn count(&self) -> Counted {
        self.count.send_modify(|count| *count += 1);
        self.shown.increment(1.0);
        Counted(self.clone())
    }

    /// How many.
    pub fn get(&self) -> u64 {
        *self.count.borrow()
    }

    /// Ready when there is none.
    pub async fn none(&self) {
        // The sender is this one.
        let _ = self.count.subscribe().wait_for(|count| *count == 0).await;
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.count.send_modify(|count| *count = count.saturating_sub(1));
        self.0.shown.decrement(1.0);
    }
}

/// Upper ends of the classes of latencies, seconds.
const LATENCIES: [f64; 14] =
    [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

const METADATA: Metadata<'static> = Metadata::new("liqlens", metrics::Level::INFO, None);

/// Counts a request when it is answered.
pub(crate) async fn count(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    // What has no route of its own is the page, or nothing.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("other", MatchedPath::as_str);
    app.metrics.request(route, response.status().as_u16(), began.elapsed());
    response
}

/// What is counted elsewhere and asked for when somebody reads it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Readings {
    /// Answers being computed.
    pub folds_running: u64,
    /// Questions waiting for a place.
    pub folds_waiting: u64,
    /// Finished answers kept.
    pub answers: u64,
    /// Questions whose answer was kept, and all others.
    pub answer_lookups: [u64; 2],
    /// Bytes of the states of markets that are kept, and their number.
    pub states: (u64, u64),
}

impl Metrics {
    /// Nothing counted yet.
    pub fn new() -> Self {
        // Only an empty list of classes is refused.
        let classes = |builder: PrometheusBuilder, name: &str| {
            builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), &LATENCIES)
        };
        let names =
            ["liqlens_http_request_seconds", "liqlens_stage_turn_seconds", "liqlens_stage_compute_seconds"];
        let builder = names
            .into_iter()
            .try_fold(PrometheusBuilder::new(), classes)
            .unwrap_or_else(|_| PrometheusBuilder::new());
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        let live = LiveMetrics::new(&recorder);
        let stage = StageMetrics::new(&recorder);
        let metrics = Self { recorder, handle, live, stage };
        metrics.describe();
        metrics
    }

    /// A request was answered: by which route (a pattern such as `/v1/map/{symbol}`), how, and in which time.
    pub fn request(&self, route: &str, status: u16, took: Duration) {
        let route = Label::new("route", route.to_owned());
        let labels = vec![route.clone(), Label::new("status", status.to_string())];
        let key = Key::from_parts("liqlens_http_requests_total", labels);
        self.recorder.register_counter(&key, &METADATA).increment(1);
        let key = Key::from_parts("liqlens_http_request_seconds", vec![route]);
        self.recorder.register_histogram(&key, &METADATA).record(took.as_secs_f64());
    }

    /// A subscriber was closed, and why: `going-away`, `slow`, `behind`, `malformed`, `silent`, `left`.
    pub fn closed(&self, reason: &'static str) {
        let key =
            Key::from_parts("liqlens_live_closed_total", vec![Label::from_static_parts("reason", reason)]);
        self.recorder.register_counter(&key, &METADATA).increment(1);
    }

    /// How old the data behind a market are, against the clock of its stage, and the holes in them.
    pub fn market(&self, market: &str, age: Duration, gaps: Duration) {
        for (name, value) in [("liqlens_market_age_seconds", age), ("liqlens_market_gap_seconds", gaps)] {
            let key = Key::from_parts(name, vec![Label::new("market", market.to_owned())]);
            self.recorder.register_gauge(&key, &METADATA).set(value.as_secs_f64());
        }
    }

    /// Sums up what histograms hold, so that they do not grow while nobody reads them. To be called now and then.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }

    /// Everything counted, in the text format of Prometheus.
    pub fn text(&self, readings: &Readings) -> String {
        for (name, value) in [
            ("liqlens_folds_running", readings.folds_running),
            ("liqlens_folds_waiting", readings.folds_waiting),
            ("liqlens_answers_kept", readings.answers),
            ("liqlens_states_kept", readings.states.1),
            ("liqlens_states_kept_bytes", readings.states.0),
        ] {
            self.gauge(name).set(value as f64);
        }
        for (outcome, count) in [("hit", readings.answer_lookups[0]), ("miss", readings.answer_lookups[1])] {
            let labels = vec![Label::from_static_parts("outcome", outcome)];
            let key = Key::from_parts("liqlens_answer_lookups_total", labels);
            self.recorder.register_counter(&key, &METADATA).absolute(count);
        }
        for (name, value) in process::readings() {
            self.gauge(name).set(value);
        }
        self.handle.render()
    }

    fn gauge(&self, name: &'static str) -> Gauge {
        self.recorder.register_gauge(&Key::from_static_name(name), &METADATA)
    }

    fn describe(&self) {
        let counter = |name: &'static str, text: &'static str| {
            self.recorder.describe_counter(name.into(), None, SharedString::const_str(text));
        };
        let gauge = |name: &'static str, text: &'static str| {
            self.recorder.describe_gauge(name.into(), None, SharedString::const_str(text));
        };
        let histogram = |name: &'static str, text: &'static str| {
            self.recorder.describe_histogram(name.into(), None, SharedString::const_str(text));
        };
        counter("liqlens_http_requests_total", "Requests answered, by route and status.");
        histogram("liqlens_http_request_seconds", "Time from a request's head to its answer's, by route.");
        counter("liqlens_answer_lookups_total", "Questions, by whether a finished answer was kept.");
        counter("liqlens_live_closed_total", "Sockets and event streams that ended, by reason.");
        gauge("liqlens_market_age_seconds", "Clock minus the newest event folded, by market.");
        gauge("liqlens_market_gap_seconds", "Holes in the prices folded, in all, by market.");
        gauge("liqlens_folds_running", "Answers being computed.");
        gauge("liqlens_folds_waiting", "Questions waiting for a place.");
        gauge("liqlens_answers_kept", "Finished answers kept.");
        gauge("liqlens_states_kept", "States of markets kept to go on from.");
        gauge("liqlens_states_kept_bytes", "Bytes of them.");
        gauge("liqlens_build_info", "1, with the version as a label.");
        for (name, text) in process::DESCRIPTIONS {
            gauge(name, text);
        }
        let version = vec![Label::from_static_parts("version", env!("CARGO_PKG_VERSION"))];
        let key = Key::from_parts("liqlens_build_info", version);
        self.recorder.register_gauge(&key, &METADATA).set(1.0);
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl core::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// Makes handles with their descriptions.
struct Maker<'a>(&'a PrometheusRecorder);

impl Maker<'_> {
    fn counter(&self, name: &'static str, text: &'static str) -> Counter {
        self.0.describe_counter(name.into(), None, SharedString::const_str(text));
        self.0.register_counter(&Key::from_static_name(name), &METADATA)
    }

    fn labelled(
        &self,
        name: &'static str,
        label: (&'static str, &'static str),
        text: &'static str,
    ) -> Counter {
        self.0.describe_counter(name.into(), None, SharedString::const_str(text));
        let key = Key::from_parts(name, vec![Label::from_static_parts(label.0, label.1)]);
        self.0.register_counter(&key, &METADATA)
    }

    fn gauge(&self, name: &'static str, text: &'static str) -> Gauge {
        self.0.describe_gauge(name.into(), None, SharedString::const_str(text));
        self.0.register_gauge(&Key::from_static_name(name), &METADATA)
    }

    fn level(&self, name: &'static str, text: &'static str) -> Level {
        Level { count: Arc::new(watch::Sender::new(0)), shown: self.gauge(name, text) }
    }

    fn histogram(&self, name: &'static str, text: &'static str) -> Histogram {
        self.0.describe_histogram(name.into(), None, SharedString::const_str(text));
        self.0.register_histogram(&Key::from_static_name(name), &METADATA)
    }
}

impl LiveMetrics {
    fn new(recorder: &PrometheusRecorder) -> Self {
        let make = Maker(recorder);
        Self {
            sockets: make.level("liqlens_live_sockets", "Open sockets."),
            streams: make.level("liqlens_live_streams", "Open event streams."),
            subscriptions: make.level("liqlens_live_subscriptions", "Subscriptions of sockets and streams."),
            received: make.counter("liqlens_live_received_total", "Messages from clients."),
            received_bytes: make
                .counter("liqlens_live_received_bytes_total", "Bytes of messages from clients."),
            sent: make.counter("liqlens_live_sent_total", "Messages to clients."),
            sent_bytes: make.counter("liqlens_live_sent_bytes_total", "Bytes of messages to clients."),
            conflated: make.counter(
                "liqlens_live_conflated_total",
                "Documents that readers skipped because a newer one was there.",
            ),
            malformed: make.counter("liqlens_live_malformed_total", "Messages that were not understood."),
        }
    }
}

impl StageMetrics {
    fn new(recorder: &PrometheusRecorder) -> Self {
        let make = Maker(recorder);
        let published = |form| {
            let text = "Documents published: whole, as what changed, as a problem; or rows of a tape.";
            make.labelled("liqlens_stage_published_total", ("form", form), text)
        };
        Self {
            stages: make.gauge("liqlens_stages", "The server's clock and private replays."),
            topics: make.gauge("liqlens_stage_topics", "Topics of all stages."),
            topic_bytes: make.gauge("liqlens_stage_topic_bytes", "Bytes that topics hold for their readers."),
            events: make.counter("liqlens_stage_events_total", "Events folded by stages."),
            turn: make.histogram("liqlens_stage_turn_seconds", "Time of one turn of a stage."),
            compute: make.histogram(
                "liqlens_stage_compute_seconds",
                "Time to answer, write and compare one document.",
            ),
            snapshots: published("document"),
            deltas: published("delta"),
            problems: published("problem"),
            tape_rows: published("event"),
            restarts: make.counter("liqlens_stage_restarts_total", "Stages begun again after a defect."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_shown() {
        let metrics = Metrics::new();
        metrics.request("/v1/map/{symbol}", 200, Duration::from_millis(3));
        metrics.request("/v1/map/{symbol}", 200, Duration::from_millis(30));
        metrics.request("/v1/map/{symbol}", 404, Duration::from_millis(1));
        metrics.live.sent.increment(5);
        metrics.stage.deltas.increment(2);
        metrics.upkeep();
        let text =
            metrics.text(&Readings { folds_waiting: 4, answer_lookups: [3, 2], ..Readings::default() });
        for line in [
            r#"liqlens_http_requests_total{route="/v1/map/{symbol}",status="200"} 2"#,
            r#"liqlens_http_requests_total{route="/v1/map/{symbol}",status="404"} 1"#,
            r#"liqlens_http_request_seconds_bucket{route="/v1/map/{symbol}",le="0.005"} 2"#,
            r#"liqlens_http_request_seconds_count{route="/v1/map/{symbol}"} 3"#,
            r#"liqlens_answer_lookups_total{outcome="hit"} 3"#,
            "liqlens_live_sent_total 5",
            r#"liqlens_stage_published_total{form="delta"} 2"#,
            "liqlens_folds_waiting 4",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line}\n{text}");
        }
    }

    #[test]
    fn every_name_is_described() {
        let metrics = Metrics::new();
        metrics.request("/v1/health", 200, Duration::from_millis(3));
        metrics.closed("slow");
        metrics.market("binance:BTCUSDT", Duration::from_secs(1), Duration::ZERO);
        let text = metrics.text(&Readings::default());
        let mut names = 0;
        for name in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
            let name = name.split(' ').next().unwrap();
            assert!(name.starts_with("liqlens_"), "{name}");
            assert!(text.contains(&format!("# HELP {name} ")), "{name}");
            names += 1;
        }
        assert!(names > 20, "{text}");
    }

    #[test]
    fn what_is_there_is_counted_until_it_goes() {
        let metrics = Metrics::new();
        let (one, _other) = (metrics.live.sockets.count(), metrics.live.sockets.count());
        drop(one);
        assert_eq!(metrics.live.sockets.get(), 1);
        assert!(metrics.text(&Readings::default()).contains("liqlens_live_sockets 1"));
    }

    #[test]
    fn servers_count_for_themselves() {
        let (one, other) = (Metrics::new(), Metrics::new());
        one.live.sent.increment(5);
        assert!(other.text(&Readings::default()).contains("liqlens_live_sent_total 0"));
    }
}
