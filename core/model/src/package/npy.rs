//! NumPy's array files, as far as test tensors need them.

use fewlabel_contract::{Error, ErrorKind, Result};
use fewlabel_image::Maps;

const MAGIC: &[u8] = b"\x93NUMPY";

/// One plane as an array of shape `(1, c, y, x)` of little-endian 32-bit floating point.
pub(super) fn write(maps: &Maps) -> Vec<u8> {
    let mut header =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': (1, {}, {}, {}), }}", maps.channels, maps.height, maps.width);
    // Magic, version and length take 10 bytes; data begins at a multiple of 64.
    let padding = (10 + header.len() + 1).next_multiple_of(64) - (10 + header.len() + 1);
    header.extend(std::iter::repeat_n(' ', padding));
    header.push('\n');
    let mut file = MAGIC.to_vec();
    file.extend([1, 0]);
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(maps.data.iter().flat_map(|value| value.to_le_bytes()));
    file
}

/// Reads an array of shape `(1, c, y, x)` of whole or floating-point numbers in C order.
///
/// # Errors
/// [`ErrorKind::BadModel`] when it is damaged, of another shape or of another type.
pub(super) fn read(file: &[u8]) -> Result<Maps> {
    let bad = |message: &str| Error::new(ErrorKind::BadModel, "read test tensor", message);
    let damaged = || bad("this is not a whole NumPy file");
    let rest = file.strip_prefix(MAGIC).ok_or_else(damaged)?;
    let (&[major, _], rest) = rest.split_first_chunk::<2>().ok_or_else(damaged)?;
    let (length, rest) = if major == 1 {
        let (length, rest) = rest.split_first_chunk::<2>().ok_or_else(damaged)?;
        (usize::from(u16::from_le_bytes(*length)), rest)
    } else {
        let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
        (u32::from_le_bytes(*length) as usize, rest)
    };
    let (header, data) = rest.split_at_checked(length).ok_or_else(damaged)?;
    let header = std::str::from_utf8(header).map_err(|error| damaged().because(&error))?;
    let field = |name: &str| header.split_once(&format!("'{name}':")).map(|(_, value)| value.trim_start());
    let descr = field("descr").and_then(|value| value.split('\'').nth(1)).ok_or_else(damaged)?;
    if !field("fortran_order").is_some_and(|value| value.starts_with("False")) {
        return Err(bad("the array is not in C order"));
    }
    let shape: Option<Vec<usize>> = field("shape")
        .and_then(|value| value.strip_prefix('('))
        .and_then(|value| value.split_once(')'))
        .and_then(|(inside, _)| {
            inside.split(',').map(str::trim).filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect()
        });
    let [1, channels, height, width] = *shape.ok_or_else(damaged)? else {
        return Err(bad("the array is not one image of channels, rows and columns"));
    };
    let count = channels.checked_mul(height).and_then(|n| n.checked_mul(width)).ok_or_else(damaged)?;
    let values = numbers(descr, data, count).ok_or_else(|| {
        bad("the array has another size than it says, or a type of samples that is not known").with("type", descr)
    })?;
    Ok(Maps::new(channels, height, width, values))
}

/// `count` samples of NumPy's type `descr`, which must be little-endian.
fn numbers(descr: &str, data: &[u8], count: usize) -> Option<Vec<f32>> {
    fn convert<const N: usize>(data: &[u8], one: impl Fn([u8; N]) -> f32) -> Option<Vec<f32>> {
        let (samples, rest) = data.as_chunks::<N>();
        rest.is_empty().then(|| samples.iter().map(|&bytes| one(bytes)).collect())
    }
    let values = match descr {
        "<f4" => convert(data, f32::from_le_bytes),
        "<f8" => convert(data, |bytes| f64::from_le_bytes(bytes) as f32),
        "|u1" | "|b1" => convert(data, |[byte]: [u8; 1]| f32::from(byte)),
        "|i1" => convert(data, |bytes| f32::from(i8::from_le_bytes(bytes))),
        "<u2" => convert(data, |bytes| f32::from(u16::from_le_bytes(bytes))),
        "<i2" => convert(data, |bytes| f32::from(i16::from_le_bytes(bytes))),
        "<u4" => convert(data, |bytes| u32::from_le_bytes(bytes) as f32),
        "<i4" => convert(data, |bytes| i32::from_le_bytes(bytes) as f32),
        "<u8" => convert(data, |bytes| u64::from_le_bytes(bytes) as f32),
        "<i8" => convert(data, |bytes| i64::from_le_bytes(bytes) as f32),
        _ => None,
    }?;
    (values.len() == count).then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(descr: &str, order: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
        let length = (header.len() as u16).to_le_bytes();
        [MAGIC, &[1, 0], &length, header.as_bytes(), data].concat()
    }

    #[test]
    fn what_is_written_is_read() {
        let maps = Maps::new(2, 1, 3, vec![0.5, -1.0, 3e9, 1e-9, 0.0, 7.0]);
        assert_eq!(read(&write(&maps)).unwrap(), maps);
    }

    #[test]
    fn other_types_of_samples_are_read() {
        let values = |descr: &str, data: &[u8]| read(&file(descr, "False", "(1, 1, 1, 2)", data)).unwrap().data;
        assert_eq!(values("|u1", &[3, 255]), [3.0, 255.0]);
        assert_eq!(values("|i1", &[3, 255]), [3.0, -1.0]);
        assert_eq!(values("<u2", &[1, 2, 255, 255]), [513.0, 65_535.0]);
        assert_eq!(values("<i2", &[1, 0, 255, 255]), [1.0, -1.0]);
        assert_eq!(values("<f8", &[[0u8; 8], 2.5f64.to_le_bytes()].concat()), [0.0, 2.5]);
    }

    #[test]
    fn what_is_no_image_or_lies_is_refused() {
        let refused = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
        assert!(refused(b"").contains("not a whole NumPy file"));
        assert!(refused(&write(&Maps::zeros(1, 2, 2))[..100]).contains("not a whole NumPy file"));
        assert!(refused(&file("<f4", "True", "(1, 1, 1, 1)", &[0; 4])).contains("not in C order"));
        assert!(refused(&file("<f4", "False", "(2, 1, 1, 1)", &[0; 8])).contains("not one image"));
        assert!(refused(&file("<f4", "False", "(4,)", &[0; 16])).contains("not one image"));
        assert!(refused(&file("<f4", "False", "(1, 1, 2, 2)", &[0; 12])).contains("another size"));
        assert!(refused(&file("<f4", "False", "(1, 1, 1, 3)", &[0; 13])).contains("another size"));
        assert!(refused(&file(">f4", "False", "(1, 1, 1, 1)", &[0; 4])).contains("not known"));
        let huge = format!("(1, {0}, {0}, {0})", u64::MAX / 2);
        assert!(refused(&file("<f4", "False", &huge, &[0; 4])).contains("not a whole NumPy file"));
    }
}
