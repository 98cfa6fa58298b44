//! Kinds of whole images: labels, batches, scores, and what a network that has learned without labels knows already.
//!
//! [`open_kind_set`] finds the labelled images; [`prepare`] makes them squares that the network sees whole; batches take the classes
//! in turn. [`probe`] puts a first head on the features of the start; [`KindValidator`] scores what comes after.

mod aside;
mod labels;
mod lesson;
mod prepare;
mod probe;
mod start;
#[cfg(test)]
mod tests;
mod validate;

pub use aside::keep_aside;
pub use labels::{KindImage, KindSet, open_kind_set};
pub use lesson::{KindBatch, KindSource, augmentation, batch};
pub use prepare::{ByClass, KindItem, by_class, image_info, open_image, prepare};
pub use probe::probe;
pub use validate::KindValidator;
