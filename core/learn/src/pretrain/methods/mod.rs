//! The ways to learn from images without labels, one a file.

mod byol;
mod contrast_proxy;
mod mae;
mod restore;
mod simclr;
mod tower;
mod uncorrelated;

pub(super) use byol::Byol;
pub(super) use contrast_proxy::ContrastProxy;
pub(super) use mae::Mae;
pub(super) use restore::Restore;
pub(super) use simclr::Simclr;
pub(super) use tower::Tower;
pub(super) use uncorrelated::Uncorrelated;

use crate::net::Mode;

/// The normalisations use the statistics of each batch of views, and leave their running ones alone: those are measured on
/// unchanged images at the end, since what is masked has others.
const BATCH: Mode = Mode::Train { momentum: 0.0 };
