use fewlabel_contract::ErrorKind;

use super::*;
use crate::{Calibration, Limits, MapStack, Maps, PixelType, Pixels, Region, Source, ZarrChannel, ZarrSource};

#[test]
fn maps_come_back_with_their_levels() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("maps.zarr");
    let plane = |first: f32| Maps::new(2, 3, 600, (0..3600).map(|i| first + i as f32).collect());
    let (planes, calibration) = ([plane(-10.0), plane(4000.0)], Calibration::default());
    let stack = MapStack { planes: &planes, t: 2, z: 1, calibration: &calibration };
    let names = ["background".to_owned(), "objects".to_owned()];
    write_maps_zarr(&path, &stack, &names, false).expect("written");
    let source = ZarrSource::open(&path, &Limits::default()).expect("an image");
    let info = source.info();
    assert_eq!((info.shape, info.pixel_type), (stack.shape(), PixelType::F32));
    assert_eq!((info.levels.as_slice(), info.channel_names.as_slice()), (&[(3, 600), (2, 300)][..], &names[..]));
    let green = ZarrChannel { label: Some("objects".into()), color: Some([0, 255, 0]), window: Some((-10.0, 7599.0)) };
    assert_eq!((source.channels().get(1), source.is_labels()), (Some(&green), false));
    let all = planes.iter().flat_map(|maps| maps.data.iter().copied()).collect();
    assert_eq!(source.image().expect("all").pixels, Pixels::F32(all));
    // Rows of 600: a pixel and its right, lower and lower right neighbours are 0, 1, 600 and 601 above the first.
    let region = Region { t: 1..2, c: 1..2, ..Region::whole(info.level(1)) }.rectangle(0..2, 0..2);
    let first = 4000.0 + 1800.0;
    let means = vec![first + 300.5, first + 302.5, first + 1200.5, first + 1202.5];
    assert_eq!(source.read(1, &region).expect("a level"), Pixels::F32(means), "the last row has none below it");
}

#[test]
fn values_that_are_no_numbers_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("maps.zarr");
    let (planes, calibration) = ([Maps::new(1, 1, 3, vec![f32::NAN, f32::INFINITY, -0.0])], Calibration::default());
    let stack = MapStack { planes: &planes, t: 1, z: 1, calibration: &calibration };
    write_maps_zarr(&path, &stack, &["odd".to_owned()], false).expect("written");
    let source = ZarrSource::open(&path, &Limits::default()).expect("an image");
    assert_eq!(source.channels().first().and_then(|channel| channel.window), Some((0.0, 0.0)));
    assert_eq!(source.image().expect("all").pixels.to_le_bytes(), Pixels::F32(planes[0].data.clone()).to_le_bytes());
    let names = ["one".to_owned(), "too many".to_owned()];
    assert!(write_maps_zarr(&path, &stack, &names, true).is_err_and(|e| e.kind == ErrorKind::Internal));
    let none = MapStack { planes: &[], ..stack };
    assert!(write_maps_zarr(&path, &none, &[], true).is_err_and(|e| e.kind == ErrorKind::Internal));
}
