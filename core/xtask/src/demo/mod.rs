//! `cargo xtask demo`: the main job on real images, with the programs that people use.
//!
//! Trains on the five labelled images of `tests/data/fluorescence`, segments the twelve others, scores them, does the
//! same with a classical baseline, and writes what came out to `target/demo`.

mod curves;
mod picture;
pub mod record;
pub mod report;
mod scores;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use fewlabel_contract::{Entry, Error, EvaluateResult, Result, SegmentResult, Status, TrainResult};
use fewlabel_image::write_png_rgb;

use crate::programs::{answer, build, fewlabel};
use crate::workspace::{programs, root, target};
use picture::Panel;

/// The real images, relative to the root of the checkout.
const DATA: &str = "tests/data/fluorescence";

/// Images whose labels are learned from.
const LABELLED: &str = "5";

/// Images in the picture: the first ones.
const PICTURED: usize = 3;

/// Flags of `demo`.
#[derive(Args)]
pub struct Demo {
    /// Minutes of training
    #[arg(long, default_value_t = 2.0)]
    minutes: f64,
}

/// What a demo did.
pub struct Done {
    /// Images that were to be segmented.
    pub images: usize,
    /// Images that were.
    pub segmented: usize,
    /// Mean AP50 over them.
    pub ap50: f64,
    /// The page that shows it all.
    pub report: PathBuf,
}

/// The folder that a demo writes: `target/demo`.
///
/// # Errors
/// Those of [`target`].
pub fn folder() -> Result<PathBuf> {
    target("demo")
}

/// The model that a demo trains.
///
/// # Errors
/// Those of [`target`].
pub fn model() -> Result<PathBuf> {
    folder().map(|folder| folder.join("model.zip"))
}

impl Demo {
    /// A demo of so many minutes of training.
    pub fn of_minutes(minutes: f64) -> Self {
        Self { minutes }
    }

    /// Sets up, builds, trains, segments, scores, reports.
    ///
    /// # Errors
    /// `internal` when a program fails; `io` when something cannot be written.
    pub fn run(self) -> Result<Done> {
        build()?;
        let folder = folder()?;
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| Error::io("empty demo folder", &folder, &error))?;
        }
        fs::create_dir_all(&folder).map_err(|error| Error::io("make demo folder", &folder, &error))?;

        let trained = self.train()?;
        let ours = Segmentation::of(&model()?.to_string_lossy(), &folder)?;
        let baseline = Segmentation::of("otsu", &folder.join("otsu"))?;
        println!("\n{}", scores::table(&ours.scores, &baseline.scores));

        let report = folder.join("report.html");
        let story =
            report::Story { data: &root().join(DATA), trained: &trained, model: &model()?, ours: &ours, baseline: &baseline };
        let rows = ours.scores.images.iter().take(PICTURED).map(|image| {
            let panels = report::panels(&story, &image.name)?;
            Ok(panels.into_iter().map(|(_, panel)| panel).collect())
        });
        let picture = picture::picture(&rows.collect::<Result<Vec<Vec<Panel>>>>()?);
        write_png_rgb(&folder.join("picture.png"), &picture, true)?;
        fs::write(&report, report::page(&story)?).map_err(|error| Error::io("write report", &report, &error))?;
        println!("everything lies in {}; look at {}", folder.display(), report.display());
        Ok(Done {
            images: ours.images,
            segmented: ours.segmented,
            ap50: ours.scores.objects.as_ref().map_or(0.0, |objects| objects.ap50),
            report,
        })
    }

    fn train(&self) -> Result<TrainResult> {
        let order = format!("{DATA}/split.json#fewlabel_order.0");
        let minutes = self.minutes.to_string();
        let mut train = fewlabel(&programs()?, Entry::Train);
        train.args(["--images", &format!("{DATA}/images"), "--labels", &format!("{DATA}/labels")]);
        train.args(["--first", LABELLED, "--order", &order, "--start", "none", "--minutes", &minutes]);
        train.arg("--save").arg(model()?);
        answer(&mut train, Entry::Train)
    }
}

/// What a model made of the images that nobody labelled for it, and how good that is.
pub struct Segmentation {
    /// Folder of the label images.
    pub labels: PathBuf,
    /// Images that were to be segmented.
    pub images: usize,
    /// Images that were.
    pub segmented: usize,
    /// Scores against the true labels.
    pub scores: EvaluateResult,
}

impl Segmentation {
    /// Segments the images of the split's `val` part with `model`, sorts what comes out into folders below `folder`, and scores it.
    fn of(model: &str, folder: &Path) -> Result<Self> {
        let labels = folder.join("labels");
        let val = format!("@{DATA}/split.json#val");
        let mut segment = fewlabel(&programs()?, Entry::Segment);
        segment.args(["--model", model, &format!("{DATA}/images"), &val, "--overlay", "--output"]).arg(&labels);
        let result: SegmentResult = answer(&mut segment, Entry::Segment)?;
        sort(&labels, folder)?;
        let mut evaluate = fewlabel(&programs()?, Entry::Evaluate);
        evaluate.arg("--predictions").arg(&labels).args(["--labels", &format!("{DATA}/labels"), &val]);
        let scores = answer(&mut evaluate, Entry::Evaluate)?;
        let segmented = result.images.iter().filter(|image| image.status == Status::Done).count();
        Ok(Self { labels, images: result.images.len(), segmented, scores })
    }
}

/// Moves pictures to `overlays` and tables to `tables`, so that `labels` holds label images alone.
fn sort(labels: &Path, folder: &Path) -> Result<()> {
    let io_error = |error: std::io::Error| Error::io("sort demo outputs", labels, &error);
    for entry in fs::read_dir(labels).map_err(io_error)? {
        let path = entry.map_err(io_error)?.path();
        let place = match path.extension().and_then(|extension| extension.to_str()) {
            Some("png") => "overlays",
            Some("csv" | "json") => "tables",
            _ => continue,
        };
        let to = folder.join(place);
        fs::create_dir_all(&to).map_err(io_error)?;
        fs::rename(&path, to.join(path.file_name().unwrap_or_default())).map_err(io_error)?;
    }
    Ok(())
}
