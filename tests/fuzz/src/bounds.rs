//! How much an input may ask for, and what may come back when it is refused.

use fewlabel_contract::{Error, ErrorKind};
use fewlabel_image::Limits;
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// So small that a header which is believed shows at once.
pub const LIMITS: Limits = Limits { side: 1 << 14, bytes: 4 << 20, pages: 1 << 10, outlines: 1 << 12, zip_ratio: 1000 };

/// Bytes that a target may hold at once, all allocations of Rust together: the pixels and a copy of them to compare with, labels
/// of 32 bits made from pixels of 8, a decoded chunk and what it was unpacked from, and the old half of a list that grows.
pub const MOST_MEMORY: usize = 16 * LIMITS.bytes as usize;

/// Runs a target and checks what memory it took.
pub(crate) fn within_memory(target: impl FnOnce()) {
    let before = ALLOCATED.current_usage();
    ALLOCATED.reset_peak_usage();
    target();
    let used = ALLOCATED.peak_usage().saturating_sub(before);
    assert!(used <= MOST_MEMORY, "{used} bytes were in use, {MOST_MEMORY} are allowed");
}

/// Checks an error about a hostile file: its kind blames the file, and it survives the way to another process.
pub(crate) fn refused(error: &Error) {
    // Memory runs out only where a claim was believed, and a file on a healthy disk gives no error of the system.
    let wrong = [ErrorKind::Internal, ErrorKind::OutOfMemory, ErrorKind::Io];
    assert!(!wrong.contains(&error.kind), "an error of the wrong kind: {error:?}");
    let json = serde_json::to_string(error).expect("errors are JSON");
    assert_eq!(serde_json::from_str::<Error>(&json).expect("JSON of an error"), *error);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_beyond_the_bound_is_seen() {
        let take = |bytes: usize| std::panic::catch_unwind(|| within_memory(|| drop(vec![1_u8; bytes])));
        assert!(take(MOST_MEMORY / 2).is_ok());
        assert!(take(MOST_MEMORY + 1).is_err());
    }

    #[test]
    fn errors_of_the_wrong_kind_are_seen() {
        let check = |kind| std::panic::catch_unwind(|| refused(&Error::new(kind, "open image", "it is damaged")));
        assert!(check(ErrorKind::UnreadableImage).is_ok());
        assert!(check(ErrorKind::Internal).is_err());
    }
}
