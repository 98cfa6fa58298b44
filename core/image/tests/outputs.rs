//! Files that are written: what other programs find in them, and what is left when writing fails.

mod common;

use std::io::Write;
use std::path::Path;

use common::{data, fingerprint, made};
use fewlabel_contract::{Error, ErrorKind};
use fewlabel_image::{
    AtomicFile, Calibration, LabelImage, Limits, MapStack, Maps, Pixels, Plane, Shape, open, open_labels, write_labels,
    write_maps, write_png_rgb,
};
use proptest::prelude::*;

fn calibration() -> Calibration {
    Calibration { x: Some(0.325), y: Some(0.25), z: Some(1.5), unit: Some("µm".into()), frame_interval: Some(30.0) }
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn real_labels_come_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("G22_s5.labels.tif");
    let mut labels = open_labels(&data("bbbc039/labels/G22_s5.png"), &Limits::default()).expect("labels");
    assert_eq!(labels.ids.iter().max(), Some(&138));
    labels.calibration = Calibration { z: None, frame_interval: None, ..calibration() };
    write_labels(&path, &labels, &[], false).expect("written");
    assert_eq!(open_labels(&path, &Limits::default()).expect("labels"), labels);
    // The samples are those of the PNG, as Pillow reads them.
    let image = open(&path, &Limits::default()).expect("an image");
    assert_eq!(fingerprint(&image).1, "e0313755f8d8f5673db5ae404b24bdca67409e4f6978c3d60e302383ecbc72ae");
}

#[test]
fn a_stack_of_labels_keeps_axes_calibration_and_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("stack.labels.tif");
    let labels = LabelImage { t: 2, z: 3, y: 5, x: 7, ids: (0..210).collect(), calibration: calibration() };
    let names: Vec<String> = (0..6).map(|i| format!("plane {i} µ")).collect();
    write_labels(&path, &labels, &names, false).expect("written");
    assert_eq!(open_labels(&path, &Limits::default()).expect("labels"), labels);
    let image = open(&path, &Limits::default()).expect("an image");
    assert_eq!(image.slice_labels, names);
    assert_eq!(image.shape, Shape { t: 2, z: 3, c: 1, y: 5, x: 7 });
}

/// ImageJ reads the planes of a stack from the place of the first on, without looking for the others.
#[test]
fn planes_lie_one_behind_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("stack.tif");
    let labels = LabelImage { t: 1, z: 3, y: 1, x: 3, ids: (1..10).collect(), calibration: Calibration::default() };
    write_labels(&path, &labels, &[], false).expect("written");
    let bytes = std::fs::read(&path).expect("read");
    let planes: Vec<u8> = (1_u16..10).flat_map(u16::to_ne_bytes).collect();
    assert!(bytes.windows(planes.len()).any(|part| part == planes));
}

#[test]
fn labels_above_65535_are_floats() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, largest: u32| {
        let path = folder.path().join(name);
        let labels = LabelImage::from_plane(Plane::new(1, 2, vec![0, largest]), Calibration::default());
        write_labels(&path, &labels, &[], false).map(|()| open(&path, &Limits::default()).expect("an image").pixels)
    };
    assert_eq!(write("16.tif", 65_535).expect("written"), Pixels::U16(vec![0, 65_535]));
    assert_eq!(write("32.tif", 65_536).expect("written"), Pixels::F32(vec![0.0, 65_536.0]));
    assert_eq!(write("24.tif", 1 << 24).expect("written"), Pixels::F32(vec![0.0, 16_777_216.0]));
    let error = write("too large.tif", (1 << 24) + 1).expect_err("too large");
    assert_eq!(error.kind, ErrorKind::Unsupported, "{error}");
    assert!(!folder.path().join("too large.tif").exists());
}

#[test]
fn maps_are_a_hyperstack_with_named_channels() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("image.prob.tif");
    let planes: Vec<Maps> = (0..6).map(|i| Maps::new(2, 1, 2, (0..4).map(|j| (i * 4 + j) as f32 / 24.0).collect())).collect();
    let names = ["interior".to_owned(), "boundary".to_owned()];
    let stack = MapStack { planes: &planes, t: 2, z: 3, calibration: &calibration() };
    write_maps(&path, &stack, &names, false).expect("written");
    let image = open(&path, &Limits::default()).expect("an image");
    assert_eq!(image.shape, Shape { t: 2, z: 3, c: 2, y: 1, x: 2 });
    assert_eq!(image.pixels, Pixels::F32((0..24).map(|i| i as f32 / 24.0).collect()));
    assert_eq!(image.plane(1, 2), planes[5]);
    assert_eq!(image.calibration, calibration());
    assert_eq!(image.slice_labels[..4], ["interior", "boundary", "interior", "boundary"]);
}

#[test]
fn what_does_not_fit_together_is_a_fault_and_writes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("never.tif");
    let none = Calibration::default();
    let labels = LabelImage { t: 1, z: 1, y: 2, x: 2, ids: vec![0; 4], calibration: none.clone() };
    let maps = [Maps::zeros(2, 2, 2), Maps::zeros(2, 2, 3)];
    for result in [
        write_labels(&path, &LabelImage { ids: vec![0; 3], ..labels.clone() }, &[], false),
        write_labels(&path, &LabelImage { y: 0, ids: vec![], ..labels.clone() }, &[], false),
        write_labels(&path, &labels, &["a".to_owned(), "b".to_owned()], false),
        write_maps(&path, &MapStack::slices(&[], &none), &[], false),
        write_maps(&path, &MapStack::slices(&maps, &none), &[], false),
        write_maps(&path, &MapStack { t: 2, ..MapStack::slices(&maps[..1], &none) }, &[], false),
        write_maps(&path, &MapStack::slices(&maps[..1], &none), &["only one".to_owned()], false),
        write_png_rgb(&path, &Plane::new(0, 0, vec![]), false),
    ] {
        assert_eq!(result.expect_err("a fault").kind, ErrorKind::Internal);
    }
    assert_eq!(names_in(folder.path()), Vec::<String>::new());
}

#[test]
fn pictures_come_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("overlay.png");
    let original = open(&made("rgb.png"), &Limits::default()).expect("an image");
    let maps = original.plane(0, 0);
    let pixel = |i: usize| [0, 1, 2].map(|c| maps.channel(c)[i] as u8);
    let picture = Plane::new(29, 37, (0..29 * 37).map(pixel).collect());
    write_png_rgb(&path, &picture, false).expect("written");
    assert_eq!(open(&path, &Limits::default()).expect("an image"), original);
}

#[test]
fn nothing_is_replaced_unless_allowed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "old").expect("written");
    let error = AtomicFile::create(&path, false).expect_err("there");
    assert_eq!(error.kind, ErrorKind::InvalidRequest, "{error}");
    assert!(error.to_string().contains("a.csv"), "{error}");

    let mut file = AtomicFile::create(&path, true).expect("allowed");
    file.write_all(b"new").expect("written");
    assert_eq!(std::fs::read(&path).expect("read"), b"old");
    file.commit().expect("renamed");
    assert_eq!(std::fs::read(&path).expect("read"), b"new");

    // A file that appears between create and commit stays as well.
    let late = folder.path().join("late.csv");
    let mut file = AtomicFile::create(&late, false).expect("free");
    file.write_all(b"mine").expect("written");
    std::fs::write(&late, "theirs").expect("written");
    assert_eq!(file.commit().expect_err("there").kind, ErrorKind::InvalidRequest);
    assert_eq!(std::fs::read(&late).expect("read"), b"theirs");

    drop(AtomicFile::create(&folder.path().join("never.csv"), false).expect("free"));
    let mut names = names_in(folder.path());
    names.sort();
    assert_eq!(names, ["a.csv", "late.csv"]);
    assert_eq!(AtomicFile::create(folder.path(), true).expect_err("a folder").kind, ErrorKind::InvalidRequest);
}

#[test]
fn folders_are_made_whatever_their_letters() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("Präparat 3/細胞 µ/it's here.tif");
    let labels = LabelImage::from_plane(Plane::new(1, 2, vec![0, 1]), Calibration::default());
    write_labels(&path, &labels, &[], false).expect("written");
    assert_eq!(open_labels(&path, &Limits::default()).expect("labels"), labels);
}

#[test]
fn a_folder_that_is_a_file_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a file");
    std::fs::write(&file, "").expect("written");
    for path in [file.join("a.tif"), file.join("below/a.tif")] {
        let error = AtomicFile::create(&path, false).expect_err("below a file");
        assert_eq!(error.kind, ErrorKind::Io, "{error}");
        assert!(error.to_string().contains("a part of this path is a file"), "{error}");
        assert!(error.to_string().contains("choose another folder"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn outputs_have_the_permissions_of_other_new_files() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let (ours, usual) = (folder.path().join("ours"), folder.path().join("usual"));
    AtomicFile::create(&ours, false).expect("free").commit().expect("renamed");
    std::fs::write(&usual, "").expect("written");
    let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode();
    assert_eq!(mode(&ours), mode(&usual));
}

/// Under a limit of the size of files, in a process of its own: the limit would hit the other tests too.
#[cfg(unix)]
#[test]
fn a_full_disk_is_said_and_leaves_nothing() {
    const FOLDER: &str = "FEWLABEL_TEST_FULL_DISK";
    if let Some(folder) = std::env::var_os(FOLDER) {
        let path = Path::new(&folder).join("big.tif");
        let labels = LabelImage::from_plane(Plane::filled(1000, 1000, 7), Calibration::default());
        let error: Error = write_labels(&path, &labels, &[], false).expect_err("does not fit");
        assert_eq!(error.kind, ErrorKind::Io, "{error}");
        assert!(error.to_string().contains("big.tif") && error.hint.is_some(), "{error}");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    // Blocks of 512 bytes; the signal that comes with the limit would end the process before it can say anything.
    let limited = "trap '' XFSZ; ulimit -f 64; exec \"$0\" a_full_disk_is_said_and_leaves_nothing --exact";
    let output = std::process::Command::new("sh")
        .args(["-c", limited])
        .arg(std::env::current_exe().expect("this program"))
        .env(FOLDER, folder.path())
        .output()
        .expect("a shell");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    assert_eq!(names_in(folder.path()), Vec::<String>::new());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn labels_of_any_extent_come_back(
        t in 1..4_usize, z in 1..4_usize, y in 1..9_usize, x in 1..9_usize,
        largest in prop::sample::select(vec![1_u32, 255, 65_535, 70_000, 1 << 24]),
        seed in any::<u32>(),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("labels.tif");
        let ids = (0..(t * z * y * x) as u32).map(|i| i.wrapping_mul(seed | 1) % (largest + 1)).collect();
        let calibration = Calibration { z: None, frame_interval: None, ..calibration() };
        let labels = LabelImage { t, z, y, x, ids, calibration };
        write_labels(&path, &labels, &[], false).expect("written");
        prop_assert_eq!(open_labels(&path, &Limits::default()).expect("labels"), labels);
    }
}
