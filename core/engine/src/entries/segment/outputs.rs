//! The files of a run: what they are called, which are there already, how they are written.

use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, ErrorKind, Existing, Result, SegmentArgs};
use fewlabel_image::{Image, write_labels, write_maps, write_png_rgb};
use fewlabel_infer::Segmented;
use fewlabel_objects::draw_outlines;

use super::ledger::{Journal, Ledger};

const OPERATION: &str = "segment";
/// The files of the whole run.
const SHARED: [&str; 4] = ["objects.csv", "objects.columns.csv", "images.csv", "run.json"];

/// What is to be done about one image.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// Segment it; files that are there may be replaced or not.
    Write { replace: bool },
    /// Its outputs are there, made by the same request.
    Keep,
}

/// The files of one image, seen from the output folder, the labels first.
pub(super) fn files_of(name: &str, args: &SegmentArgs) -> Vec<PathBuf> {
    let mut files = vec![PathBuf::from(format!("{name}.labels.tif"))];
    if args.probabilities {
        files.push(PathBuf::from(format!("{name}.prob.tif")));
    }
    if args.overlay {
        files.push(PathBuf::from(format!("{name}.overlay.png")));
    }
    files
}

/// Whether outputs that are there are kept when the same request made them.
pub(super) fn keeps(args: &SegmentArgs) -> bool {
    args.resume || args.existing == Existing::Skip
}

/// Refuses, before anything is computed, to touch a folder with outputs of this run unless the request says what to do with them.
pub(super) fn refuse_existing<'a>(folder: &Path, names: impl Iterator<Item = &'a str>, args: &SegmentArgs) -> Result<()> {
    if keeps(args) || args.existing == Existing::Overwrite {
        return Ok(());
    }
    let own = names.flat_map(|name| files_of(name, args));
    let there: Vec<PathBuf> = own.chain(SHARED.map(PathBuf::from)).filter(|file| folder.join(file).exists()).collect();
    let error = |message: &str| Error::new(ErrorKind::InvalidRequest, OPERATION, message).with("field", "existing");
    match there.first() {
        Some(first) => Err(error("outputs are there already")
            .file(folder.join(first))
            .with("files", there.len())
            .hint("choose another folder, or say what to do: existing = skip or overwrite")),
        None if Journal::is_in(folder) => {
            Err(error("an interrupted run lies in this folder").file(folder).hint("go on with it (resume), or overwrite"))
        }
        None => Ok(()),
    }
}

/// What to do about one image. `made_by` is the hash of what would make its outputs now.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] when its outputs are to be kept but another request made them.
pub(super) fn plan(folder: &Path, name: &str, made_by: &str, ledger: &Ledger, args: &SegmentArgs) -> Result<Plan> {
    if !keeps(args) {
        return Ok(Plan::Write { replace: args.existing == Existing::Overwrite });
    }
    let files = files_of(name, args);
    let there = || files.iter().filter(|file| folder.join(file).exists());
    match ledger.get(name) {
        Some(made) if made.by == made_by => {
            let whole = made.rows.is_some() && there().count() == files.len();
            Ok(if whole { Plan::Keep } else { Plan::Write { replace: true } })
        }
        _ => match there().next() {
            Some(file) => Err(Error::new(ErrorKind::InvalidRequest, OPERATION, "this output was not made by the same request")
                .with("field", "existing")
                .file(folder.join(file))
                .hint("choose another folder, or overwrite")),
            None => Ok(Plan::Write { replace: false }),
        },
    }
}

/// Makes the folder and tries whether it can be written, before anything is computed.
pub(super) fn prepare(folder: &Path) -> Result<()> {
    let failed = |error: &std::io::Error| {
        let file = folder.ancestors().find(|part| part.is_file());
        match file {
            Some(file) => Error::new(ErrorKind::Io, OPERATION, "the output folder lies below a file")
                .with("field", "output")
                .file(folder)
                .with("not a folder", file.display())
                .hint("choose another folder")
                .because(error),
            None => Error::new(ErrorKind::Io, OPERATION, "the output folder cannot be written")
                .with("field", "output")
                .file(folder)
                .hint("choose a folder that you may write, on a disk that can be written")
                .because(error),
        }
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    tempfile::tempfile_in(folder).map(drop).map_err(|error| failed(&error))
}

/// Writes the files of one image and gives their paths, in the order of [`files_of`].
pub(super) fn write(
    folder: &Path,
    name: &str,
    image: &Image,
    segmented: &Segmented,
    map_names: &[String],
    args: &SegmentArgs,
    replace: bool,
) -> Result<Vec<PathBuf>> {
    let labels = &segmented.labels;
    let paths: Vec<PathBuf> = files_of(name, args).iter().map(|file| folder.join(file)).collect();
    let mut rest = paths.iter();
    let mut next = || rest.next().ok_or_else(|| Error::internal("write outputs", "more outputs than names"));
    write_labels(next()?, labels, &plane_labels(image), replace)?;
    if args.probabilities {
        let maps = segmented.maps.as_deref().unwrap_or_default();
        write_maps(next()?, maps, labels.t, labels.z, &labels.calibration, map_names, replace)?;
    }
    if args.overlay {
        // A stack is shown by its middle plane.
        let (t, z) = (labels.t / 2, labels.z / 2);
        write_png_rgb(next()?, &draw_outlines(&image.plane(t, z), &labels.plane(t, z)), replace)?;
    }
    Ok(paths)
}

/// The slice labels of the planes of the label image: those of the first channel.
fn plane_labels(image: &Image) -> Vec<String> {
    image.slice_labels.iter().step_by(image.shape.c.max(1)).cloned().collect()
}
