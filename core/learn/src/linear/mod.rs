//! Linear models on features, in closed form or by Newton's method, in f64.

mod cholesky;
mod head;
mod logistic;
mod ridge;

pub use head::LinearHead;
pub use logistic::{SharedRows, logistic};
pub use ridge::{Rows, fit};
