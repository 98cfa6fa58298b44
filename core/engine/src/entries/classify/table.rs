//! The table of classes: a row a plane.

use std::collections::BTreeMap;
use std::path::Path;

use fewlabel_contract::{ClassifiedPlane, Result};
use fewlabel_image::{Table, csv_line};

/// Columns before those of the probabilities.
const COLUMNS: [&str; 5] = ["file", "t", "z", "class", "probability"];

/// The first line.
pub(super) fn header(classes: &[String]) -> String {
    let columns: Vec<String> =
        COLUMNS.iter().map(|&name| name.to_owned()).chain(classes.iter().map(|class| format!("p({class})"))).collect();
    csv_line(&columns)
}

/// The line of a plane. Numbers are the shortest text that means them.
pub(super) fn line(file: &str, plane: &ClassifiedPlane) -> String {
    let numbers = plane.probabilities.iter().map(ToString::to_string);
    let fields = [file.to_owned(), plane.t.to_string(), plane.z.to_string(), plane.class.clone(), plane.probability.to_string()];
    csv_line(&fields.into_iter().chain(numbers).collect::<Vec<_>>())
}

/// The planes of each file in a table that [`line`] made; nothing when it is another.
///
/// # Errors
/// Those of [`Table::read`].
pub(super) fn read(path: &Path, classes: &[String]) -> Result<Option<BTreeMap<String, Vec<ClassifiedPlane>>>> {
    let table = Table::read(path)?;
    if csv_line(&table.columns) != header(classes) {
        return Ok(None);
    }
    let mut files: BTreeMap<String, Vec<ClassifiedPlane>> = BTreeMap::new();
    for (_, row) in &table.rows {
        let Some(plane) = plane(row) else { return Ok(None) };
        files.entry(row[0].clone()).or_default().push(plane);
    }
    Ok(Some(files))
}

fn plane(row: &[String]) -> Option<ClassifiedPlane> {
    let [_, t, z, class, probability, probabilities @ ..] = row else { return None };
    Some(ClassifiedPlane {
        t: t.parse().ok()?,
        z: z.parse().ok()?,
        class: class.clone(),
        probability: probability.parse().ok()?,
        probabilities: probabilities.iter().map(|field| field.parse().ok()).collect::<Option<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use fewlabel_image::write_csv;

    use super::*;

    #[test]
    fn what_is_written_can_be_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kinds.csv");
        let classes = ["round".to_owned(), "long, thin".to_owned()];
        let plane = |t, probabilities: [f64; 2]| ClassifiedPlane {
            t,
            z: 1,
            class: "round".to_owned(),
            probability: probabilities[0],
            probabilities: probabilities.to_vec(),
        };
        let planes = [plane(1, [f64::from(0.7_f32), f64::from(0.3_f32)]), plane(2, [1.0, 1e-9])];
        let lines = std::iter::once(header(&classes)).chain(planes.iter().map(|plane| line("a/b, c.tif", plane)));
        write_csv(&path, lines, false).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            text.starts_with("file,t,z,class,probability,p(round),\"p(long, thin)\"\n\"a/b, c.tif\",1,1,round,0.69999"),
            "{text}"
        );
        let read = read(&path, &classes).unwrap().expect("the same table");
        assert_eq!(read, BTreeMap::from([("a/b, c.tif".to_owned(), planes.to_vec())]));
        assert_eq!(super::read(&path, &classes[..1]).unwrap(), None, "of another model");
    }
}
