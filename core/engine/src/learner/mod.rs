//! The learner process: found, started, greeted, listened to, and ended.

mod client;
mod find;
mod line;
mod process;

pub(crate) use client::{greet, run};
pub(crate) use find::find;
