//! What the tests share: where files are, and what an image is in one line.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::path::{Path, PathBuf};

use fewlabel_image::Image;
use sha2::{Digest, Sha256};

/// A file made by another program (`files/make.py`).
pub fn made(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(name)
}

/// A real image of the repository.
pub fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data").join(name)
}

/// Shape and type in words, and SHA-256 over them and the little-endian samples.
pub fn fingerprint(image: &Image) -> (String, String) {
    let kind = format!("{:?}", image.pixels.pixel_type()).to_lowercase();
    let s = image.shape;
    let words = format!("{} {} {} {} {} {kind}", s.t, s.z, s.c, s.y, s.x);
    let hash = Sha256::new().chain_update(format!("{words}\n")).chain_update(image.pixels.to_le_bytes()).finalize();
    (words, hash.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A little-endian TIFF of one page with these tags (number, type, count, value), and nothing else.
pub fn page(tags: &[(u16, u16, u32, u32)]) -> Vec<u8> {
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend((tags.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in tags {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend([0; 4]);
    bytes
}

/// The tags of a grey 8-bit page in one uncompressed strip that begins at byte 8.
pub fn grey_tags(width: u32, height: u32) -> Vec<(u16, u16, u32, u32)> {
    vec![
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, 8),
        (277, 3, 1, 1),
        (278, 4, 1, height),
        (279, 4, 1, width.saturating_mul(height)),
    ]
}
