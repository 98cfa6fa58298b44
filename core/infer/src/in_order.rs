//! Work on several threads whose results arrive in order.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use fewlabel_contract::{Error, Result};

/// Most results that wait for their turn, for each thread.
pub(crate) const WAITING: usize = 2;

/// What workers and the taker share.
struct State<R> {
    /// The next piece to begin.
    next: usize,
    /// Pieces handed to the taker.
    taken: usize,
    /// Results that wait for their turn.
    done: BTreeMap<usize, Result<R>>,
    /// Nobody wants the rest.
    stop: bool,
}

struct Board<R> {
    state: Mutex<State<R>>,
    changed: Condvar,
}

impl<R> Board<R> {
    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State<R>>) -> MutexGuard<'a, State<R>> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs `work(0) … work(count - 1)` on `threads` threads of its own and hands each result to `take`
/// on the calling thread, in order; nobody runs ahead of it by more than
/// two pieces a thread. With one thread everything happens on the calling thread.
///
/// # Errors
/// The first error in order, of `work` or of `take`; pieces that have not begun by then never do. A
/// panic in `work` is an error of kind `internal`.
pub fn in_order<R: Send>(
    count: usize,
    threads: usize,
    work: impl Fn(usize) -> Result<R> + Sync,
    mut take: impl FnMut(usize, R) -> Result<()>,
) -> Result<()> {
    let guarded = |piece| catch_unwind(AssertUnwindSafe(|| work(piece))).unwrap_or_else(|panic| Err(panicked(&*panic)));
    if threads <= 1 || count <= 1 {
        return (0..count).try_for_each(|piece| take(piece, guarded(piece)?));
    }
    let ahead = WAITING * threads;
    let board =
        Board { state: Mutex::new(State { next: 0, taken: 0, done: BTreeMap::new(), stop: false }), changed: Condvar::new() };
    std::thread::scope(|scope| {
        for _ in 0..threads.min(count) {
            scope.spawn(|| {
                let mut state = board.lock();
                while !state.stop && state.next < count {
                    if state.next >= state.taken + ahead {
                        state = board.wait(state);
                        continue;
                    }
                    let piece = state.next;
                    state.next += 1;
                    drop(state);
                    let result = guarded(piece);
                    state = board.lock();
                    state.done.insert(piece, result);
                    board.changed.notify_all();
                }
            });
        }
        // Whatever ends the taking, a panic of `take` included, sends the workers home: the scope
        // waits for them.
        let _home = SendHome(&board);
        (0..count).try_for_each(|piece| {
            let mut state = board.lock();
            let result = loop {
                if let Some(result) = state.done.remove(&piece) {
                    break result;
                }
                state = board.wait(state);
            };
            state.taken = piece + 1;
            drop(state);
            board.changed.notify_all();
            take(piece, result?)
        })
    })
}

/// Stops the workers of a board when dropped.
struct SendHome<'a, R>(&'a Board<R>);

impl<R> Drop for SendHome<'_, R> {
    fn drop(&mut self) {
        self.0.lock().stop = true;
        self.0.changed.notify_all();
    }
}

/// The error of a panic.
pub(crate) fn panicked(panic: &(dyn std::any::Any + Send)) -> Error {
    Error::internal("run network", format!("panic: {}", panic_text(panic)))
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use fewlabel_contract::ErrorKind;

    use super::*;

    #[test]
    fn results_arrive_in_order_whatever_the_threads() {
        for threads in [1, 2, 3, 8] {
            let mut seen = Vec::new();
            in_order(
                100,
                threads,
                |i| Ok(i * i),
                |i, square| {
                    seen.push((i, square));
                    Ok(())
                },
            )
            .unwrap();
            assert_eq!(seen, (0..100).map(|i| (i, i * i)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn nobody_runs_far_ahead() {
        let begun = AtomicUsize::new(0);
        in_order(
            200,
            3,
            |_| Ok(begun.fetch_add(1, Ordering::SeqCst)),
            |i, _| {
                assert!(begun.load(Ordering::SeqCst) <= i + 1 + 6);
                Ok(())
            },
        )
        .unwrap();
    }

    #[test]
    fn the_first_error_in_order_wins_and_the_rest_is_not_begun() {
        for threads in [1, 4] {
            let begun = AtomicUsize::new(0);
            let error = in_order(
                1000,
                threads,
                |i| {
                    begun.fetch_add(1, Ordering::SeqCst);
                    if i >= 10 { Err(Error::new(ErrorKind::Io, "work", i.to_string())) } else { Ok(()) }
                },
                |_, ()| Ok(()),
            )
            .unwrap_err();
            assert_eq!(error.message, "10");
            assert!(begun.load(Ordering::SeqCst) <= 11 + 2 * threads);
        }
    }

    #[test]
    fn a_panic_of_the_work_is_an_error() {
        for threads in [1, 4] {
            let work = |i: usize| if i == 5 { panic!("piece {i}") } else { Ok(()) };
            let error = in_order(20, threads, work, |_, ()| Ok(())).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Internal);
            assert!(error.message.contains("piece 5"), "{error}");
        }
    }

    #[test]
    #[should_panic(expected = "taker")]
    fn a_panic_of_the_taker_ends_the_workers() {
        let _ = in_order(50, 4, Ok, |i, _| if i == 7 { panic!("taker") } else { Ok(()) });
    }

    #[test]
    fn nothing_to_do_is_done() {
        in_order(0, 4, |_| Ok(()), |_, ()| Ok(())).unwrap();
    }
}
