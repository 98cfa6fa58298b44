//! Which of the pairs may be opened.

use std::path::PathBuf;

use fewlabel_contract::{Error, ErrorKind, Result};
use fewlabel_image::{Pair, stem};

const OPERATION: &str = "choose labels";

/// An image with its labels, both allowed to be opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled {
    /// Partner stem.
    pub stem: String,
    /// File of the image.
    pub image: PathBuf,
    /// File of the labels.
    pub label: PathBuf,
}

/// What `first` and `order` leave of the pairs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// With labels that may be opened; in the order of the list, or of the images without one.
    pub labelled: Vec<Labelled>,
    /// Images that count as unlabelled.
    pub unlabelled: Vec<PathBuf>,
}

/// Applies the order and its first `first` names.
///
/// Without an order every pair counts. With one, images that it does not name are left out altogether,
/// and those named after the first `first` are unlabelled, whether a label lies on disk or not.
///
/// # Errors
/// `invalid-request` when `first` is 0, comes without an order, or is more than the names; when a name means
/// two images; `not-found` when one of the first names has no image or no labels.
pub fn select(pairs: Vec<Pair>, first: Option<usize>, order: Option<&[String]>) -> Result<Selection> {
    let mut selection = Selection::default();
    let Some(order) = order else {
        if let Some(first) = first {
            return Err(invalid("which names are the first is not said").with("first", first).hint("give the order too"));
        }
        for pair in pairs {
            selection.take(pair, true);
        }
        return Ok(selection);
    };
    if let Some(first) = first.filter(|&first| first == 0 || first > order.len()) {
        return Err(invalid("there are not so many names in the order")
            .with("first", first)
            .with("allowed", format!("1 to {}", order.len())));
    }
    for (place, name) in order.iter().enumerate() {
        let counts = first.is_none_or(|first| place < first);
        let must_be_there = first.is_some() && counts;
        match named(&pairs, name)? {
            Some(pair) if must_be_there && pair.label.is_none() => return Err(missing("labels", name)),
            Some(pair) => selection.take(pair.clone(), counts),
            None if must_be_there => return Err(missing("image", name)),
            None => {}
        }
    }
    Ok(selection)
}

impl Selection {
    fn take(&mut self, pair: Pair, with_labels: bool) {
        match pair.label.filter(|_| with_labels) {
            Some(label) => self.labelled.push(Labelled { stem: pair.stem, image: pair.image, label }),
            None => self.unlabelled.push(pair.image),
        }
    }
}

/// The pair that a name of the list means: its stem, with or without the folder, with or without an ending.
fn named<'a>(pairs: &'a [Pair], name: &str) -> Result<Option<&'a Pair>> {
    let (folder, file) = name.rsplit_once('/').map_or(("", name), |(folder, file)| (folder, file));
    let without_ending = if folder.is_empty() { stem(file).to_owned() } else { format!("{folder}/{}", stem(file)) };
    for wanted in [name, &without_ending] {
        let means =
            |pair: &&Pair| pair.stem.strip_suffix(wanted).is_some_and(|before| before.is_empty() || before.ends_with('/'));
        let mut meant = pairs.iter().filter(means);
        match (meant.next(), meant.next()) {
            (Some(one), Some(two)) => {
                return Err(invalid("a name in the order means two images")
                    .with("name", name)
                    .with("first", one.image.display())
                    .with("second", two.image.display())
                    .hint("write the folder in front of the name"));
            }
            (Some(pair), None) => return Ok(Some(pair)),
            (None, _) => {}
        }
    }
    Ok(None)
}

fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::InvalidRequest, OPERATION, message)
}

/// What the first names must have and this one lacks.
pub fn missing(what: &str, name: &str) -> Error {
    Error::new(ErrorKind::NotFound, OPERATION, format!("one of the first names in the order has no {what}"))
        .with("name", name)
        .hint("give the folder in which it lies, or another order")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(stem: &str, labelled: bool) -> Pair {
        let label = labelled.then(|| PathBuf::from(format!("labels/{stem}.png")));
        Pair { image: PathBuf::from(format!("images/{stem}.png")), label, stem: stem.to_owned() }
    }

    fn pairs() -> Vec<Pair> {
        vec![pair("a", true), pair("b", true), pair("c", false), pair("plate/d.1", true)]
    }

    fn names(selection: &Selection) -> (Vec<&str>, Vec<&str>) {
        (
            selection.labelled.iter().map(|l| l.stem.as_str()).collect(),
            selection.unlabelled.iter().filter_map(|p| p.to_str()).collect(),
        )
    }

    fn order(names: &[&str]) -> Vec<String> {
        names.iter().map(|&n| n.to_owned()).collect()
    }

    #[test]
    fn without_an_order_everything_counts() {
        let selection = select(pairs(), None, None).unwrap();
        assert_eq!(names(&selection), (vec!["a", "b", "plate/d.1"], vec!["images/c.png"]));
        assert_eq!(selection.labelled[2].label, PathBuf::from("labels/plate/d.1.png"));
    }

    #[test]
    fn only_the_first_names_keep_their_labels_and_unnamed_images_are_left_out() {
        let order = order(&["d.1", "b.tif", "c", "nowhere"]);
        let selection = select(pairs(), Some(1), Some(&order)).unwrap();
        assert_eq!(names(&selection), (vec!["plate/d.1"], vec!["images/b.png", "images/c.png"]));
        let selection = select(pairs(), None, Some(&order)).unwrap();
        assert_eq!(names(&selection), (vec!["plate/d.1", "b"], vec!["images/c.png"]));
    }

    #[test]
    fn what_the_first_names_lack_is_said() {
        let error = |first, names: &[&str]| select(pairs(), Some(first), Some(&order(names))).unwrap_err();
        assert_eq!(error(2, &["a", "c"]).kind, ErrorKind::NotFound);
        assert!(error(2, &["a", "c"]).message.contains("labels"));
        assert!(error(2, &["a", "e"]).message.contains("image"));
        assert_eq!(error(3, &["a", "b"]).kind, ErrorKind::InvalidRequest);
        assert_eq!(error(0, &["a"]).kind, ErrorKind::InvalidRequest);
        assert_eq!(select(pairs(), Some(1), None).unwrap_err().kind, ErrorKind::InvalidRequest);
    }

    #[test]
    fn a_name_in_two_folders_needs_its_folder() {
        let pairs = vec![pair("p1/a", true), pair("p2/a", true)];
        assert_eq!(select(pairs.clone(), None, Some(&order(&["a"]))).unwrap_err().kind, ErrorKind::InvalidRequest);
        let selection = select(pairs, None, Some(&order(&["p2/a.tif"]))).unwrap();
        assert_eq!(names(&selection).0, ["p2/a"]);
    }
}
