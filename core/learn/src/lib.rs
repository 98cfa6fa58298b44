//! Learning from a few labels with libtorch: the library of `fewlabel-learn`.
//!
//! A label's way: [`labels`] → [`sample`] → [`augment`] → [`net`] → [`loss`] → [`optim`] → model package; [`train`] holds
//! the order of things. [`shim`] is the only unsafe code.

pub mod aside;
pub mod augment;
pub mod device;
mod entry;
pub mod forward;
pub mod labels;
pub mod loader;
pub mod loss;
pub mod net;
pub mod optim;
pub mod pictures;
pub mod protocol;
pub mod sample;
pub mod scale;
pub mod separable;
pub mod shim;
pub mod start;
pub mod stream;
mod torch_result;
pub mod train;
pub mod validate;

pub use entry::run;
