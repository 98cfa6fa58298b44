//! The labels of an image while they are made: in memory, or, for a large image, in a file from which an interrupted run goes on.

use std::io::Write;
use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, Link, Result};
use fewlabel_image::{AtomicFile, Calibration, LabelImage, LabelRows, Plane, ScratchLabels, Shape};
use fewlabel_infer::LabelSink;
use fewlabel_objects::Linker;
use serde::{Deserialize, Serialize};

/// Labels of an image of more pixels are kept in a file.
const IN_MEMORY: usize = 1 << 25;

/// After so many labels what a run needs to go on is written.
const BETWEEN_NOTES: u64 = 1 << 24;

/// Where the labels of one image go.
pub(super) enum MadeLabels {
    /// All of them.
    InMemory { shape: Shape, calibration: Calibration, ids: Vec<u32> },
    /// In a folder of their own.
    InFile(Box<InFile>),
}

/// Labels in the folder `NAME.partial`.
pub(super) struct InFile {
    folder: PathBuf,
    shape: Shape,
    calibration: Calibration,
    /// Hash of what determines the labels.
    made_by: String,
    /// Whether to go on from what is there.
    resume: bool,
    labels: Option<ScratchLabels>,
    between_notes: u64,
    /// Labels when what a run needs to go on was written last.
    noted: u64,
}

/// What a run needs to go on.
#[derive(Serialize, Deserialize)]
struct Note {
    made_by: String,
    key: String,
    count: u64,
    largest: u32,
    state: Vec<u8>,
}

impl MadeLabels {
    /// For an image of this shape. In memory when it is small or there is no `folder`, to be named `NAME.partial`; `made_by` tells
    /// what determines the labels.
    pub fn new(shape: Shape, calibration: Calibration, folder: Option<PathBuf>, made_by: &str, resume: bool) -> Self {
        Self::with_bounds(shape, calibration, folder, made_by, resume, (IN_MEMORY, BETWEEN_NOTES))
    }

    /// The same with other bounds than [`IN_MEMORY`] and [`BETWEEN_NOTES`].
    fn with_bounds(
        shape: Shape,
        calibration: Calibration,
        folder: Option<PathBuf>,
        made_by: &str,
        resume: bool,
        (in_memory, between_notes): (usize, u64),
    ) -> Self {
        let pixels = shape.t * shape.z * shape.y * shape.x;
        match folder.filter(|_| pixels > in_memory) {
            None => Self::InMemory { shape, calibration, ids: Vec::new() },
            Some(folder) => Self::InFile(Box::new(InFile {
                folder,
                shape,
                calibration,
                made_by: made_by.to_owned(),
                resume,
                labels: None,
                between_notes,
                noted: 0,
            })),
        }
    }

    /// The labels, when all are made.
    pub fn finish(self) -> Result<FinishedLabels> {
        match self {
            Self::InMemory { shape, calibration, ids } => Ok(FinishedLabels {
                rows: Box::new(LabelImage { t: shape.t, z: shape.z, y: shape.y, x: shape.x, ids, calibration }),
                folder: None,
            }),
            Self::InFile(file) => {
                let labels = file.labels.ok_or_else(|| Error::internal("segment", "no labels were made"))?;
                Ok(FinishedLabels { rows: Box::new(labels.finish()?), folder: Some(file.folder) })
            }
        }
    }
}

/// All labels of an image.
pub(super) struct FinishedLabels {
    /// The labels.
    pub rows: Box<dyn LabelRows>,
    /// Where they lie, when they lie in a file.
    folder: Option<PathBuf>,
}

impl FinishedLabels {
    /// With objects of neighbouring planes joined, and how many there are then.
    pub fn linked(self, link: Link) -> Result<(Self, usize)> {
        let (shape, calibration) = (self.rows.shape(), self.rows.calibration().clone());
        let mut linker = Linker::new();
        let mut ids = Vec::new();
        let mut file = match &self.folder {
            Some(folder) => Some(ScratchLabels::create(&folder.join("linked"), shape, calibration.clone())?),
            None => None,
        };
        for (t, z) in (0..shape.t).flat_map(|t| (0..shape.z).map(move |z| (t, z))) {
            let plane = Plane::new(shape.y, shape.x, self.rows.rows(t, z, 0..shape.y)?);
            let plane = match link {
                Link::None => plane,
                Link::Z => linker.link(t, &plane),
                Link::T => linker.link(z, &plane),
            };
            if link == Link::Z && z + 1 == shape.z {
                linker.forget(t);
            }
            match &mut file {
                Some(file) => file.push(&plane.data)?,
                None => ids.extend(plane.data),
            }
        }
        let rows: Box<dyn LabelRows> = match file {
            Some(file) => Box::new(file.finish()?),
            None => Box::new(LabelImage { t: shape.t, z: shape.z, y: shape.y, x: shape.x, ids, calibration }),
        };
        Ok((Self { rows, folder: self.folder }, linker.count()))
    }

    /// Lets them go.
    pub fn remove(self) -> Result<()> {
        drop(self.rows);
        match &self.folder {
            Some(folder) => std::fs::remove_dir_all(folder).map_err(|error| Error::io("remove kept labels", folder, &error)),
            None => Ok(()),
        }
    }
}

impl LabelSink for MadeLabels {
    fn begin(&mut self, key: &str) -> Result<Option<Vec<u8>>> {
        match self {
            Self::InMemory { ids, .. } => {
                ids.clear();
                Ok(None)
            }
            Self::InFile(file) => file.begin(key),
        }
    }

    fn rows(&mut self, rows: &Plane<u32>) -> Result<()> {
        match self {
            Self::InMemory { ids, .. } => {
                ids.extend_from_slice(&rows.data);
                Ok(())
            }
            Self::InFile(file) => file.push(&rows.data),
        }
    }

    fn can_go_on(&mut self, key: &str, state: &dyn Fn() -> Result<Vec<u8>>) -> Result<()> {
        match self {
            Self::InMemory { .. } => Ok(()),
            Self::InFile(file) => file.note(key, state),
        }
    }
}

impl InFile {
    fn paths(&self) -> (PathBuf, PathBuf) {
        (self.folder.join("labels"), self.folder.join("state"))
    }

    fn begin(&mut self, key: &str) -> Result<Option<Vec<u8>>> {
        let (labels, state) = self.paths();
        if std::mem::take(&mut self.resume)
            && let Some(note) = read_note(&state).filter(|note| note.made_by == self.made_by && note.key == key)
            && let Ok(kept) = ScratchLabels::go_on(&labels, self.shape, self.calibration.clone(), note.count, note.largest)
        {
            self.labels = Some(kept);
            self.noted = note.count;
            return Ok(Some(note.state));
        }
        std::fs::create_dir_all(&self.folder).map_err(|error| Error::io("keep labels", &self.folder, &error))?;
        match std::fs::remove_file(&state) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(Error::io("keep labels", &state, &error)),
            _ => {}
        }
        self.labels = Some(ScratchLabels::create(&labels, self.shape, self.calibration.clone())?);
        self.noted = 0;
        Ok(None)
    }

    fn labels(&mut self) -> Result<&mut ScratchLabels> {
        self.labels.as_mut().ok_or_else(|| Error::internal("keep labels", "labels came before they began"))
    }

    fn push(&mut self, ids: &[u32]) -> Result<()> {
        self.labels()?.push(ids)
    }

    fn note(&mut self, key: &str, state: &dyn Fn() -> Result<Vec<u8>>) -> Result<()> {
        let next = self.noted + self.between_notes;
        let (count, largest) = (self.labels()?.count(), self.labels()?.largest());
        if count < next {
            return Ok(());
        }
        // The labels first: a state never counts labels that are not there.
        self.labels()?.sync()?;
        self.noted = count;
        let (made_by, key, state) = (self.made_by.clone(), key.to_owned(), state()?);
        let note = Note { made_by, key, count, largest, state };
        let bytes = postcard::to_allocvec(&note)
            .map_err(|error| Error::internal("keep labels", "the state of the run cannot be written").because(&error))?;
        let mut file = AtomicFile::create(&self.paths().1, true)?;
        file.write_all(&bytes).map_err(|error| file.error(&error))?;
        file.commit()
    }
}

/// What an interrupted run left; nothing when it cannot be understood.
fn read_note(path: &Path) -> Option<Note> {
    postcard::from_bytes(&std::fs::read(path).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As many labels as are noted at once.
    fn many(label: u32) -> Plane<u32> {
        Plane::filled(1, 20, label)
    }

    fn made(folder: &Path, by: &str, resume: bool) -> MadeLabels {
        let (shape, place) = (Shape::plane(1, 3, 20), folder.join("a.partial"));
        MadeLabels::with_bounds(shape, Calibration::default(), Some(place), by, resume, (59, 20))
    }

    #[test]
    fn an_interrupted_image_goes_on_where_it_was_noted() {
        let folder = tempfile::tempdir().unwrap();
        let mut labels = made(folder.path(), "x", false);
        assert_eq!(labels.begin("k").unwrap(), None);
        labels.rows(&many(3)).unwrap();
        labels.can_go_on("k", &|| Ok(vec![1, 2])).unwrap();
        labels.rows(&Plane::filled(1, 5, 7)).unwrap();
        labels.can_go_on("k", &|| panic!("too early")).unwrap();
        drop(labels);

        for (by, key, resume) in [("y", "k", true), ("x", "other", true), ("x", "k", false)] {
            let other = tempfile::tempdir().unwrap();
            for file in ["labels", "state"] {
                std::fs::create_dir_all(other.path().join("a.partial")).unwrap();
                std::fs::copy(folder.path().join("a.partial").join(file), other.path().join("a.partial").join(file)).unwrap();
            }
            assert_eq!(made(other.path(), by, resume).begin(key).unwrap(), None, "{by} {key} {resume}");
        }
        let mut labels = made(folder.path(), "x", true);
        assert_eq!(labels.begin("k").unwrap(), Some(vec![1, 2]));
        labels.rows(&many(9)).unwrap();
        labels.rows(&many(4)).unwrap();
        let labels = labels.finish().unwrap();
        assert_eq!(labels.rows.largest(), 9);
        assert_eq!([0, 1, 2].map(|y| labels.rows.rows(0, 0, y..y + 1).unwrap()[19]), [3, 9, 4]);
        labels.remove().unwrap();
        assert!(!folder.path().join("a.partial").exists());
    }

    #[test]
    fn small_images_leave_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a.partial");
        let mut labels = MadeLabels::new(Shape::plane(2, 1, 3), Calibration::default(), Some(place), "x", true);
        labels.begin("k").unwrap();
        labels.rows(&Plane::new(1, 3, vec![0, 1, 2])).unwrap();
        let labels = labels.finish().unwrap();
        assert_eq!(labels.rows.rows(0, 0, 0..1).unwrap(), [0, 1, 2]);
        labels.remove().unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
