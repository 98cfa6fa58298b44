//! Makes the batches of coming steps on threads of its own while a step runs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use fewlabel_contract::{Error, Result};

use crate::sample::{Batch, SampleConfig, TrainingItem, batch};

/// Batches that each thread makes ahead. Bounds the memory: a batch is a few megabytes.
const AHEAD: usize = 2;

/// What batches are made of.
#[derive(Clone, Debug)]
pub struct Source {
    /// What crops are cut from; one or more.
    pub items: Arc<Vec<TrainingItem>>,
    /// How they are cut and changed.
    pub config: SampleConfig,
    /// Seed of every choice.
    pub seed: u64,
    /// Crops a batch.
    pub count: usize,
    /// Side of a crop in pixels.
    pub size: usize,
}

impl Source {
    /// The batch of a step, whoever asks and when.
    pub fn batch(&self, step: u64) -> Batch {
        batch(&self.items, self.seed, step, self.count, self.size, &self.config)
    }
}

/// A loading thread and what it has made; both are taken when the loader ends.
type Worker = (Option<Receiver<Result<Batch>>>, Option<JoinHandle<()>>);

/// Batches in the order of the steps, whatever the number of threads: thread `t` of `n` makes those of
/// steps `first + t`, `first + t + n` and so on, and the taker asks the threads in turn.
#[derive(Debug)]
pub struct Loader {
    threads: Vec<Worker>,
    next: usize,
}

impl Loader {
    /// Starts `threads` threads, 1 or more, that begin with the batch of step `first`.
    pub fn start(source: &Source, first: u64, threads: usize) -> Self {
        let threads = threads.max(1);
        let workers = (0..threads).map(|turn| {
            let (send, receive) = sync_channel(AHEAD);
            let source = source.clone();
            let steps = (first + turn as u64..).step_by(threads);
            (Some(receive), Some(std::thread::spawn(move || work(&source, steps, &send))))
        });
        Self { threads: workers.collect(), next: 0 }
    }

    /// The batch of the next step; waits until it is there.
    ///
    /// # Errors
    /// `internal` when making it panicked.
    pub fn next_batch(&mut self) -> Result<Batch> {
        let (receive, _) = &self.threads[self.next];
        self.next = (self.next + 1) % self.threads.len();
        let gone = || Error::internal("load batch", "the loading thread ended");
        receive.as_ref().ok_or_else(gone)?.recv().map_err(|_| gone())?
    }
}

/// Makes batches until nobody takes them any more.
fn work(source: &Source, steps: impl Iterator<Item = u64>, send: &SyncSender<Result<Batch>>) {
    for step in steps {
        let made = catch_unwind(AssertUnwindSafe(|| source.batch(step))).map_err(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
            Error::internal("load batch", format!("panic: {}", text.unwrap_or("without a message")))
        });
        let failed = made.is_err();
        if send.send(made).is_err() || failed {
            return;
        }
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        // A thread that waits for room sees that nobody listens, and ends.
        for (receive, _) in &mut self.threads {
            receive.take();
        }
        for (_, thread) in &mut self.threads {
            if let Some(thread) = thread.take() {
                let _ = thread.join();
            }
        }
    }
}
