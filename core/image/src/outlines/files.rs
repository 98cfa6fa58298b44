//! Outlines from files, by what the files hold, not by what they are called.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Result};

use super::{Outline, READ, decode_roi, exceeded, geojson, roi_zip, unreadable};
use crate::{Limits, read};

/// Reads the outlines of an image: a `.roi`, a zip of them or a TIFF from ImageJ, or GeoJSON from QuPath.
///
/// Of a TIFF these are the outlines of the overlay, without texts, pictures, scale bars and calibration bars; where there are
/// none, the selection; none at all is no error.
///
/// # Errors
/// `not-found`; `unreadable-image` for a file that is empty, cut short, damaged, or holds no outlines; `unsupported` for a
/// kind of outline that is not read here; `limit-exceeded`; `io`.
pub fn read_outlines(path: &Path, limits: &Limits) -> Result<Vec<Outline>> {
    from_file(path, limits).map_err(|e| if e.context.iter().any(|(name, _)| name == "file") { e } else { e.file(path) })
}

fn from_file(path: &Path, limits: &Limits) -> Result<Vec<Outline>> {
    let failed = |e: &io::Error| Error::io(READ, path, e);
    let mut file = File::open(path).map_err(|e| failed(&e))?;
    let metadata = file.metadata().map_err(|e| failed(&e))?;
    if metadata.is_dir() {
        return Err(Error::new(ErrorKind::InvalidRequest, READ, "this is a folder, not a file of outlines"));
    }
    let mut start = Vec::new();
    file.by_ref().take(64).read_to_end(&mut start).map_err(|e| failed(&e))?;
    file.seek(SeekFrom::Start(0)).map_err(|e| failed(&e))?;
    let kind = Kind::of(&start);
    // Of a TIFF no more is read than its outlines.
    if kind != Kind::Tiff && metadata.len() > limits.bytes {
        return Err(exceeded("the file is larger than allowed", metadata.len(), limits.bytes));
    }
    match kind {
        Kind::Empty => Err(unreadable("the file is empty")),
        Kind::Roi => {
            let mut bytes = Vec::new();
            file.take(limits.bytes).read_to_end(&mut bytes).map_err(|e| failed(&e))?;
            let name = path.file_name().map(|name| name.to_string_lossy());
            Ok(vec![decode_roi(&bytes, name.as_deref())?])
        }
        Kind::Zip => roi_zip::read(file, limits),
        Kind::Tiff => read::tiff_outlines(file, metadata.len(), limits),
        Kind::Json { skip } => {
            file.seek(SeekFrom::Start(skip)).map_err(|e| failed(&e))?;
            geojson::read(BufReader::with_capacity(1 << 16, file), limits)
        }
        Kind::Unknown => Err(unreadable("these are no outlines that are known here")
            .hint("ImageJ's .roi, ROI zips and TIFFs and QuPath's GeoJSON are read, whatever they are called")),
    }
}

#[derive(PartialEq, Eq)]
enum Kind {
    Empty,
    Roi,
    Zip,
    Tiff,
    /// After a mark of the byte order, which JSON should not have.
    Json {
        skip: u64,
    },
    Unknown,
}

impl Kind {
    fn of(start: &[u8]) -> Self {
        let (text, skip) = start.strip_prefix(b"\xef\xbb\xbf").map_or((start, 0), |text| (text, 3));
        match (start, text.trim_ascii_start().first()) {
            ([], _) => Self::Empty,
            ([b'I', b'o', b'u', b't', ..], _) => Self::Roi,
            // The first entry, or the end of a zip without entries.
            ([b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..], _) => Self::Zip,
            ([b'I', b'I', b'*' | b'+', 0, ..] | [b'M', b'M', 0, b'*' | b'+', ..], _) => Self::Tiff,
            (_, Some(b'{' | b'[')) => Self::Json { skip },
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{OutlineShape, Point, encode_roi};
    use super::*;

    fn written(bytes: &[u8], limits: &Limits) -> Result<Vec<Outline>> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cell 7.roi");
        std::fs::write(&path, bytes).expect("written");
        read_outlines(&path, limits)
    }

    #[test]
    fn a_single_roi_is_called_after_its_file() {
        let shape = OutlineShape::Oval { corner: Point::new(1.0, 2.0), width: 3.0, height: 4.0 };
        let bytes = encode_roi(&Outline::new(shape.clone())).expect("encoded");
        let [outline] = &written(&bytes, &Limits::default()).expect("read")[..] else { panic!("one outline") };
        assert_eq!((outline.name.as_deref(), &outline.shape), (Some("cell 7"), &shape));
        assert_eq!(encode_roi(outline).expect("encoded"), bytes, "the name of the file is not written into it");
    }

    #[test]
    fn json_is_found_behind_spaces_and_marks() {
        for text in ["\u{feff} \n[]", "  {\"type\": \"FeatureCollection\", \"features\": []}"] {
            assert_eq!(written(text.as_bytes(), &Limits::default()).expect("read"), []);
        }
    }

    #[test]
    fn other_files_are_errors() {
        for bytes in [&b""[..], b"II*\0", b"hello", b"Iout", b"PK\x03\x04", b"{", b"\xef\xbb\xbf"] {
            let error = written(bytes, &Limits::default()).expect_err("no outlines");
            assert_eq!(error.kind, ErrorKind::UnreadableImage, "{error}");
            assert!(error.to_string().contains("cell 7.roi"), "{error}");
        }
        let error = written(b"Iout", &Limits { bytes: 3, ..Limits::default() }).expect_err("too large");
        assert_eq!(error.kind, ErrorKind::LimitExceeded);
        let error = read_outlines(Path::new("nowhere/at all.roi"), &Limits::default()).expect_err("none");
        assert_eq!(error.kind, ErrorKind::NotFound);
        let folder = tempfile::tempdir().expect("a folder");
        assert!(read_outlines(folder.path(), &Limits::default()).is_err());
    }
}
