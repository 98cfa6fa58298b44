//! U-Nets whose encoder is a residual network.

use fewlabel_contract::Result;

use crate::up_decoder::{Level, up_decoder};
use crate::{Block, Head, Network, Nonlinearity};

/// Channels that a bottleneck gives for one of its middle.
const EXPANSION: usize = 4;

/// The sizes of a residual U-Net.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResUnet {
    /// Channels of the stem, and of the middle of the bottlenecks of the first stage; each further stage has twice as many.
    pub width: usize,
    /// Bottlenecks of each of the four stages.
    pub bottlenecks: [usize; 4],
    /// Channels of each step of the decoder, coarsest first.
    pub decoder: [usize; 5],
}

impl ResUnet {
    /// ResNet-50 (He et al. 2016) with the decoder that TOWER was published with (Chen et al., arXiv 2211.14715): 23.5 million parameters of
    /// images of three channels, and 9 million.
    pub const PAPER: Self = Self { width: 64, bottlenecks: [3, 4, 6, 3], decoder: [256, 128, 64, 32, 16] };
}

impl Network {
    /// A U-Net with a residual encoder.
    ///
    /// Encoder: 7×7 convolution with stride 2, maximum of 3×3 with stride 2, four stages of bottlenecks (1×1, 3×3, 1×1 and a sum), of
    /// which the first of all but the first stage has stride 2 in its 3×3. Decoder: five steps, each doubles the pixels, appends the
    /// encoder's maps of that size (the finest has none) and convolves twice. All convolutions but the head's have batch normalisation
    /// and no bias. The head is 1×1, as those of all networks of this program; the published one is 3×3.
    ///
    /// # Errors
    /// [`fewlabel_contract::ErrorKind::InvalidRequest`] for sizes beyond what [`Network::new`] allows.
    pub fn residual_unet(input_channels: usize, sizes: &ResUnet, head: &Head) -> Result<Self> {
        let mut blocks = vec![
            Block::normalised(("stem", 1), (input_channels, sizes.width), (7, 2, 1), Nonlinearity::Relu),
            Block::Keep { skip: "stem".into() },
            Block::MaxPool3,
        ];
        let mut levels = vec![Level { skip: None, channels: 0 }, Level { skip: Some("stem".into()), channels: sizes.width }];
        let mut channels = sizes.width;
        for (stage, &bottlenecks) in sizes.bottlenecks.iter().enumerate() {
            let middle = sizes.width.saturating_mul(1 << stage);
            for place in 0..bottlenecks {
                let stride = if stage > 0 && place == 0 { 2 } else { 1 };
                bottleneck(&mut blocks, &format!("layer{}_{place}", stage + 1), channels, middle, stride);
                channels = EXPANSION.saturating_mul(middle);
            }
            if stage + 1 < sizes.bottlenecks.len() {
                let skip = format!("layer{}", stage + 1);
                blocks.push(Block::Keep { skip: skip.clone() });
                levels.push(Level { skip: Some(skip), channels });
            }
        }
        up_decoder(&mut blocks, channels, &levels, &sizes.decoder, head);
        Self::as_asked(input_channels, blocks)
    }
}

/// 1×1, 3×3 and 1×1 convolutions, whose result is added to what they read; where sizes differ a 1×1 convolution brings that to theirs.
fn bottleneck(blocks: &mut Vec<Block>, stage: &str, inputs: usize, middle: usize, stride: usize) {
    let outputs = EXPANSION.saturating_mul(middle);
    let (read, short) = (format!("{stage}_in"), format!("{stage}_short"));
    blocks.push(Block::Keep { skip: read.clone() });
    let is_changed = inputs != outputs || stride != 1;
    if is_changed {
        blocks.extend([
            Block::normalised((&short, 1), (inputs, outputs), (1, stride, 1), Nonlinearity::None),
            Block::Keep { skip: short.clone() },
            Block::Take { skip: read.clone() },
        ]);
    }
    blocks.extend([
        Block::normalised((stage, 1), (inputs, middle), (1, 1, 1), Nonlinearity::Relu),
        Block::normalised((stage, 2), (middle, middle), (3, stride, 1), Nonlinearity::Relu),
        Block::normalised((stage, 3), (middle, outputs), (1, 1, 1), Nonlinearity::None),
        Block::Add { skip: if is_changed { short } else { read }, nonlinearity: Nonlinearity::Relu },
    ]);
}
