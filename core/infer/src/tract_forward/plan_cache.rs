//! The plans that were used last.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use fewlabel_contract::Result;

use super::plan::Plan;

/// A plane takes at most four sizes of tile.
const KEPT: usize = 4;

/// Height and width of an input.
type Size = (usize, usize);

/// A place for a plan that is made once, while others wait for it.
type Slot = Arc<OnceLock<Result<Arc<Plan>>>>;

/// The last few plans, most recent first, shared by all threads.
#[derive(Default)]
pub(super) struct PlanCache(Mutex<Vec<(Size, Slot)>>);

impl PlanCache {
    /// The plan for `size`; made with `make` when it is not kept. Threads that ask for the same plan
    /// wait for one making; those that ask for another do not.
    pub fn get(&self, size: Size, make: impl FnOnce() -> Result<Plan>) -> Result<Arc<Plan>> {
        self.slot(size).get_or_init(|| make().map(Arc::new)).clone()
    }

    fn slot(&self, size: Size) -> Slot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = match slots.iter().position(|(kept, _)| *kept == size) {
            Some(place) => slots.remove(place).1,
            None => Slot::default(),
        };
        slots.insert(0, (size, Arc::clone(&slot)));
        slots.truncate(KEPT);
        slot
    }
}
