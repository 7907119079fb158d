//! A request to an answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::http::{HeaderMap, Response};
use liqlens_ask::request::AsOf;
use liqlens_ask::{Failure, Question, RecordedQuestion};
use moka::sync::Cache;

use super::cost::{checked, with_example};
use super::endpoint::{Asks, Endpoint};
use super::flight::{Flights, Pool};
use super::given::Given;
use super::reply::{Keep, Reply};
use super::wish::Wish;
use crate::app::App;
use crate::config::Limits;
use crate::folds::Wanted;
use crate::problem::Problem;

/// Answers being made, and those kept.
pub struct Answers {
    pool: Arc<Pool>,
    flights: Flights<Arc<Reply>>,
    /// By everything that decides them. The data do not change while they are open, so the moment asked about stands
    /// for the snapshot that answers.
    kept: Cache<String, Arc<Reply>>,
    /// Questions whose answer was kept, and all others.
    lookups: [AtomicU64; 2],
}

impl Answers {
    /// None yet.
    pub(crate) fn new(limits: &Limits) -> Self {
        let pool = Arc::new(Pool::new(limits.workers, limits.waiting));
        Self {
            flights: Flights::new(pool.clone()),
            pool,
            kept: Cache::builder()
                .max_capacity(limits.answer_bytes)
                .weigher(|key: &String, reply: &Arc<Reply>| {
                    reply.weight().saturating_add(u32::try_from(key.len()).unwrap_or(u32::MAX))
                })
                .build(),
            lookups: Default::default(),
        }
    }

    /// Workers, those of them at work, work that waits, and answers kept.
    pub(crate) fn load(&self) -> (usize, usize, usize, u64) {
        let (workers, running, waiting) = self.pool.load();
        (workers, running, waiting, self.kept.entry_count())
    }

    /// Questions whose answer was kept, and all others.
    pub(crate) fn lookups(&self) -> [u64; 2] {
        self.lookups.each_ref().map(|count| count.load(Ordering::Relaxed))
    }

    /// The answer of this key: kept, being made, or made now.
    async fn get(
        &self,
        key: String,
        make: impl FnOnce(&Wanted) -> Result<Reply, Failure> + Send + 'static,
    ) -> Result<Arc<Reply>, Failure> {
        if let Some(reply) = self.kept.get(&key) {
            self.lookups[0].fetch_add(1, Ordering::Relaxed);
            return Ok(reply);
        }
        self.lookups[1].fetch_add(1, Ordering::Relaxed);
        let kept = self.kept.clone();
        let name = key.clone();
        self.flights
            .join(&key, move |wanted| {
                // Made while this one waited for a worker.
                if let Some(reply) = kept.get(&name) {
                    return Ok(reply);
                }
                let reply = Arc::new(make(wanted)?);
                kept.insert(name, reply.clone());
                Ok(reply)
            })
            .await
    }
}

/// Answers a request.
pub(crate) async fn answer(
    app: &Arc<App>,
    endpoint: &'static Endpoint,
    symbol: &str,
    query: &str,
    headers: &HeaderMap,
) -> Result<Response<Body>, Problem> {
    let now = app.stage.now();
    let newest = app.stage.newest().map_or(AsOf::Newest, AsOf::At);
    let given = Given::read(endpoint, query, headers, now, newest)?;
    let own = given.own.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let wish = match endpoint.asks {
        Asks::Topic(topic) => Wish::Question(Question::parse(topic, own, now)?),
        Asks::Recorded(recorded) => Wish::Recorded(RecordedQuestion::parse(recorded, own, now)?),
        Asks::Symbols => Wish::Symbols,
        Asks::Venues => Wish::Venues,
        Asks::Overview => Wish::Overview,
    };
    let key = format!("{} {symbol} {} {wish:?}", endpoint.path, given.key());
    let keep = if given.fixed { Keep::Hour } else { Keep::Ask };
    let (asked_of, parameters) = (symbol.to_owned(), given.own.clone());
    if let Wish::Question(Question::Heatmap(range)) = &wish {
        checked(range, given.known_by(now))
            .map_err(|failure| with_example(failure, endpoint.path, symbol, &parameters))?;
    }
    let (app_at_work, symbol) = (app.clone(), symbol.to_owned());
    let make = move |wanted: &Wanted| {
        let made = wish.made(&app_at_work, &symbol, &given, wanted)?;
        Ok(Reply::new(
            given.form.content_type(),
            made.bytes(given.form, given.theme)?,
            given.form.compresses(),
        ))
    };
    let reply = match app.answers.get(key, make).await {
        Ok(reply) => reply,
        Err(failure) => return Err(with_example(failure, endpoint.path, &asked_of, &parameters).into()),
    };
    Ok(reply.respond(headers, keep))
}
