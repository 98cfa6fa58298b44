//! GeoJSON (RFC 7946) as QuPath writes and reads it.
//!
//! Coordinates are pixels at full resolution. A geometry may say its `plane` (`c`, `z`, `t` from 0 on; `c` -1 for all channels;
//! without it the first) and that it `isEllipse`. The properties are `objectType`, `name`, `color`, `classification`
//! (`name` or, of derived classes, `names`; `color`, in old versions `colorRGB`), `isLocked` and `childObjects`.
//! What only ImageJ knows stands in a property of its own, `imagej`, which QuPath leaves alone.

mod coordinates;
mod properties;
mod read;
mod shapes;
mod write;

pub(super) use self::read::read;
pub use self::write::write_geojson;
