//! The files of a run: what they are called, which are there already, how they are written.

use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, ErrorKind, Existing, Format, Result, SegmentArgs};
use fewlabel_image::{
    ImageInfo, ImageLabel, LabelRows, MapRows, Outline, Position, Shape, Source, Turn, trace_rows, write_labels,
    write_labels_ome, write_labels_png, write_labels_zarr, write_maps, write_maps_ome, write_maps_zarr, write_nifti_labels,
    write_nifti_maps, write_png_rgb, write_roi_zip,
};

use super::super::existing::{of_another_request, there_already};
use super::super::inputs::Input;
use super::files::{Formats, files_of};
use super::ledger::{Journal, Ledger};
use super::looked_at::{stored_labels, stored_maps};
use super::made_labels::FinishedLabels;
use super::picture::picture;
use super::segmenter::Segmenter;
use super::unsure::UnsureRows;

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

/// Whether outputs that are there are kept when the same request made them.
pub(super) fn keeps(args: &SegmentArgs) -> bool {
    args.resume || args.existing == Existing::Skip
}

/// Refuses, before anything is computed, to touch a folder with outputs of this run unless the request says what to do with them.
pub(super) fn refuse_existing(folder: &Path, inputs: &[Input], args: &SegmentArgs) -> Result<()> {
    if keeps(args) || args.existing == Existing::Overwrite {
        return Ok(());
    }
    let own = inputs.iter().flat_map(|input| files_of(&input.name, args, Formats::of(input, args)));
    let there: Vec<PathBuf> = own.chain(SHARED.map(PathBuf::from)).filter(|file| folder.join(file).exists()).collect();
    match there.first() {
        Some(first) => Err(there_already(OPERATION, &folder.join(first), "folder").with("files", there.len())),
        None if Journal::is_in(folder) => {
            Err(Error::new(ErrorKind::InvalidRequest, OPERATION, "an interrupted run lies in this folder")
                .with("field", "existing")
                .file(folder)
                .hint("go on with it (resume), or overwrite"))
        }
        None => Ok(()),
    }
}

/// What to do about one image. `made_by` is the hash of what would make its outputs now.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] when its outputs are to be kept but another request made them.
pub(super) fn plan(folder: &Path, input: &Input, made_by: &str, ledger: &Ledger, args: &SegmentArgs) -> Result<Plan> {
    if !keeps(args) {
        return Ok(Plan::Write { replace: args.existing == Existing::Overwrite });
    }
    let there = |file: &PathBuf| folder.join(file).exists();
    match ledger.get(&input.name) {
        Some(made) if made.by == made_by => {
            let whole = made.rows.is_some() && made.files.iter().all(there);
            Ok(if whole { Plan::Keep } else { Plan::Write { replace: true } })
        }
        _ => match files_of(&input.name, args, Formats::of(input, args)).iter().find(|file| there(file)) {
            Some(file) => Err(of_another_request(OPERATION, &folder.join(file), "folder")),
            None => Ok(Plan::Write { replace: false }),
        },
    }
}

/// An image that was segmented, and what is to be told about it.
pub(super) struct ToWrite<'a> {
    pub name: &'a str,
    /// The planes that were looked at, or the rectangle of them that was segmented.
    pub image: &'a dyn Source,
    /// The same as it is stored: on its grid labels and maps are written.
    pub stored: &'a dyn Source,
    /// What leads from there to the planes, where they differ.
    pub turn: Option<Turn>,
    /// Row and column at which that begins in the whole image.
    pub origin: (usize, usize),
    pub labels: &'a FinishedLabels,
    pub segmenter: &'a Segmenter,
    pub formats: Formats,
}

/// Writes the files of one image and gives their paths, in the order of [`files_of`].
pub(super) fn write(folder: &Path, made: &ToWrite<'_>, args: &SegmentArgs, replace: bool) -> Result<Vec<PathBuf>> {
    let ToWrite { name, image, stored, turn, origin, segmenter, formats, .. } = *made;
    let labels = &*made.labels.rows;
    let paths: Vec<PathBuf> = files_of(name, args, formats).iter().map(|file| folder.join(file)).collect();
    let mut rest = paths.iter();
    let mut next = || rest.next().ok_or_else(|| Error::internal("write outputs", "more outputs than names"));
    let path = next()?;
    stored_labels(turn, labels, |labels| match formats.labels {
        Format::ImageJ => write_labels(path, labels, &plane_labels(stored.info()), replace),
        Format::OmeTiff => write_labels_ome(path, labels, &plane_labels(stored.info()), replace),
        Format::OmeZarr => write_labels_zarr(path, labels, &ImageLabel::default(), replace),
        Format::Nifti => write_nifti_labels(path, labels, stored.nifti_header().as_ref(), replace),
        Format::Png => write_labels_png(path, labels, replace),
    })?;
    if args.rois {
        write_roi_zip(next()?, &outlines(image.info(), labels, origin, segmenter.finds_objects())?, replace)?;
    }
    if args.probabilities {
        let path = next()?;
        made.labels.with_maps(|maps| made.write_map(path, maps, segmenter.map_names(), replace))?;
    }
    if args.uncertainty {
        let path = next()?;
        let classes = segmenter.classes().ok_or_else(|| Error::internal("write outputs", "no probabilities"))?;
        made.labels.with_maps(|maps| made.write_map(path, &UnsureRows { maps, classes }, &["unsure".to_owned()], replace))?;
    }
    if args.overlay {
        write_png_rgb(next()?, &picture(image, labels)?, replace)?;
    }
    Ok(paths)
}

impl ToWrite<'_> {
    fn write_map(&self, path: &Path, maps: &dyn MapRows, names: &[String], replace: bool) -> Result<()> {
        stored_maps(self.turn, maps, |maps| match self.formats.maps {
            Format::ImageJ | Format::Png => write_maps(path, maps, names, replace),
            Format::OmeTiff => write_maps_ome(path, maps, names, replace),
            Format::OmeZarr => write_maps_zarr(path, maps, names, replace),
            Format::Nifti => write_nifti_maps(path, maps, self.stored.nifti_header().as_ref(), replace),
        })
    }
}

/// The outlines of all planes, named after their labels; areas are in the group of their class.
fn outlines(image: &ImageInfo, labels: &dyn LabelRows, origin: (usize, usize), is_objects: bool) -> Result<Vec<Outline>> {
    let shape = labels.shape();
    let mut all = Vec::new();
    for (t, z) in (0..shape.t).flat_map(|t| (0..shape.z).map(move |z| (t, z))) {
        for (label, outline) in trace_rows(labels, t, z, origin)? {
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
