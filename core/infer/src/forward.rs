//! What turns a tile into maps.

use fewlabel_contract::Result;
use fewlabel_image::Maps;
use fewlabel_model::InputSize;

/// A network that runs on pieces of many sizes.
///
/// The same tiles, decoder and scores work over every implementation: tract in the host, libtorch
/// in the learner.
pub trait Forward: Send + Sync {
    /// One pass. `input` is `c y x`, normalised, of an [allowed size](Forward::input_size); the answer
    /// has [`output_channels`](Forward::output_channels) channels on the same grid, with activations
    /// applied; where the network tells kinds of whole images apart, one pixel high and wide.
    ///
    /// # Errors
    /// [`fewlabel_contract::ErrorKind::BadModel`] when the network cannot run on this input.
    fn run(&self, input: &Maps) -> Result<Maps>;

    /// Channels of the input.
    fn input_channels(&self) -> usize;

    /// Channels of the maps.
    fn output_channels(&self) -> usize;

    /// Size in pixels of the coarsest grid inside the network. Tiles begin at multiples of it.
    fn stride(&self) -> usize;

    /// Heights and widths that an input may have. Every multiple of the stride, but for some foreign networks.
    fn input_size(&self) -> InputSize {
        InputSize { min: self.stride(), step: self.stride() }
    }

    /// How far in pixels a value of the maps may look: half the receptive field, rounded up to the
    /// stride.
    fn halo(&self) -> usize;

    /// Bytes that one pass over `height` by `width` pixels holds at its worst moment, without the
    /// weights.
    fn peak_bytes(&self, height: usize, width: usize) -> u64;

    /// Whether a value of the maps depends on its receptive field alone. Not so with
    /// InstanceNorm, whose statistics go over the whole input: such a network runs whole planes.
    fn is_local(&self) -> bool;
}
