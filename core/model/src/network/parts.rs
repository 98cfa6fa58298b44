//! Encoder and decoder.

use crate::{Block, Network};

impl Network {
    /// The blocks up to where maps become finer again or are pooled; without such a place, all but the head.
    pub fn encoder(&self) -> &[Block] {
        let blocks = self.blocks();
        let end = blocks.iter().position(|block| matches!(block, Block::UpConv2x2 { .. } | Block::Pool { .. }));
        &blocks[..end.unwrap_or(blocks.len().saturating_sub(2))]
    }
}
