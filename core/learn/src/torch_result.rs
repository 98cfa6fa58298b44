//! Errors of libtorch as errors of ours.

use fewlabel_contract::Result;
use tch::TchError;

use crate::shim::torch_error;

/// Turns what `tch` returns into the contract's result.
pub(crate) trait TorchResult<T> {
    /// Names the operation; of libtorch's text only the first line is kept, the rest is a C++ backtrace.
    fn torch(self, operation: &str) -> Result<T>;
}

impl<T> TorchResult<T> for std::result::Result<T, TchError> {
    fn torch(self, operation: &str) -> Result<T> {
        self.map_err(|error| torch_error(operation, &error.to_string()))
    }
}
