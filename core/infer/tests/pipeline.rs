//! Images as they come: stacks, colours, other sizes, samples that are no numbers.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use fewlabel_contract::{CancelToken, ErrorKind, Find};
use fewlabel_image::{InMemory, Maps, Pixels};
use fewlabel_infer::{Decoder, Pipeline, Recipe, TractForward};
use fewlabel_model::{Activation, Head, HeadGroup, Network, Normalisation, Preprocessing, Scope};
use support::*;

#[test]
fn what_is_not_finite_counts_as_the_low_end_and_is_said() {
    let package = package();
    let clean = crop(&nuclei(), 64, 72);
    let mut dirty = clean.clone();
    let Pixels::F32(samples) = &mut dirty.pixels else { panic!("not f32") };
    for (at, value) in [(0, f32::NAN), (100, f32::INFINITY), (4000, f32::NEG_INFINITY)] {
        samples[at] = value;
    }
    let segmented = segment(&package, &dirty, &tiled(Some(32), 2)).unwrap();
    assert!(
        segmented.found.notes.iter().any(|note| note.starts_with("3 samples were not finite")),
        "{:?}",
        segmented.found.notes
    );
    let maps = &segmented.maps.as_ref().unwrap()[0];
    assert!(maps.data.iter().all(|value| value.is_finite()));
    // Far from the three samples nothing changes but for the percentiles, which three samples hardly move.
    let whole = segment(&package, &clean, &tiled(Some(32), 2)).unwrap();
    let centre = 30 * 72 + 36;
    assert!((maps.channel(1)[centre] - whole.maps.unwrap()[0].channel(1)[centre]).abs() < 0.05);
}

#[test]
fn a_plane_without_contrast_shows_nothing() {
    let package = package();
    for value in [0.0, 77.0, f32::NAN] {
        let image = image_of(Maps::new(1, 40, 50, vec![value; 2000]));
        let segmented = segment(&package, &image, &tiled(None, 1)).unwrap();
        assert_eq!(segmented.found.objects, 0);
        assert!(segmented.labels.ids.iter().all(|&id| id == 0));
        let maps = &segmented.maps.unwrap()[0];
        assert!(maps.channel(0).iter().all(|&p| p == 1.0) && maps.channel(3).iter().all(|&d| d == 0.0));
    }
}

#[test]
fn planes_of_a_stack_are_numbered_through_and_normalised_together() {
    let package = package();
    let plane = crop(&nuclei(), 80, 96).plane(0, 0);
    let dim: Vec<f32> = plane.data.iter().map(|v| v * 0.5).collect();
    let data = [plane.data.clone(), vec![3.0; plane.data.len()], dim.clone()].concat();
    let stack = stack_of(3, 1, 1, 80, 96, data);
    let segmented = segment(&package, &stack, &tiled(Some(48), 3)).unwrap();
    let ids: Vec<BTreeSet<u32>> =
        segmented.labels.ids.chunks(80 * 96).map(|ids| ids.iter().copied().filter(|&id| id > 0).collect()).collect();
    assert!(!ids[0].is_empty() && ids[1].is_empty() && !ids[2].is_empty(), "{ids:?}");
    assert!(ids[0].is_disjoint(&ids[2]));
    let all: Vec<u32> = ids.iter().flatten().copied().collect();
    assert_eq!(all, (1..=segmented.found.objects as u32).collect::<Vec<_>>());
    assert_eq!((segmented.labels.t, segmented.labels.z, segmented.labels.calibration.x), (3, 1, Some(0.65)));
    // Together, the dim plane stays dim; alone it is brought to the whole range.
    let alone = segment(&package, &stack_of(1, 1, 1, 80, 96, dim), &tiled(Some(48), 3)).unwrap();
    assert!(difference(&segmented.maps.as_ref().unwrap()[2..], &alone.maps.unwrap()) > 0.01);
    let mut by_plane = package.clone();
    by_plane.meta.preprocessing = Preprocessing::Normalise(Normalisation { scope: Scope::Plane, ..Normalisation::default() });
    let maps = segment(&by_plane, &stack, &tiled(Some(48), 3)).unwrap().maps.unwrap();
    assert!(difference(&maps[..1], &maps[2..]) < 1e-3);
}

#[test]
fn a_colour_image_meets_a_model_of_one_channel() {
    let package = package();
    let grey = crop(&nuclei(), 48, 48);
    let mut colour = stack_of(1, 1, 3, 48, 48, grey.plane(0, 0).data.repeat(3));
    let error = segment(&package, &colour, &tiled(None, 1)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("image has: 3"), "{error}");
    colour.rgb = true;
    let segmented = segment(&package, &colour, &tiled(None, 1)).unwrap();
    assert!(segmented.found.notes.iter().any(|note| note.contains("converted to luminance")), "{:?}", segmented.found.notes);
    let expected = segment(&package, &grey, &tiled(None, 1)).unwrap();
    assert!(difference(&segmented.maps.unwrap(), &expected.maps.unwrap()) < 1e-4);
}

#[test]
fn objects_of_another_size_come_back_on_the_grid_of_the_image() {
    let package = package();
    let image = crop(&nuclei(), 61, 83);
    let mut options = tiled(Some(64), 2);
    options.object_diameter = Some(10.0);
    let segmented = segment(&package, &image, &options).unwrap();
    assert_eq!(segmented.found.factor, 2.0);
    assert!(segmented.found.notes[0].contains("scaled by 2.00 to 122 x 166"), "{:?}", segmented.found.notes);
    let maps = &segmented.maps.as_ref().unwrap()[0];
    assert_eq!((maps.height, maps.width, segmented.labels.y, segmented.labels.x), (61, 83, 61, 83));
    let sums: Vec<f32> = (0..61 * 83).map(|i| (0..3).map(|c| maps.channel(c)[i]).sum()).collect();
    assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-4), "softmax maps still sum to one");
    // By hand: the plane doubled, segmented as it is, its maps halved.
    let mut plane = image.plane(0, 0);
    let Preprocessing::Normalise(normalisation) = &package.meta.preprocessing else { panic!("not ours") };
    let limits = normalisation.limits(|| std::iter::once(plane.clone())).unwrap();
    normalisation.apply(&mut plane, &limits);
    let doubled = image_of(fewlabel_image::resample_image(&plane, 122, 166));
    let mut as_it_is = package.clone();
    as_it_is.meta.preprocessing = Preprocessing::Steps(Vec::new());
    let by_hand = segment(&as_it_is, &doubled, &tiled(Some(64), 1)).unwrap().maps.unwrap();
    let by_hand = fewlabel_image::resample_image(&by_hand[0], 61, 83);
    assert!(difference(&[by_hand], std::slice::from_ref(maps)) < 1e-4);
}

#[test]
fn areas_get_their_class_values() {
    let head = Head { groups: vec![HeadGroup { activation: Activation::Softmax, channels: 3 }] };
    let mut package = package_of(Network::unet(1, 4, 2, &head).unwrap(), 9);
    package.meta.find = Some(Find::Areas);
    package.meta.classes = [(2, "membrane".to_owned()), (7, "nucleus".to_owned())].into();
    let image = crop(&nuclei(), 70, 50);
    let kept = segment(&package, &image, &tiled(Some(32), 2)).unwrap();
    let values: BTreeSet<u32> = kept.labels.ids.iter().copied().collect();
    assert!(values.is_subset(&[0, 2, 7].into()) && values.len() > 1, "{values:?}");
    let mut options = tiled(Some(20), 1);
    options.maps = false;
    let streamed = segment(&package, &image, &options).unwrap();
    assert_eq!((&streamed.labels, streamed.found.objects), (&kept.labels, kept.found.objects));
}

#[test]
fn a_single_map_is_cut_at_one_half() {
    let head = Head { groups: vec![HeadGroup { activation: Activation::Sigmoid, channels: 1 }] };
    let mut package = package_of(Network::unet(1, 4, 2, &head).unwrap(), 6);
    package.meta.find = Some(Find::Areas);
    package.meta.classes = [(1, "cells".to_owned())].into();
    let segmented = segment(&package, &crop(&nuclei(), 40, 40), &tiled(None, 1)).unwrap();
    let map = segmented.maps.unwrap().remove(0);
    let expected: Vec<u32> = map.data.iter().map(|&p| u32::from(p > 0.5)).collect();
    assert_eq!(segmented.labels.ids, expected);
    assert!(expected.contains(&0) && expected.contains(&1));
}

#[test]
fn a_decoder_that_reads_other_maps_is_refused() {
    let package = package();
    let forward = TractForward::new(&package).unwrap();
    let recipe = Recipe { decoder: Decoder::Areas(vec![0, 1, 2]), ..Recipe::of(&package.meta).unwrap() };
    let options = tiled(None, 1);
    let pipeline = Pipeline { forward: &forward, recipe: &recipe, options: &options };
    let error = pipeline.segment(&InMemory::new(crop(&nuclei(), 8, 8)), &CancelToken::new(), &mut |_, _| {}).unwrap_err();
    assert_eq!(error.kind, ErrorKind::BadModel);
    assert!(error.to_string().contains("network gives: 5, decoder reads: 3"), "{error}");
}

#[test]
fn models_that_show_nothing_in_an_image_say_what_they_are_for() {
    for (find, hint) in [(None, "fewlabel train --start MODEL"), (Some(Find::Kinds), "classify")] {
        let mut package = package();
        package.meta.find = find;
        let error = Recipe::of(&package.meta).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unsupported, "{error}");
        assert!(error.hint.unwrap().contains(hint));
    }
}

#[test]
fn a_cancel_in_the_middle_ends_at_the_next_tile() {
    let package = package();
    let inner = TractForward::new(&package).unwrap();
    let recipe = Recipe::of(&package.meta).unwrap();
    let image = crop(&nuclei(), 160, 160);
    for threads in [1, 3] {
        let token = CancelToken::new();
        let forward = Counting { inner: &inner, runs: AtomicUsize::new(0), cancel_in: 4, token: token.clone() };
        let options = tiled(Some(32), threads);
        let pipeline = Pipeline { forward: &forward, recipe: &recipe, options: &options };
        let mut told = Vec::new();
        let error = pipeline.segment(&InMemory::of(&image), &token, &mut |done, total| told.push((done, total))).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Cancelled);
        // Those in flight end, no other of the 25 begins.
        assert!((4..4 + threads).contains(&forward.runs.load(Ordering::SeqCst)), "{threads} threads");
        assert!(told.iter().all(|&(done, total)| done < 4 + threads as u64 && total == 25), "{told:?}");
    }
}

#[test]
fn progress_counts_every_tile_once() {
    let package = package();
    let forward = TractForward::new(&package).unwrap();
    let recipe = Recipe::of(&package.meta).unwrap();
    let options = tiled(Some(32), 2);
    let pipeline = Pipeline { forward: &forward, recipe: &recipe, options: &options };
    let mut told = Vec::new();
    let stack = stack_of(2, 1, 1, 60, 70, (0..8400).map(|v| (v % 97) as f32).collect());
    pipeline.segment(&InMemory::of(&stack), &CancelToken::new(), &mut |done, total| told.push((done, total))).unwrap();
    assert_eq!(told, (0..=12).map(|done| (done, 12)).collect::<Vec<_>>());
}

#[test]
fn a_cancelled_job_does_not_begin() {
    let package = package();
    let token = CancelToken::new();
    token.cancel();
    let forward = TractForward::new(&package).unwrap();
    let (recipe, options) = (Recipe::of(&package.meta).unwrap(), tiled(None, 1));
    let error = Pipeline { forward: &forward, recipe: &recipe, options: &options }
        .segment(&InMemory::new(nuclei()), &token, &mut |_, _| panic!("began"))
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Cancelled);
}

#[test]
fn an_image_that_holds_fewer_samples_than_it_claims_is_refused() {
    let mut image = crop(&nuclei(), 8, 8);
    image.shape.y = 9;
    assert_eq!(segment(&package(), &image, &tiled(None, 1)).unwrap_err().kind, ErrorKind::InvalidRequest);
}

#[test]
fn a_foreign_graph_runs_at_the_sizes_that_it_takes() {
    let own = package();
    let image = crop(&nuclei(), 90, 130);
    let expected = segment(&own, &image, &tiled(Some(160), 1)).unwrap();
    let mut foreign = own.clone();
    foreign.meta.network = None;
    foreign.meta.input_size = fewlabel_model::InputSize { min: 60, step: 4 };
    let segmented = segment(&foreign, &image, &tiled(None, 2)).unwrap();
    assert!(difference(&segmented.maps.unwrap(), &expected.maps.unwrap()) <= 1e-4);
    // One size only: tiles of that size, their halo cut off.
    foreign.meta.input_size = fewlabel_model::InputSize { min: 96, step: 0 };
    let segmented = segment(&foreign, &image, &tiled(None, 2)).unwrap();
    assert!(segmented.found.tile <= 96 - 2 * 24);
    assert_eq!((segmented.labels.y, segmented.labels.x), (90, 130));
    foreign.meta.input_size = fewlabel_model::InputSize { min: 40, step: 0 };
    let error = segment(&foreign, &image, &tiled(None, 2)).unwrap_err();
    assert!(error.to_string().contains("larger than this network takes"), "{error}");
    foreign.meta.input_size = fewlabel_model::InputSize { min: 1 << 20, step: 0 };
    assert_eq!(TractForward::new(&foreign).err().map(|error| error.kind), Some(ErrorKind::Unsupported));
}

#[test]
fn a_slice_alone_is_the_slice_of_its_stack() {
    let mut package = package();
    package.meta.preprocessing = Preprocessing::Normalise(Normalisation { scope: Scope::Plane, ..Normalisation::default() });
    let plane = crop(&nuclei(), 90, 110).plane(0, 0);
    let planes = [1.0, 0.4, 3.0].map(|gain| plane.data.iter().map(|v| v * gain + 5.0).collect::<Vec<f32>>());
    let stack = segment(&package, &stack_of(1, 3, 1, 90, 110, planes.concat()), &tiled(Some(48), 2)).unwrap();
    let mut before = 0;
    for (labels, data) in stack.labels.ids.chunks(90 * 110).zip(planes) {
        let alone = segment(&package, &stack_of(1, 1, 1, 90, 110, data), &tiled(Some(48), 2)).unwrap();
        let numbered: Vec<u32> = alone.labels.ids.iter().map(|&id| if id == 0 { 0 } else { id + before }).collect();
        assert_eq!(labels, numbered);
        before += alone.found.objects as u32;
    }
    assert_eq!(before as usize, stack.found.objects);
}
