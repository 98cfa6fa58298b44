//! A graph made ready for one size of input.

use std::sync::Arc;

use fewlabel_contract::{Error, ErrorKind, Result};
use fewlabel_image::Maps;
use tract_onnx::prelude::{IntoRunnable, Tensor, TypedRunnableModel, tvec};
use tract_onnx::tract_core::knobs::KnobScope;

use super::graph::{Graph, guard};
use super::peak::peak_bytes;

/// What tract is told while it prepares a graph. Its direct spatial convolution walks channel planes at
/// once and, on x86-64, is 1.3 to 1.8 times slower than its lazily gathered matrix product (measured on a
/// U-Net of width 32; worst where rows are powers of two long).
const KNOBS: &[(&str, &str)] = if cfg!(target_arch = "x86_64") { &[("TRACT_DISABLE_DIRECT_SPATIAL", "true")] } else { &[] };

/// A graph made ready for one size of input.
pub(super) struct Plan {
    runnable: Arc<TypedRunnableModel>,
    output_channels: usize,
    /// Height and width of the output.
    output_size: (usize, usize),
    peak_bytes: u64,
}

impl Plan {
    /// Fixes the size of the input and lets tract optimise.
    ///
    /// # Errors
    /// [`ErrorKind::BadModel`] when tract refuses, or when the output is of another size than the graph is to give.
    pub fn new(graph: &Graph, height: usize, width: usize) -> Result<Self> {
        const OPERATION: &str = "prepare network";
        let (runnable, shape, peak_bytes) = guard(OPERATION, || {
            KnobScope::new(KNOBS.iter().copied())?.enter(|| {
                let mut model = graph.at(height, width)?;
                model.optimize()?;
                let peak = peak_bytes(&model)?;
                let shape = model.output_fact(0)?.shape.as_concrete().map(<[usize]>::to_vec);
                Ok((model.into_runnable()?, shape, peak))
            })
        })?;
        let output_size = graph.output_size(height, width);
        match shape.as_deref() {
            Some(&[1, output_channels, h, w]) if (h, w) == output_size => {
                Ok(Self { runnable, output_channels, output_size, peak_bytes })
            }
            _ if output_size == (1, 1) => Err(Error::new(ErrorKind::BadModel, OPERATION, "the output is not one pixel")
                .with("output", format!("{:?}", shape.unwrap_or_default()))),
            _ => Err(Error::new(ErrorKind::BadModel, OPERATION, "the output does not lie on the grid of the input")
                .with("input", format!("{height} x {width}"))
                .with("output", format!("{:?}", shape.unwrap_or_default()))),
        }
    }

    /// Channels of the maps.
    pub fn output_channels(&self) -> usize {
        self.output_channels
    }

    /// What a pass holds at its worst moment, in bytes, without the weights.
    pub fn peak_bytes(&self) -> u64 {
        self.peak_bytes
    }

    /// One pass.
    pub fn run(&self, input: &Maps) -> Result<Maps> {
        let data = guard("run network", || {
            let tensor = Tensor::from_shape(&[1, input.channels, input.height, input.width], &input.data)?;
            let output = self.runnable.run(tvec![tensor.into()])?.remove(0);
            Ok(output.cast_to::<f32>()?.try_as_plain_ram()?.as_slice::<f32>()?.to_vec())
        })?;
        let (height, width) = self.output_size;
        Ok(Maps::new(self.output_channels, height, width, data))
    }
}
