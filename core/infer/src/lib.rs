//! Images to objects: tiles and seams over [`Forward`], its tract implementation, and the
//! [pipeline](Pipeline) that the user and the learner's validation share.

mod assemble;
mod bench;
mod blend;
mod budget;
mod choose;
mod expected_size;
mod forward;
mod in_order;
mod kernels;
mod machine;
mod options;
mod pipeline;
mod planes;
mod recipe;
mod scale_search;
mod segment_image;
mod tiles;
mod tract_forward;
mod verify;
mod working_size;

pub use bench::bench_forward;
pub use budget::MemoryBudget;
pub use forward::Forward;
pub use machine::{available_threads, memory_budget};
pub use options::{SegmentOptions, TileOptions};
pub use pipeline::{Pipeline, Segmented};
pub use recipe::{Decoder, Recipe};
pub use segment_image::segment_image;
pub use tract_forward::TractForward;
pub use verify::{TOLERANCE, verify};
