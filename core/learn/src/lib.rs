//! Learning from a few labels with libtorch: the library of `fewlabel-learn`.
//!
//! A label's way: [`labels`] → [`sample`] → [`augment`] → [`net`] → [`loss`] → [`optim`] → model package; [`train`] holds
//! the order of things. [`shim`] is the only unsafe code.

pub mod aside;
pub mod augment;
mod channels;
pub mod device;
mod entry;
pub mod forward;
mod inputs;
pub mod kinds;
pub mod labels;
pub mod linear;
pub mod loader;
pub mod loss;
mod made_with;
pub mod net;
pub mod normalised;
pub mod optim;
mod partial;
pub mod pictures;
pub mod pool;
pub mod pretrain;
pub mod probe;
pub mod proof;
pub mod protocol;
pub mod proxy;
mod publish;
mod run;
pub mod sample;
pub mod save;
pub mod scale;
mod seen;
pub mod separable;
pub mod shim;
pub mod start;
pub mod stream;
mod torch_result;
pub mod train;
mod upright;
pub mod validate;
pub mod wished;

pub use entry::run;
pub use run::Run;
