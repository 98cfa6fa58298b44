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
    /// Outlines of a file.
    pub outlines: usize,
    /// How many times an entry of a zip may grow when it is unpacked.
    pub zip_ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { side: 1 << 20, bytes: 8 << 30, pages: 1 << 20, outlines: 1 << 20, zip_ratio: 1000 }
    }
}
