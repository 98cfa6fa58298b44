//! From labelled planes to the batches of a training step.
//!
//! [`prepare`] brings labelled images to the working size, normalises them and computes their targets;
//! [`batch`] cuts, turns and changes crops of them. Which crop is cut and how it is changed is decided by
//! the streams of [`crate::stream`] alone.

mod batch;
mod config;
mod crop;
mod crowd;
mod item;
mod place;
mod places;
mod prepare;
#[cfg(test)]
mod tests;
mod touching;

pub use batch::{Batch, batch};
pub use config::{Marks, SampleConfig};
pub use crop::{Crop, crop};
pub use crowd::crowded;
pub use item::{ContinuousTargets, IGNORED, TrainingItem};
pub use prepare::prepare;
