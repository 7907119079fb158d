//! Where a command finds its data: the global options come to a source and a scope, questions are asked of them,
//! and whoever watches the terminal is told how far the reading is.

use std::cell::RefCell;

use liqlens_ask::request::AsOf;
use liqlens_ask::{Asked, EvidenceName, Failure, FromStart, Listener, Opened, Scope, Source, open};
use liqlens_market::{MarketId, Timestamp};
use liqlens_model::ModelId;

use crate::app::App;
use crate::cli::{EvidenceName as Typed, Global, ModelName};
use crate::progress::Progress;

/// Data and the options that hold for every question.
pub(crate) struct Desk<'a> {
    app: &'a App,
    source: Source,
    scope: Scope,
    allow_stale: bool,
    /// Of the log that is being read.
    progress: RefCell<Option<Progress>>,
}

impl<'a> Desk<'a> {
    /// Opens what the options name.
    pub(crate) fn open(app: &'a App, global: &Global) -> Result<Self, Failure> {
        let as_of = match &global.as_of {
            Some(text) => AsOf::parse(text, app.now)?,
            None => AsOf::Newest,
        };
        let evidence = global.evidence.map(|evidence| match evidence {
            Typed::Measured => EvidenceName::Measured,
            Typed::Modelled => EvidenceName::Modelled,
        });
        let model = global.model.map(|model| match model {
            ModelName::M0 => ModelId::M0,
            ModelName::M1 => ModelId::M1,
            ModelName::M2 => ModelId::M2,
        });
        Ok(Self {
            app,
            source: Source::open(global.data.as_deref())?,
            scope: Scope { as_of, evidence, model },
            allow_stale: global.allow_stale,
            progress: RefCell::new(None),
        })
    }

    /// The data.
    pub(crate) const fn source(&self) -> &Source {
        &self.source
    }

    /// Finds a market, the moment and what answers.
    pub(crate) fn ask(&self, symbol: &str) -> Result<Asked<FromStart<'_, Self>>, Failure> {
        Ok(Asked::new(
            self.opened(symbol, self.scope.evidence)?,
            FromStart::new(&self.source, self),
            self.allow_stale,
        ))
    }

    /// The same with the evidence that the question itself needs.
    pub(crate) fn ask_as(
        &self,
        symbol: &str,
        evidence: EvidenceName,
    ) -> Result<Asked<FromStart<'_, Self>>, Failure> {
        Ok(Asked::new(
            self.opened(symbol, Some(evidence))?,
            FromStart::new(&self.source, self),
            self.allow_stale,
        ))
    }

    /// Finds a market, the moment and what answers, without asking yet.
    pub(crate) fn opened(&self, symbol: &str, evidence: Option<EvidenceName>) -> Result<Opened, Failure> {
        let opened = open(&self.source, symbol, &Scope { evidence, ..self.scope })?;
        self.app.detail(&opened.words());
        Ok(opened)
    }
}

impl Listener for Desk<'_> {
    fn read(&self, count: u64, known_ts: Timestamp) -> bool {
        self.progress
            .borrow_mut()
            .get_or_insert_with(|| Progress::start(self.app))
            .tell(|| format!("reading {}, {count} events", known_ts.date()));
        true
    }

    fn done(&self, log: &MarketId, count: u64) {
        self.progress.borrow_mut().take();
        self.app.detail(&format!("{count} events of {log}"));
    }

    fn damage(&self, text: &str) {
        self.app.note(&format!("warning: {text}"));
    }
}
