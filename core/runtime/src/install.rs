//! Makes the add-on whole.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use fewlabel_contract::{CancelToken, Device, Error, ErrorKind, Progress, Result, RuntimeResult};
use tempfile::TempDir;

use crate::configured::{Configured, configured};
use crate::installed::{Library, MARKER, Marker};
use crate::meter::Meter;
use crate::release::{VERSION, Wheel, is_wanted, wheels};
use crate::{cache, installed, link, obtain, space, unpack};

const OPERATION: &str = "install training add-on";

/// Prefix of the folders in which an add-on is put together, or waits to be removed.
const PARTIAL: &str = ".partial-";

/// How to install.
#[derive(Clone, Debug, Default)]
pub struct InstallOptions {
    /// What it shall compute on; `auto` is the processor.
    pub device: Device,
    /// Folder with the files of the plan, brought by hand. Nothing is fetched.
    pub from: Option<PathBuf>,
    /// Address of a package index, instead of the one that the machine is configured for.
    pub index: Option<String>,
    /// Also unpack the headers and make the link folder: what building the learner needs.
    pub headers: bool,
}

/// Fetches, verifies and unpacks the add-on, and says what is there then. Does nothing when it is
/// there already. An add-on for a GPU, or with headers, stays one. `report` hears of every few megabytes.
///
/// # Errors
/// `unsupported` where there is no such libtorch; `not-found` when no index is configured or a file is not on it;
/// `io` when the network, the disk or a file's hash fails; `cancelled`.
pub fn install(options: &InstallOptions, token: &CancelToken, report: &mut dyn FnMut(Progress)) -> Result<RuntimeResult> {
    install_on(&Machine { cache: cache::cache_dir()?, wheels: &wheels, configured: &configured }, options, token, report)
}

/// What an installation finds: tests bring their own.
pub(crate) struct Machine<'a> {
    /// The cache folder.
    pub cache: PathBuf,
    /// The wheels for a device.
    pub wheels: &'a dyn Fn(Device) -> Result<Vec<Wheel>>,
    /// The configuration, given the index of the request.
    pub configured: &'a dyn Fn(Option<&str>) -> Result<Configured>,
}

pub(crate) fn install_on(
    machine: &Machine<'_>,
    options: &InstallOptions,
    token: &CancelToken,
    report: &mut dyn FnMut(Progress),
) -> Result<RuntimeResult> {
    let cache = machine.cache.as_path();
    let folder = cache::folder(cache);
    let present = installed::whole(&folder).ok();
    if present.as_ref().is_some_and(|marker| marker.covers(options.device, options.headers)) {
        return Ok(installed::status(cache));
    }
    let gpu = [Some(options.device), present.as_ref().map(|marker| marker.device)]
        .into_iter()
        .flatten()
        .any(|device| matches!(device, Device::Cuda(_)));
    let device = if gpu { Device::Cuda(0) } else { Device::Cpu };
    let headers = options.headers || present.is_some_and(|marker| marker.headers);
    let wheels = (machine.wheels)(device)?;

    let home = cache::libtorch(cache);
    make_folder(&home)?;
    let _lock = lock(&home)?;
    sweep(&home)?;
    let mut meter = Meter::new(token, report);
    let paths = obtain_wheels(machine, options, &wheels, &mut meter)?;
    let room = TempDir::with_prefix_in(PARTIAL, &home).map_err(|error| Error::io(OPERATION, &home, &error))?;
    let libraries = unpack_wheels(&paths, room.path(), &|path: &str| is_wanted(path, device, headers), &mut meter)?;
    let version = unpacked_version(room.path())?;
    if headers {
        link::make(room.path(), &version)?;
    }
    let files = wheels.iter().map(Wheel::file).collect();
    mark(room.path(), &Marker { version: VERSION.to_owned(), device, headers, files, libraries })?;
    put_in_place(room, &folder, &home)?;
    let downloads = cache::downloads(cache);
    if downloads.exists() {
        fs::remove_dir_all(&downloads).map_err(|error| Error::io(OPERATION, &downloads, &error))?;
    }
    Ok(installed::status(cache))
}

fn make_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| Error::io(OPERATION, folder, &error))
}

/// One installation at a time: two would fetch into the same file.
fn lock(home: &Path) -> Result<File> {
    let path = home.join(".lock");
    let file = File::create(&path).map_err(|error| Error::io(OPERATION, &path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::new(ErrorKind::Io, OPERATION, "another installation is under way")
            .file(home)
            .hint("wait until it is done")),
        Err(TryLockError::Error(error)) => Err(Error::io(OPERATION, &path, &error)),
    }
}

/// Removes what a killed installation left.
fn sweep(home: &Path) -> Result<()> {
    let io_error = |error: std::io::Error| Error::io(OPERATION, home, &error);
    for entry in fs::read_dir(home).map_err(io_error)? {
        let entry = entry.map_err(io_error)?;
        if entry.file_name().to_string_lossy().starts_with(PARTIAL) {
            fs::remove_dir_all(entry.path()).map_err(io_error)?;
        }
    }
    Ok(())
}

fn obtain_wheels(
    machine: &Machine<'_>,
    options: &InstallOptions,
    wheels: &[Wheel],
    meter: &mut Meter<'_>,
) -> Result<Vec<PathBuf>> {
    if let Some(folder) = &options.from {
        return obtain::from_folder(folder, wheels, meter);
    }
    let downloads = cache::downloads(&machine.cache);
    make_folder(&downloads)?;
    // What is unpacked is about as big as the wheels: better to say so now than after the fetching.
    let wheel_bytes: u64 = wheels.iter().map(|wheel| wheel.bytes).sum();
    space::require(&downloads, 2 * wheel_bytes)?;
    obtain::from_index(&|| (machine.configured)(options.index.as_deref()), wheels, &downloads, meter)
}

fn unpack_wheels(wheels: &[PathBuf], into: &Path, wanted: unpack::Wanted<'_>, meter: &mut Meter<'_>) -> Result<Vec<Library>> {
    let mut total = 0;
    for wheel in wheels {
        total += unpack::unpacked_bytes(wheel, wanted)?;
    }
    space::require(into, total)?;
    meter.begin("unpacking", total);
    let mut libraries = Vec::new();
    for wheel in wheels {
        libraries.extend(unpack::unpack(wheel, into, wanted, meter)?);
    }
    Ok(libraries)
}

/// The version that the unpacked `torch/version.py` names, such as `2.11.0+cu130`. Its first part is [`VERSION`].
fn unpacked_version(folder: &Path) -> Result<String> {
    let path = folder.join("torch").join("version.py");
    let text = fs::read_to_string(&path).map_err(|error| Error::io(OPERATION, &path, &error))?;
    let version = text.lines().find_map(|line| line.strip_prefix("__version__ = ")).map(|value| value.trim_matches('\''));
    match version {
        Some(version) if version.split('+').next() == Some(VERSION) => Ok(version.to_owned()),
        other => Err(Error::internal(OPERATION, "the pinned wheel holds another version of libtorch")
            .with("version", other.unwrap_or("none"))
            .with("expected", VERSION)),
    }
}

fn mark(folder: &Path, marker: &Marker) -> Result<()> {
    let path = folder.join(MARKER);
    let text = serde_json::to_string_pretty(marker)
        .map_err(|error| Error::internal(OPERATION, "the marker cannot be written as JSON").because(&error))?;
    fs::write(&path, text + "\n").map_err(|error| Error::io(OPERATION, &path, &error))
}

/// Moves the finished folder to its place; what was there before is moved away first and back when that fails.
fn put_in_place(room: TempDir, folder: &Path, home: &Path) -> Result<()> {
    let io_error = |error: std::io::Error| Error::io(OPERATION, folder, &error);
    let old = TempDir::with_prefix_in(PARTIAL, home).map_err(io_error)?;
    let aside = old.path().join(VERSION);
    let was_there = folder.exists();
    if was_there {
        fs::rename(folder, &aside).map_err(io_error)?;
    }
    if let Err(error) = fs::rename(room.path(), folder) {
        if was_there {
            fs::rename(&aside, folder).map_err(io_error)?;
        }
        return Err(io_error(error));
    }
    // Its folder is the add-on now: nothing is left to be removed.
    let _ = room.keep();
    Ok(())
}
