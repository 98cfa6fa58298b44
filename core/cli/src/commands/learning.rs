//! What `train` and `pretrain` have in common.

use std::path::PathBuf;

use clap::Args;
use fewlabel::contract::{Device, Existing, Norm, VolumePlane};

use crate::values::{existing, norm, volume_plane};

/// Flags of every kind of learning.
#[derive(Args)]
pub struct Learning {
    /// Where to compute: auto, cpu, cuda or cuda:N
    #[arg(long, default_value = "auto")]
    pub device: Device,
    /// Threads [default: all that the machine or its limits allow]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Seed of every random choice
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// What to do when SAVE is there already
    #[arg(long, value_parser = existing(), default_value = "error")]
    pub existing: Existing,
    /// Look into folders below those given
    #[arg(long)]
    pub recursive: bool,
    /// How volumes are cut into planes [default: as they are stored, or as the start has it]
    #[arg(long, value_parser = volume_plane())]
    pub plane: Option<VolumePlane>,
    /// The images always lie the same way round, as organs do: not mirrored nor turned, but for a little [default: yes where all are NIfTI
    /// files]
    #[arg(long, value_name = "true|false", num_args = 0..=1, default_missing_value = "true")]
    pub upright: Option<bool>,
    /// Normalisation layers of a new network; with instance a model segments whole planes only [default: batch, or that of the start]
    #[arg(long, value_parser = norm())]
    pub norm: Option<Norm>,
    /// Channels of the first level of the network [default: 32, or that of the start]
    #[arg(long, value_name = "N")]
    pub width: Option<usize>,
    /// Levels of the network [default: 4, or that of the start]
    #[arg(long, value_name = "N")]
    pub levels: Option<usize>,
    /// Where the learner program lies, when it is not in one of the usual places
    #[arg(long, value_name = "FILE")]
    pub learner: Option<PathBuf>,
}
