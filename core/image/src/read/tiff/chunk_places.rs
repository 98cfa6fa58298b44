//! Where the strips or tiles of a page lie in the file.

use fewlabel_contract::Result;
use tiff::tags::Tag;

use super::layout::Layout;
use super::{Reader, broken};

/// First byte and length of each, in their order.
pub(super) fn chunk_places(decoder: &mut Reader, layout: &Layout) -> Result<Vec<(u64, u64)>> {
    let (starts, lengths) = match layout.tile {
        Some(_) => (Tag::TileOffsets, Tag::TileByteCounts),
        None => (Tag::StripOffsets, Tag::StripByteCounts),
    };
    let mut list = |tag| decoder.find_tag_unsigned_vec::<u64>(tag).map_err(|e| broken(&e));
    Ok(list(starts)?.unwrap_or_default().into_iter().zip(list(lengths)?.unwrap_or_default()).collect())
}
