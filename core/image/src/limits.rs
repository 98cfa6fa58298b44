//! How much a file may ask for.

/// Bounds against files that claim more than they hold, checked before anything is allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest side in pixels.
    pub side: usize,
    /// Bytes of decoded pixels.
    pub bytes: u64,
    /// Pages of a file.
    pub pages: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { side: 1 << 20, bytes: 8 << 30, pages: 1 << 20 }
    }
}
