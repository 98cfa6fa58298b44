//! The parts that were read last, as many as fit.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use fewlabel_contract::Result;
use fewlabel_image::Maps;

/// Keeps parts by their number; when there is no room the one goes that was wanted longest ago.
#[derive(Debug)]
pub(super) struct Cache {
    room: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    bytes: usize,
    /// Counts the wishes.
    clock: u64,
    parts: BTreeMap<usize, (u64, Arc<Maps>)>,
}

impl Cache {
    /// For `room` bytes. A part that is larger than that is read each time.
    pub fn new(room: usize) -> Self {
        Self { room, held: Mutex::default() }
    }

    /// The part of a number: kept, or else read. While one is read others can be had.
    ///
    /// # Errors
    /// What reading says.
    pub fn get(&self, number: usize, read: impl FnOnce() -> Result<Maps>) -> Result<Arc<Maps>> {
        if let Some(kept) = self.kept(number) {
            return Ok(kept);
        }
        let part = Arc::new(read()?);
        self.keep(number, &part);
        Ok(part)
    }

    fn kept(&self, number: usize) -> Option<Arc<Maps>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.clock += 1;
        let now = held.clock;
        let (wanted, part) = held.parts.get_mut(&number)?;
        *wanted = now;
        Some(Arc::clone(part))
    }

    fn keep(&self, number: usize, part: &Arc<Maps>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if bytes(part) > self.room || held.parts.contains_key(&number) {
            return;
        }
        while held.bytes + bytes(part) > self.room {
            let oldest = held.parts.iter().min_by_key(|(_, (wanted, _))| *wanted).map(|(&number, _)| number);
            let Some((_, gone)) = oldest.and_then(|oldest| held.parts.remove(&oldest)) else { break };
            held.bytes -= bytes(&gone);
        }
        held.bytes += bytes(part);
        let now = held.clock;
        held.parts.insert(number, (now, Arc::clone(part)));
    }
}

fn bytes(part: &Maps) -> usize {
    part.data.len() * size_of::<f32>()
}

#[cfg(test)]
mod tests {
    use fewlabel_contract::Error;

    use super::*;

    #[test]
    fn what_was_wanted_longest_ago_goes() {
        let cache = Cache::new(100);
        let mut reads = Vec::new();
        for number in [1, 2, 1, 3, 1, 2] {
            let part = cache.get(number, || {
                reads.push(number);
                Ok(Maps::zeros(1, 3, 4))
            });
            assert_eq!(part.expect("a part").data.len(), 12);
            assert!(cache.held.lock().expect("unpoisoned").bytes <= 100);
        }
        assert_eq!(reads, [1, 2, 3, 2], "two of 48 bytes fit; when 3 came, 2 had waited longer than 1");
    }

    #[test]
    fn too_large_a_part_is_given_and_not_kept() {
        let cache = Cache::new(100);
        for _ in 0..2 {
            assert_eq!(cache.get(0, || Ok(Maps::zeros(1, 5, 6))).expect("a part").data.len(), 30);
        }
        assert_eq!(cache.held.lock().expect("unpoisoned").bytes, 0);
        cache.get(0, || Err(Error::internal("read", "gone"))).expect_err("it is read again");
    }
}
