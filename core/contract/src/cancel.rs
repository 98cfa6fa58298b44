//! Two wishes that a person may have while a job runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::{Error, Result};

const RUN: u8 = 0;
const FINISH_EARLY: u8 = 1;
const CANCEL: u8 = 2;

/// Shared between the one who watches a job and the one who does it.
///
/// `finish_early` asks a training to stop and keep the best so far; `cancel` asks anything to stop now.
/// The worker looks once per step or tile; a cancel wins over an earlier finish.
///
/// ```
/// let token = fewlabel_contract::CancelToken::new();
/// token.finish_early();
/// assert!(token.wants_to_finish() && token.check("train").is_ok());
/// token.cancel();
/// assert!(token.check("train").is_err());
/// ```
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicU8>);

impl CancelToken {
    /// A token that nobody has touched yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the job to stop now and leave nothing behind.
    pub fn cancel(&self) {
        self.0.fetch_max(CANCEL, Ordering::Relaxed);
    }

    /// Asks a training to stop and keep the best so far.
    pub fn finish_early(&self) {
        self.0.fetch_max(FINISH_EARLY, Ordering::Relaxed);
    }

    /// Whether somebody asked to cancel.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed) == CANCEL
    }

    /// Whether somebody asked to finish early (or to cancel).
    pub fn wants_to_finish(&self) -> bool {
        self.0.load(Ordering::Relaxed) != RUN
    }

    /// An error of kind `cancelled` when somebody asked to cancel.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Cancelled`], naming `operation`.
    pub fn check(&self, operation: &str) -> Result<()> {
        if self.is_cancelled() { Err(Error::cancelled(operation)) } else { Ok(()) }
    }
}
