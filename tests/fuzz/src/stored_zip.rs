//! Zips whose contents a fuzzer can change.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A zip of these files, not compressed and with the right sums, so that changes reach what it holds. A name that is there
/// again is left out: the writer refuses it.
pub(crate) fn stored_zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        if zip.start_file(*name, options).is_ok() {
            zip.write_all(content).expect("written in memory");
        }
    }
    zip.finish().expect("written in memory").into_inner()
}
