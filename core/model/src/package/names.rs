//! Names of the files in a package.

/// What the zoo's format says about the model.
pub(super) const DESCRIPTION: &str = "bioimageio.yaml";
/// Its name in packages of some other writers.
pub(super) const OLD_DESCRIPTION: &str = "rdf.yaml";
/// The graph.
pub(super) const ONNX: &str = "weights.onnx";
/// A piece of image, raw.
pub(super) const TEST_INPUT: &str = "test_input.npy";
/// What the graph makes of it.
pub(super) const TEST_OUTPUT: &str = "test_output.npy";
/// What training goes on from.
pub(super) const CHECKPOINT: &str = "checkpoint.safetensors";
/// The record of the training run.
pub(super) const RUN: &str = "run.json";
/// A picture for people.
pub(super) const COVER: &str = "cover.png";
/// Text for people.
pub(super) const README: &str = "README.md";
