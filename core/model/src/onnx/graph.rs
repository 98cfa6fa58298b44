//! Putting the nodes of an ONNX graph together.

use std::collections::BTreeMap;

use tract_onnx::pb;
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension};

use super::{INPUT, OUTPUT};
use crate::Tensor;

/// A graph that grows node by node. A node is called as the tensor that it gives.
#[derive(Default)]
pub(super) struct Graph {
    nodes: Vec<pb::NodeProto>,
    constants: Vec<pb::TensorProto>,
    kept: BTreeMap<String, String>,
}

impl Graph {
    /// Adds a node; returns the name of its output.
    pub(super) fn node(&mut self, operator: &str, name: &str, inputs: &[&str], attribute: Vec<pb::AttributeProto>) -> String {
        self.nodes.push(pb::NodeProto {
            op_type: operator.into(),
            name: name.into(),
            input: inputs.iter().map(|&input| input.to_owned()).collect(),
            output: vec![name.into()],
            attribute,
            ..pb::NodeProto::default()
        });
        name.to_owned()
    }

    /// Cuts the channels of a tensor into neighbouring parts; returns their names.
    pub(super) fn split(&mut self, input: &str, sizes: &[i64]) -> Vec<String> {
        let name = format!("{input}.split");
        self.constants.push(pb::TensorProto {
            name: format!("{name}.sizes"),
            dims: vec![sizes.len() as i64],
            data_type: DataType::Int64 as i32,
            raw_data: sizes.iter().flat_map(|size| size.to_le_bytes()).collect(),
            ..pb::TensorProto::default()
        });
        let outputs: Vec<String> = (0..sizes.len()).map(|i| format!("{name}.{i}")).collect();
        self.nodes.push(pb::NodeProto {
            op_type: "Split".into(),
            input: vec![input.to_owned(), format!("{name}.sizes")],
            output: outputs.clone(),
            attribute: vec![int("axis", 1)],
            name,
            ..pb::NodeProto::default()
        });
        outputs
    }

    /// Adds a constant; returns its name.
    pub(super) fn constant(&mut self, name: &str, tensor: &Tensor) -> String {
        self.constants.push(pb::TensorProto {
            name: name.into(),
            dims: tensor.shape.iter().map(|&extent| extent as i64).collect(),
            data_type: DataType::Float as i32,
            raw_data: tensor.data.iter().flat_map(|value| value.to_le_bytes()).collect(),
            ..pb::TensorProto::default()
        });
        name.to_owned()
    }

    /// Remembers a tensor under the name of a skip.
    pub(super) fn keep(&mut self, skip: &str, tensor: &str) {
        self.kept.insert(skip.to_owned(), tensor.to_owned());
    }

    /// The tensor that was kept; a checked network asks only for what was.
    pub(super) fn kept(&self, skip: &str) -> String {
        self.kept.get(skip).cloned().unwrap_or_default()
    }

    /// The whole graph, from [`INPUT`] to [`OUTPUT`], which is one pixel high and wide where it is pooled.
    pub(super) fn finish(self, inputs: usize, outputs: usize, is_pooled: bool) -> pb::GraphProto {
        pb::GraphProto {
            name: "network".into(),
            node: self.nodes,
            initializer: self.constants,
            input: vec![maps(INPUT, inputs, false)],
            output: vec![maps(OUTPUT, outputs, is_pooled)],
            ..pb::GraphProto::default()
        }
    }
}

/// `batch channels height width` in 32-bit floating point.
fn maps(name: &str, channels: usize, is_one_pixel: bool) -> pb::ValueInfoProto {
    let open = |name: &str| Dimension { value: Some(dimension::Value::DimParam(name.into())), ..Dimension::default() };
    let fixed = |size: usize| Dimension { value: Some(dimension::Value::DimValue(size as i64)), ..Dimension::default() };
    let side = |name: &str| if is_one_pixel { fixed(1) } else { open(name) };
    let shape = pb::TensorShapeProto { dim: vec![open("batch"), fixed(channels), side("height"), side("width")] };
    let tensor = pb::type_proto::Tensor { elem_type: DataType::Float as i32, shape: Some(shape) };
    pb::ValueInfoProto {
        name: name.into(),
        r#type: Some(pb::TypeProto { value: Some(pb::type_proto::Value::TensorType(tensor)), ..pb::TypeProto::default() }),
        ..pb::ValueInfoProto::default()
    }
}

/// An attribute that is a whole number.
pub(super) fn int(name: &str, i: i64) -> pb::AttributeProto {
    pb::AttributeProto { name: name.into(), i, r#type: AttributeType::Int as i32, ..pb::AttributeProto::default() }
}

/// An attribute that is a list of whole numbers.
pub(super) fn ints(name: &str, ints: &[i64]) -> pb::AttributeProto {
    pb::AttributeProto {
        name: name.into(),
        ints: ints.to_vec(),
        r#type: AttributeType::Ints as i32,
        ..pb::AttributeProto::default()
    }
}

/// An attribute that is a number.
pub(super) fn float(name: &str, f: f32) -> pb::AttributeProto {
    pb::AttributeProto { name: name.into(), f, r#type: AttributeType::Float as i32, ..pb::AttributeProto::default() }
}
