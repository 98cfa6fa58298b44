//! The decoder of U-Nets whose encoder is a known network.

use crate::{Block, Head, Nonlinearity};

/// Maps of the encoder at one size.
pub(crate) struct Level {
    /// What they were kept as; `None` where nothing was.
    pub skip: Option<String>,
    /// How many they are.
    pub channels: usize,
}

/// From the encoder's coarsest maps, of which there are `inputs`, to the size of the image: for each of `widths`, coarsest first, the pixels are
/// doubled, the encoder's maps of that size come behind, and two 3×3 convolutions give so many channels. Then the head. `levels` begin
/// with the size of the image; there are as many as `widths`.
pub(crate) fn up_decoder(blocks: &mut Vec<Block>, inputs: usize, levels: &[Level], widths: &[usize], head: &Head) {
    let mut channels = inputs;
    for ((number, level), &width) in levels.iter().enumerate().rev().zip(widths) {
        blocks.push(Block::Upsample2);
        if let Some(skip) = &level.skip {
            blocks.push(Block::Concat { skip: skip.clone() });
            channels += level.channels;
        }
        for (convolution, inputs) in [(1, channels), (2, width)] {
            let stage = format!("dec{number}");
            blocks.push(Block::normalised((&stage, convolution), (inputs, width), (3, 1, 1), Nonlinearity::Relu));
        }
        channels = width;
    }
    blocks.push(Block::Conv1x1 { stage: "head".into(), inputs: channels, outputs: head.channels() });
    blocks.push(Block::Activate { head: head.clone() });
}
