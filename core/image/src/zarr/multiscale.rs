//! What `multiscales` says: axes, levels and the size of a pixel.

use fewlabel_contract::Result;
use serde::Deserialize;
use serde_json::Value;

use super::{exceeded, json, shown, unit, unreadable, unsupported};
use crate::Calibration;

/// Names of the axes, in the order in which Fewlabel has them.
pub(super) const NAMES: [&str; 5] = ["t", "z", "c", "y", "x"];
const T: usize = 0;
const Z: usize = 1;
const C: usize = 2;
const Y: usize = 3;
const X: usize = 4;

/// A pyramid has as many levels as its longest side can be halved.
const MOST_LEVELS: usize = 32;

#[derive(Deserialize)]
struct Stored {
    #[serde(default)]
    version: Value,
    #[serde(default)]
    axes: Value,
    datasets: Vec<Dataset>,
    #[serde(rename = "coordinateTransformations")]
    transformations: Option<Vec<Transformation>>,
}

#[derive(Deserialize)]
struct Axis {
    name: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    unit: Option<String>,
}

#[derive(Deserialize)]
struct Dataset {
    path: String,
    #[serde(rename = "coordinateTransformations")]
    transformations: Option<Vec<Transformation>>,
}

#[derive(Deserialize)]
struct Transformation {
    #[serde(rename = "type")]
    kind: String,
    scale: Option<Vec<f64>>,
}

/// An image at several resolutions.
#[derive(Debug)]
pub(super) struct Multiscale {
    /// Which of `t z c y x` the axes of the arrays are, in their order.
    pub(super) axes: Vec<usize>,
    /// Paths of the arrays, that at full resolution first.
    pub(super) datasets: Vec<String>,
    /// What a pixel measures at full resolution.
    pub(super) calibration: Calibration,
}

impl Multiscale {
    /// From an entry of `multiscales`.
    ///
    /// # Errors
    /// `unreadable-image` for damaged metadata, `unsupported` for axes or a version that are not read here,
    /// `limit-exceeded` for too many levels.
    pub(super) fn of(value: &Value) -> Result<Self> {
        let stored: Stored = json::part(value)?;
        // Before 0.4 an axis was a name alone, or there were always five.
        let described = stored.axes.as_array().is_some_and(|axes| !axes.is_empty() && axes.iter().all(Value::is_object));
        if !described {
            return Err(unsupported("the image is of a version of OME-Zarr that is not read here")
                .with("version", shown(&stored.version.to_string()))
                .hint("versions 0.4 and 0.5 are read; convert it to one of them"));
        }
        let described: Vec<Axis> = json::part(&stored.axes)?;
        let mut axes = Vec::new();
        for Axis { name, kind, .. } in &described {
            let axis = which(name, kind.as_deref()).filter(|axis| !axes.contains(axis));
            axes.push(axis.ok_or_else(|| {
                unsupported("the image has an axis that is not read here, or one twice")
                    .with("axis", shown(name))
                    .hint("the axes t, c, z, y and x are read")
            })?);
        }
        if !axes.contains(&Y) || !axes.contains(&X) {
            return Err(unsupported("the image lacks the axis y or x"));
        }
        if stored.datasets.is_empty() {
            return Err(unreadable("the image has no levels"));
        }
        if stored.datasets.len() > MOST_LEVELS {
            return Err(exceeded("the image has more levels than allowed")
                .with("levels", stored.datasets.len())
                .with("allowed levels", MOST_LEVELS));
        }
        let of_level = stored.datasets.first().and_then(|dataset| dataset.transformations.as_deref());
        let scales = [of_level.unwrap_or_default(), stored.transformations.as_deref().unwrap_or_default()];
        let mut sizes = [None; 5];
        for (place, &axis) in axes.iter().enumerate() {
            sizes[axis] = size(&scales, place, axes.len());
        }
        let mut units = [None; 5];
        for (&axis, described) in axes.iter().zip(&described) {
            units[axis] = described.unit.as_deref();
        }
        let datasets = stored.datasets.into_iter().map(|dataset| dataset.path).collect();
        Ok(Self { calibration: calibration(sizes, units), axes, datasets })
    }
}

/// Which of `t z c y x` an axis is: by its name, and for time and channels also by its type.
fn which(name: &str, kind: Option<&str>) -> Option<usize> {
    let named = NAMES.iter().position(|known| known.eq_ignore_ascii_case(name));
    match kind {
        Some("time") => named.or(Some(T)).filter(|&axis| axis == T),
        Some("channel") => named.or(Some(C)).filter(|&axis| axis == C),
        Some("space") => named.filter(|axis| [Z, Y, X].contains(axis)),
        _ => named,
    }
}

/// Distance of samples along an axis: what the level says times what all levels have in common.
fn size(scales: &[&[Transformation]; 2], place: usize, axes: usize) -> Option<f64> {
    let factors = scales.iter().flat_map(|transformations| transformations.iter());
    let factors = factors.filter(|transformation| transformation.kind == "scale");
    let mut factors = factors.map(|scale| scale.scale.as_ref().filter(|s| s.len() == axes).and_then(|s| s.get(place)));
    let first = *factors.next()??;
    factors.try_fold(first, |size, factor| Some(size * factor?)).filter(|size| size.is_finite() && *size > 0.0)
}

/// Sizes in the unit of x. A size of 1 without a unit is what programs write that know none.
fn calibration(sizes: [Option<f64>; 5], units: [Option<&str>; 5]) -> Calibration {
    let lengths = units.map(|unit| unit.and_then(unit::length));
    let unit = lengths[X].clone().or_else(|| lengths[Y].clone());
    let size = |axis: usize| match (&lengths[axis], &unit) {
        (Some(own), Some(unit)) => Some(sizes[axis]? * unit::ratio(own, unit)?),
        (None, None) => sizes[axis].filter(|&size| size != 1.0),
        _ => None,
    };
    let (x, y, z) = (size(X), size(Y), size(Z));
    let seconds = units[T].and_then(unit::seconds).and_then(|seconds| Some(sizes[T]? * seconds));
    let unit = unit.filter(|_| x.or(y).or(z).is_some());
    Calibration { x, y, z, unit, frame_interval: seconds }
}

#[cfg(test)]
mod tests {
    use fewlabel_contract::ErrorKind;
    use serde_json::json;

    use super::*;

    fn axes(names: &[&str]) -> Value {
        let kind = |name: &str| match name {
            "t" => "time",
            "c" => "channel",
            _ => "space",
        };
        names.iter().map(|name| json!({"name": name, "type": kind(name)})).collect()
    }

    fn of(axes: &Value, scale: &Value) -> Result<Multiscale> {
        let scale = json!([{"type": "scale", "scale": scale}, {"type": "translation", "translation": [1, 2]}]);
        Multiscale::of(&json!({"axes": axes, "datasets": [{"path": "0", "coordinateTransformations": scale}]}))
    }

    #[test]
    fn axes_in_any_number() {
        let all = of(&axes(&["t", "c", "z", "y", "x"]), &json!([1, 1, 1, 1, 1])).expect("all");
        assert_eq!((all.axes, all.datasets), (vec![0, 2, 1, 3, 4], vec!["0".to_owned()]));
        assert_eq!(all.calibration, Calibration::default(), "sizes of 1 without units");
        assert_eq!(of(&axes(&["y", "x"]), &json!([1, 1])).expect("two").axes, [3, 4]);
        let renamed =
            json!([{"name": "Time", "type": "time"}, {"name": "stain", "type": "channel"}, {"name": "Y"}, {"name": "X"}]);
        assert_eq!(of(&renamed, &json!([1, 1, 1, 1])).expect("by type").axes, [0, 2, 3, 4]);
        for axes in [
            axes(&["y"]),
            axes(&["y", "x", "x"]),
            axes(&["p", "y", "x"]),
            json!(["y", "x"]),
            json!([]),
            json!(null),
            json!([{"name": "z", "type": "time"}, {"name": "y"}, {"name": "x"}]),
        ] {
            assert!(of(&axes, &json!([1])).is_err_and(|e| e.kind == ErrorKind::Unsupported), "{axes}");
        }
    }

    #[test]
    fn sizes_are_in_one_unit() {
        let axes = json!([
            {"name": "t", "type": "time", "unit": "millisecond"},
            {"name": "z", "type": "space", "unit": "nanometer"},
            {"name": "y", "type": "space", "unit": "micrometer"},
            {"name": "x", "type": "space", "unit": "micrometer"},
        ]);
        let found = of(&axes, &json!([250, 500, 0.25, 0.2])).expect("known").calibration;
        assert_eq!(
            (found.x, found.y, found.unit.as_deref(), found.frame_interval),
            (Some(0.2), Some(0.25), Some("µm"), Some(0.25))
        );
        assert!(found.z.is_some_and(|z| (z - 0.5).abs() < 1e-12));
        let odd = of(&axes, &json!([0, -1, 0, 0.2])).expect("known").calibration;
        assert_eq!((odd.x, odd.y, odd.z, odd.frame_interval), (Some(0.2), None, None, None));
        let another = of(&axes, &json!([1, 1, 0.2])).expect("known").calibration;
        assert_eq!(another, Calibration::default(), "a scale for other axes");
    }

    #[test]
    fn scales_of_all_levels_come_on_top() {
        let scale = |scale: Value| json!([{"type": "scale", "scale": scale}]);
        let value = json!({
            "axes": axes(&["y", "x"]),
            "datasets": [{"path": "a/b", "coordinateTransformations": scale(json!([2, 3]))}],
            "coordinateTransformations": scale(json!([0.5, 0.5])),
        });
        let found = Multiscale::of(&value).expect("known").calibration;
        assert_eq!((found.x, found.y, found.unit), (Some(1.5), None, None), "1 without a unit is no size");
    }

    #[test]
    fn levels_are_counted() {
        let levels = |n: usize| json!({"axes": axes(&["y", "x"]), "datasets": vec![json!({"path": "0"}); n]});
        assert!(Multiscale::of(&levels(0)).is_err_and(|e| e.kind == ErrorKind::UnreadableImage));
        assert_eq!(Multiscale::of(&levels(32)).expect("known").datasets.len(), 32);
        assert!(Multiscale::of(&levels(33)).is_err_and(|e| e.kind == ErrorKind::LimitExceeded));
        assert!(Multiscale::of(&json!({"axes": 1})).is_err_and(|e| e.kind == ErrorKind::UnreadableImage));
    }
}
