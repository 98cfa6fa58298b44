//! Zips of `.roi` files, as ImageJ's ROI Manager writes and reads them.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Result};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::roi::Bounds;
use super::{Outline, WRITE, decode_roi, encode_roi, exceeded, unreadable};
use crate::{AtomicFile, Limits};

/// Entries up to this size may shrink as they like.
const FREE: u64 = 1 << 16;

/// The outlines of a zip, in its order. Entries that are no `.roi` are left out, as in ImageJ.
pub(super) fn read(file: File, limits: &Limits) -> Result<Vec<Outline>> {
    let damaged = |e: &dyn std::error::Error| unreadable("the zip is damaged or cut short").with("because", e);
    let mut zip = ZipArchive::new(BufReader::new(file)).map_err(|e| damaged(&e))?;
    if zip.len() > limits.outlines {
        return Err(exceeded("the zip holds more files than outlines are allowed", zip.len(), limits.outlines));
    }
    if zip.has_duplicate_names() {
        return Err(unreadable("the zip holds several files of one name"));
    }
    let mut outlines = Vec::new();
    let mut left = limits.bytes;
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(|e| damaged(&e))?;
        let name = entry.name().map_err(|e| damaged(&e))?.into_owned();
        if !is_roi(&name) {
            continue;
        }
        let (packed, size) = (entry.compressed_size(), entry.size());
        if size > FREE && size / limits.zip_ratio.max(1) > packed {
            return Err(exceeded("an entry of the zip grows beyond reason", size, packed.saturating_mul(limits.zip_ratio))
                .with("entry", name));
        }
        left = left.checked_sub(size).ok_or_else(|| exceeded("the outlines of the zip are larger than allowed", size, left))?;
        let mut bytes = Vec::new();
        // The size is only a claim: never read more than it, never reserve it in advance.
        let read = entry.by_ref().take(size.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(|e| damaged(&e).with("entry", &name))?;
        if bytes.len() as u64 != size {
            return Err(unreadable("an entry of the zip has another size than the zip says").with("entry", name));
        }
        let stem = name.rsplit('/').next().unwrap_or(&name);
        let outline = decode_roi(&bytes, Some(stem)).map_err(|e| e.with("entry", &name))?;
        let held = outline.shape.bytes();
        left = left.checked_sub(held).ok_or_else(|| exceeded("the outlines of the zip are larger than allowed", held, left))?;
        outlines.push(outline);
    }
    if outlines.is_empty() && !zip.is_empty() {
        return Err(unreadable("the zip holds no .roi files"));
    }
    Ok(outlines)
}

/// macOS adds files of its own, which end in `.roi`, too.
fn is_roi(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let ends = file.len() >= 4 && file.as_bytes()[file.len() - 4..].eq_ignore_ascii_case(b".roi");
    ends && !file.starts_with("._") && !name.starts_with("__MACOSX/")
}

/// Writes outlines as a zip for ImageJ's ROI Manager. No outlines make an empty zip.
///
/// Entries are called after the outlines, with `-1`, `-2` … behind equal names; outlines without a name after their
/// place, as ImageJ does.
///
/// # Errors
/// Those of [`encode_roi`] and of [`AtomicFile`].
pub fn write_roi_zip(path: &Path, outlines: &[Outline], existing_ok: bool) -> Result<()> {
    let failed = |e: &zip::result::ZipError| match e {
        zip::result::ZipError::Io(e) => Error::io(WRITE, path, e),
        _ => Error::new(ErrorKind::Io, WRITE, "the zip could not be written").file(path).because(e),
    };
    let mut zip = ZipWriter::new(AtomicFile::create(path, existing_ok)?);
    let mut names = Names::default();
    // The same outlines make the same bytes each time.
    let options =
        SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).last_modified_time(DateTime::default());
    for outline in outlines {
        let bytes = encode_roi(outline)?;
        let name = names.unused(&entry_name(outline));
        zip.start_file(format!("{name}.roi"), options).map_err(|e| failed(&e))?;
        zip.write_all(&bytes).map_err(|e| Error::io(WRITE, path, &e))?;
    }
    zip.finish().map_err(|e| failed(&e))?.commit()
}

/// What an entry is called: the outline's name without what is no part of a file's name, or else, as in ImageJ, plane, row and
/// column of its centre with four digits or more.
fn entry_name(outline: &Outline) -> String {
    let name = outline.name.as_deref().map(|name| name.strip_suffix(".roi").unwrap_or(name)).unwrap_or_default();
    if !name.trim().is_empty() {
        let name = name.replace(|c: char| c.is_control() || "/\\:*?\"<>|".contains(c), "_");
        // What begins like this counts as a file of macOS.
        return name.strip_prefix("._").map_or(name.clone(), |rest| format!("__{rest}"));
    }
    let bounds = Bounds::of(&outline.shape);
    let middle = |from: i64, to: i64| (from.saturating_add(to.saturating_sub(from) / 2)).max(0).to_string();
    let (y, x) = (middle(bounds.top, bounds.bottom), middle(bounds.left, bounds.right));
    let digits = 4.max(x.len()).max(y.len());
    let place = format!("{y:0>digits$}-{x:0>digits$}");
    match outline.position.stack.max(outline.position.z) {
        0 => place,
        plane => format!("{plane:0>digits$}-{place}"),
    }
}

/// Names that were given, and the number tried last behind each.
#[derive(Default)]
struct Names {
    given: HashSet<String>,
    last: HashMap<String, usize>,
}

impl Names {
    fn unused(&mut self, name: &str) -> String {
        if self.given.insert(name.to_owned()) {
            return name.to_owned();
        }
        let last = self.last.entry(name.to_owned()).or_default();
        loop {
            *last += 1;
            let numbered = format!("{name}-{last}");
            if self.given.insert(numbered.clone()) {
                return numbered;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::super::{OutlineShape, Point, Position, read_outlines};
    use super::*;

    fn square(name: Option<&str>) -> Outline {
        let corner = Point::new(10.0, 20.0);
        let shape = OutlineShape::Rectangle { corner, width: 5.0, height: 6.0, arc: 0.0 };
        Outline { name: name.map(str::to_owned), ..Outline::new(shape) }
    }

    fn zip_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            zip.start_file(*name, SimpleFileOptions::default()).expect("started");
            zip.write_all(bytes).expect("written");
        }
        zip.finish().expect("finished").into_inner()
    }

    fn read_bytes(bytes: &[u8], limits: &Limits) -> Result<Vec<Outline>> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("some.zip");
        std::fs::write(&path, bytes).expect("written");
        read_outlines(&path, limits)
    }

    #[test]
    fn names_are_those_of_imagej() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("RoiSet.zip");
        let mut outlines = vec![square(Some("a")), square(Some("a")), square(Some("a-1")), square(Some("a/b")), square(None)];
        outlines.push(Outline { position: Position { stack: 3, ..Position::default() }, ..square(None) });
        write_roi_zip(&path, &outlines, false).expect("written");
        let zip = ZipArchive::new(File::open(&path).expect("open")).expect("a zip");
        let names: Vec<_> = zip.file_names().map(|name| name.expect("a name").into_owned()).collect();
        assert_eq!(names, ["a.roi", "a-1.roi", "a-1-1.roi", "a_b.roi", "0023-0012.roi", "0003-0023-0012.roi"]);
        let read = read_outlines(&path, &Limits::default()).expect("read");
        let names: Vec<_> = read.iter().map(|o| o.name.as_deref().expect("named")).collect();
        assert_eq!(names, ["a", "a", "a-1", "a/b", "0023-0012", "0003-0023-0012"]);
        assert!(read.iter().zip(&outlines).all(|(a, b)| a.shape == b.shape && a.position == b.position));
        let first = std::fs::read(&path).expect("read");
        write_roi_zip(&path, &outlines, true).expect("written again");
        assert_eq!(std::fs::read(&path).expect("read"), first, "the same bytes");
        let error = write_roi_zip(&path, &outlines, false).expect_err("there already");
        assert_eq!(error.kind, ErrorKind::InvalidRequest);
    }

    #[test]
    fn no_outlines_make_an_empty_zip() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("none.zip");
        write_roi_zip(&path, &[], false).expect("written");
        assert_eq!(read_outlines(&path, &Limits::default()).expect("read"), []);
    }

    #[test]
    fn an_outline_that_is_called_like_a_file_of_macos_comes_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("RoiSet.zip");
        write_roi_zip(&path, &[square(Some("._a")), square(Some("__MACOSX/b"))], false).expect("written");
        let read = read_outlines(&path, &Limits::default()).expect("read");
        assert_eq!(read.iter().map(|o| o.name.as_deref()).collect::<Vec<_>>(), [Some("._a"), Some("__MACOSX/b")]);
    }

    #[test]
    fn other_entries_are_left_out() {
        let roi = encode_roi(&square(None)).expect("encoded");
        let zip = zip_of(&[("notes.txt", b"x"), ("__MACOSX/a.roi", b"x"), ("sub/._a.roi", b"x"), ("sub/Ä.ROI", &roi)]);
        let outlines = read_bytes(&zip, &Limits::default()).expect("read");
        assert_eq!(outlines.iter().map(|o| o.name.as_deref()).collect::<Vec<_>>(), [Some("Ä.ROI")]);
        let error = read_bytes(&zip_of(&[("notes.txt", b"x")]), &Limits::default()).expect_err("none");
        assert!(error.message.contains("no .roi"), "{error}");
    }

    #[test]
    fn limits_hold() {
        let roi = encode_roi(&square(None)).expect("encoded");
        let two = zip_of(&[("a.roi", &roi), ("b.roi", &roi)]);
        let refused = |bytes: &[u8], limits: Limits| read_bytes(bytes, &limits).expect_err("refused").kind;
        assert_eq!(refused(&two, Limits { outlines: 1, ..Limits::default() }), ErrorKind::LimitExceeded);
        assert_eq!(refused(&two, Limits { bytes: roi.len() as u64 + 1, ..Limits::default() }), ErrorKind::LimitExceeded);
        let corners = [(0.5, 0.0), (60_000.0, 0.0), (0.0, 60_000.0)].map(|(x, y)| Point::new(x, y));
        let mut curve = encode_roi(&Outline::new(OutlineShape::Polygon(corners.to_vec()))).expect("encoded");
        // ImageJ's option for a curve through the corners.
        curve[51] |= 1;
        let curves = zip_of(&[("a.roi", &curve), ("b.roi", &curve), ("c.roi", &curve)]);
        assert_eq!(read_bytes(&curves, &Limits::default()).expect("read").len(), 3);
        assert_eq!(refused(&curves, Limits { bytes: 2 << 20, ..Limits::default() }), ErrorKind::LimitExceeded);
        let bomb = zip_of(&[("a.roi", &vec![0; 1 << 20])]);
        assert_eq!(refused(&bomb, Limits { zip_ratio: 10, ..Limits::default() }), ErrorKind::LimitExceeded);
        assert_eq!(refused(&bomb, Limits { zip_ratio: 0, ..Limits::default() }), ErrorKind::LimitExceeded);
    }

    #[test]
    fn damaged_zips_are_errors() {
        let roi = encode_roi(&square(None)).expect("encoded");
        let zip = zip_of(&[("a.roi", &roi)]);
        for end in 4..zip.len() {
            assert!(read_bytes(&zip[..end], &Limits::default()).is_err(), "cut at {end}");
        }
        let error = read_bytes(&zip_of(&[("a.roi", b"Iout")]), &Limits::default()).expect_err("cut short");
        assert!(error.to_string().contains("a.roi"), "{error}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_bytes_are_read_or_refused(changes in proptest::collection::vec((4_usize.., any::<u8>()), 1..6)) {
            let roi = encode_roi(&square(None)).expect("encoded");
            let mut bytes = zip_of(&[("a.roi", &roi), ("b.roi", &roi)]);
            for (at, value) in changes {
                let at = at % bytes.len();
                bytes[at] = value;
            }
            let _ = read_bytes(&bytes, &Limits::default());
        }
    }
}
