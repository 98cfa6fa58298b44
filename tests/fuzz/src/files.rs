//! Several files in one input.
//!
//! Each begins with [`MARK`] and its name; then comes a line break, and what it holds up to the next mark. With marks
//! instead of lengths, a fuzzer can put in and take out bytes anywhere and leaves the other files whole.

/// Begins a file. It occurs in no text: none of these bytes does in UTF-8.
pub const MARK: &[u8] = b"\xf5\xf6\xf7\xf8";

/// Files that are taken from one input.
const MOST: usize = 80;

/// Longest name in bytes; what is longer is no file.
const LONGEST_NAME: usize = 100;

/// Names and contents, in order. What stands before the first mark is left out, so are names that lead out of a folder or that
/// no file has.
pub fn split(data: &[u8]) -> Vec<(&str, &[u8])> {
    let mut rest = after_mark(data);
    let mut files = Vec::new();
    while let Some(part) = rest.filter(|_| files.len() < MOST) {
        let end = position(part, MARK).unwrap_or(part.len());
        let (file, next) = part.split_at(end);
        rest = after_mark(next);
        let name_end = file.iter().position(|&byte| byte == b'\n').unwrap_or(file.len());
        let (name, content) = file.split_at(name_end);
        let Ok(name) = std::str::from_utf8(name) else { continue };
        if is_plain(name) {
            files.push((name, content.get(1..).unwrap_or_default()));
        }
    }
    files
}

/// The input that [`split`] takes apart into these files.
pub fn join<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    files.into_iter().flat_map(|(name, content)| [MARK, name.as_bytes(), b"\n", content].concat()).collect()
}

fn position(data: &[u8], part: &[u8]) -> Option<usize> {
    data.windows(part.len()).position(|window| window == part)
}

fn after_mark(data: &[u8]) -> Option<&[u8]> {
    data.get(position(data, MARK)? + MARK.len()..)
}

fn is_plain(name: &str) -> bool {
    name.len() <= LONGEST_NAME && !name.contains('\0') && name.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_back() {
        let files: [(&str, &[u8]); 3] = [("zarr.json", b"{\n}"), ("0/c/0", b"\xff\0"), ("empty", b"")];
        assert_eq!(split(&join(files)), files);
        assert_eq!(split(&[b"before".as_slice(), &join(files[..1].iter().copied())].concat()), files[..1]);
    }

    #[test]
    fn other_names_are_left_out() {
        let odd = ["", "/a", "../a", "a/./b", "a\0", &"long".repeat(30)];
        assert_eq!(split(&join(odd.map(|name| (name, b"x".as_slice())))), []);
        assert_eq!(split(b"no mark"), []);
        assert_eq!(split(&[MARK, b"\xff\nx", MARK, b"name alone"].concat()), [("name alone", b"".as_slice())]);
    }
}
