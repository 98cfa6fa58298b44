//! Encoder and head.

use crate::{Block, Network};

impl Network {
    /// The blocks up to where maps become finer again or are pooled; without such a place, all but the head.
    pub fn encoder(&self) -> &[Block] {
        let blocks = self.blocks();
        let end =
            blocks.iter().position(|block| matches!(block, Block::UpConv2x2 { .. } | Block::Upsample2 | Block::Pool { .. }));
        &blocks[..end.unwrap_or(blocks.len().saturating_sub(2))]
    }

    /// The 1×1 convolution that the network ends in, before its activations: its name, channels it reads and gives. `None` in networks that end in
    /// something else.
    pub fn head_convolution(&self) -> Option<(&str, usize, usize)> {
        match self.blocks().iter().rev().nth(1)? {
            Block::Conv1x1 { stage, inputs, outputs } => Some((stage, *inputs, *outputs)),
            _ => None,
        }
    }
}
