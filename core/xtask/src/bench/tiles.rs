//! What tiles cost: one large image in tiles and whole.

use std::path::{Path, PathBuf};

use fewlabel_contract::{DescribeResult, Entry, Error, ErrorKind, Result, SegmentResult};
use fewlabel_image::{Calibration, Limits, MapStack, Maps, Pixels, open, write_maps};

use super::Bench;
use super::contestant::Contestant;
use super::race::{Entrant, Race};
use crate::process::measured;
use crate::programs::{answer, fewlabel, read_answer};
use crate::workspace::{programs, root};

/// The real image that the large one is made of.
const IMAGE: &str = "tests/data/bbbc039/images/C02_s4.png";

/// Side of the tiles that are compared with the whole image.
const TILE: usize = 512;

/// Most rounds that count: a large image takes tens of seconds each time.
const ROUNDS: usize = 3;

/// A large image in one pass, in tiles of 512, and in tiles as they are chosen; the first two on one thread, as
/// a pass has one. Times are those of the whole way from file to objects.
///
/// # Errors
/// `internal` when a program fails, also when the whole image does not fit the memory.
pub fn tiles(bench: &Bench, model: &Path, folder: &Path) -> Result<Race> {
    let image = folder.join("large.tif");
    write_large(&root().join(IMAGE), &image, bench.side)?;
    let card: DescribeResult = answer(fewlabel(&programs()?, Entry::Describe).arg(model), Entry::Describe)?;
    let object_diameter = card.model.and_then(|model| model.object_diameter);
    let entrant = |name: &str, threads: usize, tile: Option<usize>| {
        let run = Run {
            model: model.to_owned(),
            image: image.clone(),
            output: folder.join("large"),
            threads,
            tile,
            object_diameter,
            log: folder.join(format!("{name}.log")),
            peak_bytes: None,
        };
        Entrant { name: name.to_owned(), contestant: Box::new(run) }
    };
    let stride = 8;
    let (whole, tiled, chosen) =
        ("whole, 1 thread", "tiles of 512, 1 thread", format!("tiles as chosen, {} threads", bench.threads()));
    let entrants = vec![
        entrant(whole, 1, Some(bench.side.next_multiple_of(stride))),
        entrant(tiled, 1, Some(TILE)),
        entrant(&chosen, bench.threads(), None),
    ];
    let race =
        Race::run(format!("tiles: an image of {0} x {0}, from file to objects", bench.side), entrants, bench.rounds.min(ROUNDS))?;
    Ok(race.compare(tiled, whole, None).compare(&chosen, whole, None))
}

/// Repeats an image, mirrored at its edges, until it fills a square.
fn write_large(from: &Path, to: &Path, side: usize) -> Result<()> {
    let image = open(from, &Limits::default())?;
    let plane = image.plane(0, 0);
    let Pixels::U16(values) = &image.pixels else {
        return Err(Error::new(ErrorKind::Unsupported, "make large image", "the image is not of 16 bits").file(from));
    };
    let (height, width) = (plane.height, plane.width);
    let mirrored = |place: usize, length: usize| match place % (2 * length) {
        place if place < length => place,
        place => 2 * length - 1 - place,
    };
    let data = (0..side * side).map(|i| f32::from(values[mirrored(i / side, height) * width + mirrored(i % side, width)]));
    let maps = Maps::new(1, side, side, data.collect());
    write_maps(to, &MapStack::slices(&[maps], &Calibration::default()), &[], true)
}

/// `fewlabel segment` of the large image.
struct Run {
    model: PathBuf,
    image: PathBuf,
    output: PathBuf,
    threads: usize,
    tile: Option<usize>,
    /// The model's own, so that nothing is resized and no scale is looked for.
    object_diameter: Option<f64>,
    log: PathBuf,
    peak_bytes: Option<u64>,
}

impl Contestant for Run {
    fn sample(&mut self) -> Result<f64> {
        let mut segment = fewlabel(&programs()?, Entry::Segment);
        segment.arg("--model").arg(&self.model).arg(&self.image).arg("--output").arg(&self.output);
        segment.args(["--existing", "overwrite", "--threads", &self.threads.to_string()]);
        if let Some(tile) = self.tile {
            segment.args(["--tile", &tile.to_string()]);
        }
        if let Some(diameter) = self.object_diameter {
            segment.args(["--object-diameter", &diameter.to_string()]);
        }
        let done = measured(&mut segment, &self.log)?;
        self.peak_bytes = self.peak_bytes.max(done.peak_bytes);
        let result: SegmentResult = read_answer(&done.text, Entry::Segment)?;
        Ok(result.images.iter().map(|image| image.seconds).sum())
    }

    fn peak_bytes(&self) -> Option<u64> {
        self.peak_bytes
    }
}
