//! Which files a request means, and which of them belong together.

mod list;
mod names;
mod pair;
mod stem;

pub use list::{Found, holds_outlines, list, list_labels};
pub use names::read_order;
pub use pair::{Pair, pair};
pub use stem::stem;
