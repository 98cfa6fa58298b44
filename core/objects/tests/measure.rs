//! Sizes and measurements of literal objects.

use fewlabel_image::{Calibration, Maps, Plane};
use fewlabel_objects::{UNLABELLED, measure, median_diameter};

#[test]
fn diameters_leave_out_what_the_edge_cuts() {
    let labels = Plane::new(
        4,
        6,
        vec![
            9, 9, 9, 9, 9, 9, //
            0, 1, 1, 0, 2, 0, //
            0, 1, 1, 0, 0, 0, //
            0, 0, 0, 0, 0, UNLABELLED,
        ],
    );
    let of_area = |area: f64| 2.0 * (area / std::f64::consts::PI).sqrt();
    assert_eq!(median_diameter(&labels), Some((of_area(4.0) + of_area(1.0)) / 2.0));
    assert_eq!(median_diameter(&Plane::filled(2, 2, 3)), Some(of_area(4.0)));
    assert_eq!(median_diameter(&Plane::filled(2, 2, 0)), None);
    assert_eq!(median_diameter(&Plane::filled(2, 2, UNLABELLED)), None);
}

#[test]
fn measurements_have_the_units_of_the_calibration() {
    // A rectangle of 2 x 3 pixels, each 2 high and 0.5 wide.
    let labels = Plane::new(
        4,
        5,
        vec![
            0, 0, 0, 0, 0, //
            0, 8, 8, 8, 0, //
            0, 8, 8, 8, 0, //
            0, 0, 0, 0, 0,
        ],
    );
    let image = Maps::new(2, 4, 5, [vec![f32::NAN; 20], (0..20).map(|v| v as f32).collect()].concat());
    let calibration = Calibration { x: Some(0.5), y: Some(2.0), ..Default::default() };
    let object = measure(&labels, &image, &calibration).remove(0);
    assert_eq!((object.area, object.centroid, object.border), (6.0, (4.0, 1.25), false));
    assert_eq!((object.feret, object.solidity), ((4.0_f64.powi(2) + 1.5_f64.powi(2)).sqrt(), 1.0));
    assert!(object.intensities[0].mean.is_nan() && object.intensities[0].integrated == 0.0);
    assert_eq!((object.intensities[1].min, object.intensities[1].max, object.intensities[1].mean), (6.0, 13.0, 9.5));
    // Only one size given: pixels are square.
    let square = Calibration { x: Some(0.5), ..Default::default() };
    assert_eq!(measure(&labels, &image, &square)[0].area, 1.5);
    assert!(measure(&Plane::filled(1, 1, UNLABELLED), &Maps::zeros(1, 1, 1), &square).is_empty());
}

#[test]
fn the_perimeter_of_a_disc_is_nearly_its_circumference() {
    for (pixel_height, pixel_width) in [(1.0, 1.0), (1.0, 2.0), (3.0, 1.0)] {
        let radius = 60.0;
        let inside = |y: usize, x: usize| ((y as f64 - 70.0) * pixel_height).hypot((x as f64 - 70.0) * pixel_width) < radius;
        let labels = Plane::new(141, 141, (0..141 * 141).map(|i| u32::from(inside(i / 141, i % 141))).collect());
        let calibration = Calibration { x: Some(pixel_width), y: Some(pixel_height), ..Default::default() };
        let disc = measure(&labels, &Maps::zeros(1, 141, 141), &calibration).remove(0);
        let circumference = 2.0 * std::f64::consts::PI * radius;
        assert!((disc.perimeter / circumference - 1.0).abs() < 0.02, "{} of {circumference}", disc.perimeter);
        assert!((disc.feret / (2.0 * radius) - 1.0).abs() < 0.05);
    }
}
