//! How far an installation has come, and how long it will still take.

use std::collections::BTreeMap;
use std::time::Instant;

use fewlabel_contract::{CancelToken, Progress, Result};

/// Bytes between two reports: often enough for a bar, too seldom to cost anything.
const EVERY: u64 = 4 << 20;

/// Counts the bytes of one phase and reports them.
pub(crate) struct Meter<'a> {
    report: &'a mut dyn FnMut(Progress),
    token: &'a CancelToken,
    phase: &'static str,
    total: u64,
    done: u64,
    /// Bytes that were there before this phase began to work: they say nothing about its speed.
    free: u64,
    reported: u64,
    started: Instant,
}

impl<'a> Meter<'a> {
    /// A meter that reports to `report` and stops when `token` is cancelled.
    pub fn new(token: &'a CancelToken, report: &'a mut dyn FnMut(Progress)) -> Self {
        Self { report, token, phase: "", total: 0, done: 0, free: 0, reported: 0, started: Instant::now() }
    }

    /// Begins a phase of `total` bytes.
    pub fn begin(&mut self, phase: &'static str, total: u64) {
        (self.phase, self.total, self.done, self.free, self.reported) = (phase, total, 0, 0, 0);
        self.started = Instant::now();
        self.tell();
    }

    /// Counts `bytes` of work.
    ///
    /// # Errors
    /// `cancelled` when somebody asked for it.
    pub fn add(&mut self, bytes: u64) -> Result<()> {
        self.done += bytes;
        if self.done - self.reported >= EVERY || self.done >= self.total {
            self.tell();
        }
        self.token.check("install training add-on")
    }

    /// Counts `bytes` that an earlier installation left.
    ///
    /// # Errors
    /// `cancelled` when somebody asked for it.
    pub fn add_free(&mut self, bytes: u64) -> Result<()> {
        self.free += bytes;
        self.add(bytes)
    }

    /// Takes back `bytes` that turned out to be useless.
    pub fn take_back(&mut self, bytes: u64) {
        self.done = self.done.saturating_sub(bytes);
        self.free = self.free.min(self.done);
        self.reported = self.reported.min(self.done);
    }

    fn tell(&mut self) {
        self.reported = self.done;
        let seconds = self.started.elapsed().as_secs_f64();
        let worked = self.done - self.free;
        let rate = if seconds > 0.0 { worked as f64 / seconds } else { 0.0 };
        let remaining = (worked > 0 && rate > 0.0).then(|| self.total.saturating_sub(self.done) as f64 / rate);
        let metrics = BTreeMap::from([("bytes_per_second".to_owned(), rate)]);
        (self.report)(Progress { phase: self.phase.to_owned(), step: self.done, total: Some(self.total), metrics, remaining });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_to_the_total_and_leaves_what_was_there_out_of_the_rate() {
        let token = CancelToken::new();
        let mut seen = Vec::new();
        let mut report = |progress: Progress| seen.push(progress);
        let mut meter = Meter::new(&token, &mut report);
        meter.begin("fetching", 3 * EVERY);
        meter.add_free(EVERY).expect("not cancelled");
        meter.add(EVERY).expect("not cancelled");
        meter.take_back(EVERY);
        meter.add(2 * EVERY).expect("not cancelled");
        let steps: Vec<u64> = seen.iter().map(|p| p.step).collect();
        assert_eq!(steps, [0, EVERY, 2 * EVERY, 3 * EVERY]);
        assert_eq!(seen[1].remaining, None, "nothing was fetched yet: no guess");
        assert!(seen[2].remaining.is_some_and(|seconds| seconds >= 0.0));
        assert_eq!(seen[3].remaining, Some(0.0));
    }

    #[test]
    fn a_cancelled_token_stops_the_work() {
        let token = CancelToken::new();
        let mut report = |_: Progress| {};
        let mut meter = Meter::new(&token, &mut report);
        meter.begin("fetching", 10);
        token.cancel();
        assert_eq!(meter.add(1).expect_err("cancelled").kind, fewlabel_contract::ErrorKind::Cancelled);
    }
}
