//! What a forward pass costs, computed before it runs.

use std::collections::BTreeMap;

use crate::{Block, Network};

/// Bytes of a value in a feature map.
const VALUE: u64 = size_of::<f32>() as u64;

impl Network {
    /// Number of values in all parameters.
    pub fn parameter_count(&self) -> u64 {
        self.parameters().iter().map(|spec| spec.shape.iter().map(|&extent| extent as u64).product::<u64>()).sum()
    }

    /// Most bytes of feature maps that are alive at once for an input of `height` × `width` pixels.
    ///
    /// Maps are 32-bit. While a block runs its input, its output and every kept map that a later
    /// block still wants are alive; normalisation and non-linearity work in place. The weights and an
    /// engine's scratch space come on top. Saturates at `u64::MAX`.
    pub fn peak_bytes(&self, height: usize, width: usize) -> u64 {
        let bytes = |channels: usize, scale: Option<usize>| {
            let side = |extent: usize| scale.map_or(1, |scale| extent.div_ceil(scale)) as u64;
            VALUE.saturating_mul(channels as u64).saturating_mul(side(height)).saturating_mul(side(width))
        };
        let last_use: BTreeMap<&str, usize> = self
            .blocks()
            .iter()
            .enumerate()
            .flat_map(|(index, block)| block.reads().iter().map(move |skip| (skip.as_str(), index)))
            .collect();
        let mut kept: BTreeMap<&str, u64> = BTreeMap::new();
        // The name under which the current maps are kept as well: they exist once, not twice.
        let mut current_is: Option<&str> = None;
        let mut input = bytes(self.input_channels(), Some(1));
        let mut peak = input;
        for (index, (block, shape)) in self.blocks().iter().zip(self.shapes()).enumerate() {
            if let Block::Keep { skip } = block {
                if last_use.contains_key(skip.as_str()) {
                    kept.insert(skip, input);
                    current_is = Some(skip);
                }
                continue;
            }
            let output = bytes(shape.channels, shape.scale);
            if let Block::Take { skip } = block {
                kept.retain(|name, _| last_use.get(name).is_some_and(|&last| last > index));
                current_is = Some(skip);
                input = output;
                continue;
            }
            let own_input = if current_is.is_some_and(|name| kept.contains_key(name)) { 0 } else { input };
            let skips = kept.values().copied().fold(0, u64::saturating_add);
            peak = peak.max(skips.saturating_add(own_input).saturating_add(output));
            kept.retain(|name, _| last_use.get(name).is_some_and(|&last| last > index));
            current_is = None;
            input = output;
        }
        peak
    }

    /// Multiplications with an addition in the convolutions for an input of `height` × `width` pixels.
    /// Saturates at `u64::MAX`.
    pub fn multiply_adds(&self, height: usize, width: usize) -> u64 {
        self.blocks()
            .iter()
            .zip(self.shapes())
            .map(|(block, shape)| {
                let side = |extent: usize| shape.scale.map_or(1, |scale| extent.div_ceil(scale)) as u64;
                let pixels = side(height).saturating_mul(side(width));
                // A pixel behind a transposed 2×2 convolution with stride 2 is reached by one tap.
                let (inputs, taps) = match (block.convolution(), block) {
                    (Some(conv), _) => (conv.inputs / conv.groups.max(1), conv.side * conv.side),
                    (None, Block::UpConv2x2 { inputs, .. } | Block::Conv1x1 { inputs, .. }) => (*inputs, 1),
                    _ => (0, 0),
                };
                pixels.saturating_mul(inputs as u64).saturating_mul(taps as u64).saturating_mul(shape.channels as u64)
            })
            .fold(0, u64::saturating_add)
    }
}
