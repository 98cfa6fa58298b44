//! What every record of a run says about its program, machine and network.

use fewlabel_model::Network;
use serde_json::{Value, json};

use crate::device::Machine;
use crate::shim;

/// Versions of the program and of libtorch.
pub(crate) fn versions() -> Value {
    json!({"fewlabel": env!("CARGO_PKG_VERSION"), "libtorch": shim::torch_version()})
}

/// Where and how it was computed.
pub(crate) fn device(machine: &Machine, threads: usize) -> Value {
    json!({
        "name": machine.name(),
        "convolutions": if machine.precision().bf16 { "bfloat16" } else { "float32" },
        "threads": threads,
    })
}

/// The size of the network and of what it sees.
pub(crate) fn network(network: &Network) -> Value {
    json!({
        "parameters": network.parameter_count(),
        "stride": network.stride(),
        "receptive_field": network.receptive_field(),
    })
}
