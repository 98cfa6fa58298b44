//! Lines of comma-separated values (RFC 4180, without line breaks inside a field).

use std::io::Write;
use std::path::Path;

use fewlabel_contract::Result;

use crate::AtomicFile;

/// Joins fields to a line.
///
/// A field with a comma or a quotation mark is put in quotation marks; line breaks, which a file name may hold, become spaces.
pub fn csv_line(fields: &[String]) -> String {
    let quoted = fields.iter().map(|field| {
        let field = field.replace(['\n', '\r'], " ");
        if field.contains([',', '"']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
    });
    quoted.collect::<Vec<_>>().join(",")
}

/// Splits a line that [`csv_line`] made.
pub fn csv_fields(line: &str) -> Vec<String> {
    fields_between(line, ',')
}

/// Splits a line whose fields have `separator` between them.
pub(crate) fn fields_between(line: &str, separator: char) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let last = fields.len() - 1;
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                fields[last].push('"');
            }
            '"' => quoted = !quoted,
            other if other == separator && !quoted => fields.push(String::new()),
            other => fields[last].push(other),
        }
    }
    fields
}

/// Writes lines, whole or not at all.
///
/// # Errors
/// Those of [`AtomicFile`].
pub fn write_csv(path: &Path, lines: impl Iterator<Item = String>, existing_ok: bool) -> Result<()> {
    let mut file = AtomicFile::create(path, existing_ok)?;
    for line in lines {
        writeln!(file, "{line}").map_err(|error| file.error(&error))?;
    }
    file.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_joined_can_be_split() {
        let fields = ["a, \"b\"", "", "Zelle µ", "1.5"].map(str::to_owned);
        let line = csv_line(&fields);
        assert_eq!(line, r#""a, ""b""",,Zelle µ,1.5"#);
        assert_eq!(csv_fields(&line), fields);
        assert_eq!(csv_line(&["two\nlines".to_owned()]), "two lines");
        assert_eq!(fields_between("a;\"b;c\";1,5", ';'), ["a", "b;c", "1,5"]);
    }
}
