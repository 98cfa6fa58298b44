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
