//! Memory that may be in use at once, shared by all who run networks.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fewlabel_contract::{CancelToken, Error, ErrorKind, Result};

use crate::machine::memory_budget;

/// How long a waiting tile sleeps before it looks at the cancel token again.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A number of bytes that tiles in flight share. Clones are the same budget: give one to all jobs.
///
/// It covers what networks hold while they run. The image, its maps and its labels come on top.
#[derive(Clone, Debug)]
pub struct MemoryBudget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    total: u64,
    used: Mutex<u64>,
    freed: Condvar,
}

/// Bytes taken from a [`MemoryBudget`]; dropping it gives them back.
#[derive(Debug)]
pub(crate) struct Lease {
    budget: Arc<Shared>,
    bytes: u64,
}

impl MemoryBudget {
    /// A budget of this many bytes.
    pub fn new(bytes: u64) -> Self {
        Self(Arc::new(Shared { total: bytes, used: Mutex::new(0), freed: Condvar::new() }))
    }

    /// Bytes in all.
    pub fn total(&self) -> u64 {
        self.0.total
    }

    /// Waits until `bytes` are free and takes them.
    ///
    /// # Errors
    /// [`ErrorKind::LimitExceeded`] when there will never be as many, [`ErrorKind::Cancelled`] when
    /// `token` is cancelled while waiting.
    pub(crate) fn take(&self, bytes: u64, token: &CancelToken) -> Result<Lease> {
        self.allows(bytes)?;
        let mut used = self.0.lock();
        loop {
            token.check("run network")?;
            if *used + bytes <= self.0.total {
                *used += bytes;
                return Ok(Lease { budget: Arc::clone(&self.0), bytes });
            }
            used = self.0.freed.wait_timeout(used, LOOK_AGAIN).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Whether `bytes` could ever be taken.
    ///
    /// # Errors
    /// [`ErrorKind::LimitExceeded`] when not.
    pub(crate) fn allows(&self, bytes: u64) -> Result<()> {
        if bytes <= self.0.total {
            return Ok(());
        }
        Err(Error::new(ErrorKind::LimitExceeded, "run network", "a tile needs more memory than the budget allows")
            .with("needed", megabytes(bytes))
            .with("budget", megabytes(self.0.total))
            .hint("use smaller tiles, or allow more memory"))
    }
}

impl Default for MemoryBudget {
    /// The [`memory_budget`] of this machine.
    fn default() -> Self {
        Self::new(memory_budget())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, u64> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        *self.budget.lock() -= self.bytes;
        self.budget.freed.notify_all();
    }
}

/// Bytes as a person reads them.
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_all_is_refused_at_once() {
        let error = MemoryBudget::new(200_000_000).take(200_000_001, &CancelToken::new()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::LimitExceeded);
        assert!(error.to_string().contains("needed: 201 MB, budget: 200 MB"), "{error}");
    }

    #[test]
    fn clones_share_and_drops_give_back() {
        let budget = MemoryBudget::new(100);
        let token = CancelToken::new();
        let first = budget.take(60, &token).unwrap();
        let other = budget.clone();
        let waiter = std::thread::spawn(move || other.take(60, &CancelToken::new()).map(|lease| lease.bytes));
        drop(first);
        assert_eq!(waiter.join().unwrap().unwrap(), 60);
        assert_eq!(*budget.0.lock(), 0);
    }

    #[test]
    fn a_cancelled_wait_ends() {
        let budget = MemoryBudget::new(100);
        let token = CancelToken::new();
        let _held = budget.take(100, &token).unwrap();
        token.cancel();
        assert_eq!(budget.take(1, &token).unwrap_err().kind, ErrorKind::Cancelled);
    }
}
