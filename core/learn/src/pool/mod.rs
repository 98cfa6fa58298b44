//! Images that nobody has labelled, and the crops that are cut from them.
//!
//! A pool may be larger than the memory: it knows where its images lie, reads a part when a crop is wanted, and keeps as many parts
//! as fit. What a crop shows is a function of the seed, the step and its place in the batch, whatever was kept.

mod cache;
mod open;
mod part;
mod pick;
mod views;

#[cfg(test)]
mod tests;

pub use open::{Factor, Pool, PoolOptions};
pub use views::{ViewPlan, Views};
