//! Whether a package's graph gives here what it gave where it was made.

use fewlabel_contract::{Error, ErrorKind, Result};
use fewlabel_model::Package;

use crate::assemble::postprocess;
use crate::planes::preprocess_alone;
use crate::{Forward, TractForward};

/// Largest difference from the package's test output that is let through.
pub const TOLERANCE: f32 = 1e-4;

const OPERATION: &str = "verify model";

/// Runs the package's graph in tract on its test input and compares with its test output.
///
/// Whoever writes a package calls this before it is renamed into place.
///
/// # Errors
/// [`ErrorKind::BadModel`] when the package has no test input, when the graph does not run, or when any value
/// is off by more than [`TOLERANCE`].
pub fn verify(package: &Package) -> Result<()> {
    let bad = |message: &str| Error::new(ErrorKind::BadModel, OPERATION, message).with("model", &package.meta.name);
    let (input, expected) = package.test.as_ref().ok_or_else(|| bad("the package has no test input and output"))?;
    let mut input = input.clone();
    preprocess_alone(&package.meta.preprocessing, &mut input)?;
    let mut output = TractForward::new(package)?.run(&input)?;
    postprocess(&package.meta.postprocessing, &mut output);
    let shape = |maps: &fewlabel_image::Maps| format!("{} x {} x {}", maps.channels, maps.height, maps.width);
    if shape(&output) != shape(expected) {
        return Err(bad("the graph gives an output of another size than the test output")
            .with("graph", shape(&output))
            .with("test output", shape(expected)));
    }
    let off = output.data.iter().zip(&expected.data).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    // A value that is no number compares with nothing, so ask for the good case.
    let agree = output.data.iter().zip(&expected.data).all(|(a, b)| (a - b).abs() <= TOLERANCE);
    if agree {
        return Ok(());
    }
    Err(bad("the graph does not give the test output").with("largest difference", off).with("allowed", TOLERANCE))
}
