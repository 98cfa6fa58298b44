//! The labels of slices, in ImageJ's private tags.

use super::private_tags::{Kind, MAGIC, PrivateTags};

/// Lengths and metadata that hold one label for each plane, in the byte order of this machine, in which this crate
/// writes its files.
pub(crate) fn encode_slice_labels(labels: &[String]) -> (Vec<u32>, Vec<u8>) {
    let count = labels.len() as u32;
    let mut metadata: Vec<u8> = [MAGIC, Kind::Label.number(), count].iter().flat_map(|n| n.to_ne_bytes()).collect();
    let mut lengths = vec![metadata.len() as u32];
    for label in labels {
        let text: Vec<u8> = label.encode_utf16().flat_map(u16::to_ne_bytes).collect();
        lengths.push(text.len() as u32);
        metadata.extend(text);
    }
    (lengths, metadata)
}

/// The slice labels in the tags of a file; none when there are none or the tags are damaged, for pixels can be read
/// without them.
pub(crate) fn decode_slice_labels(tags: &PrivateTags<'_>) -> Vec<String> {
    let entries = tags.entries(Kind::Label).unwrap_or_default();
    entries.into_iter().map(|entry| text(entry, tags.little_endian)).collect()
}

fn text(bytes: &[u8], little_endian: bool) -> String {
    let unit = |pair: &[u8; 2]| if little_endian { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) };
    let units = bytes.as_chunks::<2>().0.iter().map(unit);
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(lengths: &[u32], metadata: &[u8], little_endian: bool) -> Vec<String> {
        decode_slice_labels(&PrivateTags { lengths, metadata, little_endian })
    }

    #[test]
    fn labels_come_back() {
        let labels = ["DAPI".to_owned(), String::new(), "µ-tubule 細胞 😀".to_owned()];
        let (lengths, metadata) = encode_slice_labels(&labels);
        assert_eq!(lengths[..3], [12, 8, 0]);
        assert_eq!(decoded(&lengths, &metadata, cfg!(target_endian = "little")), labels);
    }

    #[test]
    fn other_kinds_are_stepped_over_and_big_endian_is_read() {
        let mut metadata = b"IJIJinfo\0\0\0\x01labl\0\0\0\x01".to_vec();
        metadata.extend(b"\0x\0y\0z");
        metadata.extend(b"\0a");
        assert_eq!(decoded(&[20, 6, 2], &metadata, false), ["a"]);
    }

    #[test]
    fn damaged_tags_hold_no_labels() {
        let (lengths, metadata) = encode_slice_labels(&["one".to_owned(), "two".to_owned()]);
        let little = cfg!(target_endian = "little");
        for end in 0..metadata.len() {
            assert!(decoded(&lengths, &metadata[..end], little).is_empty(), "cut at {end}");
        }
        assert!(decoded(&lengths[..2], &metadata, little).is_empty());
        assert!(decoded(&[u32::MAX, 1], &metadata, little).is_empty());
        assert!(decoded(&[2], &metadata, little).is_empty());
        assert!(decoded(&[], &[], little).is_empty());
    }
}
