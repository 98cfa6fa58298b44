//! The files of a run: what they are called, which are there already, how they are written.

use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, ErrorKind, Existing, Result, SegmentArgs};
use fewlabel_image::{
    ImageInfo, LabelRows, Outline, Plane, Position, Region, Shape, Source, trace_rows, write_labels, write_maps, write_png_rgb,
    write_roi_zip,
};
use fewlabel_infer::Found;
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
    if args.rois {
        files.push(PathBuf::from(format!("{name}.rois.zip")));
    }
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
#[expect(clippy::too_many_arguments, reason = "one call, from the run")]
pub(super) fn write(
    folder: &Path,
    name: &str,
    image: &dyn Source,
    labels: &dyn LabelRows,
    found: &Found,
    is_objects: bool,
    map_names: &[String],
    args: &SegmentArgs,
    replace: bool,
) -> Result<Vec<PathBuf>> {
    let paths: Vec<PathBuf> = files_of(name, args).iter().map(|file| folder.join(file)).collect();
    let mut rest = paths.iter();
    let mut next = || rest.next().ok_or_else(|| Error::internal("write outputs", "more outputs than names"));
    let shape = labels.shape();
    write_labels(next()?, labels, &plane_labels(image.info()), replace)?;
    if args.rois {
        write_roi_zip(next()?, &outlines(image.info(), labels, is_objects)?, replace)?;
    }
    if args.probabilities {
        let maps = found.maps.as_deref().unwrap_or_default();
        write_maps(next()?, maps, shape.t, shape.z, labels.calibration(), map_names, replace)?;
    }
    if args.overlay {
        // A stack is shown by its middle plane.
        let (t, z) = (shape.t / 2, shape.z / 2);
        let plane = image.part(&Region::plane(image.info().shape, t, z))?.plane(0, 0);
        let labels = Plane::new(shape.y, shape.x, labels.rows(t, z, 0..shape.y)?);
        write_png_rgb(next()?, &draw_outlines(&plane, &labels), replace)?;
    }
    Ok(paths)
}

/// The outlines of all planes, named after their labels; areas are in the group of their class.
fn outlines(image: &ImageInfo, labels: &dyn LabelRows, is_objects: bool) -> Result<Vec<Outline>> {
    let shape = labels.shape();
    let mut all = Vec::new();
    for (t, z) in (0..shape.t).flat_map(|t| (0..shape.z).map(move |z| (t, z))) {
        for (label, outline) in trace_rows(labels, t, z)? {
            let group = if is_objects { 0 } else { u8::try_from(label).unwrap_or(0) };
            all.push(Outline { name: Some(label.to_string()), group, position: position(image, t, z), ..outline });
        }
    }
    Ok(all)
}

/// Where ImageJ shows the outlines of a plane: a stack along one axis counts its planes, a hyperstack slices and frames.
fn position(image: &ImageInfo, t: usize, z: usize) -> Position {
    let counted = |number: usize, length: usize| if length > 1 { number as u32 + 1 } else { 0 };
    let Shape { t: frames, z: slices, c, .. } = image.shape;
    let is_hyperstack = (c > 1 && !image.rgb) || (frames > 1 && slices > 1);
    match is_hyperstack {
        true => Position { z: counted(z, slices), t: counted(t, frames), ..Position::default() },
        false => Position { stack: counted(t * slices + z, frames * slices), ..Position::default() },
    }
}

/// The slice labels of the planes of the label image: those of the first channel.
fn plane_labels(image: &ImageInfo) -> Vec<String> {
    let for_each_plane = image.slice_labels.len() / (image.shape.t * image.shape.z);
    image.slice_labels.iter().step_by(for_each_plane.max(1)).cloned().collect()
}
