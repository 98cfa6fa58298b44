//! The network that tells kinds of whole images apart.

use std::collections::BTreeSet;

use fewlabel_contract::{Error, ErrorKind, Result};

use crate::{Block, Head, Network};

impl Network {
    /// The encoder of [`Network::unet`] with the same names, the mean over the pixels of each of its levels, and a head on these.
    ///
    /// The finer levels are kept before they are halved, so their means stand in front of those of the coarsest, finest first.
    ///
    /// # Errors
    /// As [`Network::unet`].
    ///
    /// ```
    /// use fewlabel_model::{Activation, Head, HeadGroup, Network};
    /// let head = Head { groups: vec![HeadGroup { activation: Activation::Softmax, channels: 3 }] };
    /// let network = Network::classifier(1, 32, 4, &head)?;
    /// assert_eq!((network.stride(), network.output_size(64, 64)), (8, (1, 1)));
    /// # Ok::<(), fewlabel_contract::Error>(())
    /// ```
    pub fn classifier(input_channels: usize, width: usize, levels: usize, head: &Head) -> Result<Self> {
        Self::unet(input_channels, width, levels, head)?.to_classifier(head)
    }

    /// A classifier with the encoder of this network; its head is called as this one's.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when this network does not end in a head of a 1×1 convolution and an activation.
    pub fn to_classifier(&self, head: &Head) -> Result<Self> {
        let [.., Block::Conv1x1 { stage, .. }, Block::Activate { .. }] = self.blocks() else {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "build network",
                "the network does not end in a head that can be changed",
            ));
        };
        let mut blocks = self.encoder().to_vec();
        // Levels are what is read behind the encoder; what is kept for sums within it is none.
        let levels: BTreeSet<&String> = self.blocks()[blocks.len()..].iter().flat_map(Block::reads).collect();
        let kept = self.encoder().iter().zip(self.shapes()).filter_map(|(block, shape)| match block {
            Block::Keep { skip } if levels.contains(skip) => Some((skip.clone(), shape.channels)),
            _ => None,
        });
        let (of, channels): (Vec<_>, Vec<_>) = kept.unzip();
        let coarsest = blocks.len().checked_sub(1).map_or(self.input_channels(), |last| self.shapes()[last].channels);
        blocks.extend([
            Block::Pool { of },
            Block::Conv1x1 { stage: stage.clone(), inputs: channels.iter().sum::<usize>() + coarsest, outputs: head.channels() },
            Block::Activate { head: head.clone() },
        ]);
        Self::new(self.input_channels(), blocks)
    }
}
