//! What a file is, by its first bytes.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// What the first bytes of a file say.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FileKind {
    /// Nothing is in it.
    Empty,
    /// TIFF or BigTIFF, little or big endian.
    Tiff,
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// NIfTI, its header and samples in one file.
    Nifti,
    /// Packed by gzip: NIfTI, if it is an image.
    Gzip,
    /// An array of NumPy.
    Npy,
    /// Something else that people may take for an image; as it is called in a sentence.
    Other(&'static str),
    /// Anything else.
    Unknown,
}

/// Beginnings of files, and what they begin.
const BEGINNINGS: [(&[u8], FileKind); 15] = [
    (b"II*\0", FileKind::Tiff),
    (b"MM\0*", FileKind::Tiff),
    (b"II+\0", FileKind::Tiff),
    (b"MM\0+", FileKind::Tiff),
    (b"\x89PNG\r\n\x1a\n", FileKind::Png),
    (b"\xff\xd8\xff", FileKind::Jpeg),
    (b"GIF8", FileKind::Other("a GIF file")),
    (b"BM", FileKind::Other("a BMP file")),
    (b"ZISRAWFILE", FileKind::Other("a Zeiss CZI file")),
    (b"\xda\xce\xbe\x0a", FileKind::Other("a Nikon ND2 file")),
    (b"p\0\0\0", FileKind::Other("a Leica LIF file")),
    (b"\x89HDF\r\n\x1a\n", FileKind::Other("an HDF5 file")),
    (b"\x93NUMPY", FileKind::Npy),
    (b"PK\x03\x04", FileKind::Other("a ZIP archive")),
    (b"\x1f\x8b", FileKind::Gzip),
];

/// Bytes of the header of NIfTI-1, and of NIfTI-2.
const NIFTI_HEADERS: [u32; 2] = [348, 540];

/// Looks at the first bytes of `file`, and leaves it at its start.
pub(super) fn recognise(file: &mut File) -> io::Result<FileKind> {
    let mut first = Vec::new();
    Read::take(&mut *file, 16).read_to_end(&mut first)?;
    file.seek(SeekFrom::Start(0))?;
    if first.is_empty() {
        return Ok(FileKind::Empty);
    }
    if first
        .first_chunk()
        .is_some_and(|length| NIFTI_HEADERS.iter().any(|header| [header.to_le_bytes(), header.to_be_bytes()].contains(length)))
    {
        return Ok(FileKind::Nifti);
    }
    let known = BEGINNINGS.into_iter().find(|(beginning, _)| first.starts_with(beginning));
    Ok(known.map_or(FileKind::Unknown, |(_, kind)| kind))
}

/// Whether the file at `path` begins as files of this kind do; no file does not.
pub(super) fn is_of_kind(path: &Path, kind: &FileKind) -> bool {
    File::open(path).and_then(|mut file| recognise(&mut file)).is_ok_and(|found| found == *kind)
}
