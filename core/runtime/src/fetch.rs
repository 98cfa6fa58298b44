//! Brings a wheel from an index, going on where an earlier attempt stopped.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, ErrorKind, Result};
use sha2::{Digest, Sha256};

use crate::http::{Client, without_secrets};
use crate::meter::Meter;
use crate::release::Wheel;
use crate::verify::{check_hash, check_size, hash_file};

const OPERATION: &str = "fetch training add-on";

/// Broken connections in a row, none of which brought a byte, before it is given up.
const ATTEMPTS: u32 = 3;

/// Where a wheel lies once it is fetched.
pub(crate) fn place(wheel: &Wheel, folder: &Path) -> PathBuf {
    folder.join(wheel.name)
}

/// Fetches `wheel` from `address` into `folder`, and verifies it. What an interrupted fetch left is
/// used; the file gets its name only when its hash is right.
///
/// # Errors
/// `io` when the connection breaks again and again, the disk is full, or the file is not the pinned one.
pub(crate) fn fetch(client: &Client, address: &str, wheel: &Wheel, folder: &Path, meter: &mut Meter<'_>) -> Result<PathBuf> {
    let mut partial = Partial::open(wheel, folder, meter)?;
    let mut idle = 0;
    while partial.bytes < wheel.bytes {
        let before = partial.bytes;
        let broken = partial.read_on(client, address, wheel, meter)?;
        idle = if partial.bytes > before { 0 } else { idle + 1 };
        if let (Some(reason), true) = (broken, idle >= ATTEMPTS) {
            return Err(Error::new(ErrorKind::Io, OPERATION, "the connection breaks again and again")
                .with("address", without_secrets(address))
                .with("bytes", partial.bytes)
                .with("expected", wheel.bytes)
                .with("reason", reason)
                .hint("try again: it goes on from where it stopped"));
        }
    }
    partial.finish(wheel, folder)
}

/// A file on its way.
struct Partial {
    path: PathBuf,
    file: File,
    hash: Sha256,
    bytes: u64,
}

impl Partial {
    fn open(wheel: &Wheel, folder: &Path, meter: &mut Meter<'_>) -> Result<Self> {
        let path = folder.join(format!("{}.part", wheel.name));
        let io_error = |error: io::Error| Error::io(OPERATION, &path, &error);
        if path.metadata().is_ok_and(|found| found.len() > wheel.bytes) {
            fs::remove_file(&path).map_err(io_error)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(&path).map_err(io_error)?;
        let mut hash = Sha256::new();
        let mut bytes = 0;
        hash_file(&path, &mut hash, &mut |n| {
            bytes += n;
            meter.add_free(n)
        })?;
        Ok(Self { path, file, hash, bytes })
    }

    /// Reads until the server ends. Answers why it broke off, when it did.
    fn read_on(&mut self, client: &Client, address: &str, wheel: &Wheel, meter: &mut Meter<'_>) -> Result<Option<String>> {
        let mut stream = client.stream(address, self.bytes)?;
        if stream.from != self.bytes {
            self.start_over(meter)?;
        }
        let mut buffer = vec![0; 1 << 18];
        loop {
            let n = match stream.reader.read(&mut buffer) {
                Ok(0) if self.bytes < wheel.bytes => return Ok(Some("the server ended too early".to_owned())),
                Ok(0) => return Ok(None),
                Ok(n) => n,
                Err(error) => return Ok(Some(error.to_string())),
            };
            self.bytes += n as u64;
            if self.bytes > wheel.bytes {
                let error = check_size(&self.path, wheel, self.bytes);
                self.forget();
                return error.map(|()| None);
            }
            self.file.write_all(&buffer[..n]).map_err(|error| Error::io(OPERATION, &self.path, &error))?;
            self.hash.update(&buffer[..n]);
            meter.add(n as u64)?;
        }
    }

    fn start_over(&mut self, meter: &mut Meter<'_>) -> Result<()> {
        self.file.set_len(0).map_err(|error| Error::io(OPERATION, &self.path, &error))?;
        meter.take_back(self.bytes);
        self.hash = Sha256::new();
        self.bytes = 0;
        Ok(())
    }

    fn finish(self, wheel: &Wheel, folder: &Path) -> Result<PathBuf> {
        let io_error = |error: io::Error| Error::io(OPERATION, &self.path, &error);
        self.file.sync_all().map_err(io_error)?;
        let place = place(wheel, folder);
        if let Err(error) = check_hash(&place, wheel, self.hash.clone()) {
            self.forget();
            return Err(error);
        }
        fs::rename(&self.path, &place).map_err(io_error)?;
        Ok(place)
    }

    /// What is no use would spoil the next attempt. If it cannot be removed, that attempt will say so.
    fn forget(&self) {
        let _ = fs::remove_file(&self.path);
    }
}
