//! Images as a model looks at them: it may cut volumes across another axis than they are stored.

use fewlabel_contract::{Error, ErrorKind, Result, SegmentArgs, VolumePlane};
use fewlabel_image::{LabelRows, Limits, MapRows, Source, Turn, Turned, TurnedBackLabels, TurnedBackMaps};

/// An image with the planes that a model looks at.
pub(super) enum LookedAt {
    /// Those of the file.
    AsStored(Box<dyn Source>),
    /// Across another axis.
    Turned(Box<Turned>),
}

impl LookedAt {
    /// An image, for a model that cuts volumes so.
    ///
    /// # Errors
    /// `unsupported` for what tells places in planes of the file, when those that are looked at are others; those of the affine and
    /// of the size. They do not name the image.
    pub fn new(image: Box<dyn Source>, plane: Option<VolumePlane>, args: &SegmentArgs) -> Result<Self> {
        let Some(plane) = plane else { return Ok(Self::AsStored(image)) };
        let Some(turn) = Turn::across(plane, image.info().shape, image.nifti_header().as_ref())? else {
            return Ok(Self::AsStored(image));
        };
        let wished = [("rois", args.rois), ("region", args.region.is_some())];
        if let Some((field, _)) = wished.iter().find(|(_, wished)| *wished) {
            let message = "outlines and rectangles lie in the planes of the file, and the model cuts the volume into others";
            return Err(Error::new(ErrorKind::Unsupported, "segment", message)
                .with("field", field)
                .with("plane of the model", plane.name())
                .hint(format!("leave {field} out; the label image has the planes of the file")));
        }
        Ok(Self::Turned(Box::new(Turned::new(image, turn, &Limits::default())?)))
    }

    /// What the model looks at.
    pub fn planes(&self) -> &dyn Source {
        match self {
            Self::AsStored(image) => &**image,
            Self::Turned(turned) => &**turned,
        }
    }

    /// The image as it is stored: on its grid labels and maps are written.
    pub fn stored(&self) -> &dyn Source {
        match self {
            Self::AsStored(image) => &**image,
            Self::Turned(turned) => turned.stored(),
        }
    }

    /// What leads from that grid to the planes, where they differ.
    pub fn turn(&self) -> Option<Turn> {
        match self {
            Self::AsStored(_) => None,
            Self::Turned(turned) => Some(turned.turn()),
        }
    }
}

/// Does something with labels of the planes on the grid of the stored image.
pub(super) fn stored_labels<T>(
    turn: Option<Turn>,
    labels: &dyn LabelRows,
    then: impl FnOnce(&dyn LabelRows) -> Result<T>,
) -> Result<T> {
    match turn {
        None => then(labels),
        Some(turn) => then(&TurnedBackLabels::new(labels, turn)),
    }
}

/// Does something with maps of the planes on the grid of the stored image.
pub(super) fn stored_maps<T>(turn: Option<Turn>, maps: &dyn MapRows, then: impl FnOnce(&dyn MapRows) -> Result<T>) -> Result<T> {
    match turn {
        None => then(maps),
        Some(turn) => then(&TurnedBackMaps::new(maps, turn)),
    }
}
