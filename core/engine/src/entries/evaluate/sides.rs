//! Truth and prediction on one grid, whether they are label images or outlines.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, ErrorKind, EvaluateArgs, Find, Result};
use fewlabel_image::{Calibration, LabelImage, LabelKind, LabelRows, Limits, Maps, Shape, open_labels, open_source};
use fewlabel_objects::{ClassNumbers, DrawnLabels, UNLABELLED, add_background_band};

use super::{Both, OPERATION};

/// What all pairs share, and their outlines.
pub(super) struct Sides<'a> {
    args: &'a EvaluateArgs,
    limits: Limits,
    /// The outlines of a file, and the extent of the image in whose overlay they are.
    drawn: HashMap<PathBuf, (DrawnLabels, Option<Shape>)>,
    classes: ClassNumbers,
    /// True labels that are outlines, and how many of these lie in overlays.
    outlined: (usize, usize),
}

/// One side of a pair.
enum Side<'a> {
    Pixels(LabelImage),
    Drawn(&'a DrawnLabels, Option<Shape>),
}

impl Side<'_> {
    fn extent(&self) -> Option<Shape> {
        match self {
            Self::Pixels(labels) => Some(labels.shape()),
            Self::Drawn(_, extent) => *extent,
        }
    }
}

impl<'a> Sides<'a> {
    /// Reads the outlines of all pairs: classes have their numbers from all of them.
    ///
    /// # Errors
    /// Those of reading outlines.
    pub(super) fn open(pairs: &[Both<'_>], args: &'a EvaluateArgs) -> Result<Self> {
        let limits = Limits::default();
        let mut drawn = HashMap::new();
        let mut outlined = (0, 0);
        for (path, is_truth) in pairs.iter().flat_map(|both| [(both.truth, true), (both.prediction, false)]) {
            let extent = match LabelKind::of(path, &limits)? {
                LabelKind::Pixels => continue,
                LabelKind::Outlines => None,
                LabelKind::Overlay(extent) => Some(extent),
            };
            if is_truth {
                outlined.0 += 1;
                outlined.1 += usize::from(extent.is_some());
            }
            drawn.insert(path.to_owned(), (DrawnLabels::open(path, args.find, &limits)?, extent));
        }
        let classes = ClassNumbers::of(drawn.values().map(|(labels, _)| labels));
        Ok(Self { args, limits, drawn, classes, outlined })
    }

    /// What whoever asked should know of how outlines were understood.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let (outlines, overlays) = self.outlined;
        if overlays > 0 {
            notes.push(format!("{overlays} of the labels are the outlines in an overlay, not the pixels below"));
        }
        if outlines > 0 && !self.args.dense {
            let band = if self.args.find == Find::Objects { " and a band around each" } else { "" };
            notes.push(format!(
                "{outlines} of the labels are outlines: what lies beyond them{band} counts for nothing, \
                 but for what is named background and the inside of what is named region"
            ));
        }
        if let (Find::Areas, ClassNumbers::Names(names)) = (self.args.find, &self.classes)
            && !names.is_empty()
        {
            let numbered = names.iter().enumerate().map(|(place, name)| format!("{} {name}", place + 1));
            notes.push(format!("the classes of the outlines are {}", numbered.collect::<Vec<_>>().join(", ")));
        }
        notes
    }

    /// Truth and prediction of a pair. Outlines are painted on the grid of the image in whose overlay they are, of their partner,
    /// or of the image `below`.
    ///
    /// # Errors
    /// Those of reading and painting; `invalid-request` when nothing tells the size of the image.
    pub(super) fn labels(&self, both: &Both<'_>, below: Option<&Path>) -> Result<(LabelImage, LabelImage)> {
        let (truth, prediction) = (self.side(both.truth)?, self.side(both.prediction)?);
        let of_partner = truth.extent().or(prediction.extent());
        let grid = match (of_partner, below) {
            (None, Some(image)) => Some(open_source(image, &self.limits)?.info().counted()),
            (extent, _) => extent,
        };
        let on_grid = |side, is_truth| match side {
            Side::Pixels(labels) if is_truth => Ok(without(self.args.unlabelled, labels)),
            Side::Pixels(labels) => Ok(labels),
            Side::Drawn(drawn, extent) => {
                let grid = extent.or(grid).ok_or_else(|| no_size(both))?;
                self.paint(drawn, grid, is_truth)
            }
        };
        Ok((on_grid(truth, true)?, on_grid(prediction, false)?))
    }

    fn side(&self, path: &Path) -> Result<Side<'_>> {
        Ok(match self.drawn.get(path) {
            Some((drawn, extent)) => Side::Drawn(drawn, *extent),
            None => Side::Pixels(open_labels(path, &self.limits)?),
        })
    }

    /// Outlines on a grid. A prediction says that there is nothing else; of the truth only what was drawn is known, unless it is dense.
    fn paint(&self, drawn: &DrawnLabels, grid: Shape, is_truth: bool) -> Result<LabelImage> {
        let Shape { t, z, y, x, .. } = grid;
        let is_sparse = is_truth && !self.args.dense;
        let pixels = [z, y, x].iter().try_fold(t, |n, &f| n.checked_mul(f)).filter(|&n| n as u64 <= self.limits.bytes / 4);
        let mut ids = Vec::new();
        if pixels.is_none_or(|pixels| ids.try_reserve_exact(pixels).is_err()) {
            return Err(Error::new(ErrorKind::LimitExceeded, OPERATION, "the image is too large to paint outlines on")
                .with("width", x)
                .with("height", y)
                .with("planes", t.saturating_mul(z)));
        }
        for (t, z) in (0..t).flat_map(|t| (0..z).map(move |z| (t, z))) {
            let mut plane = drawn.plane(grid, (t, z), &self.classes, !is_sparse)?;
            if is_sparse && self.args.find == Find::Objects {
                add_background_band(&mut plane, &Maps::zeros(0, y, x));
            }
            ids.extend(plane.data);
        }
        Ok(LabelImage { t, z, y, x, ids, calibration: Calibration::default() })
    }
}

/// The labels with their value for *not labelled* as the rooms write it.
fn without(unlabelled: Option<u32>, mut labels: LabelImage) -> LabelImage {
    if let Some(value) = unlabelled {
        for id in labels.ids.iter_mut().filter(|id| **id == value) {
            *id = UNLABELLED;
        }
    }
    labels
}

fn no_size(both: &Both<'_>) -> Error {
    Error::new(ErrorKind::InvalidRequest, OPERATION, "the size of an image is not known: both sides are outlines")
        .with("labels", both.truth.display())
        .with("prediction", both.prediction.display())
        .hint("put the image beside one of the two under the same name, or give a label image on one side")
}
