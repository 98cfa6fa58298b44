//! Linear models on features, in closed form or by Newton's method, in f64.

mod cholesky;
mod logistic;
mod ridge;

pub use logistic::{SharedRows, logistic};
pub use ridge::{LinearHead, Rows, fit};
