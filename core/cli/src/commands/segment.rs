//! `fewlabel segment`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use fewlabel::contract::{Columns, Entry, Existing, Format, ImageInput, Link, Region, Request, Result, SegmentArgs};

use super::computing::Computing;
use crate::output::Output;
use crate::show;
use crate::values::{columns, existing, format, link, region};
use crate::work::work;

/// Flags of `segment`.
#[derive(Args)]
pub struct Segment {
    /// Images: files, folders or @list.txt
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
    /// Name or file of the model; `otsu` is a classical baseline without learning
    #[arg(long, value_name = "MODEL")]
    model: String,
    /// Channels that the model reads, in its order: names, or numbers from 1 [default: all, or those of its training by name]
    #[arg(long, value_name = "NAME,NAME", value_delimiter = ',')]
    channels: Vec<String>,
    /// Folder for the outputs
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Kind of file for labels and maps [default: nifti for NIfTI images, else imagej, or ome-tiff for what that does not hold]
    #[arg(long, value_parser = format())]
    format: Option<Format>,
    /// How the columns of objects.csv are called
    #[arg(long, value_parser = columns(), default_value = "fewlabel")]
    columns: Columns,
    /// Also write outlines as an ImageJ ROI zip
    #[arg(long)]
    rois: bool,
    /// Also write the probability maps
    #[arg(long)]
    probabilities: bool,
    /// Also write where the model is unsure
    #[arg(long)]
    uncertainty: bool,
    /// Also write a picture of the outlines on the image
    #[arg(long)]
    overlay: bool,
    /// Also write report.html
    #[arg(long)]
    report: bool,
    /// Side in pixels of the square that a tile writes [default: chosen for the memory budget]
    #[arg(long, value_name = "N")]
    tile: Option<usize>,
    /// Pixels read around a tile [default: half the receptive field]
    #[arg(long, value_name = "N")]
    halo: Option<usize>,
    /// Size of the objects, in the image's unit where it is calibrated, else in pixels [default: as in training]
    #[arg(long, value_name = "SIZE")]
    object_diameter: Option<f64>,
    /// Only this rectangle, in pixels
    #[arg(long, value_name = "X,Y,WIDTH,HEIGHT", value_parser = region)]
    region: Option<Region>,
    /// Which planes are joined
    #[arg(long, value_parser = link(), default_value = "none")]
    link: Link,
    #[command(flatten)]
    computing: Computing,
    /// What to do with outputs that are there
    #[arg(long, value_parser = existing(), default_value = "error")]
    existing: Existing,
    /// Go on with an interrupted run
    #[arg(long)]
    resume: bool,
    /// Look into folders below those given
    #[arg(long)]
    recursive: bool,
}

impl Segment {
    /// Segments, and says how it went.
    pub fn run(self, output: &Output) -> Result<ExitCode> {
        let args = SegmentArgs {
            model: self.model,
            images: self.paths.into_iter().map(ImageInput::Path).collect(),
            channels: self.channels,
            output: self.output,
            format: self.format,
            columns: self.columns,
            rois: self.rois,
            probabilities: self.probabilities,
            uncertainty: self.uncertainty,
            overlay: self.overlay,
            report: self.report,
            tile: self.tile,
            halo: self.halo,
            object_diameter: self.object_diameter,
            region: self.region,
            link: self.link,
            device: self.computing.device,
            threads: self.computing.threads,
            memory: self.computing.memory,
            existing: self.existing,
            resume: self.resume,
            recursive: self.recursive,
        };
        args.check()?;
        let folder = args.output.clone();
        work(Request::new(Entry::Segment, &args)?, output, |response, out| {
            show::segment(&response.parse_result()?, folder.as_deref(), out)
        })
    }
}
