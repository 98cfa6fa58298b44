//! U-Nets whose encoder is EfficientNet-Lite0.

use fewlabel_contract::Result;

use crate::up_decoder::{Level, up_decoder};
use crate::{Block, Head, Network, Nonlinearity};

/// Channels behind the stem.
const STEM: usize = 32;
/// How many times as many channels the middle of a block has as it reads; in the first stage as many.
const EXPANSION: usize = 6;
/// Of each stage the blocks, the side of their windows, the stride of the first, and the channels they give.
const STAGES: [(usize, usize, usize, usize); 7] =
    [(1, 3, 1, 16), (2, 3, 2, 24), (2, 5, 2, 40), (3, 3, 2, 80), (3, 5, 1, 112), (4, 5, 2, 192), (1, 3, 1, 320)];
/// Channels of each step of the decoder, coarsest first.
const DECODER: [usize; 5] = [128, 64, 48, 32, 16];

impl Network {
    /// A U-Net with EfficientNet-Lite0 (Tan and Le 2019; without squeezing, with max(x, 0) at most 6) as encoder, for weights that were learned on
    /// ImageNet, and a decoder that doubles the pixels five times.
    ///
    /// Blocks are `block0` … `block15` with convolutions 1 (wider, 1×1), 2 (each channel alone) and 3 (narrower, 1×1); `block0` has the
    /// last two. Zero pixels lie on both sides of the image, where the published one with stride 2 has them behind it: each of the maps is the published one, seen a pixel
    /// further up and left.
    ///
    /// # Errors
    /// [`fewlabel_contract::ErrorKind::InvalidRequest`] for channels beyond what [`Network::new`] allows.
    pub fn efficient_unet(input_channels: usize, head: &Head) -> Result<Self> {
        let mut blocks = vec![Block::normalised(("stem", 1), (input_channels, STEM), (3, 2, 1), Nonlinearity::Relu6)];
        let mut levels = vec![Level { skip: None, channels: 0 }];
        let (mut channels, mut number) = (STEM, 0);
        for (stage, &(count, side, first_stride, outputs)) in STAGES.iter().enumerate() {
            if first_stride == 2 {
                let skip = format!("level{}", levels.len());
                blocks.push(Block::Keep { skip: skip.clone() });
                levels.push(Level { skip: Some(skip), channels });
            }
            for place in 0..count {
                let stride = if place == 0 { first_stride } else { 1 };
                let middle = if stage == 0 { channels } else { EXPANSION * channels };
                narrowing_block(&mut blocks, &format!("block{number}"), (channels, middle, outputs), side, stride);
                (channels, number) = (outputs, number + 1);
            }
        }
        up_decoder(&mut blocks, channels, &levels, &DECODER, head);
        Self::as_asked(input_channels, blocks)
    }
}

/// Widens by a 1×1 convolution where the middle is wider, looks around in each channel alone, narrows, and adds what it read where that
/// is as large.
fn narrowing_block(
    blocks: &mut Vec<Block>,
    stage: &str,
    (inputs, middle, outputs): (usize, usize, usize),
    side: usize,
    stride: usize,
) {
    let is_added = stride == 1 && inputs == outputs;
    if is_added {
        blocks.push(Block::Keep { skip: stage.to_owned() });
    }
    if middle != inputs {
        blocks.push(Block::normalised((stage, 1), (inputs, middle), (1, 1, 1), Nonlinearity::Relu6));
    }
    blocks.push(Block::normalised((stage, 2), (middle, middle), (side, stride, middle), Nonlinearity::Relu6));
    blocks.push(Block::normalised((stage, 3), (middle, outputs), (1, 1, 1), Nonlinearity::None));
    if is_added {
        blocks.push(Block::Add { skip: stage.to_owned(), nonlinearity: Nonlinearity::None });
    }
}
