//! A sign of life on standard error for work that takes more than a second, if somebody is watching.

use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::app::{App, Talk};

/// How long work may take before it is worth a line.
const PATIENCE: Duration = Duration::from_secs(1);

/// A spinner that appears only after [`PATIENCE`] and leaves nothing behind.
pub(crate) struct Progress {
    bar: ProgressBar,
    started: Instant,
    watched: bool,
    shown: bool,
}

impl Progress {
    /// Starts counting; nothing is drawn yet.
    pub(crate) fn start(app: &App) -> Self {
        Self {
            bar: ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
            started: Instant::now(),
            watched: app.talk >= Talk::Remarks && io::stderr().is_terminal(),
            shown: false,
        }
    }

    /// Says how far the work has come. Cheap enough for every few thousand items.
    pub(crate) fn tell(&mut self, message: impl FnOnce() -> String) {
        if !self.watched || self.started.elapsed() < PATIENCE {
            return;
        }
        if !self.shown {
            self.shown = true;
            self.bar.set_style(ProgressStyle::default_spinner());
            self.bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(5));
        }
        self.bar.set_message(message());
        self.bar.tick();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
