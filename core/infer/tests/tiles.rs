//! A tile gives what the whole plane gives.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use fewlabel_image::Maps;
use fewlabel_infer::{Forward, Recipe, TractForward};
use fewlabel_model::{Network, ResUnet};
use support::*;

/// What the definition says: the network on the plane continued by reflection, far beyond any halo.
fn by_definition(forward: &TractForward, image: &fewlabel_image::Image, recipe: &Recipe) -> Maps {
    let mut plane = image.plane(0, 0);
    let fewlabel_model::Preprocessing::Normalise(normalisation) = &recipe.preprocessing else { panic!("not ours") };
    let limits = normalisation.limits(|| std::iter::once(plane.clone())).unwrap();
    normalisation.apply(&mut plane, &limits);
    let margin = 4 * forward.halo();
    let padded = |side: usize| (side + 2 * margin).next_multiple_of(forward.stride());
    let mirror = |i: usize, n: usize| {
        let mut at = i as isize - margin as isize;
        while n > 1 && !(0..n as isize).contains(&at) {
            at = if at < 0 { -at } else { 2 * (n as isize - 1) - at };
        }
        if n == 1 { 0 } else { at as usize }
    };
    let (height, width) = (padded(plane.height), padded(plane.width));
    let mut continued = Maps::zeros(1, height, width);
    for y in 0..height {
        for x in 0..width {
            continued.data[y * width + x] = plane.data[mirror(y, plane.height) * plane.width + mirror(x, plane.width)];
        }
    }
    let maps = forward.run(&continued).unwrap();
    let rows = |c: usize| maps.channel(c).chunks(width).skip(margin).take(plane.height);
    let inner = (0..maps.channels).flat_map(|c| rows(c).flat_map(|row| row[margin..margin + plane.width].to_vec())).collect();
    Maps::new(maps.channels, plane.height, plane.width, inner)
}

#[test]
fn tiles_of_any_size_give_the_maps_and_objects_of_the_whole_plane() {
    let package = package();
    let image = crop(&nuclei(), 200, 232);
    let whole = segment(&package, &image, &tiled(Some(1024), 1)).unwrap();
    assert_eq!((whole.found.tile, whole.found.halo), (232, 24));
    assert!(whole.found.objects > 3, "a network that finds nothing proves nothing");
    for tile in [8, 20, 64, 100, 160] {
        let parts = segment(&package, &image, &tiled(Some(tile), 2)).unwrap();
        assert_eq!(parts.found.tile, tile);
        let off = difference(whole.maps.as_ref().unwrap(), parts.maps.as_ref().unwrap());
        assert!(off <= 1e-4, "tile {tile}: maps differ by {off}");
        assert_eq!(whole.labels, parts.labels, "tile {tile}");
    }
}

/// Strides, sums and ways back look lopsided and far.
#[test]
fn tiles_of_networks_of_others_give_what_the_whole_plane_gives() {
    let small = ResUnet { width: 2, bottlenecks: [1, 1, 1, 1], decoder: [8, 6, 5, 4, 4] };
    let image = crop(&nuclei(), 300, 392);
    for network in [Network::residual_unet(1, &small, &objects_head()), Network::efficient_unet(1, &objects_head())] {
        let package = package_of(network.unwrap(), 6);
        let whole = segment(&package, &image, &tiled(Some(1024), 1)).unwrap();
        let parts = segment(&package, &image, &tiled(Some(96), 2)).unwrap();
        assert_eq!(parts.found.tile, 96);
        let off = difference(whole.maps.as_ref().unwrap(), parts.maps.as_ref().unwrap());
        assert!(off <= 1e-3, "maps differ by {off}, halo {}", whole.found.halo);
    }
}

#[test]
fn planes_of_any_size_follow_the_definition() {
    let package = package();
    let forward = TractForward::new(&package).unwrap();
    let recipe = Recipe::of(&package.meta).unwrap();
    let nuclei = nuclei();
    for (height, width) in [(1, 1), (1, 7), (3, 5), (17, 33), (257, 255)] {
        let image = crop(&nuclei, height, width);
        // A single pixel has no contrast: the network is not asked.
        let expected = if height * width == 1 { None } else { Some(by_definition(&forward, &image, &recipe)) };
        for tile in [None, Some(16), Some(128)] {
            let segmented = segment(&package, &image, &tiled(tile, 2)).unwrap();
            let maps = segmented.maps.unwrap();
            assert_eq!((segmented.labels.y, segmented.labels.x), (height, width));
            match &expected {
                Some(expected) => {
                    let off = difference(std::slice::from_ref(expected), &maps);
                    assert!(off <= 1e-4, "{height} x {width}, tile {tile:?}: off by {off}");
                }
                None => assert_eq!(segmented.found.objects, 0),
            }
        }
    }
}

#[test]
fn a_smaller_halo_would_not_do() {
    let package = package();
    let image = crop(&nuclei(), 96, 96);
    let whole = segment(&package, &image, &tiled(Some(96), 1)).unwrap();
    let mut options = tiled(Some(32), 1);
    options.tiles.halo = Some(8);
    let blended = segment(&package, &image, &options).unwrap();
    let off = difference(whole.maps.as_ref().unwrap(), blended.maps.as_ref().unwrap());
    assert!(off > 1e-3, "the network looks no farther than 8 pixels, off by {off}: the other tests prove nothing");
    assert!(blended.found.notes.iter().any(|note| note.contains("blended with a halo of 8 pixels")), "{:?}", blended.found.notes);
}

#[test]
fn a_larger_halo_changes_nothing() {
    let package = package();
    let image = crop(&nuclei(), 96, 90);
    let whole = segment(&package, &image, &tiled(Some(96), 1)).unwrap();
    let mut options = tiled(Some(32), 1);
    options.tiles.halo = Some(40);
    let wide = segment(&package, &image, &options).unwrap();
    assert_eq!(wide.found.halo, 40);
    assert!(difference(whole.maps.as_ref().unwrap(), wide.maps.as_ref().unwrap()) <= 1e-4);
    assert!(wide.found.notes.is_empty(), "{:?}", wide.found.notes);
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let package = package();
    let image = nuclei();
    let one = segment(&package, &image, &tiled(Some(128), 1)).unwrap();
    let four = segment(&package, &image, &tiled(Some(128), 4)).unwrap();
    assert_eq!(one, four);
}

#[test]
fn tiles_chosen_for_other_threads_give_the_same_objects() {
    let package = package();
    let image = nuclei();
    let one = segment(&package, &image, &tiled(None, 1)).unwrap();
    let four = segment(&package, &image, &tiled(None, 4)).unwrap();
    assert!(difference(one.maps.as_ref().unwrap(), four.maps.as_ref().unwrap()) <= 1e-4);
    assert_eq!(one.labels, four.labels);
}

#[test]
fn objects_that_stream_are_those_of_kept_maps() {
    let package = package();
    let image = nuclei();
    let kept = segment(&package, &image, &tiled(Some(100), 2)).unwrap();
    let mut options = tiled(Some(100), 2);
    options.maps = false;
    let streamed = segment(&package, &image, &options).unwrap();
    assert_eq!(streamed.maps, None);
    assert_eq!(kept.labels, streamed.labels);
    let decoded = Recipe::of(&package.meta).unwrap().decoder.decode(&kept.maps.unwrap()[0]).unwrap();
    assert_eq!(decoded.data, streamed.labels.ids);
    assert_eq!(streamed.found.objects, decoded.data.iter().max().map_or(0, |&last| last as usize));
}
