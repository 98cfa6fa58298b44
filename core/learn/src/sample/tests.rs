//! What a crop promises, on real images and on small ones.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fewlabel_contract::{CancelToken, ErrorKind, ObjectDiameter, TrainArgs};
use fewlabel_image::{Calibration, Image, Limits, Maps, Pixels, Plane, Shape};
use fewlabel_model::{Normalisation, Scope};
use fewlabel_objects::{UNLABELLED, object_targets};
use serde_json::json;

use super::*;
use crate::augment::AugmentConfig;
use crate::labels::{LabelledImage, LabelledPlane, open_label_set};
use crate::loss::local;
use crate::scale::WorkingSize;

const U: u32 = UNLABELLED;

fn names(channels: &[&str]) -> Vec<String> {
    channels.iter().map(|&c| c.to_owned()).collect()
}

/// Items of the real images of a set.
fn real(set: &str, channels: &[&str]) -> Vec<TrainingItem> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data").join(set);
    let args = json!({ "images": [folder.join("images")], "labels": [folder.join("labels")], "save": "model.zip" });
    let args: TrainArgs = serde_json::from_value(args).unwrap();
    let token = CancelToken::new();
    let set = open_label_set(&args, &Limits::default(), &token).unwrap();
    let size = WorkingSize::new(&set.images, ObjectDiameter::default(), args.find).unwrap();
    prepare(&set.images, &size, &Normalisation::default(), &names(channels), &set.classes, &token).unwrap()
}

/// An item whose image is its label plane.
fn item(labels: Plane<u32>, classes: &[u32]) -> TrainingItem {
    let image = Maps::new(1, labels.height, labels.width, labels.data.iter().map(|&id| id as f32).collect());
    TrainingItem::new("drawn".into(), Arc::new(image), labels, classes).unwrap()
}

fn unchanged() -> SampleConfig {
    SampleConfig { augment: AugmentConfig::none(), touching_weight: 3.0, ..SampleConfig::default() }
}

/// Squares of 6 pixels at every tenth pixel, touching pairs in the rows.
fn squares(height: usize, width: usize) -> Plane<u32> {
    let id =
        |y: usize, x: usize| if y % 10 < 6 && x % 20 < 12 { (y / 10 * 1000 + x / 20 * 2 + x % 20 / 6 + 1) as u32 } else { 0 };
    Plane::new(height, width, (0..height * width).map(|i| id(i / width, i % width)).collect())
}

#[test]
fn a_crop_depends_on_seed_step_and_index_alone() {
    let items = real("bbbc039", &["dna"]);
    let config = SampleConfig::default();
    let whole = batch(&items, 7, 3, 4, 48, &config);
    let reversed: Vec<Crop> = (0..4).rev().map(|index| crop(&items, 7, 3, index, 48, &config)).collect();
    let threaded: Vec<Crop> = std::thread::scope(|scope| {
        let made: Vec<_> = (0..4)
            .map(|index| {
                scope.spawn({
                    let (items, config) = (&items, &config);
                    move || crop(items, 7, 3, index, 48, config)
                })
            })
            .collect();
        made.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for index in 0..4 {
        let alone = &reversed[3 - index];
        assert_eq!(alone, &threaded[index]);
        let pixels = 48 * 48;
        assert_eq!(alone.image.data, whole.images[index * pixels..(index + 1) * pixels]);
        assert_eq!(alone.class, whole.class[index * pixels..(index + 1) * pixels]);
        assert_eq!(alone.distance, whole.distance[index * pixels..(index + 1) * pixels]);
        assert_eq!(alone.centre, whole.centre[index * pixels..(index + 1) * pixels]);
        assert_eq!(alone.weight, whole.weight[index * pixels..(index + 1) * pixels]);
    }
    for other in [(8, 3, 0), (7, 4, 0), (7, 3, 1)] {
        assert_ne!(crop(&items, other.0, other.1, other.2, 48, &config), reversed[3]);
    }
}

#[test]
fn within_a_step_each_image_has_its_turn() {
    let items: Vec<TrainingItem> = (1..=3).map(|value| item(Plane::new(1, 2, vec![0, value]), &[])).collect();
    for step in 0..20 {
        let mut values: Vec<u32> = (0..3)
            .map(|index| crop(&items, 0, step, index, 2, &unchanged()).image.data.iter().map(|&v| v as u32).max().unwrap())
            .collect();
        values.sort_unstable();
        assert_eq!(values, [1, 2, 3]);
    }
}

#[test]
fn without_augmentation_a_crop_is_a_piece_of_the_image_and_its_targets() {
    let labels = squares(64, 64);
    let whole = object_targets(&labels);
    let items = [item(labels.clone(), &[])];
    for step in 0..30 {
        let crop = crop(&items, 1, step, 0, 24, &unchanged());
        let origin = (0..=40 * 64 + 40)
            .find(|start| {
                start % 64 <= 40 && (0..24 * 24).all(|i| crop.image.data[i] == labels.data[start + i / 24 * 64 + i % 24] as f32)
            })
            .expect("the crop is found in the image");
        for i in 0..24 * 24 {
            let at = origin + i / 24 * 64 + i % 24;
            assert_eq!(crop.class[i], whole.class.data[at], "also for objects that the crop cuts");
            assert_eq!(crop.distance[i], whole.distance.data[at]);
            assert_eq!(crop.centre[i], whole.centre.data[at]);
        }
    }
}

#[test]
fn touching_objects_weigh_more_where_they_touch() {
    let items = [item(squares(64, 64), &[])];
    let crop = crop(&items, 1, 0, 0, 40, &unchanged());
    let mut heavy = 0;
    for i in 0..40 * 40 {
        let (id, x) = (crop.image.data[i], i % 40);
        let other = |dx: i64| {
            let column = x as i64 + dx;
            (0..40).contains(&column).then(|| crop.image.data[i / 40 * 40 + column as usize])
        };
        let touches = id != 0.0 && [-2, -1, 1, 2].iter().any(|&dx| other(dx).is_some_and(|v| v != 0.0 && v != id));
        if touches {
            assert_eq!(crop.weight[i], 3.0);
            heavy += 1;
        } else if (2..38).contains(&x) {
            assert_eq!(crop.weight[i], 1.0);
        }
    }
    assert!(heavy > 50);
}

#[test]
fn what_is_unlabelled_or_outside_never_becomes_a_class() {
    // An object with its band in a plane of which nobody labelled the rest; smaller than the crop.
    let mut labels = Plane::filled(30, 30, U);
    for y in 6..22 {
        for x in 6..22 {
            labels.set(y, x, if (10..18).contains(&y) && (10..18).contains(&x) { 5 } else { 0 });
        }
    }
    for (classes, highest) in [(&[][..], 2), (&[0, 5][..], 1)] {
        let items = [item(labels.clone(), classes)];
        let config =
            SampleConfig { augment: AugmentConfig { elastic_share: 1.0, ..AugmentConfig::default() }, ..SampleConfig::default() };
        for step in 0..50 {
            let crop = crop(&items, 0, step, 0, 40, &config);
            let mut labelled = 0;
            for i in 0..40 * 40 {
                assert!(crop.class[i] <= highest || crop.class[i] == IGNORED);
                assert_eq!(crop.weight[i] == 0.0, crop.class[i] == IGNORED);
                labelled += usize::from(crop.class[i] != IGNORED);
                if classes.is_empty() {
                    assert!(crop.class[i] != IGNORED && crop.class[i] != 0 || crop.distance[i] == 0.0 && crop.centre[i] == 0.0);
                }
            }
            // At scales from 0.5 to 2 the 256 labelled pixels become 64 to 1024, all of them in the crop.
            assert!((40..=1300).contains(&labelled), "{labelled}");
        }
    }
}

#[test]
fn areas_have_a_class_and_nothing_else() {
    // A class that occurs in no plane, 99, does no harm.
    let items = [item(Plane::new(2, 3, vec![0, 7, 40, 0, 7, U]), &[0, 7, 40, 99])];
    let batch = batch(&items, 0, 0, 2, 8, &unchanged());
    assert!(batch.distance.is_empty() && batch.centre.is_empty());
    let mut seen: Vec<u8> = batch.class.clone();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen, [0, 1, 2, IGNORED]);
    assert_eq!((batch.images.len(), batch.class.len(), batch.weight.len()), (128, 128, 128));
}

#[test]
fn only_objects_that_give_light_get_haze() {
    let haze = AugmentConfig { haze_share: 1.0, haze: 0.5, ..AugmentConfig::none() };
    let hazy = SampleConfig { augment: haze, ..unchanged() };
    let changed =
        |items: &[TrainingItem]| batch(items, 1, 0, 4, 32, &hazy).images != batch(items, 1, 0, 4, 32, &unchanged()).images;
    let bright = item(squares(60, 60), &[]);
    let negative = Maps::new(1, 60, 60, bright.image.data.iter().map(|value| -value).collect());
    let dark = TrainingItem::new("dark".into(), Arc::new(negative), bright.labels.clone(), &[]).unwrap();
    let areas = item(bright.labels.map(|id| id.min(1)), &[0, 1]);
    assert_eq!([bright, dark, areas].map(|item| changed(&[item])), [true, false, false]);
    assert!(real("fluorescence", &["dna"]).iter().all(|item| item.glows));
    assert!(!real("histology", &["red", "green", "blue"]).iter().any(|item| item.glows));
}

#[test]
fn crops_lie_where_the_labels_are() {
    let items = real("fluorescence", &["dna"]);
    let config = SampleConfig { object_share: 1.0, ..SampleConfig::default() };
    for step in 0..10 {
        let batch = batch(&items, 0, step, 8, 96, &config);
        for class in batch.class.chunks_exact(96 * 96) {
            let share = |wanted: fn(u8) -> bool| class.iter().filter(|&&c| wanted(c)).count() as f64 / class.len() as f64;
            assert!(share(|c| c != IGNORED) > 0.9, "these images are larger than the crop and densely labelled");
            assert!(share(|c| c == 1 || c == 2) > 0.0);
        }
        assert!(batch.images.iter().all(|v| v.is_finite()));
    }
}

#[test]
fn colour_images_keep_their_channels_or_become_luminance() {
    let colour = real("histology", &["red", "green", "blue"]);
    let batch = batch(&colour, 0, 0, 2, 64, &SampleConfig::default());
    assert_eq!((batch.channels, batch.images.len()), (3, 2 * 3 * 64 * 64));
    assert!(real("histology", &["grey"]).iter().all(|item| item.image.channels == 1));
}

#[test]
fn a_stack_is_normalised_as_a_whole_or_plane_by_plane() {
    let (dark, bright) = ([0u16, 10, 0, 10], [0u16, 100, 0, 100]);
    let shape = Shape { z: 2, ..Shape::plane(1, 2, 2) };
    let plane = |z| LabelledPlane { t: 0, z, labels: Plane::new(2, 2, vec![0, 1, 0, 1]), sparse: false };
    let stack = LabelledImage {
        name: "stack".into(),
        image_path: PathBuf::new(),
        label_path: PathBuf::new(),
        image: Arc::new(Image {
            shape,
            pixels: Pixels::U16([dark, bright].concat()),
            rgb: false,
            calibration: Calibration::default(),
            slice_labels: Vec::new(),
        }),
        channel_names: Vec::new(),
        planes: vec![plane(0), plane(1)],
    };
    let size = WorkingSize::default();
    let brightest = |scope: Scope| -> Vec<f32> {
        let normalisation = Normalisation { scope, low: 0.0, high: 100.0 };
        let items = prepare(std::slice::from_ref(&stack), &size, &normalisation, &names(&["dna"]), &[], &CancelToken::new());
        items.unwrap().iter().map(|item| (item.image.data[1] * 1e4).round() / 1e4).collect()
    };
    assert_eq!(brightest(Scope::Stack), [0.1, 1.0]);
    assert_eq!(brightest(Scope::Plane), [1.0, 1.0]);
    assert_eq!(brightest(Scope::Dataset(vec![(0.0, 200.0)])), [0.05, 0.5]);
}

#[test]
fn an_image_of_other_channels_is_refused_by_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/bbbc039");
    let args = json!({ "images": [folder.join("images")], "labels": [folder.join("labels")], "save": "model.zip" });
    let args: TrainArgs = serde_json::from_value(args).unwrap();
    let token = CancelToken::new();
    let set = open_label_set(&args, &Limits::default(), &token).unwrap();
    let size = WorkingSize::default();
    let rgb = names(&["red", "green", "blue"]);
    let error = prepare(&set.images, &size, &Normalisation::default(), &rgb, &[], &token).unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("C02_s4.png"), "{error}");
}

#[test]
fn items_are_normalised_and_at_the_working_size() {
    for item in real("bbbc039", &["dna"]) {
        let mut values = item.image.data.clone();
        values.sort_by(f32::total_cmp);
        // Percentiles 1 and 99.8 were 0 and 1 before the image was averaged down a little.
        let at = |share: f64| values[(share * (values.len() - 1) as f64) as usize];
        assert!(at(0.01).abs() < 0.05 && (at(0.998) - 1.0).abs() < 0.1, "{} {}", at(0.01), at(0.998));
        let diameter = fewlabel_objects::median_diameter(&item.labels).unwrap();
        assert!((20.0..32.0).contains(&diameter), "{diameter}");
        assert_eq!((item.labels.height, item.labels.width), (item.image.height, item.image.width));
    }
}

/// The second view lies on the first and differs in intensity alone; asking for it changes nothing of the first.
#[test]
fn two_views_of_a_crop_lie_on_each_other() {
    let items = real("bbbc039", &["dna"]);
    let with = |marks, augment| SampleConfig { marks, augment, ..SampleConfig::default() };
    let one = batch(&items, 3, 5, 4, 48, &with(None, AugmentConfig::default()));
    assert!(one.second.is_empty() && one.marks.is_empty());
    let two = batch(&items, 3, 5, 4, 48, &with(Some(Marks::Classes), AugmentConfig::default()));
    assert_eq!((&two.images, &two.class, &two.weight), (&one.images, &one.class, &one.weight));
    assert_ne!(two.second, two.images);
    let of_class = two.class.iter().map(|&class| if class == IGNORED { local::UNLABELLED } else { i64::from(class) });
    assert!(two.marks.iter().copied().eq(of_class));
    // Without a change of intensity both are the same, wherever the crop lies and however it is turned.
    let still = AugmentConfig { flip: true, rotation_share: 1.0, rotation: 45.0, ..AugmentConfig::none() };
    let same = batch(&items, 3, 5, 4, 48, &with(Some(Marks::Classes), still));
    assert_eq!(same.second, same.images);
}

#[test]
fn objects_of_different_planes_have_different_marks() {
    let items = real("bbbc039", &["dna"]);
    let config = SampleConfig { marks: Some(Marks::Objects), ..unchanged() };
    let (mut of_plane, mut objects) = (BTreeMap::<i64, usize>::new(), BTreeSet::new());
    for step in 0..20 {
        let batch = batch(&items, 0, step, items.len(), 96, &config);
        for (&mark, &class) in batch.marks.iter().zip(&batch.class) {
            assert_eq!(mark == local::BACKGROUND, class == 0, "an object's pixels are no background");
            if mark > local::BACKGROUND {
                objects.insert(mark);
                *of_plane.entry(mark >> 32).or_default() += 1;
            }
        }
    }
    assert_eq!(of_plane.len(), items.len(), "{of_plane:?}");
    assert!(objects.len() > items.len(), "{objects:?}");
}
