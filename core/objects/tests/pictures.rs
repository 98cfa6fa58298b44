//! Otsu's baseline, smoothing, colours and outlines.

use std::collections::HashSet;

use fewlabel_image::{Maps, Plane};
use fewlabel_objects::{UNLABELLED, draw_outlines, gaussian, object_colour, otsu, otsu_objects};

#[test]
fn otsu_of_values_that_leave_no_choice() {
    assert_eq!(otsu(&[]), 0.0);
    assert_eq!(otsu(&[f32::NAN, f32::INFINITY]), 0.0);
    assert_eq!(otsu(&[3.0, 3.0, f32::NAN]), 3.0);
    let threshold = otsu(&[0.0, 0.0, 0.0, 10.0, 10.0]);
    assert!((0.0..10.0).contains(&threshold));
}

#[test]
fn otsu_objects_are_on_the_smaller_side() {
    // Two bright discs on dark, then the same picture upside down.
    let disc = |y: usize, x: usize, cx: usize| y.abs_diff(10).pow(2) + x.abs_diff(cx).pow(2) < 20;
    let bright = (0..21 * 41).map(|i| if disc(i / 41, i % 41, 10) || disc(i / 41, i % 41, 30) { 9.0 } else { 1.0 });
    let image = Maps::new(1, 21, 41, bright.collect());
    let dark = Maps::new(1, 21, 41, image.data.iter().map(|v| 10.0 - v).collect());
    for image in [image, dark] {
        let objects = otsu_objects(&image);
        assert_eq!((objects.at(10, 10), objects.at(10, 30), objects.at(0, 0), objects.at(10, 20)), (1, 2, 0, 0));
    }
    assert_eq!(otsu_objects(&Maps::zeros(1, 0, 0)).data.len(), 0);
    assert_eq!(otsu_objects(&Maps::new(1, 1, 2, vec![f32::NAN; 2])).data, [0, 0]);
}

#[test]
fn colours_differ_and_are_not_dark() {
    let colours: HashSet<_> = (1..=200).map(object_colour).collect();
    assert!(colours.len() > 190);
    assert!(colours.iter().all(|colour| colour.iter().any(|&part| part > 150)));
    assert_eq!(object_colour(0), [0, 0, 0]);
}

#[test]
fn outlines_lie_on_the_inner_edge() {
    let labels = Plane::new(
        3,
        5,
        vec![
            0, 2, 2, 2, 2, //
            0, 2, 2, 2, 2, //
            0, 0, 0, UNLABELLED, UNLABELLED,
        ],
    );
    let image = Maps::new(1, 3, 5, (0..15).map(|v| v as f32).collect());
    let picture = draw_outlines(&image, &labels);
    let line = object_colour(2);
    assert_eq!((picture.at(0, 1), picture.at(1, 3), picture.at(1, 2)), (line, line, line));
    // The upper row lies at the edge of the plane, which is no outline.
    assert_ne!(picture.at(0, 2), line);
    assert_eq!((picture.at(0, 0), picture.at(2, 4)), ([0; 3], [255; 3]));
    let colour = Maps::new(3, 1, 2, vec![0.0, 10.0, 5.0, 0.0, 0.0, f32::NAN]);
    assert_eq!(draw_outlines(&colour, &Plane::filled(1, 2, 0)).data, [[0, 128, 0], [255, 0, 0]]);
    assert_eq!(draw_outlines(&Maps::zeros(0, 1, 1), &Plane::filled(1, 1, 0)).data, [[0; 3]]);
}

#[test]
fn smoothing_stays_inside_the_mask() {
    let values = Plane::new(1, 5, vec![1.0, 1.0, 100.0, 1.0, 1.0]);
    let mask = Plane::new(1, 5, vec![true, true, false, true, true]);
    let smooth = gaussian(&values, &mask, 2.0);
    assert!(smooth.data.iter().zip(&values.data).all(|(a, b)| (a - b).abs() < 1e-6));
    let everywhere = Plane::filled(1, 5, true);
    let smooth = gaussian(&values, &everywhere, 0.5);
    assert!(smooth.at(0, 2) < 100.0 && smooth.at(0, 1) > 1.0 && smooth.at(0, 1) == smooth.at(0, 3));
    assert_eq!(gaussian(&values, &everywhere, 0.0), values);
}
