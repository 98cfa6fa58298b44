//! The bytes of a file, packed or not.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use fewlabel_contract::{Error, ErrorKind, Result};
use flate2::bufread::MultiGzDecoder;

use super::header::{LONGEST, NiftiHeader};
use super::{OPERATION, cut_short, unreadable};
use crate::pixels::reserved;
use crate::positioned_file::PositionedFile;

/// Deflate needs a byte for so many at least.
const LARGEST_RATIO: u64 = 1032;

type Inflater = MultiGzDecoder<BufReader<PositionedFile>>;

/// A file as it would be unpacked.
#[derive(Debug)]
pub(super) struct Data {
    file: PositionedFile,
    packed: bool,
    /// Of a packed file, what was unpacked.
    kept: Mutex<Option<Arc<Vec<u8>>>>,
}

impl Data {
    /// Looks whether `file` is packed by gzip.
    pub(super) fn open(file: &PositionedFile) -> Result<Self> {
        let mut first = [0; 2];
        file.read_exact_at(&mut first, 0).map_err(|e| failed(&e))?;
        Ok(Self { file: file.clone(), packed: first == *b"\x1f\x8b", kept: Mutex::default() })
    }

    /// The header at its beginning.
    pub(super) fn header(&self) -> Result<NiftiHeader> {
        let mut first = Vec::new();
        let read = if self.packed {
            self.inflater().take(LONGEST).read_to_end(&mut first)
        } else {
            self.file.clone().take(LONGEST).read_to_end(&mut first)
        };
        read.map_err(|e| failed(&e))?;
        NiftiHeader::parse(&first)
    }

    /// That a file of so many bytes can hold `end` of these.
    pub(super) fn check(&self, end: u64, file_bytes: u64) -> Result<()> {
        let most = if self.packed { file_bytes.saturating_mul(LARGEST_RATIO) } else { file_bytes };
        if end <= most {
            return Ok(());
        }
        Err(unreadable("the file claims more pixels than it can hold")
            .with("bytes claimed", end)
            .with("file bytes", file_bytes)
            .hint("the file is cut short or damaged; copy or export it again"))
    }

    /// A reader of the first `end` bytes. Of a packed file they are unpacked once and kept if they are no more than `most`, and
    /// otherwise each time up to where they are asked for.
    pub(super) fn reader(&self, end: u64, most: u64) -> Result<Reader> {
        if !self.packed {
            return Ok(Reader::File(self.file.clone()));
        }
        if end > most {
            return Ok(Reader::Stream(Box::new(self.inflater()), 0));
        }
        // Others that read wait here instead of unpacking it, too.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = &*kept {
            return Ok(Reader::Memory(Arc::clone(bytes)));
        }
        let bytes = Arc::new(self.inflate(end)?);
        *kept = Some(Arc::clone(&bytes));
        Ok(Reader::Memory(bytes))
    }

    fn inflate(&self, end: u64) -> Result<Vec<u8>> {
        let mut bytes = reserved(usize::try_from(end).unwrap_or(usize::MAX))?;
        let mut inflater = self.inflater();
        inflater.by_ref().take(end).read_to_end(&mut bytes).map_err(|e| failed(&e))?;
        if (bytes.len() as u64) < end {
            return Err(cut_short());
        }
        // The sum over all bytes stands behind them, and is compared when no more come.
        inflater.read(&mut [0]).map_err(|e| failed(&e))?;
        Ok(bytes)
    }

    fn inflater(&self) -> Inflater {
        MultiGzDecoder::new(BufReader::new(self.file.clone()))
    }
}

/// Reads at places that never go back.
pub(super) enum Reader {
    File(PositionedFile),
    Memory(Arc<Vec<u8>>),
    /// With the place up to which it is unpacked.
    Stream(Box<Inflater>, u64),
}

impl Reader {
    /// Fills `bytes` with what stands at `place`.
    pub(super) fn read_exact_at(&mut self, bytes: &mut [u8], place: u64) -> Result<()> {
        match self {
            Self::File(file) => file.read_exact_at(bytes, place).map_err(|e| failed(&e)),
            Self::Memory(kept) => {
                let mut at = io::Cursor::new(kept.as_slice());
                at.seek(SeekFrom::Start(place)).and_then(|_| at.read_exact(bytes)).map_err(|e| failed(&e))
            }
            Self::Stream(inflater, position) => {
                let before = place.saturating_sub(*position);
                let skipped = io::copy(&mut inflater.by_ref().take(before), &mut io::sink());
                if skipped.map_err(|e| failed(&e))? < before {
                    return Err(cut_short());
                }
                inflater.read_exact(bytes).map_err(|e| failed(&e))?;
                *position = place.saturating_add(bytes.len() as u64);
                Ok(())
            }
        }
    }
}

/// Unpacking reports damage as errors of input that carry no number of the operating system.
fn failed(source: &io::Error) -> Error {
    if source.kind() == io::ErrorKind::UnexpectedEof {
        cut_short()
    } else if source.raw_os_error().is_some() {
        Error::new(ErrorKind::Io, OPERATION, "the file cannot be read").because(source)
    } else {
        unreadable("the packed file is damaged").because(source).hint("copy or export it again")
    }
}
