//! What a pass will hold in memory, known before it runs.

use tract_onnx::prelude::{TractResult, TypedModel};
use tract_onnx::tract_core::ops::konst::Const;

/// Gathers the input of a convolution while the matrix product runs: holds no values of its own, but its
/// input until the product is done.
const LAZY_GATHER: &str = "LazyIm2col";

/// The most bytes of intermediate values that are alive at once when `model`, fixed in its shapes and
/// optimised, runs; the input and a copy of the output included, the weights not.
///
/// Follows the order in which tract evaluates and lets go. Operations that tract does in place count
/// with input and output, so that the answer is never too small.
pub(super) fn peak_bytes(model: &TypedModel) -> TractResult<u64> {
    let mut order = model.eval_order_opt_ram()?;
    order.retain(|&id| !model.node(id).op_is::<Const>());
    let lazy = |id: usize| model.node(id).op().name() == LAZY_GATHER;
    // The values that a node really reads: through a lazy gather, those that are gathered.
    let reads = |id: usize| {
        model.node(id).inputs.iter().flat_map(|outlet| match lazy(outlet.node) {
            true => model.node(outlet.node).inputs.iter().map(|outlet| outlet.node).collect(),
            false => vec![outlet.node],
        })
    };
    let mut last_use = vec![0; model.nodes().len()];
    for (step, &id) in order.iter().enumerate() {
        for read in reads(id) {
            last_use[read] = step;
        }
    }
    for outlet in model.output_outlets()? {
        last_use[outlet.node] = order.len();
    }
    let bytes = |id: usize| -> TractResult<u64> {
        let facts = if lazy(id) { Vec::new() } else { model.node_output_facts(id)?.to_vec() };
        facts.iter().try_fold(0, |sum, fact| Ok(sum + fact.mem_size().to_i64()? as u64))
    };
    let (mut alive, mut peak) = (0, 0);
    let mut freed_after = vec![0; order.len() + 1];
    for (step, &id) in order.iter().enumerate() {
        alive += bytes(id)?;
        peak = peak.max(alive);
        freed_after[last_use[id].max(step)] += bytes(id)?;
        alive -= freed_after[step];
    }
    let output = model.output_outlets()?.iter().try_fold(0, |sum, outlet| TractResult::Ok(sum + bytes(outlet.node)?))?;
    Ok(peak.max(2 * output))
}
