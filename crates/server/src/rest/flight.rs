//! Work on answers: few at a time, each once, and none that nobody waits for.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use liqlens_ask::{Failure, Kind};
use tokio::sync::{Semaphore, watch};

use crate::folds::Wanted;

/// A number of workers and a queue before them.
#[derive(Debug)]
pub(crate) struct Pool {
    places: Arc<Semaphore>,
    workers: usize,
    waiting: AtomicUsize,
    most_waiting: usize,
}

impl Pool {
    pub(crate) fn new(workers: usize, most_waiting: usize) -> Self {
        let workers = workers.max(1);
        let places = Arc::new(Semaphore::new(workers));
        Self { places, workers, waiting: AtomicUsize::new(0), most_waiting }
    }

    /// Workers, those of them at work, and work that waits.
    pub(crate) fn load(&self) -> (usize, usize, usize) {
        let busy = self.workers - self.places.available_permits().min(self.workers);
        (self.workers, busy, self.waiting.load(Ordering::Relaxed))
    }

    /// Runs work on a thread of its own once there is a place. Work that was given up while it waited is not begun.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        wanted: &Wanted,
        work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let place = if let Ok(place) = self.places.clone().try_acquire_owned() {
            place
        } else {
            let _queued = Queued::join(self)?;
            self.places.clone().acquire_owned().await.map_err(|_| stopping())?
        };
        if wanted.given_up() {
            return Err(stopping());
        }
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(place);
            result
        });
        done.await
            .unwrap_or_else(|_| Err(Failure::internal("The answer could not be made.", "Its work stopped.")))
    }
}

/// A place in the queue.
struct Queued<'a>(&'a Pool);

impl<'a> Queued<'a> {
    fn join(pool: &'a Pool) -> Result<Self, Failure> {
        if pool.waiting.fetch_add(1, Ordering::Relaxed) >= pool.most_waiting {
            pool.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(Failure::new(
                Kind::Internal,
                "busy",
                "The server has too many questions to answer.",
                format!("{} are waiting already.", pool.most_waiting),
                "Ask again in a second.",
            )
            .detail("limit", pool.most_waiting));
        }
        Ok(Self(pool))
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

fn stopping() -> Failure {
    Failure::new(
        Kind::Internal,
        "stopping",
        "The question was not answered.",
        "The server is stopping.",
        "Ask again once it runs.",
    )
}

/// Answers that are being made, by what they answer: whoever asks the same waits for the same.
pub(crate) struct Flights<T> {
    pool: Arc<Pool>,
    flying: Arc<Mutex<HashMap<String, Flight<T>>>>,
}

type Outcome<T> = Option<Result<T, Failure>>;

struct Flight<T> {
    outcome: watch::Receiver<Outcome<T>>,
    waiting: usize,
    wanted: Wanted,
}

impl<T: Clone + Send + Sync + 'static> Flights<T> {
    pub(crate) fn new(pool: Arc<Pool>) -> Self {
        Self { pool, flying: Arc::default() }
    }

    /// What `work` makes, or what somebody who asked the same is making. When the last of those who wait is gone the
    /// work is told so.
    pub(crate) async fn join(
        &self,
        key: &str,
        work: impl FnOnce(&Wanted) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let mut waiter = self.board(key, work);
        let outcome = waiter.outcome.wait_for(Option::is_some).await;
        match outcome.map(|outcome| outcome.clone()) {
            Ok(Some(outcome)) => outcome,
            _ => Err(stopping()),
        }
    }

    fn board(
        &self,
        key: &str,
        work: impl FnOnce(&Wanted) -> Result<T, Failure> + Send + 'static,
    ) -> Waiter<T> {
        let mut flying = lock(&self.flying);
        if let Some(flight) = flying.get_mut(key) {
            flight.waiting += 1;
            let (outcome, wanted) = (flight.outcome.clone(), flight.wanted.clone());
            return Waiter { flying: self.flying.clone(), key: key.to_owned(), outcome, wanted };
        }
        let (sender, outcome) = watch::channel(None);
        let wanted = Wanted::default();
        flying
            .insert(key.to_owned(), Flight { outcome: outcome.clone(), waiting: 1, wanted: wanted.clone() });
        drop(flying);
        let (pool, all) = (self.pool.clone(), self.flying.clone());
        let (at_work, flight_key) = (wanted.clone(), key.to_owned());
        tokio::spawn(async move {
            let worker = at_work.clone();
            let result = pool.run(&at_work, move || work(&worker)).await;
            remove(&all, &flight_key, &at_work);
            sender.send_replace(Some(result));
        });
        Waiter { flying: self.flying.clone(), key: key.to_owned(), outcome, wanted }
    }
}

/// Removes a flight, unless another has taken its place.
fn remove<T>(flying: &Mutex<HashMap<String, Flight<T>>>, key: &str, wanted: &Wanted) {
    let mut flying = lock(flying);
    if flying.get(key).is_some_and(|flight| flight.wanted.is(wanted)) {
        flying.remove(key);
    }
}

/// One of those who wait.
struct Waiter<T> {
    flying: Arc<Mutex<HashMap<String, Flight<T>>>>,
    key: String,
    outcome: watch::Receiver<Outcome<T>>,
    wanted: Wanted,
}

impl<T> Drop for Waiter<T> {
    fn drop(&mut self) {
        let mut flying = lock(&self.flying);
        let Some(flight) = flying.get_mut(&self.key).filter(|flight| flight.wanted.is(&self.wanted)) else {
            return;
        };
        flight.waiting -= 1;
        if flight.waiting == 0 {
            flight.wanted.give_up();
            flying.remove(&self.key);
        }
    }
}

fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn flights(workers: usize, waiting: usize) -> Flights<u32> {
        Flights::new(Arc::new(Pool::new(workers, waiting)))
    }

    #[tokio::test]
    async fn the_same_question_is_worked_on_once() {
        let flights = flights(2, 8);
        let (go, gate) = mpsc::channel::<()>();
        let first = flights.join("a", move |_| {
            gate.recv().unwrap();
            Ok(7)
        });
        let second = flights.join("a", |_| panic!("worked on twice"));
        let opened = async move {
            tokio::task::yield_now().await;
            go.send(()).unwrap();
        };
        let (first, second, ()) = tokio::join!(first, second, opened);
        assert_eq!((first, second), (Ok(7), Ok(7)));
        // It is over, so the next one is worked on again.
        assert_eq!(flights.join("a", |_| Ok(8)).await, Ok(8));
    }

    #[tokio::test]
    async fn work_ends_when_the_last_who_waits_is_gone() {
        let flights = flights(1, 8);
        let (told, hears) = mpsc::channel::<bool>();
        let (begun, begins) = tokio::sync::oneshot::channel::<()>();
        let mut first = Box::pin(flights.join("a", move |wanted| {
            begun.send(()).unwrap();
            while !wanted.given_up() {
                std::thread::yield_now();
            }
            told.send(true).unwrap();
            Err(stopping())
        }));
        let mut second = Box::pin(flights.join("a", |_| Ok(1)));
        tokio::select! {
            biased;
            _ = &mut first => panic!("not answered yet"),
            _ = &mut second => panic!("not answered yet"),
            begins = begins => begins.unwrap(),
        }
        drop(first);
        assert!(hears.try_recv().is_err());
        drop(second);
        assert!(tokio::task::spawn_blocking(move || hears.recv()).await.unwrap().unwrap());
        // Whoever comes now is answered anew.
        assert_eq!(flights.join("a", |_| Ok(2)).await, Ok(2));
    }

    #[tokio::test]
    async fn a_full_queue_refuses_and_a_panic_is_a_failure() {
        let flights = flights(1, 1);
        let (go, gate) = mpsc::channel::<()>();
        let mut busy = Box::pin(flights.join("busy", move |_| {
            gate.recv().unwrap();
            Ok(1)
        }));
        let mut queued = Box::pin(flights.join("queued", |_| Ok(2)));
        let refused = async {
            tokio::task::yield_now().await;
            flights.join("refused", |_| Ok(3)).await
        };
        let refused = tokio::select! {
            biased;
            _ = &mut busy => panic!("not answered yet"),
            _ = &mut queued => panic!("not answered yet"),
            refused = refused => refused,
        };
        assert_eq!(refused.unwrap_err().code, "busy");
        go.send(()).unwrap();
        assert_eq!((busy.await, queued.await), (Ok(1), Ok(2)));
        assert_eq!(flights.join("panic", |_| panic!("a defect")).await.unwrap_err().code, "internal");
        assert_eq!(flights.join("after", |_| Ok(4)).await, Ok(4));
    }
}
