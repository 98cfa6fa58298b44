//! The U-Net that this program trains.

use fewlabel_contract::{Error, ErrorKind, Result};

use crate::{Block, Head, Network, Nonlinearity};

impl Network {
    /// A U-Net (Ronneberger et al. 2015) with borders padded, so that the output has the size of the input.
    ///
    /// `levels` scales; level `l` has `width · 2ˡ` channels. Each level: two 3×3 convolutions, each with
    /// batch normalisation and ReLU. Down: 2×2 maximum. Up: transposed 2×2 convolution to the level's
    /// channels, then the level's maps of the way down behind them. Stages are called `enc0` … (the last
    /// is the bottom), `up2`, `dec2`, … `up0`, `dec0`, `head`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when `levels` is not in 1…8, or the sizes are beyond what
    /// [`Network::new`] allows.
    pub fn unet(input_channels: usize, width: usize, levels: usize, head: &Head) -> Result<Self> {
        let wrong = |message: &str| {
            Error::new(ErrorKind::InvalidRequest, "build network", message).with("width", width).with("levels", levels)
        };
        if !(1..=8).contains(&levels) {
            return Err(wrong("the number of levels is out of range").with("allowed", "1 to 8"));
        }
        if width == 0 || width > 4096 {
            return Err(wrong("the width is out of range").with("allowed", "1 to 4096"));
        }
        let channels = |level: usize| width << level;
        let stage = |blocks: &mut Vec<Block>, stage: String, inputs: usize, outputs: usize| {
            for number in 1..=2 {
                let inputs = if number == 1 { inputs } else { outputs };
                blocks.push(Block::normalised((&stage, number), (inputs, outputs), (3, 1, 1), Nonlinearity::Relu));
            }
        };
        let mut blocks = Vec::new();
        let bottom = levels - 1;
        for level in 0..levels {
            let inputs = if level == 0 { input_channels } else { channels(level - 1) };
            stage(&mut blocks, format!("enc{level}"), inputs, channels(level));
            if level < bottom {
                blocks.push(Block::Keep { skip: format!("enc{level}") });
                blocks.push(Block::MaxPool2);
            }
        }
        for level in (0..bottom).rev() {
            blocks.push(Block::UpConv2x2 { stage: format!("up{level}"), inputs: channels(level + 1), outputs: channels(level) });
            blocks.push(Block::Concat { skip: format!("enc{level}") });
            stage(&mut blocks, format!("dec{level}"), 2 * channels(level), channels(level));
        }
        blocks.push(Block::Conv1x1 { stage: "head".into(), inputs: width, outputs: head.channels() });
        blocks.push(Block::Activate { head: head.clone() });
        Self::as_asked(input_channels, blocks).map_err(|error| error.with("width", width).with("levels", levels))
    }
}
