//! From label images to what a network learns, and from what it says back to label images.
//!
//! A label plane holds 0 for background, [`UNLABELLED`] where nobody has said anything, and any
//! other number for an object. [`object_targets`] makes the maps that a network is trained on;
//! [`decode_objects`] (or [`TiledObjects`], tile by tile, with the very same objects) goes the way
//! back. Around them: [`components`], [`distance_transform`], [`watershed`], filters, measurements
//! and pictures of outlines.
//!
//! Everything is two-dimensional; stacks go through plane by plane.

mod area_count;
mod areas;
mod background_band;
mod colours;
mod components;
mod convex_hull;
mod decode;
mod diameter;
mod distance_transform;
mod drawn_labels;
mod filters;
mod gaussian;
mod geodesic;
mod link;
mod measure;
mod neighbours;
mod otsu;
mod outlines;
mod perimeter;
mod samples;
mod seeds;
mod targets;
mod tiled;
mod watershed;
mod window;

pub use area_count::AreaCount;
pub use areas::decode_areas;
pub use background_band::add_background_band;
pub use colours::object_colour;
pub use components::components;
pub use decode::{DecodeObjects, MAPS, decode_objects};
pub use diameter::{ObjectAreas, median_diameter};
pub use distance_transform::distance_transform;
pub use drawn_labels::{ClassNumbers, DrawnLabels};
pub use filters::{fill_holes, relabel, remove_small};
pub use gaussian::gaussian;
pub use geodesic::geodesic_distance;
pub use link::Linker;
pub use measure::{Intensity, Measurement, Measurer, ObjectEnds, measure};
pub use otsu::{otsu, otsu_objects};
pub use outlines::draw_outlines;
pub use seeds::peaks;
pub use targets::{ObjectTargets, object_targets};
pub use tiled::TiledObjects;
pub use watershed::watershed;
pub use window::{Window, windows};

/// The value of a pixel in a label plane about which nothing is known.
pub const UNLABELLED: u32 = u32::MAX;
