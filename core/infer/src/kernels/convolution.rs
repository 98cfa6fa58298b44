//! 3×3 convolution with stride 1 and a border of zeros.

use super::blocks::Block;
#[cfg(target_arch = "x86_64")]
use super::blocks::{Avx2, Avx512};

/// Columns that are worked on at once. Three rows of a strip, all channels, stay in the near caches.
const STRIP: usize = 64;

/// The instructions that are used.
#[derive(Clone, Copy, Debug)]
enum Instructions {
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
}

impl Instructions {
    fn best() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        return Avx512::detect().map(Self::Avx512).or_else(|| Avx2::detect().map(Self::Avx2));
        #[cfg(not(target_arch = "x86_64"))]
        None
    }

    /// Output channels at once.
    fn outputs(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => Avx512::OUTPUTS,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => Avx2::OUTPUTS,
        }
    }
}

/// A 3×3 convolution (cross-correlation, as in ONNX and PyTorch) with stride 1, one zero pixel around its
/// input and a bias, optionally followed by max(x, 0).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Convolution3x3 {
    instructions: Instructions,
    /// Channels of the input.
    inputs: usize,
    /// Channels of the output.
    outputs: usize,
    /// Whether max(x, 0) follows.
    relu: bool,
}

impl Convolution3x3 {
    /// For so many channels; none where this processor has no instructions that a kernel is written for.
    pub fn new(inputs: usize, outputs: usize, relu: bool) -> Option<Self> {
        Some(Self { instructions: Instructions::best()?, inputs, outputs, relu })
    }

    /// Weights as the kernel reads them: output channels in blocks, and in a block input channel, tap,
    /// output channel. `weights` is in order output, input, row, column. The last block is filled up
    /// with zeros.
    pub fn pack_weights(&self, weights: &[f32]) -> Vec<f32> {
        let block = self.instructions.outputs();
        let mut packed = Vec::with_capacity(self.outputs.next_multiple_of(block) * self.inputs * 9);
        for first in (0..self.outputs).step_by(block) {
            for tap in 0..self.inputs * 9 {
                packed.extend(
                    (first..first + block).map(
                        |output| {
                            if output < self.outputs { weights[output * self.inputs * 9 + tap] } else { 0.0 }
                        },
                    ),
                );
            }
        }
        packed
    }

    /// Biases as the kernel reads them: filled up with zeros.
    pub fn pack_bias(&self, bias: &[f32]) -> Vec<f32> {
        let mut packed = bias.to_vec();
        packed.resize(self.outputs.next_multiple_of(self.instructions.outputs()), 0.0);
        packed
    }

    /// Runs it. The input's channels are those of all `sources` one after another (as if they were
    /// concatenated), each `c y x` of `height` by `width`; so is the `output`.
    pub fn run(&self, sources: &[&[f32]], height: usize, width: usize, weights: &[f32], bias: &[f32], output: &mut [f32]) {
        let work = Work { convolution: *self, height, width, weights, bias };
        match self.instructions {
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512(block) => work.run(block, sources, output),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2(block) => work.run(block, sources, output),
        }
    }
}

struct Work<'a> {
    convolution: Convolution3x3,
    height: usize,
    width: usize,
    weights: &'a [f32],
    bias: &'a [f32],
}

impl Work<'_> {
    /// Strip after strip, row after row, block of channels after block.
    fn run<B: Block>(&self, block: B, sources: &[&[f32]], output: &mut [f32]) {
        let Convolution3x3 { inputs, outputs, relu, .. } = self.convolution;
        let (pitch, plane) = (STRIP + 2, self.height * self.width);
        let mut rows = vec![0.0; 3 * inputs * pitch];
        let mut sums = vec![0.0; B::OUTPUTS * B::COLUMNS];
        for left in (0..self.width).step_by(STRIP) {
            let columns = STRIP.min(self.width - left);
            // Input row y lies in slot y mod 3; row −1 is the border.
            rows[2 * inputs * pitch..].fill(0.0);
            self.load(sources, 0, left, columns, &mut rows[..inputs * pitch]);
            for y in 0..self.height {
                let below = (y + 1) % 3 * inputs * pitch;
                self.load(sources, y + 1, left, columns, &mut rows[below..below + inputs * pitch]);
                let three: [&[f32]; 3] = std::array::from_fn(|dy| &rows[(y + dy + 2) % 3 * inputs * pitch..][..inputs * pitch]);
                for first in (0..outputs).step_by(B::OUTPUTS) {
                    let weights = &self.weights[first * inputs * 9..][..B::OUTPUTS * inputs * 9];
                    for column in (0..columns).step_by(B::COLUMNS) {
                        block.fill(three, pitch, column, weights, &self.bias[first..], &mut sums);
                        let wanted = B::COLUMNS.min(columns - column);
                        for (o, sums) in sums.chunks_exact(B::COLUMNS).take(outputs - first).enumerate() {
                            let start = (first + o) * plane + y * self.width + left + column;
                            let row = &mut output[start..start + wanted];
                            row.copy_from_slice(&sums[..wanted]);
                            if relu {
                                row.iter_mut().for_each(|value| *value = value.max(0.0));
                            }
                        }
                    }
                }
            }
        }
    }

    /// Copies row `y` of a strip, with a column to both sides, of all channels; zeros beyond the plane.
    fn load(&self, sources: &[&[f32]], y: usize, left: usize, columns: usize, row: &mut [f32]) {
        if y >= self.height {
            row.fill(0.0);
            return;
        }
        let (from, to) = (left.saturating_sub(1), (left + columns + 1).min(self.width));
        let before = usize::from(left == 0);
        let channels = sources.iter().flat_map(|source| source.chunks_exact(self.height * self.width));
        for (channel, to_fill) in channels.zip(row.chunks_exact_mut(STRIP + 2)) {
            to_fill[..before].fill(0.0);
            to_fill[before..before + to - from].copy_from_slice(&channel[y * self.width + from..y * self.width + to]);
            to_fill[before + to - from..].fill(0.0);
        }
    }
}

#[cfg(test)]
mod tests;
