//! Reading an ONNX graph that may be broken, foreign or hostile.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use fewlabel_contract::{Error, ErrorKind, Result};
use fewlabel_model::InputSize;
use tract_onnx::prelude::{DatumExt, Framework, InferenceModel, InferenceModelExt, Symbol, TDim, ToDim, TractResult, TypedModel};

use super::rewrite::use_kernels;
use crate::in_order::panic_text;

/// Operators whose result at a pixel depends on the whole input.
const GLOBAL: [&str; 9] = [
    "InstanceNormalization",
    "GroupNormalization",
    "LayerNormalization",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "ReduceMean",
    "ReduceMax",
    "ReduceSum",
    "Flatten",
];

const OPERATION: &str = "read network";

/// A graph whose input is `1 c y x`, y and x open within the sizes that the network takes. Our kernels are
/// in it, and it is simplified as far as open sizes allow; its weights are shared by all plans.
pub(super) struct Graph {
    model: TypedModel,
    /// The numbers of steps along y and x.
    steps: [Symbol; 2],
    /// Pixels of a side without any step.
    base: usize,
    /// Pixels of a step; 0 when only `base` is taken.
    step: usize,
    /// Whether its operators look at neighbourhoods alone.
    pub is_local: bool,
    /// Whether its output is one pixel for the whole input.
    is_pooled: bool,
}

impl Graph {
    /// Reads a graph for an input of so many channels. `is_pooled` says that it is to give one pixel for the whole input.
    ///
    /// # Errors
    /// [`ErrorKind::BadModel`], with the name of the operator when it is one that tract does not know.
    pub fn read(onnx: &[u8], channels: usize, sizes: InputSize, is_pooled: bool) -> Result<Self> {
        let (mut model, is_local) = parse(onnx)?;
        let InputSize { min, step } = sizes;
        // Sizes that are multiples of the step are written as such: then it can be seen what divides them.
        let base = if step > 0 && min.is_multiple_of(step) { 0 } else { min };
        let steps = ["steps_y", "steps_x"].map(|name| model.symbols.new_with_prefix(name));
        let [y, x] = steps.clone().map(|steps| TDim::from(steps) * step + base);
        let model = guard(OPERATION, || {
            model.set_input_fact(0, f32::fact([1.to_dim(), channels.to_dim(), y, x]).into())?;
            let mut model = model.into_typed()?.into_decluttered()?;
            use_kernels(&mut model)?;
            Ok(model)
        })?;
        Ok(Self { model, steps, base, step, is_local, is_pooled })
    }

    /// The graph for an input of `height` by `width` pixels, which must be sizes that the network takes.
    pub fn at(&self, height: usize, width: usize) -> TractResult<TypedModel> {
        let steps = [height, width].map(|side| (side - self.base) / self.step.max(1));
        let values: HashMap<Symbol, TDim> = self.steps.iter().cloned().zip(steps.map(TDim::from)).collect();
        self.model.set_symbols(&values)
    }

    /// Height and width of the output for an input of `height` by `width` pixels.
    pub fn output_size(&self, height: usize, width: usize) -> (usize, usize) {
        if self.is_pooled { (1, 1) } else { (height, width) }
    }
}

/// The graph as tract reads it, and whether its operators look at neighbourhoods alone.
fn parse(onnx: &[u8]) -> Result<(InferenceModel, bool)> {
    let framework = tract_onnx::onnx().with_ignore_output_shapes(true).with_ignore_value_info(true);
    let proto = guard(OPERATION, || framework.proto_model_for_read(&mut &onnx[..]))?;
    let nodes = proto.graph.iter().flat_map(|graph| &graph.node);
    for node in nodes.clone() {
        if !framework.op_register.0.contains_key(&node.op_type) {
            return Err(Error::new(ErrorKind::BadModel, OPERATION, "the graph holds an operator that is not known here")
                .with("operator", &node.op_type)
                .with("node", &node.name)
                .hint("export the model with the standard operators of ONNX, opset 17"));
        }
    }
    let is_local = !nodes.into_iter().any(|node| GLOBAL.contains(&node.op_type.as_str()));
    let model = guard(OPERATION, || framework.model_for_proto_model(&proto))?;
    if (model.inputs.len(), model.outputs.len()) != (1, 1) {
        return Err(Error::new(ErrorKind::BadModel, OPERATION, "the graph does not have one input and one output")
            .with("inputs", model.inputs.len())
            .with("outputs", model.outputs.len()));
    }
    Ok((model, is_local))
}

/// Turns what tract returns, and a panic inside it, into an error.
pub(super) fn guard<T>(operation: &str, work: impl FnOnce() -> TractResult<T>) -> Result<T> {
    let bad = |message: String| Error::new(ErrorKind::BadModel, operation, message);
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(source)) => {
            let root: &(dyn std::error::Error + 'static) = source.as_ref();
            Err(bad("the graph does not run".into()).because(root))
        }
        Err(panic) => Err(bad(format!("the graph does not run: {}", panic_text(&*panic)))),
    }
}
