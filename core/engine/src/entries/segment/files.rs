//! What the files of an image are called, and in which format each is written.

use std::path::PathBuf;

use fewlabel_contract::{Format, SegmentArgs};
use fewlabel_image::{Shape, imagej_holds_labels, imagej_holds_maps, is_nifti};

use super::super::inputs::{Input, Origin};

/// The formats of an image's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Formats {
    pub labels: Format,
    pub maps: Format,
}

impl Formats {
    /// As asked for, or as the image is.
    pub fn of(input: &Input, args: &SegmentArgs) -> Self {
        let nifti = match &input.origin {
            Origin::File(path) => is_nifti(path),
            Origin::Buffer(_) => false,
        };
        let labels = args.format.unwrap_or(if nifti { Format::Nifti } else { Format::ImageJ });
        Self { labels, maps: if labels == Format::Png { Format::ImageJ } else { labels } }
    }

    /// With OME-TIFF for what ImageJ TIFF does not hold, unless a format was asked for. `channels` are those of the maps.
    pub fn that_hold(self, args: &SegmentArgs, shape: Shape, largest: u32, channels: usize) -> Self {
        let maps = imagej_holds_maps(Shape { c: channels, ..shape });
        let instead = |format: Format, holds: bool| match (args.format, format) {
            (None, Format::ImageJ) if !holds => Format::OmeTiff,
            _ => format,
        };
        Self { labels: instead(self.labels, imagej_holds_labels(shape, largest)), maps: instead(self.maps, maps) }
    }
}

/// The files of one image, seen from the output folder, the labels first.
pub(super) fn files_of(name: &str, args: &SegmentArgs, formats: Formats) -> Vec<PathBuf> {
    let wanted = [
        (true, "labels", ending(formats.labels)),
        (args.rois, "rois", ".zip"),
        (args.probabilities, "prob", ending(formats.maps)),
        (args.uncertainty, "unsure", ending(formats.maps)),
        (args.overlay, "overlay", ".png"),
    ];
    wanted
        .iter()
        .filter(|(wanted, ..)| *wanted)
        .map(|(_, what, ending)| PathBuf::from(format!("{name}.{what}{ending}")))
        .collect()
}

const fn ending(format: Format) -> &'static str {
    match format {
        Format::ImageJ => ".tif",
        Format::OmeTiff => ".ome.tif",
        Format::OmeZarr => ".ome.zarr",
        Format::Nifti => ".nii.gz",
        Format::Png => ".png",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn args(more: serde_json::Value) -> SegmentArgs {
        let mut args = json!({"model": "m", "images": ["a.tif"], "output": "o"});
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(args).unwrap()
    }

    fn named(path: &str, more: serde_json::Value) -> Vec<String> {
        let (args, input) =
            (args(more), Input { name: "a".to_owned(), file: path.to_owned(), origin: Origin::File(path.into()) });
        files_of("a", &args, Formats::of(&input, &args)).iter().map(|path| path.display().to_string()).collect()
    }

    #[test]
    fn names_tell_what_they_are() {
        let all = json!({"rois": true, "probabilities": true, "uncertainty": true, "overlay": true});
        assert_eq!(named("a.tif", all), ["a.labels.tif", "a.rois.zip", "a.prob.tif", "a.unsure.tif", "a.overlay.png"]);
        assert_eq!(named("A.NII.gz", json!({"uncertainty": true})), ["a.labels.nii.gz", "a.unsure.nii.gz"]);
        assert_eq!(named("a.nii", json!({"format": "ome-zarr"})), ["a.labels.ome.zarr"]);
        assert_eq!(named("a.tif", json!({"format": "png", "probabilities": true})), ["a.labels.png", "a.prob.tif"]);
    }

    #[test]
    fn what_imagej_does_not_hold_becomes_ome_tiff_unless_it_was_asked_for() {
        let (imagej, large) = (Formats { labels: Format::ImageJ, maps: Format::ImageJ }, Shape::plane(1, 40_000, 40_000));
        let small = Shape::plane(1, 1000, 1000);
        let held = |args: &SegmentArgs, shape, largest, channels| imagej.that_hold(args, shape, largest, channels);
        let plain = args(json!({}));
        assert_eq!(held(&plain, small, 9, 5), imagej);
        assert_eq!(held(&plain, large, 9, 1), Formats { labels: Format::ImageJ, maps: Format::OmeTiff });
        assert_eq!(held(&plain, large, 70_000, 1), Formats { labels: Format::OmeTiff, maps: Format::OmeTiff });
        assert_eq!(held(&plain, small, (1 << 24) + 1, 1).labels, Format::OmeTiff);
        assert_eq!(held(&args(json!({"format": "imagej"})), large, 70_000, 1), imagej);
    }
}
