//! Large planes are read in parts, small ones at once: the same comes out.

use fewlabel_image::{Calibration, Image, InMemory, Pixels, Shape};
use fewlabel_model::InputSize;
use proptest::prelude::*;

use super::*;

fn channels(count: usize) -> Vec<String> {
    (0..count).map(|c| format!("channel {c}")).collect()
}

fn normalised(scope: Scope) -> Preprocessing {
    Preprocessing::Normalise(Normalisation { scope, ..Normalisation::default() })
}

fn image(shape: Shape, pixels: Pixels) -> Image {
    Image { shape, pixels, rgb: false, calibration: Calibration::default(), slice_labels: Vec::new() }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_way_of_reading_changes_nothing(
        samples in prop::collection::vec(any::<u8>(), 2 * 2 * 17 * 23),
        working in (1_usize..40, 1_usize..40),
        (tile, halo) in (1_usize..24, 0_usize..9),
        of_each_plane in any::<bool>(),
        broken in any::<bool>(),
    ) {
        let shape = Shape { t: 1, z: 2, c: 2, y: 17, x: 23 };
        let mut samples: Vec<f32> = samples.into_iter().map(f32::from).collect();
        if broken {
            samples[5] = f32::NAN;
        }
        // The second slice has no contrast.
        samples[2 * 17 * 23..].fill(7.0);
        let image = image(shape, Pixels::F32(samples));
        let normalised = normalised(if of_each_plane { Scope::Plane } else { Scope::Stack });
        let source = InMemory::of(&image);
        let whole = Planes::with_bound(&source, &channels(2), &normalised, working, usize::MAX).unwrap();
        let parts = Planes::with_bound(&source, &channels(2), &normalised, working, 0).unwrap();
        prop_assert!(parts.large && !whole.large);
        let grid = TileGrid::new(working, (tile, tile), halo, InputSize { min: 1, step: 1 });
        for plane in 0..2 {
            for tile in (0..grid.len()).map(|i| grid.tile(i)) {
                prop_assert_eq!(whole.read(plane, &grid, &tile).unwrap(), parts.read(plane, &grid, &tile).unwrap());
            }
            prop_assert_eq!(whole.read(plane, &grid, &grid.tile(0)).unwrap().is_none(), plane == 1);
        }
        prop_assert_eq!((whole.replaced(), parts.replaced()), (usize::from(broken), usize::from(broken)));
    }
}

/// A source of which nothing can be read below its first rows.
#[derive(Debug)]
struct CutShort(InMemory<'static>);

impl Source for CutShort {
    fn info(&self) -> &fewlabel_image::ImageInfo {
        self.0.info()
    }

    fn read(&self, level: usize, region: &Region) -> Result<Pixels> {
        if region.y.end > 10 {
            return Err(Error::new(ErrorKind::UnreadableImage, "read", "the file is cut short"));
        }
        self.0.read(level, region)
    }
}

#[test]
fn what_cannot_be_read_is_an_error_not_a_smaller_image() {
    let shape = Shape::plane(1, 20, 4);
    let source = CutShort(InMemory::new(image(shape, Pixels::U8((0..80).collect()))));
    for bound in [0, usize::MAX] {
        let error =
            Planes::with_bound(&source, &channels(1), &normalised(Scope::Stack), (20, 4), bound).err().expect("cut short");
        assert_eq!(error.kind, ErrorKind::UnreadableImage);
    }
}
