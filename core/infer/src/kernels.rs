//! Kernels for what a U-Net spends its time on, chosen for the processor at run time.
//!
//! A value is always summed in the same order, wherever it lies in the plane and whichever
//! instructions do it: so tiles, threads and (on x86-64) processors change no bit.

mod blocks;
mod convolution;
mod max_pool;
mod softmax;

pub(crate) use convolution::Convolution3x3;
pub(crate) use max_pool::max_pool_2x2;
pub(crate) use softmax::softmax;
