//! What a feature says beside its geometry.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::{Class, Outline, Position};

/// The properties that are read, without child objects.
#[derive(Debug, Default)]
pub(super) struct Properties {
    pub(super) object_type: Option<String>,
    pub(super) name: Option<String>,
    pub(super) class: Option<Class>,
    pub(super) colour: Option<u32>,
    pub(super) locked: bool,
    pub(super) imagej: ImageJ,
}

impl Properties {
    /// Gives an outline these properties.
    pub(super) fn apply(self, outline: &mut Outline) {
        let imagej = self.imagej;
        outline.object_type = self.object_type;
        outline.name = self.name;
        outline.class = self.class;
        outline.stroke_colour = self.colour;
        outline.locked = self.locked;
        outline.group = imagej.group;
        outline.stroke_width = imagej.stroke_width;
        outline.properties = imagej.properties;
        if let Some([stack, c, z, t]) = imagej.position {
            // As in ImageJ's own files: who names channel, slice or frame names no plane of the stack.
            let stack = if [c, z, t] == [0; 3] { stack } else { 0 };
            outline.position = Position { stack, c, z, t };
        }
    }
}

/// What QuPath has no place for.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ImageJ {
    #[serde(skip_serializing_if = "is_default")]
    pub(super) group: u8,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) stroke_width: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) properties: Option<String>,
    /// Plane of the stack, channel, slice, frame, where a plane does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) position: Option<[u32; 4]>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The plane of a geometry; indices begin at 0, -1 stands for all channels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct PlaneIndex {
    pub(super) c: i32,
    pub(super) z: i32,
    pub(super) t: i32,
}

impl Default for PlaneIndex {
    fn default() -> Self {
        Self { c: -1, z: 0, t: 0 }
    }
}

impl PlaneIndex {
    pub(super) fn position(self) -> Position {
        let number = |index: i32| u32::try_from(i64::from(index) + 1).unwrap_or(0);
        Position { stack: 0, c: number(self.c), z: number(self.z), t: number(self.t) }
    }

    /// The plane that comes closest: of all slices or frames the first.
    pub(super) fn of(position: Position) -> Self {
        let index = |number: u32, all: i32| i32::try_from(number).map_or(i32::MAX, |n| if n == 0 { all } else { n - 1 });
        Self { c: index(position.c, -1), z: index(position.z, 0), t: index(position.t, 0) }
    }
}

/// A text, or a number as text, as some programs write names.
pub(super) fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A class, as an object with its name or names, or as its bare name.
pub(super) fn class(value: Value) -> Option<Class> {
    let Value::Object(mut members) = value else {
        return text(value).map(|name| Class { name, colour: None });
    };
    let colour = members.get("color").and_then(colour).or_else(|| members.get("colorRGB").and_then(colour));
    let name = match (members.remove("name"), members.remove("names")) {
        (Some(name), _) => text(name)?,
        (None, Some(Value::Array(names))) => names.into_iter().filter_map(text).collect::<Vec<_>>().join(": "),
        _ => return None,
    };
    Some(Class { name, colour })
}

/// Red, green, blue and perhaps alpha as an array, or all in one number as Java has them.
pub(super) fn colour(value: &Value) -> Option<u32> {
    if let Some(packed) = value.as_i64() {
        return Some(0xff00_0000 | (packed & 0xffff_ffff) as u32);
    }
    let shade = |value: &Value| value.as_u64().and_then(|shade| u8::try_from(shade).ok());
    match value.as_array()?.iter().map(shade).collect::<Option<Vec<_>>>()?[..] {
        [red, green, blue] => Some(u32::from_be_bytes([255, red, green, blue])),
        [red, green, blue, alpha] => Some(u32::from_be_bytes([alpha, red, green, blue])),
        _ => None,
    }
}

/// As QuPath writes it; alpha only where there is some.
pub(super) fn shades(colour: u32) -> Vec<u8> {
    let [alpha, red, green, blue] = colour.to_be_bytes();
    if alpha == 255 { vec![red, green, blue] } else { vec![red, green, blue, alpha] }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::OutlineShape;
    use super::*;

    #[test]
    fn classes_of_all_versions() {
        let class = |value| class(value).map(|class| (class.name, class.colour));
        assert_eq!(class(json!({"name": "Tumor", "color": [200, 0, 1]})), Some(("Tumor".into(), Some(0xffc8_0001))));
        assert_eq!(class(json!({"name": "Tumor", "colorRGB": -3_670_016})), Some(("Tumor".into(), Some(0xffc8_0000))));
        assert_eq!(class(json!({"names": ["Tumor", "Positive"]})), Some(("Tumor: Positive".into(), None)));
        assert_eq!(class(json!("Stroma")), Some(("Stroma".into(), None)));
        assert_eq!((class(json!(null)), class(json!({"color": [1, 2, 3]}))), (None, None));
    }

    #[test]
    fn colours_come_back() {
        for colour in [0xff01_0203, 0x8001_0203] {
            assert_eq!(super::colour(&json!(shades(colour))), Some(colour));
        }
        assert_eq!((colour(&json!([1, 2])), colour(&json!([1, 2, 256])), colour(&json!("red"))), (None, None, None));
    }

    #[test]
    fn the_number_of_a_plane_stands_alone() {
        let position = |numbers| {
            let imagej = ImageJ { position: Some(numbers), ..ImageJ::default() };
            let mut outline = Outline::new(OutlineShape::Points(Vec::new()));
            Properties { imagej, ..Properties::default() }.apply(&mut outline);
            outline.position
        };
        assert_eq!(position([5, 0, 0, 0]), Position { stack: 5, ..Position::default() });
        assert_eq!(position([5, 0, 2, 0]), Position { z: 2, ..Position::default() });
    }

    #[test]
    fn planes_count_from_zero() {
        let position = Position { stack: 0, c: 0, z: 4, t: 1 };
        let plane = PlaneIndex::of(position);
        assert_eq!((plane, plane.position()), (PlaneIndex { c: -1, z: 3, t: 0 }, position));
        let far = PlaneIndex { c: i32::MIN, z: i32::MAX, t: -1 }.position();
        assert_eq!((far.c, far.z, far.t), (0, 1 << 31, 0));
        assert_eq!(PlaneIndex::of(Position { t: u32::MAX, ..Position::default() }).t, i32::MAX);
    }
}
