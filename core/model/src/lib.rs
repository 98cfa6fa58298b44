//! The network as data, its weights, the ONNX graph and the package they travel in.
//!
//! A [`Network`] is a list of [`Block`]s and nothing else: the learner builds its tensors from it, the
//! ONNX writer its graph, the tiler its halo and its memory plan. A [`Package`] is one bioimage.io 0.5
//! zip that holds the graph, what training goes on from, and a record of how it came to be.
//!
//! Feature maps are channel first, `c y x`; weights are laid out as PyTorch and ONNX lay them out.

mod block;
mod channels;
mod checkpoint;
mod classifier;
mod efficient;
mod find;
mod fold;
mod head;
mod network;
mod normalisation;
mod onnx;
mod package;
mod percentile;
mod resnet;
mod step;
mod tensor;
mod unet;
mod up_decoder;

pub use block::{Block, BlockShape, Convolution, NORM_EPS, Nonlinearity, Norm, ParameterKind, ParameterSpec};
pub use channels::{ChannelMatch, match_channels};
pub use find::find_model;
pub use fold::fold_batch_norm;
pub use head::{Activation, Head, HeadGroup};
pub use network::Network;
pub use normalisation::{NORMALISE_EPS, Normalisation, Scope};
pub use onnx::{Exported, export_onnx, operators, write_onnx};
pub use package::{Citation, InputSize, Package, PackageMeta, PixelSize, Preprocessing};
pub use resnet::ResUnet;
pub use step::{PerChannel, Step};
pub use tensor::{Tensor, Weights};
