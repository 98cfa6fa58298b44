//! Which files a request means, and which belong together.

mod common;

use std::path::{Path, PathBuf};

use common::data;
use fewlabel_contract::ErrorKind;
use fewlabel_image::{Found, list, pair, read_order};

/// A folder with empty files of these names.
fn folder_with(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in names {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        std::fs::write(path, "").expect("written");
    }
    folder
}

fn text(path: &Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

/// Folder and name of each file found, with `/` between.
fn outputs(found: &[Found]) -> Vec<String> {
    found.iter().map(|f| text(&f.relative.join(&f.name)).replace('\\', "/")).collect()
}

fn listed(folder: &Path, recursive: bool) -> Vec<Found> {
    list(&[text(folder)], recursive).expect("a list")
}

#[test]
fn a_folder_means_the_images_in_it_sorted() {
    let folder = folder_with(&[
        "b.tif",
        "a 2.TIFF",
        "ä.png",
        "notes.txt",
        ".hidden.tif",
        "._b.tif",
        "c.labels.tif",
        "d.ome.tif",
        "sub/e.tif",
        "sub/deep/f.png",
    ]);
    assert_eq!(outputs(&listed(folder.path(), false)), ["a 2", "b", "c.labels", "d", "ä"]);
    assert_eq!(outputs(&listed(folder.path(), true)), ["a 2", "b", "c.labels", "d", "sub/deep/f", "sub/e", "ä"]);
    let sub = &listed(folder.path(), true)[5];
    assert_eq!((sub.relative.as_path(), sub.path.as_path()), (Path::new("sub"), folder.path().join("sub/e.tif").as_path()));
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_end() {
    let folder = folder_with(&["sub/a.tif"]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("sub/up")).expect("a link");
    assert_eq!(outputs(&listed(folder.path(), true)), ["sub/a"]);
}

#[test]
fn files_come_in_the_order_given_each_once() {
    let folder = folder_with(&["a.tif", "b.tif", "c.anything"]);
    let path = |name: &str| text(&folder.path().join(name));
    let found = list(&[path("c.anything"), path("b.tif"), text(folder.path())], false).expect("a list");
    assert_eq!(outputs(&found), ["c", "b", "a"]);
    let missing = list(&[path("no.tif")], false).expect_err("missing");
    assert_eq!(missing.kind, ErrorKind::NotFound);
    assert!(missing.to_string().contains("no.tif"), "{missing}");
}

#[test]
fn nothing_found_is_an_error() {
    let folder = folder_with(&["notes.txt", "sub/a.tif"]);
    let error = list(&[text(folder.path())], false).expect_err("nothing");
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert!(error.to_string().contains("recursive"), "{error}");
    assert_eq!(list(&[], false).expect_err("nothing").kind, ErrorKind::NotFound);
}

#[test]
fn a_list_names_files_beside_it_or_in_the_folders_given() {
    let folder = folder_with(&["images/a.tif", "images/b_seg.png", "images/plate1/a.tif", "own.tif"]);
    let write = |name: &str, lines: &str| {
        std::fs::write(folder.path().join(name), lines).expect("written");
        format!("@{}", text(&folder.path().join(name)))
    };
    let images = text(&folder.path().join("images"));

    let files = write("files.txt", "\u{feff}own.tif\r\n\r\nimages/a.tif\r\n");
    assert_eq!(outputs(&list(&[files], false).expect("files")), ["own", "a"]);

    let names = write("names.txt", "b_seg\na\n");
    assert_eq!(outputs(&list(&[names.clone(), images.clone()], false).expect("names")), ["b_seg", "a"]);
    assert_eq!(list(&[names], false).expect_err("no folder").kind, ErrorKind::InvalidRequest);

    let stems = write("stems.txt", "b\nplate1/a\na.tif\n");
    assert_eq!(outputs(&list(&[images.clone(), stems], false).expect("stems")), ["b_seg", "plate1/a", "a"]);

    let missing = list(&[write("missing.txt", "a\nnobody\n"), images.clone()], false).expect_err("missing");
    assert_eq!(missing.kind, ErrorKind::NotFound);
    assert!(missing.to_string().contains("nobody") && missing.to_string().contains("images"), "{missing}");

    let empty = list(&[write("empty.txt", "\n \n"), images], false).expect_err("empty");
    assert_eq!(empty.kind, ErrorKind::InvalidRequest);
}

#[test]
fn a_part_of_a_split_names_real_images() {
    let split = format!("@{}#val", text(&data("fluorescence/split.json")));
    let images = list(&[split.clone(), text(&data("fluorescence/images"))], false).expect("images");
    let labels = list(&[split, text(&data("fluorescence/labels"))], false).expect("labels");
    let pairs = pair(&images, &labels).expect("pairs");
    assert_eq!(pairs.len(), 12);
    assert!(pairs.iter().all(|p| p.label.is_some()));
    assert!(pairs[0].stem.starts_with("0b2e702f"));

    let order = read_order(&format!("{}#fewlabel_order.0", text(&data("fluorescence/split.json")))).expect("an order");
    assert_eq!(order.len(), 5);
    assert!(order[0].starts_with("b3a9f4c9") && order[1].starts_with("5afb7932"));
}

#[test]
fn a_wrong_way_into_a_split_says_what_there_is() {
    let split = text(&data("bbbc039/split.json"));
    for (spec, says) in [
        (format!("{split}#tests"), "parts there: fewlabel_order, train, val"),
        (format!("{split}#fewlabel_order.7"), "parts there: 0"),
        (format!("{split}#fewlabel_order"), "not a list of names"),
        (format!("{split}#train.0"), "no such part"),
        (split.clone(), "split.json#train"),
    ] {
        let error = read_order(&spec).expect_err(says);
        assert_eq!(error.kind, ErrorKind::InvalidRequest);
        assert!(error.to_string().contains(says), "{error}");
    }
    assert_eq!(read_order("no/such.json#train").expect_err("missing").kind, ErrorKind::NotFound);

    let folder = folder_with(&[]);
    let twice = folder.path().join("order #1.txt");
    std::fs::write(&twice, "a\nb\na\n").expect("written");
    let error = read_order(&text(&twice)).expect_err("twice");
    assert!(error.to_string().contains("something twice (") && error.to_string().contains("name: a"), "{error}");
}

#[test]
fn partners_share_a_stem() {
    let images = folder_with(&["a.tif", "b.ome.tif", "c.png", "plate1/a.tif"]);
    let labels = folder_with(&["a_cp_masks.png", "b.labels.tif", "plate1/a_mask.tif"]);
    let pairs = pair(&listed(images.path(), true), &listed(labels.path(), true)).expect("pairs");
    let partner = |stem: &str| -> Option<PathBuf> {
        let pair = pairs.iter().find(|p| p.stem == stem).expect("a pair");
        pair.label.as_ref().map(|l| l.strip_prefix(labels.path()).expect("below").to_owned())
    };
    assert_eq!(pairs.iter().map(|p| p.stem.as_str()).collect::<Vec<_>>(), ["a", "b", "c", "plate1/a"]);
    assert_eq!(partner("a").as_deref(), Some(Path::new("a_cp_masks.png")));
    assert_eq!(partner("b").as_deref(), Some(Path::new("b.labels.tif")));
    assert_eq!(partner("c"), None);
    assert_eq!(partner("plate1/a").as_deref(), Some(Path::new("plate1/a_mask.tif")));
}

#[test]
fn images_and_labels_may_lie_in_one_folder() {
    let folder = folder_with(&["a.tif", "a_masks.tif", "b.tif", "c.tif", "c.labels.tif"]);
    let all = listed(folder.path(), false);
    let pairs = pair(&all, &all).expect("pairs");
    let labels: Vec<_> =
        pairs.iter().map(|p| p.label.as_ref().map(|l| text(Path::new(l.file_name().expect("a name"))))).collect();
    assert_eq!(labels, ["a_masks.tif", "b.tif", "c.labels.tif"].map(|name| Some(name.to_owned())));
    assert_eq!(pairs[1].label.as_ref(), Some(&pairs[1].image), "what is drawn in it would be its label");
    // However it is given.
    let (b, around) = (text(&folder.path().join("b.tif")), text(&folder.path().join("./b.tif")));
    let [own] = &pair(&list(&[b], false).expect("b"), &list(&[around], false).expect("b")).expect("a pair")[..] else {
        panic!("one pair")
    };
    assert_eq!(own.label.as_ref(), Some(&own.image));
}

#[test]
fn a_label_alone_and_two_candidates_are_errors() {
    let images = folder_with(&["a.tif", "b.tif"]);
    let labels = |names: &[&str]| {
        let folder = folder_with(names);
        let found = listed(folder.path(), false);
        pair(&listed(images.path(), false), &found).expect_err("an error")
    };
    let alone = labels(&["a_mask.tif", "x_mask.tif", "z.tif"]);
    assert_eq!(alone.kind, ErrorKind::InvalidRequest);
    assert!(alone.to_string().contains("x_mask.tif") && alone.to_string().contains("such labels: 2"), "{alone}");
    let two = labels(&["a_mask.tif", "a_seg.png"]);
    assert_eq!(two.kind, ErrorKind::InvalidRequest);
    assert!(two.to_string().contains("a_mask.tif") && two.to_string().contains("a_seg.png"), "{two}");
    let twins = folder_with(&["a.tif", "a.png"]);
    let two = pair(&listed(twins.path(), false), &[]).expect_err("two images");
    assert!(two.to_string().contains("two images"), "{two}");
}
