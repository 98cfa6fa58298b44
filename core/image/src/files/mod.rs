//! Which files a request means, and which of them belong together.

mod kinds;
mod list;
mod names;
mod pair;
mod stem;

pub use kinds::{KindLabels, Table};
pub(crate) use list::is_called_as_outlines;
pub use list::{Found, list, list_labels};
pub use names::read_order;
pub use pair::{Pair, pair};
pub use stem::stem;
