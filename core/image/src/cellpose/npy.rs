//! The beginning of a NumPy file.
//!
//! Eight bytes name the format and its version, then comes the length of a text and the text: a dictionary in Python's
//! notation with the type, order and shape of the array (`numpy.lib.format`).

use fewlabel_contract::Result;

use super::{cut_short, damaged, failed, unsupported};
use crate::positioned_file::PositionedFile;

/// NumPy itself refuses texts of more than 10,000.
const LONGEST_TEXT: usize = 1 << 16;

/// What the text says.
pub(super) struct Npy {
    /// Type of the elements as NumPy writes it: `<u2`.
    pub descr: String,
    /// Whether the first axis runs fastest.
    pub fortran_order: bool,
    pub shape: Vec<u64>,
    /// First byte of the elements.
    pub data: u64,
}

impl Npy {
    pub(super) fn read(file: &PositionedFile) -> Result<Self> {
        let mut begin = [0; 10];
        file.read_exact_at(&mut begin, 0).map_err(|e| failed(&e))?;
        let [0x93, b'N', b'U', b'M', b'P', b'Y', version, _, low, high] = begin else { return Err(damaged()) };
        let (start, length) = match version {
            1 => (10, usize::from(u16::from_le_bytes([low, high]))),
            2 | 3 => {
                let mut length = [0; 4];
                file.read_exact_at(&mut length, 8).map_err(|e| failed(&e))?;
                (12, u32::from_le_bytes(length) as usize)
            }
            _ => return Err(unsupported("this version of NumPy's format is not read").with("version", version)),
        };
        if length > LONGEST_TEXT {
            return Err(damaged().with("bytes of the header", length));
        }
        let mut text = vec![0; length];
        file.read_exact_at(&mut text, start).map_err(|e| failed(&e))?;
        let text = String::from_utf8_lossy(&text);
        let descr = value(&text, "descr")?;
        let descr = descr.strip_prefix('\'').and_then(|rest| rest.split_once('\'')).map(|(descr, _)| descr.to_owned());
        Ok(Self {
            descr: descr
                .ok_or_else(|| unsupported("an array of records holds no labels").hint("save an array of whole numbers"))?,
            fortran_order: value(&text, "fortran_order")?.starts_with("True"),
            shape: shape(value(&text, "shape")?)?,
            data: start + length as u64,
        })
    }
}

/// What stands behind a key.
fn value<'a>(text: &'a str, key: &str) -> Result<&'a str> {
    let (_, rest) = text.split_once(&format!("'{key}':")).ok_or_else(damaged)?;
    Ok(rest.trim_start())
}

/// Lengths of axes in brackets. Python 2 wrote an `L` behind them.
fn shape(text: &str) -> Result<Vec<u64>> {
    let inside = text.strip_prefix('(').and_then(|rest| rest.split_once(')')).ok_or_else(cut_short)?.0;
    let lengths = inside.split(',').map(|length| length.trim().trim_end_matches('L')).filter(|length| !length.is_empty());
    lengths.map(|length| length.parse().map_err(|_| damaged().with("length", length))).collect()
}
