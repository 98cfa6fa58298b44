//! Words and numbers of flags as the contract's types.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use fewlabel::contract::{
    Columns, Contrast, ContrastForm, ContrastOf, ContrastPositives, ContrastSampling, Existing, Find, Format, Link, Method,
    ModelForm, Norm, Preset, Region, Regularisation, RuntimeAction, SameImage, Transfer, VolumePlane,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// One of `words`, read as the contract reads it.
fn one_of<T: DeserializeOwned + Clone + Send + Sync + 'static>(
    words: &'static [&'static str],
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(words).try_map(|word| serde_json::from_value::<T>(Value::from(word)))
}

/// `--find`.
pub fn find() -> impl TypedValueParser<Value = Find> {
    one_of(&["objects", "areas", "kinds"])
}

/// `--existing`.
pub fn existing() -> impl TypedValueParser<Value = Existing> {
    one_of(&["error", "skip", "overwrite"])
}

/// `--format`.
pub fn format() -> impl TypedValueParser<Value = Format> {
    one_of(&["imagej", "ome-tiff", "ome-zarr", "nifti", "png"])
}

/// `--columns`.
pub fn columns() -> impl TypedValueParser<Value = Columns> {
    one_of(&["fewlabel", "imagej"])
}

/// `--contrast` of `train`.
pub fn contrast() -> impl TypedValueParser<Value = Contrast> {
    one_of(&["none", "local", "joint"])
}

/// `--contrast-positives`.
pub fn contrast_positives() -> impl TypedValueParser<Value = ContrastPositives> {
    one_of(&["classes", "objects", "views", "regions"])
}

/// `--contrast-form`.
pub fn contrast_form() -> impl TypedValueParser<Value = ContrastForm> {
    one_of(&["share", "ratio", "ratio-mean"])
}

/// `--contrast-sampling`.
pub fn contrast_sampling() -> impl TypedValueParser<Value = ContrastSampling> {
    one_of(&["per-class", "stride", "block", "full"])
}

/// `--regularisation`.
pub fn regularisation() -> impl TypedValueParser<Value = Regularisation> {
    one_of(&["none", "mixup", "consistency"])
}

/// `--plane`.
pub fn volume_plane() -> impl TypedValueParser<Value = VolumePlane> {
    one_of(&["axial", "coronal", "sagittal"])
}

/// `--norm`.
pub fn norm() -> impl TypedValueParser<Value = Norm> {
    one_of(&["batch", "instance"])
}

/// `--method`.
pub fn method() -> impl TypedValueParser<Value = Method> {
    one_of(&["tower", "simclr", "byol", "restore", "mae", "contrast-proxy", "uncorrelated"])
}

/// `--preset`.
pub fn preset() -> impl TypedValueParser<Value = Preset> {
    one_of(&["tower-paper"])
}

/// `--contrast` of `pretrain`.
pub fn contrast_of() -> impl TypedValueParser<Value = ContrastOf> {
    one_of(&["places", "crops", "same-crops"])
}

/// `--same-image`.
pub fn same_image() -> impl TypedValueParser<Value = SameImage> {
    one_of(&["negative", "ignored"])
}

/// `--transfer`.
pub fn transfer() -> impl TypedValueParser<Value = Transfer> {
    one_of(&["all", "encoder"])
}

/// `--link`.
pub fn link() -> impl TypedValueParser<Value = Link> {
    one_of(&["none", "z", "t"])
}

/// `--as`.
pub fn form() -> impl TypedValueParser<Value = ModelForm> {
    one_of(&["onnx"])
}

/// The action of `runtime`.
pub fn action() -> impl TypedValueParser<Value = RuntimeAction> {
    one_of(&["plan", "install", "status", "remove"])
}

/// A value that is a number or a word, such as `--object-diameter`.
pub fn json_or_text<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
    let value = number.map_or_else(|| Value::from(text), Value::from);
    serde_json::from_value(value).map_err(|_| "neither a number nor a word that is known here".to_owned())
}

/// `--region X,Y,WIDTH,HEIGHT`.
pub fn region(text: &str) -> Result<Region, String> {
    let numbers: Option<Vec<usize>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
    match numbers.as_deref() {
        Some(&[x, y, width, height]) => Ok(Region { x, y, width, height }),
        _ => Err("write four whole numbers: X,Y,WIDTH,HEIGHT".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use fewlabel::contract::ObjectDiameter;

    use super::*;

    #[test]
    fn a_size_is_a_number_or_from_labels() {
        assert_eq!(json_or_text::<ObjectDiameter>("12.5"), Ok(ObjectDiameter::Size(12.5)));
        assert_eq!(json_or_text::<ObjectDiameter>("from labels"), Ok(ObjectDiameter::default()));
        assert!(json_or_text::<ObjectDiameter>("big").is_err());
        assert!(json_or_text::<ObjectDiameter>("NaN").is_err());
    }

    #[test]
    fn a_region_is_four_whole_numbers() {
        assert_eq!(region("0, 8,64,32"), Ok(Region { x: 0, y: 8, width: 64, height: 32 }));
        assert!(region("1,2,3").is_err() && region("1,2,3,-4").is_err());
    }
}
