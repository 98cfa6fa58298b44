//! What is opened, and how each wrong input is refused.

use std::path::{Path, PathBuf};

use fewlabel_contract::{CancelToken, Error, ErrorKind, TrainArgs};
use fewlabel_image::{
    Calibration, Class, LabelImage, Limits, MapStack, Maps, Outline, OutlineShape, Plane, Point, write_geojson, write_labels,
    write_maps_ome, write_roi_zip,
};
use fewlabel_objects::UNLABELLED;
use serde_json::json;

use super::{LabelSet, open_label_set};

const U: u32 = UNLABELLED;

/// Images and labels of one test, as files.
struct Folder {
    _guard: tempfile::TempDir,
    images: PathBuf,
    labels: PathBuf,
}

impl Folder {
    fn new() -> Self {
        let guard = tempfile::tempdir().unwrap();
        let (images, labels) = (guard.path().join("bilder ä"), guard.path().join("labels"));
        std::fs::create_dir_all(&images).unwrap();
        std::fs::create_dir_all(&labels).unwrap();
        Self { _guard: guard, images, labels }
    }

    /// An image of the size of `labels`, and the labels.
    fn with(self, name: &str, labels: LabelImage) -> Self {
        let grey = LabelImage { ids: vec![1; labels.ids.len()], ..labels.clone() };
        write(&self.images.join(format!("{name}.tif")), &grey);
        write(&self.labels.join(format!("{name}.tif")), &labels);
        self
    }

    fn with_plane(self, name: &str, width: usize, ids: &[u32]) -> Self {
        self.with(name, plane(width, ids))
    }

    fn open(&self, more: serde_json::Value) -> Result<LabelSet, Error> {
        open(&self.images, &self.labels, more)
    }

    fn refused(&self, more: serde_json::Value) -> Error {
        self.open(more).unwrap_err()
    }
}

fn plane(width: usize, ids: &[u32]) -> LabelImage {
    LabelImage::from_plane(Plane::new(ids.len() / width, width, ids.to_vec()), Calibration::default())
}

fn write(path: &Path, labels: &LabelImage) {
    write_labels(path, labels, &[], false).unwrap();
}

fn open(images: &Path, labels: &Path, more: serde_json::Value) -> Result<LabelSet, Error> {
    let mut args = json!({ "images": [images], "labels": [labels], "save": "model.zip" });
    args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let args: TrainArgs = serde_json::from_value(args).unwrap();
    open_label_set(&args, &Limits::default(), &CancelToken::new())
}

/// A folder of real images.
fn real(set: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data").join(set)
}

#[test]
fn the_first_labels_of_an_order_are_opened_and_nothing_else() {
    let folder = real("fluorescence");
    let order = format!("{}#fewlabel_order.0", folder.join("split.json").display());
    let set = open(&folder.join("images"), &folder.join("labels"), json!({ "first": 2, "order": order })).unwrap();
    let names: Vec<&str> = set.images.iter().map(|image| &image.name[..4]).collect();
    assert_eq!(names, ["b3a9", "5afb"]);
    // The three others of the order count as unlabelled, the twelve images it does not name as nothing.
    assert_eq!(set.unlabelled.len(), 3);
    assert!(set.classes.is_empty());
    let counted: usize = set.images.iter().map(|i| *i.planes[0].labels.data.iter().max().unwrap() as usize).sum();
    assert_eq!(set.objects, counted, "ids of these labels run from 1 without gaps");
    for image in &set.images {
        assert_eq!((image.planes[0].labels.height, image.planes[0].labels.width), (image.image.shape.y, image.image.shape.x));
    }
}

#[test]
fn a_label_beyond_the_first_is_not_read() {
    let folder = Folder::new().with_plane("a", 3, &[0, 1, 0]).with_plane("b", 3, &[0, 1, 0]);
    std::fs::write(folder.labels.join("b.tif"), b"not an image").unwrap();
    let order = folder.images.join("../order.txt");
    std::fs::write(&order, "a\nb\n").unwrap();
    assert_eq!(folder.open(json!({ "first": 1, "order": order })).unwrap().objects, 1);
    assert_eq!(folder.refused(json!({ "first": 2, "order": order })).kind, ErrorKind::UnreadableImage);
}

#[test]
fn colour_and_sixteen_bit_images_load() {
    for (name, channels) in [("histology", 3), ("bbbc039", 1)] {
        let set = open(&real(name).join("images"), &real(name).join("labels"), json!({})).unwrap();
        assert!(set.images.iter().all(|image| image.image.shape.c == channels), "{name}");
        assert!(set.objects > 20);
    }
}

#[test]
fn sparse_labels_get_a_band_and_dense_ones_none() {
    let ids = [255, 255, 255, 255, 255, 7, 255, 255, 255, 255, 255];
    let folder = Folder::new().with_plane("sparse", 11, &ids).with_plane("dense", 3, &[1, 0, 0]);
    let set = folder.open(json!({ "unlabelled": 255 })).unwrap();
    assert_eq!(set.images[0].planes[0].labels.data, [1, 0, 0]);
    assert_eq!(set.images[1].planes[0].labels.data, [U, U, 0, 0, 0, 7, 0, 0, 0, U, U]);
    // Without the word every 255 is an object.
    assert_eq!(folder.open(json!({})).unwrap().objects, 3);
    // 0 itself may be the value; then there is no other background than the band.
    let set = folder.open(json!({ "unlabelled": 0 })).unwrap();
    assert_eq!(set.images[0].planes[0].labels.data, [1, 0, 0]);
}

/// Of the pixels that outlines of every fifth object of a real image make background, the share that belongs to another object.
fn background_on_other_objects(set: &str, name: &str) -> f64 {
    let (images, labels) = (real(set).join("images"), real(set).join("labels"));
    let truth = open(&images, &labels, json!({})).unwrap();
    let truth = truth.images.into_iter().find(|image| image.name.starts_with(name)).unwrap();
    let whole = &truth.planes[0].labels;
    let outlined = whole.map(|id| if id != 0 && id % 5 == 0 { id } else { 0 });
    let folder = Folder::new();
    write(&folder.labels.join(truth.label_path.file_name().unwrap()).with_extension("tif"), &plane(whole.width, &outlined.data));
    std::fs::copy(&truth.image_path, folder.images.join(truth.image_path.file_name().unwrap())).unwrap();
    let sparse = folder.open(json!({ "unlabelled": 0 })).unwrap();
    let background: Vec<u32> =
        sparse.images[0].planes[0].labels.data.iter().zip(&whole.data).filter(|(id, _)| **id == 0).map(|(_, &id)| id).collect();
    assert!(background.len() > 1000, "there is a band");
    background.iter().filter(|id| **id != 0).count() as f64 / background.len() as f64
}

/// Of whole bands 0.124 and 0.081 lie on neighbours.
#[test]
fn the_band_of_an_outlined_nucleus_is_not_its_neighbour() {
    let crowded = background_on_other_objects("fluorescence", "5afb");
    let stained = background_on_other_objects("histology", "2c61");
    assert!(crowded < 0.03 && stained < 0.03, "{crowded} {stained}");
}

#[test]
fn areas_have_classes_and_no_band() {
    let folder = Folder::new().with_plane("a", 5, &[9, 9, 3, 0, 3]).with_plane("b", 5, &[9, 9, 9, 40, 40]);
    let set = folder.open(json!({ "find": "areas", "unlabelled": 9 })).unwrap();
    assert_eq!(set.classes, [0, 3, 40]);
    assert_eq!(set.images[0].planes[0].labels.data, [U, U, 3, 0, 3]);
    assert_eq!(set.objects, 2);
    // The background is a class also where nobody labelled any.
    let set = Folder::new().with_plane("a", 3, &[5, 2, 9]).open(json!({ "find": "areas", "unlabelled": 9 })).unwrap();
    assert_eq!(set.classes, [0, 2, 5]);
}

#[test]
fn planes_of_a_stack_that_nobody_came_to_are_left_out() {
    let stack = LabelImage { t: 2, z: 2, y: 1, x: 2, ids: vec![0, 0, 0, 4, 9, 9, 5, 9], calibration: Calibration::default() };
    let folder = Folder::new().with("stack", stack);
    let set = folder.open(json!({ "unlabelled": 9 })).unwrap();
    let planes: Vec<_> = set.images[0].planes.iter().map(|p| (p.t, p.z, p.labels.data.clone())).collect();
    assert_eq!(planes, [(0, 1, vec![0, 4]), (1, 1, vec![5, 0])]);
    assert_eq!(set.objects, 2);
}

#[test]
fn an_image_without_objects_is_an_image_of_background() {
    let folder = Folder::new().with_plane("empty", 2, &[0, 0]).with_plane("full", 2, &[1, 0]);
    let set = folder.open(json!({})).unwrap();
    assert_eq!((set.images.len(), set.objects), (2, 1));
    // One in which nothing is labelled at all is an unlabelled image.
    let set = folder.open(json!({ "unlabelled": 0 })).unwrap();
    assert_eq!((set.images.len(), set.unlabelled.len()), (1, 1));
}

#[test]
fn too_few_labels_are_refused_with_a_way_out() {
    let refused = |ids: &[u32], more: serde_json::Value| {
        let error = Folder::new().with_plane("a", ids.len(), ids).refused(more);
        assert_eq!(error.kind, ErrorKind::TooFewLabels, "{error}");
        assert!(error.hint.is_some());
        error.message
    };
    assert!(refused(&[0, 0, 0], json!({})).contains("no object"));
    assert!(refused(&[9, 9, 0], json!({ "unlabelled": 9 })).contains("no object"));
    assert!(refused(&[1, 1, 2], json!({})).contains("no background"));
    assert!(refused(&[3, 3, 3], json!({ "find": "areas" })).contains("one class"));
    assert!(refused(&[0, 0, 0], json!({ "find": "areas" })).contains("no object"));
    // Two objects side by side over the whole image: no pixel is left for a band.
    assert!(refused(&[1, 2], json!({ "unlabelled": 9 })).contains("no background"));
}

#[test]
fn labels_of_another_size_name_both_files_and_sizes() {
    let folder = Folder::new().with_plane("a", 3, &[0, 1, 0, 0, 1, 0]);
    std::fs::remove_file(folder.labels.join("a.tif")).unwrap();
    write(&folder.labels.join("a_mask.tif"), &plane(2, &[0, 1, 0, 0, 1, 0]));
    let error = folder.refused(json!({}));
    assert_eq!(error.kind, ErrorKind::InvalidRequest);
    let text = error.to_string();
    for part in ["a.tif", "a_mask.tif", "3 x 2 pixels", "2 x 3 pixels"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn partners_that_do_not_fit_are_refused() {
    let folder = Folder::new().with_plane("a", 2, &[0, 1]);
    write(&folder.labels.join("b.tif"), &plane(2, &[0, 1]));
    assert_eq!(folder.refused(json!({})).kind, ErrorKind::InvalidRequest);
    std::fs::rename(folder.labels.join("b.tif"), folder.labels.join("a_seg.tif")).unwrap();
    let error = folder.refused(json!({}));
    assert_eq!(error.kind, ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("a_seg.tif"), "{error}");
}

#[test]
fn cancelled_runs_end_before_anything_is_read() {
    let folder = Folder::new().with_plane("a", 2, &[0, 1]);
    let token = CancelToken::new();
    token.cancel();
    let args = json!({ "images": [folder.images], "labels": [folder.labels], "save": "model.zip" });
    let args: TrainArgs = serde_json::from_value(args).unwrap();
    assert_eq!(open_label_set(&args, &Limits::default(), &token).unwrap_err().kind, ErrorKind::Cancelled);
}

#[test]
fn separate_objects_are_no_areas() {
    let ids: Vec<u32> = (0..300).collect();
    let error = Folder::new().with_plane("a", 300, &ids).refused(json!({ "find": "areas" }));
    assert_eq!(error.kind, ErrorKind::InvalidRequest);
    assert!(error.hint.unwrap().contains("objects"));
}

/// An outline around some columns and rows.
fn rectangle(name: &str, (x, y): (f64, f64), (width, height): (f64, f64)) -> Outline {
    let shape = OutlineShape::Rectangle { corner: Point::new(x, y), width, height, arc: 0.0 };
    Outline { name: Some(name.to_owned()), ..Outline::new(shape) }
}

/// A folder with an image of 12 x 12 pixels, of which the left half is bright, and outlines.
fn drawn(outlines: &[Outline]) -> Folder {
    let folder = Folder::new();
    let image = Plane::new(12, 12, (0..144).map(|i| if i % 12 < 6 { 200 } else { 10 }).collect());
    write(&folder.images.join("a.tif"), &LabelImage::from_plane(image, Calibration::default()));
    write_roi_zip(&folder.labels.join("a.rois.zip"), outlines, false).unwrap();
    folder
}

#[test]
fn outlines_leave_the_rest_unlabelled_but_for_their_band() {
    let folder = drawn(&[rectangle("cell", (1.0, 1.0), (3.0, 4.0)), rectangle("cell", (8.0, 8.0), (2.0, 2.0))]);
    let set = folder.open(json!({})).unwrap();
    let plane = &set.images[0].planes[0];
    assert!(plane.sparse && set.objects == 2);
    let at = |y, x| plane.labels.at(y, x);
    assert_eq!((at(1, 1), at(4, 3), at(8, 8), at(9, 9)), (1, 1, 2, 2));
    assert_eq!((at(7, 8), at(10, 11), at(0, 11)), (0, 0, U), "a band of three pixels");
    let dense = folder.open(json!({"dense": true})).unwrap();
    let plane = &dense.images[0].planes[0];
    assert!(!plane.sparse && !plane.labels.data.contains(&U));
}

#[test]
fn regions_are_labelled_completely_and_background_is_named() {
    let folder = drawn(&[
        rectangle("region", (0.0, 0.0), (12.0, 3.0)),
        rectangle("nucleus", (1.0, 1.0), (2.0, 1.0)),
        rectangle("Background", (0.0, 9.0), (12.0, 1.0)),
    ]);
    let set = folder.open(json!({"find": "objects"})).unwrap();
    let labels = &set.images[0].planes[0].labels;
    assert_eq!(set.objects, 1);
    assert_eq!((labels.at(1, 2), labels.at(0, 0), labels.at(2, 11), labels.at(9, 5), labels.at(11, 5)), (1, 0, 0, 0, U));
}

#[test]
fn groups_are_the_classes_of_areas() {
    let group = |group: u8, outline: Outline| Outline { group, ..outline };
    let folder = drawn(&[group(4, rectangle("a", (0.0, 0.0), (3.0, 3.0))), group(2, rectangle("b", (6.0, 6.0), (3.0, 3.0)))]);
    let set = folder.open(json!({"find": "areas"})).unwrap();
    assert_eq!(set.classes, [0, 2, 4]);
    let labels = &set.images[0].planes[0].labels;
    assert_eq!((labels.at(0, 0), labels.at(6, 6), labels.at(11, 11)), (4, 2, U));
}

#[test]
fn points_and_lines_are_no_objects() {
    let points = Outline::new(OutlineShape::Points(vec![Point::new(3.5, 3.5)]));
    let error = drawn(&[points]).open(json!({})).unwrap_err();
    assert_eq!(error.kind, ErrorKind::TooFewLabels, "{error}");
    assert!(error.to_string().contains("a.rois.zip") && error.hint.is_some(), "{error}");
}

#[test]
fn channels_are_chosen_by_name_or_number() {
    let folder = Folder::new();
    let maps = Maps::new(2, 4, 4, (0..32).map(|n| n as f32).collect());
    let stack = MapStack { planes: &[maps], t: 1, z: 1, calibration: &Calibration::default() };
    let (images, labels) = (folder.images.join("a.ome.tif"), folder.labels.join("a.tif"));
    write_maps_ome(&images, &stack, &["DAPI".to_owned(), "Actin".to_owned()], false).unwrap();
    let ids = vec![0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0];
    write_labels(&labels, &LabelImage::from_plane(Plane::new(4, 4, ids), Calibration::default()), &[], false).unwrap();
    for channel in ["actin", "2"] {
        let set = folder.open(json!({ "channels": [channel] })).unwrap();
        let image = &set.images[0];
        assert_eq!((image.image.shape.c, image.image.pixels.floats(0..1)[0]), (1, 16.0));
        assert_eq!(image.channel_names, ["Actin"]);
    }
    assert_eq!(folder.open(json!({})).unwrap().images[0].channel_names, ["DAPI", "Actin"]);
    let error = folder.refused(json!({ "channels": ["GFP"] }));
    assert!(error.to_string().contains("a.ome.tif"), "{error}");
}

/// A file of the image room: 37 x 29 pixels with two outlines in ImageJ's overlay, or without.
fn made(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../image/tests/files").join(name)
}

/// The numbers inside of the two outlines, and beyond.
fn inside(set: &LabelSet) -> [u32; 3] {
    let labels = &set.images[0].planes[0].labels;
    [labels.at(8, 8), labels.at(7, 22), labels.at(28, 0)]
}

#[test]
fn outlines_in_an_overlay_are_the_labels() {
    let folder = Folder::new();
    let (image, label) = (folder.images.join("a.tif"), folder.labels.join("a.tif"));
    for (below, other) in [("overlay.tif", "overlay.tif"), ("strips_lzw_big_endian.tif", "overlay_big_endian.tif")] {
        std::fs::copy(made(below), &image).unwrap();
        std::fs::copy(made(other), &label).unwrap();
        let set = open(&image, &label, json!({})).unwrap();
        assert_eq!((set.objects, inside(&set), &set.overlays[..]), (2, [1, 2, U], &[label.clone()][..]), "{other}");
        let set = open(&image, &label, json!({ "find": "areas", "dense": true })).unwrap();
        assert_eq!((set.classes.clone(), inside(&set)), (vec![0, 1, 2], [1, 2, 0]), "{other}");
    }
    // A selection is none, whatever it is around.
    std::fs::copy(made("selection.tif"), &label).unwrap();
    let set = open(&image, &label, json!({})).unwrap();
    assert!(set.overlays.is_empty() && set.objects > 2);
}

#[test]
fn an_image_may_be_its_own_label() {
    let folder = Folder::new();
    std::fs::copy(made("overlay.tif"), folder.images.join("drawn.tif")).unwrap();
    std::fs::copy(made("selection.tif"), folder.images.join("not drawn.tif")).unwrap();
    std::fs::copy(made("grey8.png"), folder.images.join("png.png")).unwrap();
    let own = |more| open(&folder.images, &folder.images, more);
    let set = own(json!({})).unwrap();
    assert_eq!((set.images.len(), set.unlabelled.len(), inside(&set)), (1, 2, [1, 2, U]));
    let order = folder.images.join("../order.txt");
    std::fs::write(&order, "drawn\nnot drawn\n").unwrap();
    assert_eq!(own(json!({ "first": 1, "order": order })).unwrap().objects, 2);
    let error = own(json!({ "first": 2, "order": order })).unwrap_err();
    assert!(error.kind == ErrorKind::NotFound && error.to_string().contains("not drawn"), "{error}");
    // Labels in a file of their own come first.
    write(&folder.images.join("drawn_mask.tif"), &plane(37, &[[1; 37], [0; 37]].concat().repeat(15)[..37 * 29]));
    let set = own(json!({})).unwrap();
    assert!(set.overlays.is_empty() && set.images[0].label_path.ends_with("drawn_mask.tif"));
}

#[test]
fn an_overlay_lies_on_an_image_of_the_same_size() {
    let folder = Folder::new();
    std::fs::copy(made("imagej_overlay.tif"), folder.images.join("a.tif")).unwrap();
    std::fs::copy(made("overlay.tif"), folder.labels.join("a.tif")).unwrap();
    let error = folder.refused(json!({}));
    assert_eq!(error.kind, ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("37 x 29 pixels, 3 slices, 2 frames"), "{error}");
}

#[test]
fn a_class_has_the_same_number_in_all_files() {
    let folder = Folder::new();
    for (name, classes) in [("a", &["Tumour"][..]), ("b", &["Stroma", "Tumour"])] {
        let outlines: Vec<Outline> = (0..)
            .zip(classes)
            .map(|(place, class)| {
                let class = Some(Class { name: (*class).to_owned(), colour: None });
                Outline { class, ..rectangle("", (4.0 * f64::from(place), 0.0), (2.0, 2.0)) }
            })
            .collect();
        write(&folder.images.join(format!("{name}.tif")), &plane(12, &[7; 144]));
        write_geojson(&folder.labels.join(format!("{name}.geojson")), &outlines, false).unwrap();
    }
    let set = folder.open(json!({ "find": "areas" })).unwrap();
    let first = |image: usize, x: usize| set.images[image].planes[0].labels.at(0, x);
    assert_eq!((first(0, 0), first(1, 0), first(1, 4)), (2, 1, 2));
}
