//! Target maps of literal planes.

use fewlabel_image::Plane;
use fewlabel_objects::{UNLABELLED, object_targets};
use proptest::prelude::*;

const U: u32 = UNLABELLED;

#[test]
fn touching_objects_have_boundary_on_both_sides() {
    let labels = Plane::new(1, 10, vec![0, 1, 1, 1, 1, 2, 2, 2, 2, 0]);
    let targets = object_targets(&labels);
    assert_eq!(targets.class.data, [0, 2, 1, 1, 2, 2, 1, 1, 2, 0]);
    assert_eq!(targets.distance.data, [0.0, 0.5, 1.0, 1.0, 0.5, 0.5, 1.0, 1.0, 0.5, 0.0]);
    // The first of the two pixels in the middle is the centre.
    assert_eq!(targets.centre.data, [0.0, 0.5, 1.0, 0.5, 0.0, 0.5, 1.0, 0.5, 0.0, 0.0]);
}

#[test]
fn the_edge_of_the_plane_is_no_boundary() {
    let labels = Plane::new(3, 4, vec![1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0]);
    let targets = object_targets(&labels);
    assert_eq!(targets.class.row(0), [1, 1, 2, 0]);
    assert_eq!(targets.distance.row(0), [1.0, 2.0 / 3.0, 1.0 / 3.0, 0.0]);
    let whole = object_targets(&Plane::filled(2, 2, 9));
    assert_eq!((whole.class.data, whole.distance.data), (vec![1; 4], vec![1.0; 4]));
}

#[test]
fn a_thin_object_keeps_an_interior() {
    let line = object_targets(&Plane::new(3, 4, vec![0, 0, 0, 0, 0, 5, 5, 0, 0, 0, 0, 0]));
    assert_eq!(line.class.row(1), [0, 1, 1, 0]);
    // A cross of five pixels: only its middle is farther than one from the outside, but not in eight neighbours.
    let cross = object_targets(&Plane::new(
        5,
        5,
        vec![
            0, 0, 0, 0, 0, //
            0, 0, 3, 0, 0, //
            0, 3, 3, 3, 0, //
            0, 0, 3, 0, 0, //
            0, 0, 0, 0, 0,
        ],
    ));
    assert_eq!(cross.class.row(2), [0, 2, 1, 2, 0]);
    let pixel = object_targets(&Plane::new(1, 3, vec![0, 4, 0]));
    assert_eq!(
        (pixel.class.data, pixel.distance.data, pixel.centre.data),
        (vec![0, 1, 0], vec![0.0, 1.0, 0.0], vec![0.0, 1.0, 0.0])
    );
}

#[test]
fn pieces_of_one_number_are_objects_of_their_own() {
    let targets = object_targets(&Plane::new(1, 9, vec![0, 6, 6, 6, 0, 6, 6, 6, 0]));
    assert_eq!(targets.centre.data, [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
}

#[test]
fn the_centre_falls_along_the_object_not_across_the_gap() {
    // A horseshoe: the distance from one end to the other leads around.
    let labels = Plane::new(
        5,
        5,
        vec![
            1, 1, 1, 1, 1, //
            1, 0, 0, 0, 1, //
            1, 0, 0, 0, 1, //
            1, 0, 0, 0, 1, //
            1, 0, 0, 0, 1,
        ],
    );
    let targets = object_targets(&labels);
    let ends = [targets.centre.at(4, 0), targets.centre.at(4, 4)];
    let corners = [targets.centre.at(0, 0), targets.centre.at(0, 4)];
    assert!(ends.contains(&0.0) && ends[0] < corners[0] && ends[1] < corners[1]);
    assert_eq!(targets.centre.data.iter().filter(|&&c| c == 1.0).count(), 1);
}

#[test]
fn what_an_unlabelled_neighbour_hides_is_unknown() {
    // Left of column 0 nothing is known; the object may go on there.
    let labels = Plane::new(1, 9, vec![U, U, 1, 1, 1, 1, 1, 0, 0]);
    let targets = object_targets(&labels);
    // The middle is as far from what is known as from what is not, so its distance is known.
    assert_eq!(targets.class.data, [255, 255, 255, 255, 1, 1, 2, 0, 0]);
    assert_eq!(targets.distance.data[4..7], [1.0, 2.0 / 3.0, 1.0 / 3.0]);
    // A band of background around the object, as for outlines, and everything is known.
    let banded = object_targets(&Plane::new(1, 9, vec![U, 0, 0, 1, 1, 1, 0, 0, U]));
    assert_eq!(banded.class.data, [255, 0, 0, 2, 1, 2, 0, 0, 255]);
    // Nothing but unlabelled around it: nothing is known of the object either.
    let alone = object_targets(&Plane::new(1, 5, vec![U, 1, 1, 1, U]));
    assert_eq!(alone.class.data, [255; 5]);
}

#[test]
fn planes_without_objects() {
    assert_eq!(object_targets(&Plane::filled(2, 2, 0)).class.data, [0; 4]);
    assert_eq!(object_targets(&Plane::filled(2, 2, U)).class.data, [255; 4]);
    assert!(object_targets(&Plane::filled(0, 0, 0)).class.data.is_empty());
}

proptest! {
    #[test]
    fn targets_keep_their_promises(
        (height, width, data) in (1..9_usize, 1..9_usize).prop_flat_map(|(height, width)| {
            let label = prop_oneof![3 => Just(0), 4 => 1..4_u32, 1 => Just(U)];
            (Just(height), Just(width), prop::collection::vec(label, height * width))
        }),
    ) {
        let labels = Plane::new(height, width, data);
        let targets = object_targets(&labels);
        for (pixel, &label) in labels.data.iter().enumerate() {
            let (class, distance, centre) = (targets.class.data[pixel], targets.distance.data[pixel], targets.centre.data[pixel]);
            match label {
                0 => prop_assert_eq!((class, distance, centre), (0, 0.0, 0.0)),
                U => prop_assert_eq!((class, distance, centre), (255, 0.0, 0.0)),
                _ => {
                    prop_assert!(matches!(class, 1 | 2 | 255));
                    prop_assert!(distance > 0.0 && distance <= 1.0 && (0.0..=1.0).contains(&centre));
                }
            }
        }
        // Every object has one centre, the only place where the map is 1.
        let mask = |object: u32| labels.map(|label| label == object);
        let pieces: u32 = (1..4).map(|object| fewlabel_objects::components(&mask(object), true).1).sum();
        prop_assert_eq!(targets.centre.data.iter().filter(|&&c| c == 1.0).count(), pieces as usize);
    }
}
