//! Something worked out once and kept: no part of the state it lies in.

use std::sync::{Arc, OnceLock};

/// A value that follows from constants alone. States that differ in whether it was worked out are equal, and no
/// snapshot has it.
#[derive(Debug, Clone)]
pub(crate) struct Memo<T>(OnceLock<Arc<T>>);

impl<T> Memo<T> {
    pub(crate) fn get_or_make(&self, make: impl FnOnce() -> T) -> Arc<T> {
        self.0.get_or_init(|| Arc::new(make())).clone()
    }
}

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<T> PartialEq for Memo<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
