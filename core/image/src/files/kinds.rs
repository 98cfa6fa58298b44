//! The classes of whole images: a table, or folders that are called as the classes.

use std::collections::HashMap;
use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Result};

use super::list::{Found, list};
use crate::csv::fields_between;

const OPERATION: &str = "read classes of images";

/// What may stand between the fields of a table; which it is, its header tells.
const SEPARATORS: [char; 3] = [',', ';', '\t'];

/// A table whose first line names its columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows with the number of their line, from 1. Each has as many fields as there are columns.
    pub rows: Vec<(usize, Vec<String>)>,
}

impl Table {
    /// Reads a table of comma-, semicolon- or tab-separated values. Empty lines do not count.
    ///
    /// # Errors
    /// `not-found`, `io`; `invalid-request` when it is no text, there is no header, or a row has another number of fields.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|error| Error::io(OPERATION, path, &error))?;
        let text = String::from_utf8(bytes)
            .map_err(|error| wrong("the table is not text in UTF-8", path).hint("save it as CSV in UTF-8").because(&error))?;
        // Spreadsheets put a byte order mark in front.
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let (_, header) = lines.next().ok_or_else(|| wrong("the table is empty", path))?;
        let columns = |separator: &char| fields_between(header, *separator).len();
        let separator = SEPARATORS.into_iter().rev().max_by_key(columns).unwrap_or(',');
        let fields = |line: &str| fields_between(line, separator).iter().map(|field| field.trim().to_owned()).collect::<Vec<_>>();
        let columns = fields(header);
        let rows = lines.map(|(number, line)| {
            let row = fields(line);
            match row.len() == columns.len() {
                true => Ok((number + 1, row)),
                false => Err(wrong("a line has another number of fields than the header", path)
                    .with("line", number + 1)
                    .with("fields", row.len())
                    .with("columns", columns.len())),
            }
        });
        let rows = rows.collect::<Result<_>>()?;
        Ok(Self { columns, rows })
    }

    /// The place of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }
}

/// The class of each image, as somebody wrote it down.
///
/// Images are known by their path seen from their folder (`basophil/a.jpg`); where two paths are of different length, by the end that
/// both have: `images/basophil/a.jpg` means the same.
#[derive(Clone, Debug, Default)]
pub struct KindLabels {
    rows: Vec<(String, String)>,
    /// Rows by the name of the file.
    by_name: HashMap<String, Vec<usize>>,
}

impl KindLabels {
    /// Reads tables with the columns `file` and `class`, and folders of class folders: an image in the folder `DIR/CLASS`, or below it,
    /// is of that class. Images right in `DIR` have none.
    ///
    /// # Errors
    /// Those of [`Table::read`] and [`list`]; `invalid-request` when a column is missing, a file or class has no name, or an image has two
    /// classes.
    pub fn read(paths: &[String]) -> Result<Self> {
        let mut labels = Self::default();
        for path in paths.iter().map(Path::new) {
            if path.is_dir() { labels.add_folder(path)? } else { labels.add_table(path)? }
        }
        Ok(labels)
    }

    fn add_table(&mut self, path: &Path) -> Result<()> {
        let table = Table::read(path)?;
        let column = |name: &str| {
            table.column(name).ok_or_else(|| {
                wrong("the table has no such column", path)
                    .with("column", name)
                    .with("columns there", table.columns.join(", "))
                    .hint("name the columns in the first line: file,class")
            })
        };
        let (file, class) = (column("file")?, column("class")?);
        for (line, row) in &table.rows {
            let cells = [("file", file), ("class", class)];
            if let Some((empty, _)) = cells.iter().find(|(_, place)| row[*place].is_empty()) {
                return Err(wrong("a field is empty", path).with("line", line).with("column", empty));
            }
            self.add(&row[file], &row[class], path).map_err(|error| error.with("line", line))?;
        }
        Ok(())
    }

    fn add_folder(&mut self, folder: &Path) -> Result<()> {
        for found in list(&[folder.display().to_string()], true)? {
            let name = found.from_folder();
            if let Some((class, _)) = name.split_once('/') {
                self.add(&name, class, folder)?;
            }
        }
        match self.rows.is_empty() {
            true => Err(wrong("the folder holds no class folders with images", folder).hint(
                "sort the images into folders that are called as their classes, or give a table with the columns file and class",
            )),
            false => Ok(()),
        }
    }

    fn add(&mut self, file: &str, class: &str, from: &Path) -> Result<()> {
        let file = file.replace('\\', "/");
        let file = file.strip_prefix("./").unwrap_or(&file);
        let same = self.by_name.entry(last(file).to_owned()).or_default();
        if let Some(&row) = same.iter().find(|&&row| self.rows[row].0 == file) {
            let before = &self.rows[row].1;
            return match before == class {
                true => Ok(()),
                false => {
                    Err(wrong("an image has two classes", from).with("image", file).with("first", before).with("second", class))
                }
            };
        }
        same.push(self.rows.len());
        self.rows.push((file.to_owned(), class.to_owned()));
        Ok(())
    }

    /// Path and class of each image, in the order of the table or of the paths.
    pub fn rows(&self) -> &[(String, String)] {
        &self.rows
    }

    /// The row of the image with this path; none where nobody says its class.
    ///
    /// # Errors
    /// `invalid-request` when the path may mean several images.
    pub fn row_of(&self, file: &str) -> Result<Option<usize>> {
        let rows = self.by_name.get(last(file)).map_or(&[][..], Vec::as_slice);
        if let Some(&row) = rows.iter().find(|&&row| self.rows[row].0 == file) {
            return Ok(Some(row));
        }
        let mut meant = rows.iter().copied().filter(|&row| is_end(&self.rows[row].0, file) || is_end(file, &self.rows[row].0));
        match (meant.next(), meant.next()) {
            (row, None) => Ok(row),
            (Some(first), Some(second)) => {
                Err(Error::new(ErrorKind::InvalidRequest, OPERATION, "it is not clear which image of the labels is meant")
                    .with("image", file)
                    .with("first", &self.rows[first].0)
                    .with("second", &self.rows[second].0)
                    .hint("give the folder that holds the folders of both"))
            }
            (None, Some(_)) => Ok(None),
        }
    }
}

impl Found {
    /// Its path seen from the folder that was given, with `/` between; the name alone of a file that was given itself.
    pub fn from_folder(&self) -> String {
        let folder = self.relative.components().map(|part| part.as_os_str().to_string_lossy().into_owned() + "/");
        folder.chain([self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()]).collect()
    }
}

/// The name of the file that a path leads to.
fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether `path` ends with `end`, at the border of a folder.
fn is_end(end: &str, path: &str) -> bool {
    path.strip_suffix(end).is_some_and(|rest| rest.ends_with('/'))
}

fn wrong(message: &str, path: &Path) -> Error {
    Error::new(ErrorKind::InvalidRequest, OPERATION, message).file(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> (tempfile::TempDir, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("labels.csv");
        std::fs::write(&path, text).unwrap();
        (folder, vec![path.display().to_string()])
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(file, class)| ((*file).to_owned(), (*class).to_owned())).collect()
    }

    #[test]
    fn tables_as_programs_and_spreadsheets_write_them() {
        let expected = pairs(&[("a/1.jpg", "round"), ("b 2.jpg", "long, thin")]);
        for text in [
            "file,class\na/1.jpg,round\nb 2.jpg,\"long, thin\"\n",
            "\u{feff}id;class;file\r\n7;round;a\\1.jpg\r\n\r\n8;long, thin;./b 2.jpg\r\n",
            "class\tfile\nround\ta/1.jpg\nlong, thin\tb 2.jpg\nround\ta/1.jpg",
        ] {
            // The text lies in a folder that must live until it is read.
            let (_folder, paths) = written(text);
            assert_eq!(KindLabels::read(&paths).unwrap().rows(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_table_is_told_with_its_line() {
        for (text, says, line) in [
            ("", "empty", None),
            ("image,class\na,b\n", "no such column", None),
            ("file,class\n\na.jpg\n", "another number of fields", Some("3")),
            ("file,class\na.jpg,\n", "a field is empty", Some("2")),
            ("file,class\na.jpg,x\nb.jpg,x\na.jpg,y\n", "two classes", Some("4")),
        ] {
            let (_folder, paths) = written(text);
            let error = KindLabels::read(&paths).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidRequest);
            assert!(error.message.contains(says), "{error}");
            let told = error.context.iter().find(|(name, _)| name == "line").map(|(_, value)| value.as_str());
            assert_eq!(told, line, "{error}");
        }
        assert_eq!(KindLabels::read(&["nowhere.csv".to_owned()]).unwrap_err().kind, ErrorKind::NotFound);
    }

    #[test]
    fn folders_are_called_as_their_classes() {
        let folder = tempfile::tempdir().unwrap();
        for file in ["round/b.jpg", "round/deep/a.jpg", "long/a.jpg", "none.jpg", "long/note.txt"] {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let given = |path: &Path| KindLabels::read(&[path.display().to_string()]);
        let labels = given(folder.path()).unwrap();
        assert_eq!(labels.rows(), pairs(&[("long/a.jpg", "long"), ("round/b.jpg", "round"), ("round/deep/a.jpg", "round")]));
        let error = given(&folder.path().join("long")).unwrap_err();
        assert!(error.message.contains("no class folders"), "{error}");
    }

    #[test]
    fn images_are_known_by_the_end_of_their_path() {
        let (_folder, paths) = written("file,class\na/1.jpg,x\nb/1.jpg,y\n2.jpg,z\n");
        let labels = KindLabels::read(&paths).unwrap();
        let class = |file: &str| labels.row_of(file).map(|row| row.map(|row| labels.rows()[row].1.clone()));
        assert_eq!(class("b/1.jpg").unwrap().as_deref(), Some("y"));
        assert_eq!(class("images/b/1.jpg").unwrap().as_deref(), Some("y"));
        assert_eq!(class("any/2.jpg").unwrap().as_deref(), Some("z"));
        assert_eq!(class("bb/1.jpg").unwrap(), None);
        assert_eq!(class("12.jpg").unwrap(), None);
        assert_eq!(class("1.jpg").unwrap_err().kind, ErrorKind::InvalidRequest);
    }
}
