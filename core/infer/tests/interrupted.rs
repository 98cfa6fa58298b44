//! A run that was interrupted goes on to the very same labels.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};

use fewlabel_contract::{CancelToken, Error, Find, Result};
use fewlabel_image::{Image, InMemory, Plane};
use fewlabel_infer::{LabelSink, SegmentOptions, TractForward, segment_image, segment_image_rows};
use fewlabel_model::{Activation, Head, HeadGroup, Network, Package};
use support::*;

/// Counts the passes of a network.
fn counting<'a>(inner: &'a TractForward, token: &CancelToken) -> Counting<'a> {
    Counting { inner, runs: AtomicUsize::new(0), cancel_in: usize::MAX, token: token.clone() }
}

/// Labels that lie on a disk, so to say: what is noted stays.
#[derive(Default)]
struct Kept {
    ids: Vec<u32>,
    /// Key, labels and state.
    note: Option<(String, usize, Vec<u8>)>,
    /// The run ends when so many labels are there.
    end_at: usize,
}

impl LabelSink for Kept {
    fn begin(&mut self, key: &str) -> Result<Option<Vec<u8>>> {
        let kept = self.note.take().filter(|(other, ..)| other == key);
        self.ids.truncate(kept.as_ref().map_or(0, |(_, count, _)| *count));
        Ok(kept.map(|(.., state)| state))
    }

    fn rows(&mut self, rows: &Plane<u32>) -> Result<()> {
        self.ids.extend_from_slice(&rows.data);
        Ok(())
    }

    fn can_go_on(&mut self, key: &str, state: &dyn Fn() -> Result<Vec<u8>>) -> Result<()> {
        self.note = Some((key.to_owned(), self.ids.len(), state()?));
        if self.ids.len() >= self.end_at { Err(Error::internal("test", "the power is gone")) } else { Ok(()) }
    }
}

/// Segments `image` at once, and with three interruptions; the labels must be equal. How many passes it
/// took, at once and with interruptions.
fn interrupted(package: &Package, image: &Image, options: &SegmentOptions) -> (usize, usize) {
    let (network, source, token) = (TractForward::new(package).unwrap(), InMemory::of(image), CancelToken::new());
    let forward = counting(&network, &token);
    let whole = segment_image(&source, &package.meta, &forward, options, &token, &mut |_, _| {}).unwrap();
    let at_once = forward.runs.swap(0, Ordering::Relaxed);
    let mut kept = Kept::default();
    for part in 1..=3 {
        kept.end_at = whole.labels.ids.len() * part / 5;
        // A row that was lost with the power.
        kept.ids.extend([9; 5]);
        let found = segment_image_rows(&source, &package.meta, &forward, options, &mut kept, &token, &mut |_, _| {});
        assert!(found.is_err() && kept.note.is_some(), "part {part}");
    }
    kept.end_at = usize::MAX;
    let found = segment_image_rows(&source, &package.meta, &forward, options, &mut kept, &token, &mut |_, _| {}).unwrap();
    assert_eq!(kept.ids, whole.labels.ids);
    assert_eq!(found.objects, whole.found.objects);
    (at_once, forward.runs.into_inner())
}

fn stack() -> Image {
    let maps = crop(&nuclei(), 130, 90).plane(0, 0);
    let darker = maps.data.iter().map(|value| 0.5 * value + 3.0);
    stack_of(2, 1, 1, 130, 90, maps.data.iter().copied().chain(darker).collect())
}

fn options(diameter: Option<f64>) -> SegmentOptions {
    SegmentOptions { maps: false, object_diameter: diameter, ..tiled(Some(32), 2) }
}

#[test]
fn objects_are_the_same_and_no_tile_runs_twice() {
    let (at_once, interrupted) = interrupted(&package(), &stack(), &options(Some(20.0)));
    // Two tiles may be in flight when the power goes.
    assert!(interrupted <= at_once + 3 * 2 * 3, "{interrupted} passes instead of {at_once}");
}

#[test]
fn objects_of_another_size_are_the_same() {
    interrupted(&package(), &stack(), &options(Some(13.0)));
    interrupted(&package(), &stack(), &options(Some(40.0)));
}

#[test]
fn areas_are_the_same() {
    let head = Head { groups: vec![HeadGroup { activation: Activation::Softmax, channels: 3 }] };
    let mut package = package_of(Network::unet(1, 4, 2, &head).unwrap(), 9);
    package.meta.find = Some(Find::Areas);
    package.meta.classes = [(2, "membrane".to_owned()), (7, "nucleus".to_owned())].into();
    interrupted(&package, &stack(), &options(None));
}

#[test]
fn a_state_of_other_tiles_is_not_taken() {
    let package = package();
    let (forward, image, token) = (TractForward::new(&package).unwrap(), stack(), CancelToken::new());
    let source = InMemory::of(&image);
    let mut kept = Kept { end_at: 5000, ..Kept::default() };
    let run = |kept: &mut Kept, options: &SegmentOptions| {
        segment_image_rows(&source, &package.meta, &forward, options, kept, &token, &mut |_, _| {})
    };
    run(&mut kept, &options(Some(20.0))).unwrap_err();
    kept.end_at = usize::MAX;
    let other = SegmentOptions { maps: false, object_diameter: Some(20.0), ..tiled(Some(48), 2) };
    run(&mut kept, &other).unwrap();
    let whole = segment_image(&source, &package.meta, &forward, &other, &token, &mut |_, _| {}).unwrap();
    assert_eq!(kept.ids, whole.labels.ids);
}
