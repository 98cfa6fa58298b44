//! ImageJ's private tags: one holds lengths, the other the metadata itself.
//!
//! Layout of the metadata: a header of `IJIJ` and, for each kind, its four letters and how many there are; then
//! the entries one after another. The first length is that of the header. Numbers, letters and text (UTF-16) are in the
//! byte order of the file.

/// Tag with the lengths in bytes of the header and of each entry.
pub(crate) const BYTE_COUNTS: u16 = 50838;
/// Tag with the header and the entries.
pub(crate) const METADATA: u16 = 50839;

const MAGIC: u32 = u32::from_be_bytes(*b"IJIJ");
const LABELS: u32 = u32::from_be_bytes(*b"labl");

/// Lengths and metadata that hold one label for each plane, in the byte order of this machine, in which this crate
/// writes its files.
pub(crate) fn encode_slice_labels(labels: &[String]) -> (Vec<u32>, Vec<u8>) {
    let count = labels.len() as u32;
    let mut metadata: Vec<u8> = [MAGIC, LABELS, count].iter().flat_map(|n| n.to_ne_bytes()).collect();
    let mut lengths = vec![metadata.len() as u32];
    for label in labels {
        let text: Vec<u8> = label.encode_utf16().flat_map(u16::to_ne_bytes).collect();
        lengths.push(text.len() as u32);
        metadata.extend(text);
    }
    (lengths, metadata)
}

/// The slice labels in the metadata of a file; none when there are none or the tags are damaged, for pixels
/// can be read without them.
pub(crate) fn decode_slice_labels(lengths: &[u32], metadata: &[u8], little_endian: bool) -> Vec<String> {
    labels_in(lengths, metadata, little_endian).unwrap_or_default()
}

fn labels_in(lengths: &[u32], metadata: &[u8], little_endian: bool) -> Option<Vec<String>> {
    let number = |bytes: &[u8]| -> Option<u32> {
        let bytes = bytes.try_into().ok()?;
        Some(if little_endian { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    };
    let (&header_length, mut lengths) = lengths.split_first()?;
    let (header, mut rest) = metadata.split_at_checked(header_length as usize)?;
    if number(header.get(..4)?)? != MAGIC {
        return None;
    }
    for kind in header[4..].chunks_exact(8) {
        let (name, count) = (number(&kind[..4])?, number(&kind[4..])? as usize);
        let (these, later) = lengths.split_at_checked(count)?;
        let mut labels = Vec::new();
        for &length in these {
            let (entry, after) = rest.split_at_checked(length as usize)?;
            if name == LABELS {
                labels.push(text(entry, little_endian));
            }
            rest = after;
        }
        if name == LABELS {
            return Some(labels);
        }
        lengths = later;
    }
    None
}

fn text(bytes: &[u8], little_endian: bool) -> String {
    let unit = |pair: &[u8]| {
        let pair = [pair[0], pair[1]];
        if little_endian { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
    };
    char::decode_utf16(bytes.chunks_exact(2).map(unit)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests {
    use super::{decode_slice_labels, encode_slice_labels};

    #[test]
    fn labels_come_back() {
        let labels = ["DAPI".to_owned(), String::new(), "µ-tubule 細胞 😀".to_owned()];
        let (lengths, metadata) = encode_slice_labels(&labels);
        assert_eq!(lengths[..3], [12, 8, 0]);
        assert_eq!(decode_slice_labels(&lengths, &metadata, cfg!(target_endian = "little")), labels);
    }

    #[test]
    fn other_kinds_are_stepped_over_and_big_endian_is_read() {
        let mut metadata = b"IJIJinfo\0\0\0\x01labl\0\0\0\x01".to_vec();
        metadata.extend(b"\0x\0y\0z");
        metadata.extend(b"\0a");
        assert_eq!(decode_slice_labels(&[20, 6, 2], &metadata, false), ["a"]);
    }

    #[test]
    fn damaged_tags_hold_no_labels() {
        let (lengths, metadata) = encode_slice_labels(&["one".to_owned(), "two".to_owned()]);
        let little = cfg!(target_endian = "little");
        for end in 0..metadata.len() {
            assert!(decode_slice_labels(&lengths, &metadata[..end], little).is_empty(), "cut at {end}");
        }
        assert!(decode_slice_labels(&lengths[..2], &metadata, little).is_empty());
        assert!(decode_slice_labels(&[u32::MAX, 1], &metadata, little).is_empty());
        assert!(decode_slice_labels(&[2], &metadata, little).is_empty());
        assert!(decode_slice_labels(&[], &[], little).is_empty());
    }
}
