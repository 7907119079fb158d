//! What is counted, and `/metrics`.

/// What is counted.
#[derive(Debug)]
pub struct Metrics;

impl Metrics {
    /// Nothing counted yet.
    pub(crate) const fn new() -> Self {
        Self
    }
}
