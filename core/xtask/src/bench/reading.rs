//! Reading of large files: ours against tifffile, and against `cat`.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use fewlabel_contract::{Error, Result};
use serde::Deserialize;
use serde_json::json;

use super::Bench;
use super::bench_program::{Profile, bench_program};
use super::contestant::{Contestant, Server};
use super::environment::Peers;
use super::race::{Entrant, Race};
use crate::process::{command, output, run};

/// Side of a region, and of a plane of the stack.
const SIDE: usize = 2048;

/// Longer than this is not at least 0.8 times as fast.
const AS_FAST_AS_CAT: f64 = 1.0 / 0.8;

const CAT: &str = "cat FILE > /dev/null";

/// Files of a gigabyte of 16-bit samples: mosaics of real images.
#[derive(Deserialize)]
struct Files {
    /// Tiles of 512 pixels, packed with Deflate.
    deflate: PathBuf,
    /// The same, of differences between neighbours (predictor 2).
    differences: PathBuf,
    /// An ImageJ stack: as many planes of one region's size, not packed.
    imagej: PathBuf,
}

/// Tiled files by regions, and an ImageJ stack plane by plane. Everything is in the system's cache.
///
/// # Errors
/// `internal` when a program fails, or when tifffile finds other samples than we do.
pub fn reading(bench: &Bench, peers: &Peers, folder: &Path) -> Result<Vec<Race>> {
    let reading = bench_program("fewlabel-image", "reading", Profile::Release)?;
    let made = output(peers.script("make_images.py")?.arg(folder.join("reading")))?;
    let files: Files = serde_json::from_str(&made)
        .map_err(|error| Error::internal("make images", "the script did not say where they are").because(&error))?;
    let ours = |file: &Path, threads: usize, name: &str| {
        let settings = json!({"file": file, "side": SIDE, "threads": threads});
        Server::start(&mut command(&reading), &settings, &folder.join(format!("{name}.log")))
    };
    let mut races = Vec::new();
    let packed = [("Deflate", "deflate", &files.deflate), ("Deflate of differences", "differences", &files.differences)];
    for (kind, name, file) in packed {
        let ours = ours(file, bench.threads(), &format!("fewlabel {name}"))?;
        let settings = json!({"file": file, "side": SIDE, "threads": bench.threads()});
        let log = folder.join(format!("tifffile {name}.log"));
        let theirs = Server::start(&mut peers.script("read_regions.py")?, &settings, &log)?;
        check_same(&ours, &theirs)?;
        let version = format!("tifffile {}", theirs.ready.version);
        let entrants = vec![entrant("fewlabel", ours), entrant(&version, theirs)];
        let name =
            format!("reading: tiles with {kind}, 1 GB of samples, regions of {SIDE} x {SIDE}, {} threads", bench.threads());
        races.push(Race::run(name, entrants, bench.rounds)?.compare("fewlabel", &version, Some(1.0)));
    }
    let (one, all) = ("fewlabel, 1 thread", format!("fewlabel, {} threads", bench.threads()));
    let entrants = vec![
        entrant(one, ours(&files.imagej, 1, "fewlabel stack 1")?),
        entrant(&all, ours(&files.imagej, bench.threads(), "fewlabel stack all")?),
        entrant(CAT, Cat { file: files.imagej }),
    ];
    let race = Race::run("reading: ImageJ stack, 1 GB, plane by plane".to_owned(), entrants, bench.rounds)?;
    races.push(race.compare(one, CAT, Some(AS_FAST_AS_CAT)).compare(&all, CAT, Some(AS_FAST_AS_CAT)));
    Ok(races)
}

fn entrant(name: &str, contestant: impl Contestant + 'static) -> Entrant {
    Entrant { name: name.to_owned(), contestant: Box::new(contestant) }
}

/// Both must have read the same samples.
fn check_same(ours: &Server, theirs: &Server) -> Result<()> {
    if ours.ready.sum == theirs.ready.sum && ours.ready.sum > 0 {
        return Ok(());
    }
    let sums = format!("{} and {}", ours.ready.sum, theirs.ready.sum);
    Err(Error::internal("compare images", "tifffile reads other samples").with("sums of all samples", sums))
}

/// The program that copies a file to nowhere.
struct Cat {
    file: PathBuf,
}

impl Contestant for Cat {
    fn sample(&mut self) -> Result<f64> {
        let start = Instant::now();
        run(command("cat").arg(&self.file).stdout(Stdio::null()))?;
        Ok(start.elapsed().as_secs_f64())
    }

    fn peak_bytes(&self) -> Option<u64> {
        None
    }
}
