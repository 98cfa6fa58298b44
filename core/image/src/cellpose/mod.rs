//! Labels from NumPy files: what Cellpose saves beside an image as `NAME_seg.npy`, and plain arrays of whole numbers.
//!
//! `NAME_seg.npy` holds a dictionary as a pickle, which is a program that builds it. Nothing of it is run here: what it
//! would call is noted, and looked at only where the label planes need it.

mod array;
mod npy;
mod numpy;
mod opcodes;
mod pickle;
mod tree;

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use fewlabel_contract::{Error, ErrorKind, Result};

use self::array::{Array, Data};
use self::npy::Npy;
use self::tree::Span;
use crate::positioned_file::PositionedFile;
use crate::refusal::{unreadable, unsupported};
use crate::{LabelImage, Limits};

const OPERATION: &str = "open labels";

/// Reads the masks of a `NAME_seg.npy`, or an array of whole numbers: two axes are rows and columns, a third before them
/// slices. Both orders of bytes, rows or columns first; 0 is background. There is no calibration.
///
/// # Errors
/// `not-found`, `io`; `unreadable-image` for a file that is cut short, damaged, or without label planes, and for labels that
/// are negative or over 2³² - 1, with the value and its place; `unsupported` for other types and numbers of axes;
/// `limit-exceeded`; `out-of-memory`. They name the file.
pub(crate) fn read_labels(path: &Path, limits: &Limits) -> Result<LabelImage> {
    let file = File::open(path).map_err(|e| Error::io(OPERATION, path, &e))?;
    let file_bytes = file.metadata().map_err(|e| Error::io(OPERATION, path, &e))?.len();
    let labels = labels(&PositionedFile::new(Arc::new(file)), file_bytes, limits);
    labels.map_err(|e| Error { operation: OPERATION.to_owned(), ..e }.file(path))
}

fn labels(file: &PositionedFile, file_bytes: u64, limits: &Limits) -> Result<LabelImage> {
    let npy = Npy::read(file)?;
    let data = Span { start: npy.data, length: file_bytes.saturating_sub(npy.data) };
    let array = if matches!(npy.descr.trim_start_matches('|'), "O" | "O8") {
        numpy::masks(&pickle::read(file, data)?)?
    } else {
        Array::new(&npy.descr, npy.fortran_order, npy.shape, Data::Bytes(data))?
    };
    array.labels(file, limits)
}

fn damaged() -> Error {
    unreadable("the NumPy file is damaged").hint("save it again")
}

fn cut_short() -> Error {
    unreadable("the NumPy file is cut short").hint("copy or save it again")
}

fn failed(source: &io::Error) -> Error {
    match source.kind() {
        io::ErrorKind::UnexpectedEof => cut_short(),
        _ => Error::new(ErrorKind::Io, OPERATION, "the file cannot be read").because(source),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Calibration;

    /// The masks of `tests/data/make_seg.py`.
    const MASKS: [u32; 12] = [0, 1, 1, 0, 0, 0, 1, 300, 2, 2, 0, 300];

    fn bytes_of(name: &str) -> Vec<u8> {
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)).expect("a file of the tests")
    }

    fn read(bytes: &[u8], limits: &Limits) -> Result<LabelImage> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cells_seg.npy");
        std::fs::write(&path, bytes).expect("written");
        read_labels(&path, limits)
    }

    /// A file of one pickle.
    fn pickled(opcodes: &[u8]) -> Vec<u8> {
        let text = format!("{:<117}\n", "{'descr': '|O', 'fortran_order': False, 'shape': (), }");
        [&b"\x93NUMPY\x01\0\x76\0"[..], text.as_bytes(), opcodes].concat()
    }

    fn refused(bytes: &[u8], kind: ErrorKind, says: &str) {
        let error = read(bytes, &Limits::default()).expect_err(says);
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.to_string().contains(says) && error.to_string().contains("cells_seg.npy"), "{error}");
    }

    #[test]
    fn masks_of_cellpose_files() {
        let plane = LabelImage { t: 1, z: 1, y: 3, x: 4, ids: MASKS.to_vec(), calibration: Calibration::default() };
        for numpy in ["numpy1", "numpy2"] {
            for kind in ["", "_protocol2", "_protocol5"] {
                let name = format!("{numpy}{kind}_seg.npy");
                assert_eq!(read(&bytes_of(&name), &Limits::default()).expect(&name), plane, "{name}");
            }
            let stack = read(&bytes_of(&format!("{numpy}_stack_seg.npy")), &Limits::default()).expect("a stack");
            let second = [2, 2, 0, 300, 0, 0, 1, 300, 0, 1, 1, 0];
            assert_eq!((stack.z, stack.y, stack.x, stack.ids), (2, 3, 4, [MASKS, second].concat()), "{numpy}");
        }
    }

    #[test]
    fn plain_arrays() {
        let plane = read(&bytes_of("plain_i4.npy"), &Limits::default()).expect("an array");
        assert_eq!((plane.z, plane.y, plane.x, &plane.ids[..]), (1, 3, 4, &MASKS[..]));
        let stack = read(&bytes_of("plain_fortran_u1.npy"), &Limits::default()).expect("an array");
        assert_eq!((stack.z, stack.y, stack.x), (2, 3, 4));
        assert_eq!(stack.ids[..12], MASKS.map(|id| id.min(255)));
        assert_eq!(stack.ids[12..16], [2, 2, 0, 255]);
    }

    #[test]
    fn what_holds_no_labels_is_said() {
        refused(&bytes_of("object.npy"), ErrorKind::UnreadableImage, "no label planes of Cellpose");
        refused(&bytes_of("plain_f4.npy"), ErrorKind::Unsupported, "labels must be whole numbers");
        refused(b"\x93NUMPY", ErrorKind::UnreadableImage, "cut short");
        refused(&pickled(b""), ErrorKind::UnreadableImage, "cut short");
        // A list, not a dictionary; something that is called; masks that are text.
        refused(&pickled(b"\x80\x02]."), ErrorKind::UnreadableImage, "no label planes");
        refused(&pickled(b"\x80\x02cos\nsystem\nX\x02\0\0\0ls\x85R."), ErrorKind::UnreadableImage, "no label planes");
        refused(&pickled(b"\x80\x02}X\x05\0\0\0masksX\x01\0\0\0as."), ErrorKind::UnreadableImage, "no label planes");
        let turned = b"\x80\x05cnumpy._core.numeric\n_frombuffer\n)R.";
        refused(&pickled(turned), ErrorKind::Unsupported, "axes in this order");
        refused(&pickled(b"\x80\x05\x97."), ErrorKind::Unsupported, "outside of the file");
        refused(&pickled(b"\x80\x02h\x05."), ErrorKind::UnreadableImage, "damaged");
        refused(&pickled(b"\x80\x02(0."), ErrorKind::UnreadableImage, "damaged");
        refused(&pickled(b"\x80\x02(.N"), ErrorKind::UnreadableImage, "damaged");
        refused(&pickled(&[b'N'; 1 << 22]), ErrorKind::LimitExceeded, "more objects than allowed");
        let cut = bytes_of("plain_i4.npy");
        refused(&cut[..cut.len() - 1], ErrorKind::UnreadableImage, "cut short");
    }

    #[test]
    fn labels_are_checked() {
        let header = |descr: &str, shape: &str| {
            let text = format!("{:<117}\n", format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape}), }}"));
            [&b"\x93NUMPY\x01\0\x76\0"[..], text.as_bytes()].concat()
        };
        let negative = [header("<i2", "1, 2"), vec![1, 0, 0xfe, 0xff]].concat();
        refused(&negative, ErrorKind::UnreadableImage, "labels must not be negative (value: -2, x: 1, y: 0, plane: 0");
        let large = [header(">u8", "1, 1"), vec![0, 0, 0, 1, 0, 0, 0, 0]].concat();
        refused(&large, ErrorKind::UnreadableImage, "labels have 32 bits at most");
        refused(&header("<c8", "1, 2"), ErrorKind::Unsupported, "labels must be whole numbers");
        refused(&header("<u2", "5,"), ErrorKind::Unsupported, "two or three axes");
        refused(&header("<u2", "0, 5"), ErrorKind::UnreadableImage, "no pixels");
        refused(&header("|u1", "100000, 100000"), ErrorKind::LimitExceeded, "larger than allowed");
        refused(&header("|u1", "2, 2000000"), ErrorKind::LimitExceeded, "longer than allowed");
        refused(&header("|u1", "2000000, 2, 2"), ErrorKind::LimitExceeded, "more planes than allowed");
        refused(&header("|u1", "99999999999999999999, 2"), ErrorKind::UnreadableImage, "damaged");
        let few = Limits { bytes: 47, ..Limits::default() };
        assert_eq!(read(&bytes_of("numpy2_seg.npy"), &few).expect_err("48 bytes").kind, ErrorKind::LimitExceeded);
    }

    proptest! {
        #[test]
        fn damage_is_an_error_and_no_panic(place in 0..1_173_usize, byte: u8, end in 0..1_173_usize) {
            let mut bytes = bytes_of("numpy2_seg.npy");
            prop_assert!(read(&bytes[..end], &Limits::default()).is_err());
            bytes[place] = byte;
            drop(read(&bytes, &Limits::default()));
        }

        #[test]
        fn any_pickle_ends(opcodes in proptest::collection::vec(any::<u8>(), 0..200)) {
            drop(read(&pickled(&opcodes), &Limits::default()));
        }
    }
}
