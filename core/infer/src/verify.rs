//! Whether a package's graph gives here what it gave where it was made.

use fewlabel_contract::{Error, ErrorKind, Result};
use fewlabel_model::{Network, Package};

use crate::assemble::postprocess;
use crate::planes::preprocess_alone;
use crate::{Forward, TractForward};

/// Largest difference from the package's test output that is let through.
pub const TOLERANCE: f32 = 1e-4;

/// The same of networks with more than [`DEEP`] convolutions: what 32 bit leave out grows from one to the next. It is what the zoo's own test allows.
const TOLERANCE_OF_DEEP: f32 = 1e-3;
const DEEP: usize = 40;

/// Largest difference that is let through.
fn tolerance(package: &Package) -> f32 {
    let convolutions = |network: &Network| network.blocks().iter().filter(|block| block.convolution().is_some()).count();
    let is_deep = package.meta.network.as_ref().is_some_and(|network| convolutions(network) > DEEP);
    if is_deep { TOLERANCE_OF_DEEP } else { TOLERANCE }
}

const OPERATION: &str = "verify model";

/// Runs the package's graph in tract on its test input and compares with its test output.
///
/// Whoever writes a package calls this before it is renamed into place.
///
/// # Errors
/// [`ErrorKind::BadModel`] when the package has no test input, when the graph does not run, or when any value
/// is off by more than [`TOLERANCE`], in networks of more than 40 convolutions more than 10⁻³.
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
    let allowed = tolerance(package);
    let agree = output.data.iter().zip(&expected.data).all(|(a, b)| (a - b).abs() <= allowed);
    if agree {
        return Ok(());
    }
    Err(bad("the graph does not give the test output").with("largest difference", off).with("allowed", allowed))
}
