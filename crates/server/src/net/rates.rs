//! How often one client may ask.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

/// Who is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Client {
    /// By name of its key.
    Key(String),
    /// By address; of version 6 by the network of 64 bits that one customer usually has.
    Address(IpAddr),
}

impl Client {
    /// The client of an address.
    pub(crate) fn at(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::Address(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self::Address(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into())
            }
        }
    }
}

type Limiter = RateLimiter<Client, HashMapStateStore<Client>, DefaultClock, StateInformationMiddleware>;

/// One bucket a client.
pub(crate) struct Rates {
    limiter: Limiter,
    burst: u32,
}

/// Clients remembered before those that are at rest are forgotten.
const REMEMBERED: usize = 50_000;

/// What is left, or how long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rate {
    /// The request may pass; so many more may follow at once.
    Pass {
        /// Requests left in the bucket.
        left: u32,
    },
    /// Too many.
    Wait {
        /// Seconds until one may pass.
        seconds: u64,
    },
}

impl Rates {
    /// So many requests a second on average, ten seconds' worth at once.
    pub(crate) fn new(per_second: u32) -> Self {
        let per_second = NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN);
        let burst = per_second.saturating_mul(NonZeroU32::new(10).unwrap_or(NonZeroU32::MIN));
        let quota = Quota::per_second(per_second).allow_burst(burst);
        let limiter = RateLimiter::hashmap_with_clock(quota, DefaultClock::default()).with_middleware();
        Self { limiter, burst: burst.get() }
    }

    /// Requests that a rested client may make at once.
    pub(crate) const fn burst(&self) -> u32 {
        self.burst
    }

    /// Counts a request.
    pub(crate) fn count(&self, client: &Client) -> Rate {
        if self.limiter.len() > REMEMBERED {
            self.limiter.retain_recent();
        }
        match self.limiter.check_key(client) {
            Ok(state) => Rate::Pass { left: state.remaining_burst_capacity() },
            Err(not_until) => {
                let wait = not_until.wait_time_from(DefaultClock::default().now());
                Rate::Wait { seconds: wait.as_secs() + 1 }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_others_are_not_touched() {
        let rates = Rates::new(1);
        let (one, other) = (Client::at([10, 0, 0, 1].into()), Client::Key("desk".to_owned()));
        for left in (0..10).rev() {
            assert_eq!(rates.count(&one), Rate::Pass { left });
        }
        assert!(matches!(rates.count(&one), Rate::Wait { seconds: 1..=2 }));
        assert_eq!(rates.count(&other), Rate::Pass { left: 9 });
    }

    #[test]
    fn a_network_of_version_six_is_one_client() {
        let at = |text: &str| Client::at(text.parse().unwrap());
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:1"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
    }
}
