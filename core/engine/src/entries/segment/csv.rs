//! Lines of comma-separated values (RFC 4180, without line breaks inside a field).

/// Joins fields to a line.
///
/// A field with a comma or a quotation mark is put in quotation marks; line breaks, which a file name may hold, become spaces.
pub(super) fn join(fields: &[String]) -> String {
    let quoted = fields.iter().map(|field| {
        let field = field.replace(['\n', '\r'], " ");
        if field.contains([',', '"']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
    });
    quoted.collect::<Vec<_>>().join(",")
}

/// Splits a line that [`join`] made.
pub(super) fn split(line: &str) -> Vec<String> {
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
            ',' if !quoted => fields.push(String::new()),
            other => fields[last].push(other),
        }
    }
    fields
}

/// A number as the shortest text that means it; nothing for what is not a number.
pub(super) fn number(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_joined_can_be_split() {
        let fields = ["a, \"b\"", "", "Zelle µ", "1.5"].map(str::to_owned);
        let line = join(&fields);
        assert_eq!(line, r#""a, ""b""",,Zelle µ,1.5"#);
        assert_eq!(split(&line), fields);
        assert_eq!(join(&["two\nlines".to_owned()]), "two lines");
    }

    #[test]
    fn numbers_are_short_and_exact() {
        assert_eq!([0.1, 7.0, 1e-7, f64::NAN].map(number), ["0.1", "7", "0.0000001", ""]);
    }
}
