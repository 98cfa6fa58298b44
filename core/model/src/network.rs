//! A network as a list of blocks.

use std::collections::{BTreeMap, BTreeSet};

use fewlabel_contract::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use crate::{Block, BlockShape, Head, Norm, ParameterSpec, onnx};

mod cost;
mod parts;
mod reach;

/// Bounds against lists that ask for more than any network that this program makes.
const MAX_BLOCKS: usize = 1024;
const MAX_CHANNELS: usize = 16_384;
const MAX_SCALE: usize = 256;
const MAX_PARAMETERS: u64 = 1 << 30;
const MAX_NAME: usize = 32;

const OPERATION: &str = "check network";

/// A list of blocks that fit together; its output lies on the pixel grid of its input, or is one pixel for the whole image.
///
/// It can only be made by [`Network::new`], [`Network::unet`], [`Network::classifier`] and their like, or by reading JSON, all of which check
/// it: whoever holds one needs no further checks.
///
/// ```
/// use fewlabel_model::{Activation, Head, HeadGroup, Network};
/// let head = Head { groups: vec![HeadGroup { activation: Activation::Softmax, channels: 3 }] };
/// let network = Network::unet(1, 32, 4, &head)?;
/// assert_eq!((network.stride(), network.output_channels()), (8, 3));
/// assert_eq!(network.parameters()[0].name, "enc0.conv1.weight");
/// # Ok::<(), fewlabel_contract::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Listed", into = "Listed")]
pub struct Network {
    input_channels: usize,
    blocks: Vec<Block>,
    shapes: Vec<BlockShape>,
    head: Head,
}

/// The network as it stands in JSON.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    input_channels: usize,
    blocks: Vec<Block>,
}

impl TryFrom<Listed> for Network {
    type Error = Error;

    fn try_from(listed: Listed) -> Result<Self> {
        Self::new(listed.input_channels, listed.blocks)
    }
}

impl From<Network> for Listed {
    fn from(network: Network) -> Self {
        Self { input_channels: network.input_channels, blocks: network.blocks }
    }
}

impl Network {
    /// Checks that the blocks fit together.
    ///
    /// # Errors
    /// [`ErrorKind::BadModel`], naming the block: channels that do not match, a skip that nobody kept
    /// or that lies on another grid, a name that is used twice, an output on another grid than the
    /// input, a block behind the pool that needs pixels, no activation at the end, or sizes beyond all reason (more than 1,024 blocks, 16,384
    /// channels, a stride of 256, 2³⁰ parameters).
    pub fn new(input_channels: usize, blocks: Vec<Block>) -> Result<Self> {
        if blocks.len() > MAX_BLOCKS {
            return Err(Error::new(ErrorKind::BadModel, OPERATION, "the list of blocks is too long")
                .with("blocks", blocks.len())
                .with("allowed", MAX_BLOCKS));
        }
        check_channels(input_channels).map_err(|error| error.with("block", "input"))?;
        let mut walk = Walk {
            now: BlockShape { channels: input_channels, scale: Some(1) },
            kept: BTreeMap::new(),
            names: BTreeSet::new(),
            parameters: 0,
        };
        let mut shapes = Vec::with_capacity(blocks.len());
        for (index, block) in blocks.iter().enumerate() {
            walk.step(block, index + 1 == blocks.len())
                .map_err(|error| error.with("block", format!("{index} of {}", blocks.len())))?;
            shapes.push(walk.now);
        }
        let bad = |message: &str| Err(Error::new(ErrorKind::BadModel, OPERATION, message));
        let Some(Block::Activate { head }) = blocks.last() else {
            return bad("the last block is not the activation of the output");
        };
        if walk.now.scale.is_some_and(|scale| scale != 1) {
            return bad("the output lies on a coarser grid than the input");
        }
        let head = head.clone();
        Ok(Self { input_channels, blocks, shapes, head })
    }

    /// As [`Network::new`], for blocks of sizes that a person asked for.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] for what [`Network::new`] refuses.
    pub(crate) fn as_asked(input_channels: usize, blocks: Vec<Block>) -> Result<Self> {
        Self::new(input_channels, blocks).map_err(|mut error| {
            error.kind = ErrorKind::InvalidRequest;
            error.operation = "build network".into();
            error
        })
    }

    /// Channels of the input.
    pub fn input_channels(&self) -> usize {
        self.input_channels
    }

    /// The blocks, first to last.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Channels and scale behind each block, in the same order.
    pub fn shapes(&self) -> &[BlockShape] {
        &self.shapes
    }

    /// The groups of the output.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Channels of the output.
    pub fn output_channels(&self) -> usize {
        self.head().channels()
    }

    /// Height and width of the input must be multiples of this: the coarsest scale.
    pub fn stride(&self) -> usize {
        self.shapes.iter().filter_map(|shape| shape.scale).max().unwrap_or(1)
    }

    /// Whether an output pixel depends on its neighbourhood alone, so that tiles give what the whole
    /// plane gives. Instance normalisation and pooling look at the whole plane.
    pub fn is_local(&self) -> bool {
        !self.is_pooled() && !self.has_instance_norm()
    }

    /// Whether any of its convolutions has instance normalisation.
    pub fn has_instance_norm(&self) -> bool {
        self.blocks.iter().filter_map(Block::convolution).any(|conv| conv.norm == Norm::Instance)
    }

    /// The same with instance normalisation wherever there was batch normalisation, which has no parameters and knows of no other images.
    pub fn with_instance_norm(mut self) -> Self {
        for block in &mut self.blocks {
            if let Block::Conv3x3 { norm: norm @ Norm::Batch, .. } | Block::Conv { norm: norm @ Norm::Batch, .. } = block {
                *norm = Norm::Instance;
            }
        }
        self
    }

    /// Whether its output is one pixel for the whole image, and not a map of it.
    pub fn is_pooled(&self) -> bool {
        self.blocks.iter().any(|block| matches!(block, Block::Pool { .. }))
    }

    /// Height and width of the output for an input of this height and width.
    pub fn output_size(&self, height: usize, width: usize) -> (usize, usize) {
        if self.is_pooled() { (1, 1) } else { (height, width) }
    }

    /// Every parameter, block after block.
    pub fn parameters(&self) -> Vec<ParameterSpec> {
        self.blocks.iter().flat_map(Block::parameters).collect()
    }
}

/// What is known while the list is walked.
struct Walk<'a> {
    now: BlockShape,
    kept: BTreeMap<&'a str, BlockShape>,
    names: BTreeSet<String>,
    parameters: u64,
}

impl<'a> Walk<'a> {
    fn step(&mut self, block: &'a Block, last: bool) -> Result<()> {
        let bad = |message: &str| Error::new(ErrorKind::BadModel, OPERATION, message);
        let Some(scale) = self.now.scale else {
            return self.step_on_one_pixel(block, last);
        };
        match block {
            Block::Conv3x3 { stage, inputs, outputs, .. } | Block::Conv1x1 { stage, inputs, outputs } => {
                self.convolve(stage, *inputs, *outputs)?;
            }
            Block::Conv { stage, inputs, outputs, side, stride, groups, .. } => {
                self.convolve(stage, *inputs, *outputs)?;
                check_window(*side, *stride)?;
                if ![1, *inputs].contains(groups) || !outputs.is_multiple_of(*groups) {
                    return Err(bad("channels cannot be cut into these groups")
                        .with("groups", groups)
                        .with("allowed", format!("1 or {inputs}, of which {outputs} is a multiple")));
                }
                if *stride == 2 {
                    self.halve(scale)?;
                }
            }
            Block::UpConv2x2 { stage, inputs, outputs } => {
                self.convolve(stage, *inputs, *outputs)?;
                self.double(scale)?;
            }
            Block::Upsample2 => self.double(scale)?,
            Block::MaxPool2 | Block::MaxPool3 => self.halve(scale)?,
            Block::Keep { skip } => {
                check_name(skip)?;
                if self.kept.insert(skip, self.now).is_some() {
                    return Err(bad("two maps are kept under one name").with("skip", skip));
                }
            }
            Block::Concat { skip } => {
                self.now.channels += self.kept_on_this_grid(skip)?.channels;
                check_channels(self.now.channels)?;
            }
            Block::Add { skip, .. } => {
                let kept = self.kept_on_this_grid(skip)?;
                if kept.channels != self.now.channels {
                    return Err(bad("maps of different numbers cannot be added")
                        .with("skip", skip)
                        .with("channels", format!("{} and {}", self.now.channels, kept.channels)));
                }
            }
            Block::Take { skip } => self.now = self.kept(skip)?,
            Block::Pool { of } => {
                for skip in of {
                    self.now.channels += self.kept(skip)?.channels;
                    check_channels(self.now.channels)?;
                }
                self.now.scale = None;
            }
            Block::Activate { head } => self.activate(head, last)?,
        }
        self.count(block)
    }

    /// Behind the pool there is nothing to look around at.
    fn step_on_one_pixel(&mut self, block: &Block, last: bool) -> Result<()> {
        match block {
            Block::Conv1x1 { stage, inputs, outputs } => self.convolve(stage, *inputs, *outputs)?,
            Block::Activate { head } => self.activate(head, last)?,
            _ => {
                return Err(Error::new(
                    ErrorKind::BadModel,
                    OPERATION,
                    "behind the pool there is one pixel, and this block needs an image",
                ));
            }
        }
        self.count(block)
    }

    /// What was kept under a name.
    fn kept(&self, skip: &str) -> Result<BlockShape> {
        let nothing = || Error::new(ErrorKind::BadModel, OPERATION, "nothing was kept under this name").with("skip", skip);
        self.kept.get(skip).copied().ok_or_else(nothing)
    }

    /// The same, of maps that are as large as those of now.
    fn kept_on_this_grid(&self, skip: &str) -> Result<BlockShape> {
        let kept = self.kept(skip)?;
        if kept.scale == self.now.scale {
            return Ok(kept);
        }
        let [now, then] = [self.now, kept].map(|shape| shape.scale.unwrap_or_default());
        Err(Error::new(ErrorKind::BadModel, OPERATION, "maps on different grids cannot be joined")
            .with("skip", skip)
            .with("scales", format!("{now} and {then}")))
    }

    /// From maps of this scale to those of half the height and width.
    fn halve(&mut self, scale: usize) -> Result<()> {
        self.now.scale = Some(2 * scale);
        if 2 * scale <= MAX_SCALE {
            return Ok(());
        }
        Err(Error::new(ErrorKind::BadModel, OPERATION, "the maps become too coarse").with("allowed", MAX_SCALE))
    }

    /// From maps of this scale to those of twice the height and width.
    fn double(&mut self, scale: usize) -> Result<()> {
        if scale == 1 {
            return Err(Error::new(ErrorKind::BadModel, OPERATION, "the maps become finer than the input"));
        }
        self.now.scale = Some(scale / 2);
        Ok(())
    }

    fn activate(&self, head: &Head, last: bool) -> Result<()> {
        let bad = |message: &str| Error::new(ErrorKind::BadModel, OPERATION, message);
        if !last {
            return Err(bad("an activation of the output stands before the end"));
        }
        if head.groups.iter().any(|group| group.channels == 0) || head.channels() != self.now.channels {
            return Err(bad("the groups of the output do not cover its channels")
                .with("groups", head.channels())
                .with("channels", self.now.channels));
        }
        Ok(())
    }

    /// Counts the parameters of a block, whose names must be new.
    fn count(&mut self, block: &Block) -> Result<()> {
        let bad = |message: &str| Error::new(ErrorKind::BadModel, OPERATION, message);
        for spec in block.parameters() {
            let size: u64 = spec.shape.iter().map(|&extent| extent as u64).product();
            self.parameters += size;
            if self.parameters > MAX_PARAMETERS {
                return Err(bad("the network has too many parameters").with("allowed", MAX_PARAMETERS));
            }
            if !self.names.insert(spec.name.clone()) {
                return Err(bad("two blocks have parameters of one name").with("parameter", spec.name));
            }
        }
        Ok(())
    }

    fn convolve(&mut self, stage: &str, inputs: usize, outputs: usize) -> Result<()> {
        check_name(stage)?;
        check_channels(outputs)?;
        if inputs != self.now.channels {
            return Err(Error::new(ErrorKind::BadModel, OPERATION, "a block reads another number of channels than it is given")
                .with("stage", stage)
                .with("reads", inputs)
                .with("given", self.now.channels));
        }
        self.now.channels = outputs;
        Ok(())
    }
}

/// A window has a middle, and looks no further than those of known networks.
fn check_window(side: usize, stride: usize) -> Result<()> {
    if [1, 3, 5, 7].contains(&side) && [1, 2].contains(&stride) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::BadModel, OPERATION, "a window is of a size or stride that is not known")
        .with("side", side)
        .with("stride", stride)
        .with("allowed", "sides of 1, 3, 5 or 7, strides of 1 or 2"))
}

fn check_channels(channels: usize) -> Result<()> {
    if (1..=MAX_CHANNELS).contains(&channels) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::BadModel, OPERATION, "a number of channels is out of range")
        .with("channels", channels)
        .with("allowed", format!("1 to {MAX_CHANNELS}")))
}

/// Names become names of tensors in files: letters, digits and underscores, and not the two that the
/// input and output of the graph have.
fn check_name(name: &str) -> Result<()> {
    let fits = (1..=MAX_NAME).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && ![onnx::INPUT, onnx::OUTPUT].contains(&name);
    if fits {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::BadModel,
        OPERATION,
        "a name is taken, too long, or holds other than letters, digits and underscores",
    )
    .with("name", name.chars().take(MAX_NAME).collect::<String>()))
}
