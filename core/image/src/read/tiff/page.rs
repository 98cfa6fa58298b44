//! The samples of one page, from its strips or tiles.

use fewlabel_contract::Result;

use super::layout::Layout;
use super::sample::Sample;
use super::{Reader, broken, unreadable};

/// Reads the page that the decoder is at and puts it behind `samples`, channel after channel.
pub(super) fn append<T: Sample>(decoder: &mut Reader, layout: &Layout, samples: &mut Vec<T>) -> Result<()> {
    let start = samples.len();
    samples.resize(start + layout.kept * layout.height * layout.width, T::default());
    let page = &mut samples[start..];
    let (chunk_width, chunk_height) = decoder.chunk_dimensions();
    let (chunk_width, chunk_height) = (chunk_width as usize, chunk_height as usize);
    let across = layout.width.div_ceil(chunk_width);
    let down = layout.height.div_ceil(chunk_height);
    // In planes of their own, the first sample's chunks come first, then the second's; side by side they share chunks.
    let (planes, per_chunk) = if layout.planar { (layout.kept, 1) } else { (1, layout.stored) };
    for index in 0..planes * across * down {
        let chunk = u32::try_from(index).map_err(|_| unreadable("the TIFF file has too many parts"))?;
        let (columns, _) = decoder.chunk_data_dimensions(chunk);
        let values = decoder.read_chunk(chunk).map_err(|e| broken(&e))?;
        let values = T::of(values).ok_or_else(|| unreadable("a part of the TIFF file has another type than the rest"))?;
        let (plane, place) = (index / (across * down), index % (across * down));
        let (y, x) = (place / across * chunk_height, place % across * chunk_width);
        layout.place(page, (plane, y, x), (columns as usize, per_chunk), &values);
    }
    Ok(())
}
