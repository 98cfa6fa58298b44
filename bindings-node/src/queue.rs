//! Events that wait until JavaScript fetches them.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use fewlabel::contract::Event;

/// How many events wait at most, artifacts apart.
const CAPACITY: usize = 256;

/// Keeps the order of events. When JavaScript is too busy to fetch them, old progress makes room for new events, then old
/// previews and lines of the log do; an artifact is never lost. The end of a job does not come this way.
#[derive(Debug, Default)]
pub struct Queue(Mutex<VecDeque<Event>>);

impl Queue {
    /// Adds an event, or drops it when there is no room.
    pub fn push(&self, event: Event) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= CAPACITY {
            let oldest = |droppable: fn(&Event) -> bool| waiting.iter().position(droppable);
            match oldest(|event| matches!(event, Event::Progress(_))).or_else(|| oldest(|event| !is_artifact(event))) {
                Some(place) => drop(waiting.remove(place)),
                None if is_artifact(&event) => {}
                None => return,
            }
        }
        waiting.push_back(event);
    }

    /// Everything that waits, in order.
    pub fn take(&self) -> Vec<Event> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
    }
}

fn is_artifact(event: &Event) -> bool {
    matches!(event, Event::Artifact { .. })
}

#[cfg(test)]
mod tests {
    use fewlabel::contract::{Level, Progress};

    use super::*;

    fn progress(step: u64) -> Event {
        Event::Progress(Progress { phase: "training".into(), step, total: None, metrics: Default::default(), remaining: None })
    }

    fn artifact(name: &str) -> Event {
        Event::Artifact { path: name.into(), sha256: String::new() }
    }

    fn log(message: &str) -> Event {
        Event::Log { level: Level::Info, message: message.into() }
    }

    #[test]
    fn what_is_taken_is_gone_and_in_order() {
        let queue = Queue::default();
        queue.push(progress(1));
        queue.push(log("one"));
        assert_eq!(queue.take(), [progress(1), log("one")]);
        assert_eq!(queue.take(), []);
    }

    #[test]
    fn old_progress_makes_room_and_artifacts_stay() {
        let queue = Queue::default();
        queue.push(log("first"));
        queue.push(artifact("a.tif"));
        (0..1000).for_each(|step| queue.push(progress(step)));
        queue.push(log("last"));
        let taken = queue.take();
        assert_eq!(taken.len(), CAPACITY);
        assert_eq!(taken[..2], [log("first"), artifact("a.tif")]);
        assert_eq!(taken[2], progress(1000 - (CAPACITY as u64 - 3)));
        assert_eq!(taken[CAPACITY - 2..], [progress(999), log("last")]);
    }

    #[test]
    fn without_progress_lines_make_room_and_artifacts_are_all_kept() {
        let queue = Queue::default();
        queue.push(log("first"));
        (0..CAPACITY * 2).for_each(|number| queue.push(artifact(&number.to_string())));
        queue.push(log("no room"));
        let taken = queue.take();
        assert_eq!(taken.len(), CAPACITY * 2);
        assert!(taken.iter().all(is_artifact));
    }
}
