//! What `segment` and `classify` have in common.

use clap::Args;
use fewlabel::contract::Device;

/// Flags of how a model is run on images.
#[derive(Args)]
pub struct Computing {
    /// Where to compute: auto (the processor), cpu, cuda or cuda:N
    #[arg(long, default_value = "auto")]
    pub device: Device,
    /// Threads [default: all that the machine or its limits allow]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Memory budget in MB [default: 40 % of what the machine or its limits allow]
    #[arg(long, value_name = "MB")]
    pub memory: Option<u64>,
}
