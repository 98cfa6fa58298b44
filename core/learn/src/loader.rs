//! Makes the batches of coming steps on threads of its own while a step runs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use fewlabel_contract::{Error, Result};

use crate::pool::{Pool, ViewPlan, Views};
use crate::sample::{Batch, SampleConfig, TrainingItem, batch};

/// Batches that each thread makes ahead. Bounds the memory: a batch is a few megabytes.
const AHEAD: usize = 2;

/// Makes the batch of a step, whoever asks and when.
pub trait Batches: Clone + Send + 'static {
    /// What a step takes.
    type Batch: Send + 'static;

    /// The batch of step `step`.
    ///
    /// # Errors
    /// Those of reading what it is made of.
    fn batch(&self, step: u64) -> Result<Self::Batch>;
}

/// What batches with labels are made of.
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

impl Batches for Source {
    type Batch = Batch;

    fn batch(&self, step: u64) -> Result<Batch> {
        Ok(batch(&self.items, self.seed, step, self.count, self.size, &self.config))
    }
}

/// What batches without labels are made of.
#[derive(Clone, Debug)]
pub struct ViewSource {
    /// What crops are cut from.
    pub pool: Arc<Pool>,
    /// Numbers of the parts that take turns; one or more.
    pub parts: Arc<Vec<usize>>,
    /// Which views are made.
    pub plan: ViewPlan,
    /// Seed of every choice.
    pub seed: u64,
    /// Places a batch.
    pub count: usize,
    /// Side of a crop in pixels.
    pub size: usize,
}

impl Batches for ViewSource {
    type Batch = Views;

    fn batch(&self, step: u64) -> Result<Views> {
        self.pool.views(&self.plan, &self.parts, self.seed, step, self.count, self.size)
    }
}

/// A loading thread and what it has made; both are taken when the loader ends.
type Worker<B> = (Option<Receiver<Result<B>>>, Option<JoinHandle<()>>);

/// Batches in the order of the steps, whatever the number of threads: thread `t` of `n` makes those of
/// steps `first + t`, `first + t + n` and so on, and the taker asks the threads in turn.
#[derive(Debug)]
pub struct Loader<S: Batches> {
    threads: Vec<Worker<S::Batch>>,
    next: usize,
}

impl<S: Batches> Loader<S> {
    /// Starts `threads` threads, 1 or more, that begin with the batch of step `first`.
    pub fn start(source: &S, first: u64, threads: usize) -> Self {
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
    /// `internal` when making it panicked; those of reading what it is made of.
    pub fn next_batch(&mut self) -> Result<S::Batch> {
        let (receive, _) = &self.threads[self.next];
        self.next = (self.next + 1) % self.threads.len();
        let gone = || Error::internal("load batch", "the loading thread ended");
        receive.as_ref().ok_or_else(gone)?.recv().map_err(|_| gone())?
    }
}

/// Makes batches until nobody takes them any more.
fn work<S: Batches>(source: &S, steps: impl Iterator<Item = u64>, send: &SyncSender<Result<S::Batch>>) {
    for step in steps {
        let made = catch_unwind(AssertUnwindSafe(|| source.batch(step))).map_err(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
            Error::internal("load batch", format!("panic: {}", text.unwrap_or("without a message")))
        });
        let made = made.and_then(|made| made);
        let failed = made.is_err();
        if send.send(made).is_err() || failed {
            return;
        }
    }
}

impl<S: Batches> Drop for Loader<S> {
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
