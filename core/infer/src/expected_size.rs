//! How large the objects of an image are expected to be, when nobody says.

use fewlabel_image::Calibration;
use fewlabel_model::{PackageMeta, PixelSize};

/// Diameter in pixels of the image that objects of the model have in it: by the pixel sizes where both image and model are
/// calibrated, else by the scale of the training images. `None`: the image is taken as it is.
pub(crate) fn expected_diameter(model: &PackageMeta, calibration: &Calibration) -> Option<f64> {
    let working = model.object_diameter?;
    let theirs = model.pixel_size.as_ref().and_then(PixelSize::micrometres);
    let calibrated = calibration.x.or(calibration.y).zip(calibration.unit.as_deref());
    let here = calibrated.and_then(|(size, unit)| PixelSize::new(size, unit)?.micrometres());
    match (theirs, here) {
        (Some(theirs), Some(here)) => Some(working * theirs / here),
        _ => model.image_scale.map(|scale| working / scale),
    }
}

#[cfg(test)]
mod tests {
    use fewlabel_contract::Find;
    use fewlabel_model::{Activation, Head, HeadGroup, Network, Normalisation};

    use super::*;

    fn model(pixel: Option<(f64, &str)>, image_scale: Option<f64>) -> PackageMeta {
        let head = Head { groups: vec![HeadGroup { activation: Activation::Softmax, channels: 2 }] };
        let network = Network::unet(1, 4, 2, &head).unwrap();
        PackageMeta {
            object_diameter: Some(24.0),
            pixel_size: pixel.and_then(|(size, unit)| PixelSize::new(size, unit)),
            image_scale,
            ..PackageMeta::new("m", Find::Objects, network, Normalisation::default())
        }
    }

    fn calibrated(size: f64, unit: &str) -> Calibration {
        Calibration { x: Some(size), y: Some(size), unit: Some(unit.to_owned()), ..Calibration::default() }
    }

    #[test]
    fn calibrated_images_go_by_the_size_of_their_pixels() {
        let model = model(Some((0.5, "micrometer")), None);
        // 12 µm: 48 pixels of 250 nm.
        assert_eq!(expected_diameter(&model, &calibrated(250.0, "nm")), Some(48.0));
        assert_eq!(expected_diameter(&model, &calibrated(1.0, "micron")), Some(12.0));
        // Nobody knows the scale: as it is.
        assert_eq!(expected_diameter(&model, &Calibration::default()), None);
        assert_eq!(expected_diameter(&model, &calibrated(1.0, "furlong")), None);
    }

    #[test]
    fn images_without_calibration_have_the_scale_of_the_training_images() {
        // Objects of 48 pixels were scaled to 24.
        let model = model(None, Some(0.5));
        assert_eq!(expected_diameter(&model, &Calibration::default()), Some(48.0));
        assert_eq!(expected_diameter(&model, &calibrated(0.1, "µm")), Some(48.0));
        let unsized_model = PackageMeta { object_diameter: None, ..model };
        assert_eq!(expected_diameter(&unsized_model, &Calibration::default()), None);
    }
}
