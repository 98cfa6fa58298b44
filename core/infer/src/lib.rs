//! Images to objects: tiles and seams over [`Forward`], its tract implementation, and the
//! [pipeline](Pipeline) that the user and the learner's validation share.

mod area;
mod assemble;
mod bench;
mod blend;
mod budget;
mod choose;
mod classify_image;
mod expected_size;
mod forward;
mod grown_rows;
mod in_order;
mod kept_state;
mod kernels;
mod label_sink;
mod machine;
mod options;
mod pipeline;
mod planes;
mod recipe;
mod region_labels;
mod rows_in_turn;
mod scale_search;
mod segment_image;
mod tiles;
mod tract_forward;
mod verify;
mod whole_image;
mod working_size;

pub use bench::bench_forward;
pub use budget::MemoryBudget;
pub use classify_image::{Classified, check_kinds, classify_image};
pub use forward::Forward;
pub use in_order::in_order;
pub use label_sink::{LabelSink, LabelsInMemory};
pub use machine::{available_threads, memory_budget};
pub use options::{SegmentOptions, TileOptions};
pub use pipeline::{Found, Pipeline, Segmented};
pub use recipe::{Decoder, Recipe};
pub use region_labels::RegionLabels;
pub use segment_image::{segment_image, segment_image_rows};
pub use tract_forward::TractForward;
pub use verify::{TOLERANCE, verify};
pub use whole_image::whole_image;
