//! The labels a run learns from, as they lie on disk: opened, checked, on the grid of their image.
//!
//! [`open_label_set`] finds the pairs, opens the images and labels that the request allows, and turns
//! the labels into planes of `u32` in which [`UNLABELLED`](fewlabel_objects::UNLABELLED) marks what
//! nobody labelled. What a training step sees is made from these by [`crate::sample`].

mod open;
mod select;
mod set;
#[cfg(test)]
mod tests;

pub use open::open_label_set;
pub(crate) use select::{Labelled, select};
pub use set::{LabelSet, LabelledImage, LabelledPlane};
