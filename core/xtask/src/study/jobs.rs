//! Several pieces of work at a time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use fewlabel_contract::Result;

/// Does `work` on every item, `jobs` at a time, begun in their order. Each result comes to `done` in the calling thread, as soon as it is
/// there.
///
/// # Errors
/// The first of `done`, after which no further item is begun.
pub fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    jobs: usize,
    work: impl Fn(usize, &T) -> R + Sync,
    mut done: impl FnMut(&T, R) -> Result<()>,
) -> Result<()> {
    let next = AtomicUsize::new(0);
    let (sender, results) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, items.len().max(1)) {
            let sender = sender.clone();
            let (next, work) = (&next, &work);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    if sender.send((item, work(index, item))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        // Ending early drops the receiver, and with it the workers end after what they have begun.
        results.into_iter().try_for_each(|(item, result)| done(item, result))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use fewlabel_contract::Error;

    use super::*;

    #[test]
    fn every_item_is_done_once_and_as_many_at_a_time_as_asked_for() {
        let both = Barrier::new(2);
        let mut squares = Vec::new();
        let work = |_: usize, n: &u32| {
            both.wait();
            n * n
        };
        in_parallel(&[1, 2, 3, 4], 2, work, |n, square| {
            squares.push((*n, square));
            Ok(())
        })
        .expect("all done");
        squares.sort_unstable();
        assert_eq!(squares, [(1, 1), (2, 4), (3, 9), (4, 16)]);
        in_parallel(&[] as &[u32], 2, |_, n| *n, |_, _| Ok(())).expect("nothing to do");
    }

    #[test]
    fn what_cannot_be_kept_ends_the_work() {
        let mut kept = 0;
        let ended = in_parallel(
            &[1, 2, 3],
            1,
            |_, n| *n,
            |_, n| {
                kept += 1;
                if n == 2 { Err(Error::internal("test", "full")) } else { Ok(()) }
            },
        );
        assert!(ended.is_err());
        assert_eq!(kept, 2);
    }
}
