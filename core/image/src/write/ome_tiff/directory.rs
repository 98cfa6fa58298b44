//! Page entries ("image file directories").

use fewlabel_contract::Result;

use super::tiff_file::TiffFile;

/// The value of a tag.
#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    /// 16 bits.
    Short(u16),
    /// 32 bits.
    Long(u32),
    /// Letters, to which a 0 is added.
    Text(&'a str),
    /// Numerator and denominator.
    Rational(u32, u32),
    /// Places in the file or lengths of parts of it, in as many bits as the file has for places.
    Places(Vec<u64>),
}

/// A page entry whose longer values are in the file already.
#[derive(Clone, Debug, Default)]
pub(super) struct Directory {
    tags: u64,
    bytes: Vec<u8>,
}

impl Directory {
    /// Adds a tag; they must come in the order of their numbers.
    pub(super) fn add(&mut self, file: &mut TiffFile, tag: u16, value: &Value) -> Result<()> {
        let places = |file: &TiffFile, places: &[u64]| -> Result<Vec<u8>> {
            places.iter().try_fold(Vec::new(), |mut bytes, &place| {
                bytes.extend(file.number(place)?);
                Ok(bytes)
            })
        };
        // Types of TIFF 6.0, section 2; 16 is LONG8 of BigTIFF.
        let (kind, count, mut bytes) = match value {
            Value::Short(number) => (3_u16, 1, number.to_le_bytes().to_vec()),
            Value::Long(number) => (4, 1, number.to_le_bytes().to_vec()),
            Value::Text(text) => (2, text.len() as u64 + 1, [text.as_bytes(), &[0]].concat()),
            Value::Rational(above, below) => (5, 1, [above.to_le_bytes(), below.to_le_bytes()].concat()),
            Value::Places(numbers) => (if file.is_big() { 16 } else { 4 }, numbers.len() as u64, places(file, numbers)?),
        };
        let room = file.number(0)?.len();
        if bytes.len() > room {
            let place = file.aligned()?;
            file.append(&bytes)?;
            bytes = file.number(place)?;
        }
        bytes.resize(room, 0);
        self.tags += 1;
        self.bytes.extend(tag.to_le_bytes());
        self.bytes.extend(kind.to_le_bytes());
        self.bytes.extend(file.number(count)?);
        self.bytes.extend(bytes);
        Ok(())
    }

    /// Writes it at the end of the file and says where it is. It points to the next one, right behind it, unless it is the
    /// `last`.
    pub(super) fn write(&self, file: &mut TiffFile, last: bool) -> Result<u64> {
        let place = file.aligned()?;
        let count = if file.is_big() { self.tags.to_le_bytes().to_vec() } else { (self.tags as u16).to_le_bytes().to_vec() };
        let length = (count.len() + self.bytes.len() + file.number(0)?.len()) as u64;
        let next = file.number(if last { 0 } else { (place + length).next_multiple_of(8) })?;
        file.append(&[&count[..], &self.bytes, &next].concat())?;
        Ok(place)
    }
}
