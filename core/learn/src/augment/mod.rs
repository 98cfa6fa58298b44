//! Augmentation: each change has one definition for image and label.
//!
//! Everything geometric is one inverse map ([`Geometry`]) through which [`warp`] reads the image and the
//! continuous targets bilinearly and the labels by the nearest pixel, once. What is only intensity
//! ([`Intensity`]) follows, on the image alone.

mod blur;
mod config;
mod elastic;
mod geometry;
mod haze;
mod intensity;
mod noise;
mod warp;

pub use config::AugmentConfig;
pub use geometry::Geometry;
pub use intensity::Intensity;
pub use warp::{Warped, Window, warp, warp_image};
