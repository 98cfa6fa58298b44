//! Stacks of which only the first plane has a page entry: how ImageJ writes more than 4 GB, the planes one behind another
//! from the place of the first.

use std::io::{Read, Seek, SeekFrom};

use fewlabel_contract::Result;
use tiff::tags::{ByteOrder, Tag};

use super::layout::Layout;
use super::sample::Sample;
use super::{Reader, broken, unreadable, unsupported};

/// Reads `planes` planes and puts them behind `samples`.
pub(super) fn append<T: Sample>(decoder: &mut Reader, layout: &Layout, planes: usize, samples: &mut Vec<T>) -> Result<()> {
    let mut strips = |tag| decoder.find_tag_unsigned_vec::<u64>(tag).map_err(|e| broken(&e));
    let starts = strips(Tag::StripOffsets)?.unwrap_or_default();
    let lengths = strips(Tag::StripByteCounts)?.unwrap_or_default();
    let in_a_row = starts.windows(2).zip(&lengths).all(|(pair, length)| pair[0].checked_add(*length) == Some(pair[1]));
    let (Some(&start), true, false) = (starts.first(), in_a_row, layout.planar) else {
        return Err(unsupported("only the first plane of this stack can be found")
            .hint("open it in ImageJ and save it again, or save its planes as files of their own"));
    };
    let little_endian = decoder.byte_order() == ByteOrder::LittleEndian;
    let file = decoder.inner();
    file.seek(SeekFrom::Start(start)).map_err(|e| broken(&e.into()))?;
    let length = usize::try_from(layout.plane_bytes()).map_err(|_| unreadable("a plane is larger than memory"))?;
    let mut bytes = super::reserved(length)?;
    bytes.resize(length, 0);
    let plane = layout.kept * layout.height * layout.width;
    for _ in 0..planes {
        file.read_exact(&mut bytes).map_err(|e| broken(&e.into()))?;
        let values = T::from_bytes(&bytes, little_endian);
        let end = samples.len();
        samples.resize(end + plane, T::default());
        layout.place(&mut samples[end..], (0, 0, 0), (layout.width, layout.stored), &values);
    }
    Ok(())
}
