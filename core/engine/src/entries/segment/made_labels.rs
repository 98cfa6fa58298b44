//! The labels and maps of an image while they are made: in memory, or, for a large image, in files from which an interrupted run
//! goes on.

use std::io::Write;
use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, Link, Result};
use fewlabel_image::{
    AtomicFile, Calibration, KeptMaps, LabelImage, LabelRows, MapRows, MapStack, Maps, Plane, ScratchLabels, ScratchMaps, Shape,
};
use fewlabel_infer::{LabelSink, LabelsInMemory};
use fewlabel_objects::Linker;
use serde::{Deserialize, Serialize};

use super::unsure::{Classes, Mean};

/// Labels of an image of more pixels are kept in a file.
const IN_MEMORY: usize = 1 << 25;

/// After so many labels what a run needs to go on is written.
const BETWEEN_NOTES: u64 = 1 << 24;

/// Where the labels of one image go.
pub(super) struct MadeLabels {
    place: Place,
    calibration: Calibration,
    /// What is wanted of maps.
    maps: WantedMaps,
    unsure: Mean,
}

/// What is wanted of the maps that come with the labels.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct WantedMaps {
    /// How to tell where the model is unsure; nothing for what has no probabilities.
    pub classes: Option<Classes>,
    /// Whether they are kept.
    pub keep: bool,
}

enum Place {
    /// All of them.
    InMemory(LabelsInMemory),
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
    maps: Option<ScratchMaps>,
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
    unsure: Mean,
    state: Vec<u8>,
}

impl MadeLabels {
    /// For labels of this shape. In memory when they are few or there is no `folder`, to be named `NAME.partial`; `made_by` tells
    /// what determines the labels.
    pub fn new(
        shape: Shape,
        calibration: Calibration,
        maps: WantedMaps,
        folder: Option<PathBuf>,
        made_by: &str,
        resume: bool,
    ) -> Self {
        Self { maps, ..Self::with_bounds(shape, calibration, folder, made_by, resume, (IN_MEMORY, BETWEEN_NOTES)) }
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
        let place = match folder.filter(|_| pixels > in_memory) {
            None => Place::InMemory(LabelsInMemory::new(shape)),
            Some(folder) => Place::InFile(Box::new(InFile {
                folder,
                shape,
                calibration: calibration.clone(),
                made_by: made_by.to_owned(),
                resume,
                labels: None,
                maps: None,
                between_notes,
                noted: 0,
            })),
        };
        Self { place, calibration, maps: WantedMaps::default(), unsure: Mean::default() }
    }

    /// The labels, when all are made.
    pub fn finish(self) -> Result<FinishedLabels> {
        let Self { place, calibration, unsure, .. } = self;
        let unsure = unsure.value();
        match place {
            Place::InMemory(made) => {
                let (labels, planes) = made.finish(calibration.clone());
                let maps = Some(KeptOrNot::InMemory { planes, t: labels.t, z: labels.z, calibration });
                Ok(FinishedLabels { rows: Box::new(labels), maps, unsure, folder: None })
            }
            Place::InFile(file) => {
                let labels = file.labels.ok_or_else(|| Error::internal("segment", "no labels were made"))?;
                let maps = file.maps.map(|maps| KeptOrNot::InFile(maps.finish()));
                Ok(FinishedLabels { rows: Box::new(labels.finish()?), maps, unsure, folder: Some(file.folder) })
            }
        }
    }
}

/// All labels of an image.
pub(super) struct FinishedLabels {
    /// The labels.
    pub rows: Box<dyn LabelRows>,
    maps: Option<KeptOrNot>,
    /// How unsure the model is, 0 to 1, where it has probabilities.
    pub unsure: Option<f64>,
    /// Where they lie, when they lie in a file.
    folder: Option<PathBuf>,
}

/// The maps of an image.
enum KeptOrNot {
    InMemory { planes: Vec<Maps>, t: usize, z: usize, calibration: Calibration },
    InFile(KeptMaps),
}

impl FinishedLabels {
    /// The maps, where they were to be kept.
    pub fn with_maps<T>(&self, then: impl FnOnce(&dyn MapRows) -> Result<T>) -> Result<T> {
        match &self.maps {
            Some(KeptOrNot::InMemory { planes, t, z, calibration }) => then(&MapStack { planes, t: *t, z: *z, calibration }),
            Some(KeptOrNot::InFile(maps)) => then(maps),
            None => Err(Error::internal("segment", "no maps were kept")),
        }
    }

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
        Ok((Self { rows, ..self }, linker.count()))
    }

    /// Lets them go.
    pub fn remove(self) -> Result<()> {
        drop((self.rows, self.maps));
        match &self.folder {
            Some(folder) => std::fs::remove_dir_all(folder).map_err(|error| Error::io("remove kept labels", folder, &error)),
            None => Ok(()),
        }
    }
}

impl LabelSink for MadeLabels {
    fn begin(&mut self, key: &str) -> Result<Option<Vec<u8>>> {
        self.unsure = Mean::default();
        match &mut self.place {
            Place::InMemory(made) => made.begin(key),
            Place::InFile(file) => Ok(file.begin(key)?.map(|note| {
                self.unsure = note.unsure;
                note.state
            })),
        }
    }

    fn rows(&mut self, rows: &Plane<u32>) -> Result<()> {
        match &mut self.place {
            Place::InMemory(made) => made.rows(rows),
            Place::InFile(file) => file.push(&rows.data),
        }
    }

    fn maps(&mut self, plane: usize, place: (usize, usize), part: &Maps) -> Result<()> {
        if let Some(classes) = self.maps.classes {
            self.unsure.add(classes, part);
        }
        match &mut self.place {
            _ if !self.maps.keep => Ok(()),
            Place::InMemory(made) => made.maps(plane, place, part),
            Place::InFile(file) => file.put(plane, place, part),
        }
    }

    fn can_go_on(&mut self, key: &str, state: &dyn Fn() -> Result<Vec<u8>>) -> Result<()> {
        match &mut self.place {
            Place::InMemory(_) => Ok(()),
            Place::InFile(file) => file.note(key, &self.unsure, state),
        }
    }
}

impl InFile {
    fn paths(&self) -> (PathBuf, PathBuf) {
        (self.folder.join("labels"), self.folder.join("state"))
    }

    fn begin(&mut self, key: &str) -> Result<Option<Note>> {
        let (labels, state) = self.paths();
        if std::mem::take(&mut self.resume)
            && let Some(note) = read_note(&state).filter(|note| note.made_by == self.made_by && note.key == key)
            && let Ok(kept) = ScratchLabels::go_on(&labels, self.shape, self.calibration.clone(), note.count, note.largest)
        {
            self.labels = Some(kept);
            self.noted = note.count;
            return Ok(Some(note));
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

    fn put(&mut self, plane: usize, place: (usize, usize), part: &Maps) -> Result<()> {
        if self.maps.is_none() {
            let shape = Shape { c: part.channels, ..self.shape };
            self.maps = Some(ScratchMaps::open(&self.folder.join("maps"), shape, self.calibration.clone())?);
        }
        self.maps.as_mut().map_or(Ok(()), |maps| maps.put(plane, place, part))
    }

    fn note(&mut self, key: &str, unsure: &Mean, state: &dyn Fn() -> Result<Vec<u8>>) -> Result<()> {
        let next = self.noted + self.between_notes;
        let (count, largest) = (self.labels()?.count(), self.labels()?.largest());
        if count < next {
            return Ok(());
        }
        // These first: a state never counts what is not there.
        self.labels()?.sync()?;
        self.maps.as_ref().map_or(Ok(()), ScratchMaps::sync)?;
        self.noted = count;
        let (made_by, key, state) = (self.made_by.clone(), key.to_owned(), state()?);
        let note = Note { made_by, key, count, largest, unsure: unsure.clone(), state };
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
        let maps = WantedMaps { classes: Some(Classes::Single), keep: true };
        MadeLabels { maps, ..MadeLabels::with_bounds(shape, Calibration::default(), Some(place), by, resume, (59, 20)) }
    }

    /// The map of the first row, with one value.
    fn row(value: f32) -> Maps {
        Maps::new(1, 1, 20, vec![value; 20])
    }

    #[test]
    fn an_interrupted_image_goes_on_where_it_was_noted() {
        let folder = tempfile::tempdir().unwrap();
        let mut labels = made(folder.path(), "x", false);
        assert_eq!(labels.begin("k").unwrap(), None);
        labels.maps(0, (0, 0), &row(0.5)).unwrap();
        labels.rows(&many(3)).unwrap();
        labels.can_go_on("k", &|| Ok(vec![1, 2])).unwrap();
        labels.maps(0, (1, 0), &row(0.5)).unwrap();
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
        labels.maps(0, (1, 0), &row(1.0)).unwrap();
        labels.rows(&many(9)).unwrap();
        labels.maps(0, (2, 0), &row(0.75)).unwrap();
        labels.rows(&many(4)).unwrap();
        let labels = labels.finish().unwrap();
        assert_eq!(
            labels.with_maps(|maps| (0..3).map(|y| Ok(maps.rows(0, 0, 0, y..y + 1)?[7])).collect::<Result<Vec<_>>>()).unwrap(),
            [0.5, 1.0, 0.75]
        );
        assert_eq!(labels.unsure, Some(0.25));
        assert_eq!(labels.rows.largest(), 9);
        assert_eq!([0, 1, 2].map(|y| labels.rows.rows(0, 0, y..y + 1).unwrap()[19]), [3, 9, 4]);
        labels.remove().unwrap();
        assert!(!folder.path().join("a.partial").exists());
    }

    #[test]
    fn small_images_leave_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a.partial");
        let wanted = WantedMaps { classes: Some(Classes::Single), keep: true };
        let mut labels = MadeLabels::new(Shape::plane(2, 1, 3), Calibration::default(), wanted, Some(place), "x", true);
        labels.begin("k").unwrap();
        labels.maps(0, (0, 2), &Maps::new(1, 1, 1, vec![0.75])).unwrap();
        labels.maps(0, (0, 0), &Maps::new(1, 1, 2, vec![0.5, 1.0])).unwrap();
        labels.rows(&Plane::new(1, 3, vec![0, 1, 2])).unwrap();
        let labels = labels.finish().unwrap();
        assert_eq!(labels.rows.rows(0, 0, 0..1).unwrap(), [0, 1, 2]);
        assert_eq!(labels.with_maps(|maps| maps.rows(0, 0, 0, 0..1)).unwrap(), [0.5, 1.0, 0.75]);
        assert_eq!(labels.unsure, Some(0.25));
        labels.remove().unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
