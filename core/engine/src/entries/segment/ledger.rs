//! Which request made which outputs: `run.json`, and a journal while a run is under way.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, Request, Result};
use serde::{Deserialize, Serialize};

use super::super::record::{Model, Record, write_record};
use super::tables::{self, Rows};
use crate::VERSION;

const RECORD: &str = "run.json";
/// A line for each image that was begun and each that was done; gone when the run is complete.
const JOURNAL: &str = "run.partial.jsonl";

/// What is known about the outputs of one image.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Made {
    /// SHA-256 over settings, model and image.
    pub by: String,
    /// Its files, seen from the output folder.
    pub files: Vec<PathBuf>,
    /// Its rows in the tables. `None`: it was begun and not finished.
    pub rows: Option<Rows>,
}

/// The outputs that lie in a folder.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    made: BTreeMap<String, Made>,
    /// Names in the order of the tables.
    order: Vec<String>,
}

#[derive(Deserialize)]
struct Line {
    name: String,
    made_by: String,
    files: Vec<PathBuf>,
    #[serde(default)]
    rows: Option<Rows>,
}

/// The same to be written: what is kept is not copied.
#[derive(Serialize)]
struct Written<'a> {
    name: &'a str,
    made_by: &'a str,
    files: &'a [PathBuf],
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<&'a Rows>,
}

#[derive(Deserialize)]
struct Kept {
    images: Vec<Line>,
}

impl Ledger {
    /// Reads what earlier runs left in `folder`; nothing where there was none.
    pub fn read(folder: &Path) -> Self {
        let mut ledger = Self::default();
        let mut rows: BTreeMap<String, Rows> =
            tables::read(folder).into_iter().map(|rows| (rows.image[0].clone(), rows)).collect();
        let record = std::fs::read_to_string(folder.join(RECORD)).ok().and_then(|text| serde_json::from_str::<Kept>(&text).ok());
        for line in record.into_iter().flat_map(|record| record.images) {
            let rows = rows.remove(&line.name);
            ledger.put(line.name, Made { by: line.made_by, files: line.files, rows });
        }
        for line in std::fs::read_to_string(folder.join(JOURNAL)).unwrap_or_default().lines() {
            // The last line of a killed run may be torn.
            if let Ok(line) = serde_json::from_str::<Line>(line) {
                ledger.put(line.name, Made { by: line.made_by, files: line.files, rows: line.rows });
            }
        }
        ledger
    }

    /// What is known about the outputs of an image.
    pub fn get(&self, name: &str) -> Option<&Made> {
        self.made.get(name)
    }

    /// Notes the outputs of an image, or notes them anew.
    pub fn put(&mut self, name: String, made: Made) {
        if self.made.insert(name.clone(), made).is_none() {
            self.order.push(name);
        }
    }

    /// Every file that is known, as a path.
    pub fn files(&self, folder: &Path) -> BTreeSet<PathBuf> {
        self.made.values().flat_map(|made| &made.files).map(|file| folder.join(file)).collect()
    }

    /// The rows of all finished images and of `failed`, in order.
    pub fn rows(&self) -> Vec<&Rows> {
        self.order.iter().filter_map(|name| self.made[name].rows.as_ref()).collect()
    }

    /// Writes `run.json`, which `fewlabel run` can do again, and ends the journal.
    pub fn write(
        &self,
        folder: &Path,
        request: &Request,
        model: &str,
        model_sha256: &str,
        seconds: f64,
        existing_ok: bool,
    ) -> Result<()> {
        let images: Vec<Written<'_>> = self
            .order
            .iter()
            .map(|name| {
                let made = &self.made[name];
                Written { name, made_by: &made.by, files: &made.files, rows: None }
            })
            .collect();
        let record = Record { fewlabel: VERSION, request, model: Model { name: model, sha256: model_sha256 }, seconds, images };
        write_record(&folder.join(RECORD), &record, existing_ok)?;
        let journal = folder.join(JOURNAL);
        match std::fs::remove_file(&journal) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io("end journal", &journal, &error)),
            _ => Ok(()),
        }
    }
}

/// The journal of a run under way. It comes into being with the first note.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    go_on: bool,
    file: Option<File>,
}

impl Journal {
    /// Whether an interrupted run left one.
    pub fn is_in(folder: &Path) -> bool {
        folder.join(JOURNAL).exists()
    }

    /// A new one or, with `go_on`, that of an interrupted run.
    pub fn new(folder: &Path, go_on: bool) -> Self {
        Self { path: folder.join(JOURNAL), go_on, file: None }
    }

    /// Notes that the outputs of an image begin or, with rows, are done.
    pub fn note(&mut self, name: &str, made: &Made) -> Result<()> {
        let line = Written { name, made_by: &made.by, files: &made.files, rows: made.rows.as_ref() };
        let path = self.path.clone();
        let failed = |error: &std::io::Error| Error::io("write journal", &path, error);
        // Through a buffer, not as one text: the rows of a large image are as large as its table.
        let mut out = BufWriter::new(self.file()?);
        serde_json::to_writer(&mut out, &line).map_err(|error| failed(&error.into()))?;
        out.write_all(b"\n").and_then(|()| out.flush()).map_err(|error| failed(&error))
    }

    fn file(&mut self) -> Result<&mut File> {
        let failed = |error: &std::io::Error| Error::io("write journal", &self.path, error);
        if self.file.is_none() {
            let options = OpenOptions::new().create(true).write(true).append(self.go_on).truncate(!self.go_on).open(&self.path);
            let mut file = options.map_err(|error| failed(&error))?;
            // Ends a torn line.
            file.write_all(b"\n").map_err(|error| failed(&error))?;
            self.file = Some(file);
        }
        self.file.as_mut().ok_or_else(|| Error::internal("write journal", "there is no journal"))
    }
}

#[cfg(test)]
mod tests {
    use fewlabel_contract::{CONTRACT, Entry};
    use serde_json::json;

    use super::*;
    use crate::entries::segment::object_rows::ObjectRows;

    fn made(by: &str, rows: Option<Rows>) -> Made {
        Made { by: by.to_owned(), files: vec![PathBuf::from("a.labels.tif")], rows }
    }

    fn objects(lines: &[&str]) -> ObjectRows {
        let mut rows = ObjectRows::default();
        lines.iter().for_each(|line| rows.push_line(line, 1));
        rows
    }

    #[test]
    fn an_interrupted_run_is_known_by_its_journal() {
        let folder = tempfile::tempdir().unwrap();
        let rows = Rows {
            image: ["a", "1", "1", "1", "", "px", "0.1", "done", ""].map(str::to_owned).to_vec(),
            objects: objects(&["a"]),
        };
        let mut journal = Journal::new(folder.path(), false);
        journal.note("a", &made("x", None)).unwrap();
        journal.note("a", &made("x", Some(rows.clone()))).unwrap();
        journal.note("b", &made("x", None)).unwrap();
        journal.file().unwrap().write_all(b"{\"name\": \"c\", \"ma").unwrap();
        let ledger = Ledger::read(folder.path());
        assert_eq!(ledger.get("a"), Some(&made("x", Some(rows))));
        assert_eq!(ledger.get("b"), Some(&made("x", None)));
        assert_eq!(ledger.get("c"), None);

        Journal::new(folder.path(), true).note("c", &made("y", None)).unwrap();
        assert_eq!(Ledger::read(folder.path()).get("c"), Some(&made("y", None)));
    }

    #[test]
    fn a_complete_run_is_known_by_its_record() {
        let folder = tempfile::tempdir().unwrap();
        let rows =
            Rows { image: ["a", "0", "0", "", "", "px", "0.1", "done", ""].map(str::to_owned).to_vec(), objects: objects(&[]) };
        let mut ledger = Ledger::default();
        ledger.put("a".to_owned(), made("x", Some(rows.clone())));
        Journal::new(folder.path(), false).note("a", &made("x", None)).unwrap();
        tables::write(folder.path(), &ledger.rows(), Default::default(), false).unwrap();
        let request = Request { contract: CONTRACT, entry: Entry::Segment, args: json!({"model": "m"}) };
        ledger.write(folder.path(), &request, "m", "00", 1.0, false).unwrap();
        assert!(!Journal::is_in(folder.path()));
        assert_eq!(Ledger::read(folder.path()).get("a"), Some(&made("x", Some(rows))));
        let text = std::fs::read_to_string(folder.path().join(RECORD)).unwrap();
        assert_eq!(Request::from_json_or_record(&text).unwrap(), request);
    }
}
