//! The rows of `objects.csv`.

use fewlabel_image::{csv_fields, csv_line};
use serde::{Deserialize, Serialize};

/// Rows as the lines that they are written as: a large image has a million objects, and as fields they would take ten times the memory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct ObjectRows {
    /// Each with its line break.
    lines: String,
    count: usize,
    /// Most fields that a row has.
    fields: usize,
}

impl ObjectRows {
    /// Adds a row.
    pub fn push(&mut self, fields: &[String]) {
        self.push_line(&csv_line(fields), fields.len());
    }

    /// Adds a row that was written before.
    pub fn push_line(&mut self, line: &str, fields: usize) {
        self.lines.push_str(line);
        self.lines.push('\n');
        self.count += 1;
        self.fields = self.fields.max(fields);
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Most fields that a row has.
    pub fn fields(&self) -> usize {
        self.fields
    }

    /// The rows as lines of so many fields; those that are missing are empty. All rows of an image have the same number.
    pub fn lines(&self, fields: usize) -> impl Iterator<Item = String> {
        let missing = ",".repeat(fields.saturating_sub(self.fields));
        self.lines.lines().map(move |line| format!("{line}{missing}"))
    }
}

/// The image that a line of `objects.csv` belongs to, and how many fields the line has.
pub(super) fn image_and_fields(line: &str) -> (String, usize) {
    let mut fields = csv_fields(line);
    let count = fields.len();
    (fields.swap_remove(0), count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_lines_of_as_many_fields_as_are_wanted() {
        let mut rows = ObjectRows::default();
        rows.push(&["a, b", "1"].map(str::to_owned));
        rows.push_line("c,", 2);
        assert_eq!((rows.len(), rows.fields()), (2, 2));
        assert_eq!(rows.lines(4).collect::<Vec<_>>(), ["\"a, b\",1,,", "c,,,"]);
        assert_eq!(rows.lines(2).collect::<Vec<_>>(), ["\"a, b\",1", "c,"]);
        assert_eq!(image_and_fields("\"a, b\",1,,"), ("a, b".to_owned(), 4));
        assert_eq!(image_and_fields("b,c"), ("b".to_owned(), 2));
        assert_eq!(image_and_fields(""), (String::new(), 1));
        assert_eq!(ObjectRows::default().lines(3).count(), 0);
    }
}
