//! How large the objects of an image are expected to be, when nobody says.

use fewlabel_image::Calibration;
use fewlabel_model::{PackageMeta, PixelSize};

/// Diameter in pixels of the image that objects of the model have in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Expected {
    /// The image is taken as it is.
    Unknown,
    /// By the pixel sizes, as both image and model are calibrated.
    Known(f64),
    /// Nobody knows the scale of the image: about what the objects measured in the training images, which are this small
    /// to this large.
    Between(f64, f64),
}

/// What to expect of an image with this calibration.
pub(crate) fn expected_size(model: &PackageMeta, calibration: &Calibration) -> Expected {
    let Some(working) = model.object_diameter else { return Expected::Unknown };
    let theirs = model.pixel_size.as_ref().and_then(PixelSize::micrometres);
    let calibrated = calibration.x.or(calibration.y).zip(calibration.unit.as_deref());
    let here = calibrated.and_then(|(size, unit)| PixelSize::new(size, unit)?.micrometres());
    match (theirs, here) {
        (Some(theirs), Some(here)) => Expected::Known(working * theirs / here),
        _ => model.image_diameters.map_or(Expected::Unknown, |(low, high)| Expected::Between(low, high)),
    }
}

#[cfg(test)]
mod tests {
    use fewlabel_contract::Find;
    use fewlabel_model::{Activation, Head, HeadGroup, Network, Normalisation};

    use super::*;

    fn model(pixel: Option<(f64, &str)>, image_diameters: Option<(f64, f64)>) -> PackageMeta {
        let head = Head { groups: vec![HeadGroup { activation: Activation::Softmax, channels: 2 }] };
        let network = Network::unet(1, 4, 2, &head).unwrap();
        PackageMeta {
            object_diameter: Some(24.0),
            pixel_size: pixel.and_then(|(size, unit)| PixelSize::new(size, unit)),
            image_diameters,
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
        assert_eq!(expected_size(&model, &calibrated(250.0, "nm")), Expected::Known(48.0));
        assert_eq!(expected_size(&model, &calibrated(1.0, "micron")), Expected::Known(12.0));
        // Nobody knows the scale: as it is.
        assert_eq!(expected_size(&model, &Calibration::default()), Expected::Unknown);
        assert_eq!(expected_size(&model, &calibrated(1.0, "furlong")), Expected::Unknown);
        assert_eq!(expected_size(&model, &calibrated(1.0 / 72.0, "inch")), Expected::Unknown, "a print density");
    }

    #[test]
    fn images_without_calibration_are_expected_to_be_like_the_training_images() {
        let model = model(None, Some((12.0, 48.0)));
        assert_eq!(expected_size(&model, &Calibration::default()), Expected::Between(12.0, 48.0));
        assert_eq!(expected_size(&model, &calibrated(0.1, "µm")), Expected::Between(12.0, 48.0));
        let unsized_model = PackageMeta { object_diameter: None, ..model };
        assert_eq!(expected_size(&unsized_model, &Calibration::default()), Expected::Unknown);
    }
}
