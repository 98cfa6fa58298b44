//! Looking into an ONNX model without running it.

use std::collections::BTreeSet;

use fewlabel_contract::{Error, ErrorKind, Result};
use prost::Message;
use tract_onnx::pb;
use tract_onnx::pb::tensor_proto::DataLocation;

/// The operators that an ONNX model uses, also in branches and functions; sorted, each once:
/// `Conv`, `Relu`, `ai.onnx.ml.Scaler`.
///
/// # Errors
/// [`ErrorKind::BadModel`] when the bytes are no ONNX model.
pub fn operators(onnx: &[u8]) -> Result<Vec<String>> {
    let model = decode(onnx)?;
    let mut found = BTreeSet::new();
    model.graph.iter().for_each(|graph| collect(&graph.node, &mut found));
    model.functions.iter().for_each(|function| collect(&function.node, &mut found));
    Ok(found.into_iter().collect())
}

/// That all weights lie inside the file: a path to others could name any file of this machine.
///
/// # Errors
/// [`ErrorKind::BadModel`], also when the bytes are no ONNX model.
pub(crate) fn check_is_self_contained(onnx: &[u8]) -> Result<()> {
    let model = decode(onnx)?;
    let Some(graph) = &model.graph else {
        return Err(bad("the file holds no graph"));
    };
    match outside(graph, &model.functions) {
        Some(name) => Err(bad("weights lie outside of the file").with("tensor", name)),
        None => Ok(()),
    }
}

pub(super) fn decode(onnx: &[u8]) -> Result<pb::ModelProto> {
    pb::ModelProto::decode(onnx).map_err(|error| bad("this is not an ONNX model").because(&error))
}

fn bad(message: &str) -> Error {
    Error::new(ErrorKind::BadModel, "read ONNX", message)
}

// Branches nest no deeper than protobuf lets messages nest: decoding stops at 100.
fn collect(nodes: &[pb::NodeProto], found: &mut BTreeSet<String>) {
    for node in nodes {
        let standard = node.domain.is_empty() || node.domain == "ai.onnx";
        found.insert(if standard { node.op_type.clone() } else { format!("{}.{}", node.domain, node.op_type) });
        for attribute in &node.attribute {
            for graph in attribute.g.iter().chain(&attribute.graphs) {
                collect(&graph.node, found);
            }
        }
    }
}

/// The name of a tensor that is not in the file.
fn outside<'a>(graph: &'a pb::GraphProto, functions: &'a [pb::FunctionProto]) -> Option<&'a str> {
    graph
        .initializer
        .iter()
        .find(|tensor| is_outside(tensor))
        .map(|tensor| tensor.name.as_str())
        .or_else(|| outside_nodes(&graph.node))
        .or_else(|| functions.iter().find_map(|function| outside_nodes(&function.node)))
}

fn outside_nodes(nodes: &[pb::NodeProto]) -> Option<&str> {
    nodes.iter().flat_map(|node| &node.attribute).find_map(|attribute| {
        let constants = attribute.t.iter().chain(&attribute.tensors);
        constants
            .filter(|tensor| is_outside(tensor))
            .map(|tensor| tensor.name.as_str())
            .next()
            .or_else(|| attribute.g.iter().chain(&attribute.graphs).find_map(|graph| outside(graph, &[])))
    })
}

fn is_outside(tensor: &pb::TensorProto) -> bool {
    tensor.data_location == Some(DataLocation::External as i32) || !tensor.external_data.is_empty()
}
