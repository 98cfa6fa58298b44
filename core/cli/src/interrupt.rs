//! Ctrl-C: once = stop and keep the best so far; twice = stop now; a third time leaves without waiting.

use std::sync::atomic::{AtomicU32, Ordering};

use fewlabel::Running;
use fewlabel::contract::Entry;

use crate::output;

/// Lets Ctrl-C reach `running` from now on. Entries that have no best so far stop at the first.
pub fn attach(entry: Entry, running: &Running) {
    let keeps_the_best = matches!(entry, Entry::Train | Entry::Pretrain | Entry::Segment | Entry::Classify);
    let pressed = AtomicU32::new(u32::from(!keeps_the_best));
    let job = running.clone();
    let handler = move || match pressed.fetch_add(1, Ordering::Relaxed) {
        0 => {
            output::line("stopping after this step, keeping what is there; Ctrl-C again stops now");
            job.finish_early();
        }
        1 => {
            output::line("stopping now");
            job.cancel();
        }
        _ => std::process::exit(130),
    };
    // Only one handler can be there; a program that runs one job sets it once.
    if let Err(error) = ctrlc::set_handler(handler) {
        output::line(&format!("Ctrl-C will end the program at once: {error}"));
    }
}
