//! Seconds in which a file is read, region by region, by several threads.
//!
//! The first line of the standard input is a JSON object of [`Settings`], the first line out one of [`Ready`]. Then each line in
//! opens the file and reads all of it once more, and the seconds come out. `tests/bench/read_regions.py` speaks the same
//! with tifffile; `cargo xtask bench` lets them take turns. By hand:
//!
//! ```text
//! (echo '{"file": "mosaic.tif", "side": 2048, "threads": 2}'; yes '' | head -9) | cargo bench -p fewlabel-image
//! ```

#![allow(clippy::print_stdout, reason = "a bench reports on its standard output")]

use std::hint::black_box;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use fewlabel_contract::{Error, ErrorKind, Result};
use fewlabel_image::{Limits, Pixels, Region, Shape, open_source};
use serde::{Deserialize, Serialize};

/// What is timed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// A file of 16 bits.
    file: PathBuf,
    /// Rows and columns of a region; those at the edges are smaller.
    side: usize,
    /// Threads, each of which reads regions of its own.
    threads: usize,
}

/// What was found.
#[derive(Serialize)]
struct Ready {
    version: &'static str,
    /// All samples together: whoever reads the same finds the same.
    sum: u64,
}

fn main() -> Result<()> {
    let mut lines = std::io::stdin().lock().lines().map_while(std::result::Result::ok);
    let settings: Settings = serde_json::from_str(&lines.next().unwrap_or_default()).map_err(|error| {
        Error::new(ErrorKind::InvalidRequest, "read settings", "the first line is no settings").because(&error)
    })?;
    let sum = read(&settings, sum)?.into_iter().sum();
    say(&Ready { version: env!("CARGO_PKG_VERSION"), sum });
    for _ in lines {
        let start = Instant::now();
        read(&settings, |pixels| Ok(black_box(pixels).len()))?;
        say(&serde_json::json!({"seconds": start.elapsed().as_secs_f64()}));
    }
    Ok(())
}

/// Opens the file and does something with the samples of each region.
fn read<T: Send>(settings: &Settings, with: impl Fn(Pixels) -> Result<T> + Sync) -> Result<Vec<T>> {
    let source = open_source(&settings.file, &Limits::default())?;
    let regions = regions(source.info().shape, settings.side);
    let next = AtomicUsize::new(0);
    let work = || -> Result<Vec<T>> {
        let mut done = Vec::new();
        while let Some(region) = regions.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push(with(source.read(0, region)?)?);
        }
        Ok(done)
    };
    let lists: Result<Vec<Vec<T>>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..settings.threads).map(|_| scope.spawn(work)).collect();
        let ended = |path: &Path| Error::internal("read regions", "a thread ended").file(path);
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(ended(&settings.file)))).collect()
    });
    Ok(lists?.into_iter().flatten().collect())
}

/// Planes of an image, cut into squares.
fn regions(shape: Shape, side: usize) -> Vec<Region> {
    let cut = |length: usize| (0..length).step_by(side.max(1)).map(move |start| start..(start + side).min(length));
    let planes = (0..shape.t).flat_map(|t| (0..shape.z).map(move |z| Region::plane(shape, t, z)));
    planes
        .flat_map(|plane| {
            cut(shape.y).flat_map(move |y| {
                let plane = plane.clone();
                cut(shape.x).map(move |x| plane.clone().rectangle(y.clone(), x))
            })
        })
        .collect()
}

fn sum(pixels: Pixels) -> Result<u64> {
    match pixels {
        Pixels::U16(values) => Ok(values.into_iter().map(u64::from).sum()),
        other => Err(Error::internal("read regions", "the image is not of 16 bits").with("type", other.pixel_type().words())),
    }
}

fn say(line: &impl Serialize) {
    println!("{}", serde_json::json!(line));
}
