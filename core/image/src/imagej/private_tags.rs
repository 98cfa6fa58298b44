//! ImageJ's private tags: one holds lengths, the other the metadata itself.
//!
//! Layout of the metadata: a header of `IJIJ` and, for each kind, its four letters and how many entries there are; then
//! the entries one after another. The first length is that of the header. Numbers, letters and text (UTF-16) are in the
//! byte order of the file; a selection has an order of its own.

/// Tag with the lengths in bytes of the header and of each entry.
pub(crate) const BYTE_COUNTS: u16 = 50838;
/// Tag with the header and the entries.
pub(crate) const METADATA: u16 = 50839;

pub(super) const MAGIC: u32 = u32::from_be_bytes(*b"IJIJ");

/// What entries are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The label of a slice, one entry each.
    Label,
    /// The selection, as a `.roi`.
    Selection,
    /// An outline of the overlay, as a `.roi`, one entry each.
    Overlay,
}

impl Kind {
    /// Its four letters as a number.
    pub(super) const fn number(self) -> u32 {
        u32::from_be_bytes(*match self {
            Self::Label => b"labl",
            Self::Selection => b"roi ",
            Self::Overlay => b"over",
        })
    }
}

/// The values of both tags; empty where there are none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PrivateTags<'a> {
    pub lengths: &'a [u32],
    pub metadata: &'a [u8],
    pub little_endian: bool,
}

impl<'a> PrivateTags<'a> {
    /// The entries of a kind: an empty list where there are none, `None` where the tags are damaged in them or before them.
    pub(crate) fn entries(&self, kind: Kind) -> Option<Vec<&'a [u8]>> {
        if self.lengths.is_empty() && self.metadata.is_empty() {
            return Some(Vec::new());
        }
        let (&header_length, mut lengths) = self.lengths.split_first()?;
        let (header, mut rest) = self.metadata.split_at_checked(usize::try_from(header_length).ok()?)?;
        let (magic, kinds) = header.split_first_chunk()?;
        if self.number(*magic) != MAGIC {
            return None;
        }
        for [letters, count] in kinds.as_chunks::<4>().0.as_chunks::<2>().0 {
            let (these, later) = lengths.split_at_checked(usize::try_from(self.number(*count)).ok()?)?;
            let mut entries = Vec::new();
            for &length in these {
                let (entry, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
                entries.push(entry);
                rest = after;
            }
            if self.number(*letters) == kind.number() {
                return Some(entries);
            }
            lengths = later;
        }
        Some(Vec::new())
    }

    fn number(&self, bytes: [u8; 4]) -> u32 {
        if self.little_endian { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags<'a>(lengths: &'a [u32], metadata: &'a [u8]) -> PrivateTags<'a> {
        PrivateTags { lengths, metadata, little_endian: false }
    }

    #[test]
    fn entries_are_found_behind_those_of_other_kinds() {
        let metadata = b"IJIJover\0\0\0\x02roi \0\0\0\x01abcdef";
        let both = tags(&[20, 1, 2, 3], metadata);
        assert_eq!(both.entries(Kind::Overlay), Some(vec![&b"a"[..], b"bc"]));
        assert_eq!(both.entries(Kind::Selection), Some(vec![&b"def"[..]]));
        assert_eq!(both.entries(Kind::Label), Some(Vec::new()));
        let little = PrivateTags { little_endian: true, lengths: &[12, 3], metadata: b"JIJI ior\x01\0\0\0abc" };
        assert_eq!(little.entries(Kind::Selection), Some(vec![&b"abc"[..]]));
        assert_eq!(tags(&[], &[]).entries(Kind::Overlay), Some(Vec::new()));
    }

    #[test]
    fn damage_is_told_from_absence() {
        let metadata = b"IJIJover\0\0\0\x02roi \0\0\0\x01abcdef";
        for (lengths, metadata) in [
            (&[20, 1, 2, 3][..], &metadata[..22]),
            (&[20, 1], metadata),
            (&[20, u32::MAX, 2, 3], metadata),
            (&[2], metadata),
            (&[u32::MAX], metadata),
            (&[], metadata),
            (&[20, 1, 2, 3], b"IJIK"),
            (&[20, 1, 2, 3], b""),
        ] {
            assert_eq!(tags(lengths, metadata).entries(Kind::Overlay), None, "{lengths:?}");
        }
        // What stands in front of the damage is whole.
        assert!(tags(&[20, 1, 2, 4], metadata).entries(Kind::Overlay).is_some());
        assert_eq!(tags(&[20, 1, 2, 4], metadata).entries(Kind::Selection), None);
    }
}
