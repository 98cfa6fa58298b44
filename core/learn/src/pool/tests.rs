//! What a pool promises, on real images.

use std::path::{Path, PathBuf};

use fewlabel_contract::{CancelToken, ErrorKind};
use fewlabel_image::{Maps, Pixels, list, open, resample_image};
use fewlabel_model::Normalisation;

use super::*;
use crate::augment::AugmentConfig;
use crate::normalised::Normalised;
use crate::proxy::ProxyConfig;
use crate::scale::WorkingSize;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data").join(name)
}

fn options() -> PoolOptions {
    PoolOptions {
        channels: Vec::new(),
        plane: None,
        network_channels: None,
        normalisation: Normalisation::default(),
        factor: Factor::Of(1.0),
        room: 64 << 20,
    }
}

/// The images in these folders, or these files.
fn files(paths: &[PathBuf]) -> Vec<PathBuf> {
    let paths: Vec<String> = paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    list(&paths, false).expect("images").into_iter().map(|found| found.path).collect()
}

fn opened(paths: &[PathBuf], options: PoolOptions) -> (Pool, Vec<fewlabel_contract::Error>) {
    Pool::open(files(paths), options, &CancelToken::new()).expect("a pool")
}

fn plan() -> ViewPlan {
    ViewPlan {
        first: AugmentConfig::default(),
        second: Some((AugmentConfig::default(), 0.25)),
        proxy: Some(ProxyConfig::default()),
        bounded: true,
    }
}

fn all(pool: &Pool) -> Vec<usize> {
    (0..pool.len()).collect()
}

#[test]
fn views_depend_on_seed_step_and_place_alone() {
    let paths = [data("bbbc039/images"), data("fluorescence/images")];
    let (pool, _) = opened(&paths, options());
    // Nothing fits into the second: each part is read each time.
    let (other, _) = opened(&paths, PoolOptions { room: 1000, ..options() });
    let parts = all(&pool);
    let views = pool.views(&plan(), &parts, 3, 7, 6, 48).expect("views");
    assert_eq!(views, other.views(&plan(), &parts, 3, 7, 6, 48).expect("views"));
    assert_eq!(views.first.len(), 6 * 48 * 48);
    assert_eq!([views.second.len(), views.proxy.len(), views.hidden.len(), views.images.len()], [13824, 13824, 13824, 6]);
    for values in [&views.first, &views.second, &views.proxy] {
        assert!(values.iter().all(|value| (0.0..=1.0).contains(value)));
    }
    for (seed, step) in [(4, 7), (3, 8)] {
        assert_ne!(views, pool.views(&plan(), &parts, seed, step, 6, 48).expect("views"));
    }
    let unchanged = pool.views(&ViewPlan::unchanged(), &parts, 3, 7, 6, 48).expect("views");
    assert!(unchanged.second.is_empty() && unchanged.proxy.is_empty() && unchanged.hidden.is_empty());
    assert_eq!(unchanged.images, views.images);
}

#[test]
fn parts_take_turns() {
    let (pool, _) = opened(&[data("bbbc039/images"), data("fluorescence/images")], options());
    let parts = all(&pool);
    let turns = |steps: std::ops::Range<u64>| -> Vec<i64> {
        steps.flat_map(|step| pool.views(&ViewPlan::unchanged(), &parts, 1, step, 2, 16).expect("views").images).collect()
    };
    let mut round = turns(0..parts.len() as u64);
    let again = round.split_off(parts.len());
    assert_ne!(round, again, "each round has an order of its own");
    for mut round in [round, again] {
        round.sort_unstable();
        assert_eq!(round, (0..parts.len() as i64).collect::<Vec<_>>());
    }
    let some = pool.views(&ViewPlan::unchanged(), &parts[2..3], 1, 0, 4, 16).expect("views");
    assert_eq!(some.images, [pool.image_of(2) as i64; 4]);
}

#[test]
fn a_mixed_folder_is_one_pool() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, height: usize, width: usize| {
        let pixels = (0..height * width).flat_map(|i| [(i % 251) as u8, (i / width) as u8, 7]).collect::<Vec<u8>>();
        image::save_buffer(folder.path().join(name), &pixels, width as u32, height as u32, image::ExtendedColorType::Rgb8)
            .expect("written");
    };
    write("small.png", 80, 100);
    write("large.jpg", 1100, 2000);
    std::fs::copy(
        data("bbbc039/images").read_dir().expect("images").next().expect("one").expect("one").path(),
        folder.path().join("grey16.png"),
    )
    .expect("copied");
    std::fs::write(folder.path().join("broken.tif"), b"II*\0nothing").expect("written");
    let (pool, left_out) = opened(&[folder.path().to_owned()], options());
    assert_eq!((pool.images(), pool.channels()), (3, &["intensity".to_owned()][..]));
    assert_eq!(left_out.len(), 1);
    assert!(left_out[0].to_string().contains("broken.tif"), "{}", left_out[0]);
    // The large one is cut in four.
    assert_eq!(pool.len(), 6);
    let views = pool.views(&plan(), &all(&pool), 0, 0, 12, 96).expect("views");
    assert_eq!(views.first.len(), 12 * 96 * 96);
}

#[test]
fn intensities_are_those_of_the_whole_image() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ramp.png");
    let (height, width) = (1500, 1400);
    let pixels: Vec<u8> = (0..height * width).map(|i| (i / width * 255 / height) as u8).collect();
    image::save_buffer(&path, &pixels, width as u32, height as u32, image::ExtendedColorType::L8).expect("written");
    let (pool, _) = opened(std::slice::from_ref(&path), options());
    assert_eq!(pool.len(), 4);
    let image = open(&path, &fewlabel_image::Limits::default()).expect("the image");
    assert!(matches!(image.pixels, Pixels::U8(_)));
    let mut whole: Maps = image.plane(0, 0);
    let normalisation = Normalisation::default();
    let limits = normalisation.limits(|| std::iter::once(whole.clone())).expect("limits");
    normalisation.apply(&mut whole, &limits);
    let parts: f64 = (0..4).map(|part| pool.part(part).expect("a part").data.iter().map(|v| f64::from(*v)).sum::<f64>()).sum();
    assert!((parts - whole.data.iter().map(|v| f64::from(*v)).sum::<f64>()).abs() < 1.0);
    let (half, _) = opened(&[path], PoolOptions { factor: Factor::Of(0.5), ..options() });
    let part = half.part(0).expect("a part");
    assert_eq!((part.height, part.width), (375, 350));
}

#[test]
fn a_part_is_what_training_makes_of_the_image() {
    let paths = files(&[data("fluorescence/images")]);
    let size = WorkingSize { object_diameter: Some(30.0), working_diameter: Some(24.0), ..WorkingSize::default() };
    let (pool, _) = opened(&paths, PoolOptions { factor: Factor::For(size), ..options() });
    let (normalisation, of) = (Normalisation::default(), |side: usize| (side as f64 * 0.8).round() as usize);
    let image = open(&paths[0], &fewlabel_image::Limits::default()).expect("the image");
    let plane = Normalised::new(&image, &normalisation, pool.channels()).and_then(|image| image.plane(0, 0)).expect("a plane");
    let wanted = resample_image(&plane, of(plane.height), of(plane.width));
    assert_eq!(*pool.part(0).expect("a part"), wanted);
    assert!(wanted.data.iter().any(|value| *value > 1.0), "the test tells nothing");
    let beyond = |bounded: bool| {
        let plan = ViewPlan { bounded, ..ViewPlan::unchanged() };
        let views = pool.views(&plan, &[0], 0, 0, 20, 64).expect("views");
        views.first.iter().any(|value| !(0.0..=1.0).contains(value))
    };
    assert!(beyond(false) && !beyond(true), "only what is restored ends at 0 and 1");
}

#[test]
fn what_cannot_be_used_is_said() {
    let error = Pool::open([], options(), &CancelToken::new()).expect_err("nothing is there");
    assert_eq!(error.kind, ErrorKind::NotFound);
    let colours = PoolOptions { network_channels: Some(["a", "b"].map(str::to_owned).to_vec()), ..options() };
    let histology = files(&[data("histology/images")]);
    let error = Pool::open(histology.clone(), colours, &CancelToken::new()).expect_err("three channels are not two");
    assert_eq!(error.kind, ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("histology"), "{error}");
    let token = CancelToken::new();
    token.cancel();
    let error = Pool::open(histology, options(), &token).expect_err("cancelled");
    assert_eq!(error.kind, ErrorKind::Cancelled);
}
