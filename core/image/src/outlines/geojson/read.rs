//! Reading, one feature after another, so that a large file is never in memory as a whole.

use std::fmt;
use std::io::Read;

use fewlabel_contract::{Error, Result};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::super::{Outline, exceeded, unreadable};
use super::coordinates::Coordinates;
use super::properties::{PlaneIndex, Properties, class, colour, text};
use super::shapes::shape;
use crate::Limits;

/// The outlines of a FeatureCollection, an array of features, a feature, or a bare geometry.
///
/// Child objects follow their parents; nuclei of cells and measurements are left out; so are features without geometry.
pub(in super::super) fn read(reader: impl Read, limits: &Limits) -> Result<Vec<Outline>> {
    let mut all = Collector { outlines: Vec::new(), most: limits.outlines, failure: None };
    let mut json = serde_json::Deserializer::from_reader(reader);
    let read = Part(&mut all).deserialize(&mut json).and_then(|()| json.end());
    match (all.failure, read) {
        (Some(failure), _) => Err(failure),
        (None, Err(e)) if e.is_io() => Err(unreadable("the GeoJSON could not be read").because(&e)),
        (None, Err(e)) => Err(unreadable("this is no GeoJSON of outlines").because(&e).with("because", &e)),
        (None, Ok(())) => Ok(all.outlines),
    }
}

/// What was read; and why it went wrong, for errors of the deserializer are texts only.
struct Collector {
    outlines: Vec<Outline>,
    most: usize,
    failure: Option<Error>,
}

impl Collector {
    fn add<E: serde::de::Error>(&mut self, at: usize, feature: Feature) -> Result<(), E> {
        let number = self.outlines.len() + 1;
        let outline = match feature.outline() {
            Ok(Some(outline)) if number <= self.most => outline,
            Ok(Some(_)) => return self.fail(exceeded("the file holds more outlines than allowed", number, self.most)),
            Ok(None) => return Ok(()),
            Err(e) => return self.fail(e.with("outline", number)),
        };
        self.outlines.insert(at, outline);
        Ok(())
    }

    fn fail<E: serde::de::Error>(&mut self, failure: Error) -> Result<(), E> {
        let message = failure.message.clone();
        self.failure = Some(failure);
        Err(E::custom(message))
    }
}

/// The members of a feature, or of a geometry that stands alone.
#[derive(Default)]
struct Feature {
    kind: Option<String>,
    id: Option<String>,
    geometry: Option<Geometry>,
    bare: Geometry,
    properties: Properties,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Geometry {
    #[serde(rename = "type")]
    kind: Option<String>,
    coordinates: Option<Coordinates>,
    plane: Option<PlaneIndex>,
    #[serde(rename = "isEllipse")]
    is_ellipse: Option<bool>,
}

impl Feature {
    /// None for collections, of which each feature was read on its own, and for features without geometry.
    fn outline(self) -> Result<Option<Outline>> {
        let geometry = match self.kind.as_deref() {
            Some("FeatureCollection") => return Ok(None),
            Some("Feature") => self.geometry,
            Some(_) => Some(Geometry { kind: self.kind, ..self.bare }),
            None if self.geometry.is_some() => self.geometry,
            None => return Err(unreadable("an object of the file is no GeoJSON: it has no type")),
        };
        let Some(geometry) = geometry else { return Ok(None) };
        let kind = geometry.kind.unwrap_or_default();
        let coordinates = geometry.coordinates.unwrap_or_default();
        let Some(shape) = shape(&kind, coordinates, geometry.is_ellipse.unwrap_or(false))? else { return Ok(None) };
        let mut outline = Outline::new(shape);
        outline.position = geometry.plane.unwrap_or_default().position();
        outline.id = self.id;
        self.properties.apply(&mut outline);
        Ok(Some(outline))
    }
}

/// An object of GeoJSON, or an array of them.
struct Part<'a>(&'a mut Collector);

impl<'de> DeserializeSeed<'de> for Part<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GeoJSON objects")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        while array.next_element_seed(Part(&mut *self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let all = self.0;
        let at = all.outlines.len();
        let mut feature = Feature::default();
        while let Some(key) = members.next_key::<String>()? {
            match key.as_str() {
                "type" => feature.kind = Some(members.next_value()?),
                "id" => feature.id = text(members.next_value()?),
                "features" => members.next_value_seed(Part(&mut *all))?,
                "geometry" => feature.geometry = members.next_value()?,
                "properties" => members.next_value_seed(PropertiesPart { all: &mut *all, to: &mut feature.properties })?,
                "coordinates" => feature.bare.coordinates = members.next_value()?,
                "plane" => feature.bare.plane = members.next_value()?,
                "isEllipse" => feature.bare.is_ellipse = members.next_value()?,
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        all.add(at, feature)
    }
}

/// The properties of a feature.
struct PropertiesPart<'a> {
    all: &'a mut Collector,
    to: &'a mut Properties,
}

impl<'de> DeserializeSeed<'de> for PropertiesPart<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for PropertiesPart<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the properties of a feature")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Self { all, to } = self;
        while let Some(key) = members.next_key::<String>()? {
            match key.as_str() {
                "objectType" | "object_type" => to.object_type = text(members.next_value()?),
                "name" => to.name = text(members.next_value()?),
                "classification" => to.class = class(members.next_value()?),
                "color" => to.colour = colour(&members.next_value::<Value>()?),
                "isLocked" => to.locked = members.next_value::<Value>()?.as_bool().unwrap_or(false),
                "imagej" => to.imagej = serde_json::from_value(members.next_value()?).map_err(A::Error::custom)?,
                "childObjects" => members.next_value_seed(Part(&mut *all))?,
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use fewlabel_contract::ErrorKind;
    use proptest::prelude::*;

    use super::super::super::{Class, OutlineShape, PathSegment, Point, Position};
    use super::*;

    fn read_text(text: &str) -> Result<Vec<Outline>> {
        read(text.as_bytes(), &Limits::default())
    }

    fn points(corners: &[(f64, f64)]) -> Vec<Point> {
        corners.iter().map(|&(x, y)| Point::new(x, y)).collect()
    }

    const COLLECTION: &str = r#"{"type": "FeatureCollection", "features": [
                {"type": "Feature", "id": "0b3c-1", "geometry": {"type": "Polygon",
                  "coordinates": [[[0, 0], [9.5, 0], [9.5, 9], [0, 0]], [[2, 1], [3, 1], [3, 2], [2, 1]]],
                  "plane": {"c": -1, "z": 3, "t": 1}},
                 "properties": {"objectType": "annotation", "name": "one", "color": [1, 2, 3],
                  "classification": {"name": "Tumor", "color": [200, 0, 0]}, "isLocked": true,
                  "measurements": {"Area": 12.5, "Bad": "NaN"}, "metadata": {"a": "b"},
                  "childObjects": [
                    {"type": "Feature", "geometry": {"type": "Point", "coordinates": [4, 5]},
                     "nucleusGeometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]},
                     "properties": {"objectType": "cell"}}]}},
                {"type": "Feature", "geometry": null, "properties": null},
                {"properties": {"name": 7}, "geometry": {"coordinates": [[1, 1], [2, 3]], "type": "LineString"},
                 "type": "Feature"}]}"#;

    #[test]
    fn a_collection_as_qupath_writes_it() {
        let outlines = read_text(COLLECTION).expect("read");
        let [one, child, line] = &outlines[..] else { panic!("three outlines: {outlines:?}") };
        let OutlineShape::Composite(path) = &one.shape else { panic!("a hole: {one:?}") };
        assert_eq!((path.len(), path[1]), (8, PathSegment::LineTo(Point::new(9.5, 0.0))));
        assert_eq!((one.name.as_deref(), one.id.as_deref(), one.locked), (Some("one"), Some("0b3c-1"), true));
        assert_eq!(one.class, Some(Class { name: "Tumor".into(), colour: Some(0xffc8_0000) }));
        assert_eq!((one.stroke_colour, one.object_type.as_deref()), (Some(0xff01_0203), Some("annotation")));
        assert_eq!(one.position, Position { stack: 0, c: 0, z: 4, t: 2 });
        assert_eq!((&child.shape, child.object_type.as_deref()), (&OutlineShape::Points(points(&[(4.0, 5.0)])), Some("cell")));
        assert_eq!(line.shape, OutlineShape::Line { from: Point::new(1.0, 1.0), to: Point::new(2.0, 3.0) });
        assert_eq!((line.name.as_deref(), line.position), (Some("7"), Position { stack: 0, c: 0, z: 1, t: 1 }));
    }

    #[test]
    fn shapes_are_recognised() {
        let shape = |geometry: &str| read_text(geometry).expect("read").pop().expect("an outline").shape;
        let square = "[[[1, 2], [5, 2], [5, 8], [1, 8], [1, 2]]]";
        let corner = Point::new(1.0, 2.0);
        let rectangle = OutlineShape::Rectangle { corner, width: 4.0, height: 6.0, arc: 0.0 };
        assert_eq!(shape(&format!(r#"{{"type": "Polygon", "coordinates": {square}}}"#)), rectangle);
        let oval = OutlineShape::Oval { corner, width: 4.0, height: 6.0 };
        assert_eq!(shape(&format!(r#"{{"type": "Polygon", "isEllipse": true, "coordinates": {square}}}"#)), oval);
        let half = r#"{"type": "Polygon", "coordinates": [[[0.5, 0], [2, 0], [2, 1], [0.5, 1], [0.5, 0]]], "isEllipse": true}"#;
        let (from, to) = (Point::new(0.5, 0.5), Point::new(2.0, 0.5));
        assert_eq!(shape(half), OutlineShape::Ellipse { from, to, ratio: 1.0 / 1.5 });
        let fraction = points(&[(0.5, 0.0), (2.0, 0.0), (2.0, 1.0), (0.5, 1.0)]);
        assert_eq!(shape(&half.replace("true", "false")), OutlineShape::Polygon(fraction));
        let two = r#"{"type": "MultiPolygon", "coordinates": [[[[0,0],[1,0],[1,1],[0,0]]], [[[5,5],[6,5],[6,6],[5,5]]]]}"#;
        let OutlineShape::Composite(path) = shape(two) else { panic!("two parts") };
        assert_eq!(path.iter().filter(|s| **s == PathSegment::Close).count(), 2);
        let line = r#"[{"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[0,0],[1,0],[1,1]]}}]"#;
        assert_eq!(shape(line), OutlineShape::Polyline(points(&[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)])));
        assert_eq!(read_text(r#"{"type": "Polygon", "coordinates": []}"#).expect("empty"), []);
    }

    #[test]
    fn bad_files_are_errors() {
        for (text, kind, why) in [
            ("{}", ErrorKind::UnreadableImage, "no type"),
            ("[3]", ErrorKind::UnreadableImage, "GeoJSON"),
            ("[", ErrorKind::UnreadableImage, "EOF"),
            ("[] x", ErrorKind::UnreadableImage, "trailing"),
            (r#"{"type": "Topology"}"#, ErrorKind::Unsupported, "Topology"),
            (r#"{"type": "GeometryCollection", "geometries": []}"#, ErrorKind::Unsupported, "GeometryCollection"),
            (r#"{"type": "Feature", "geometry": {"type": "Point", "coordinates": [[1, 2]]}}"#, ErrorKind::UnreadableImage, "fit"),
            (r#"{"type": "Point", "coordinates": [1]}"#, ErrorKind::UnreadableImage, "one number"),
        ] {
            let error = read_text(text).expect_err(text);
            assert_eq!(error.kind, kind, "{text}: {error}");
            assert!(error.to_string().contains(why), "{text}: {error}");
        }
        let deep = "[".repeat(100_000);
        assert!(read_text(&deep).is_err());
        let nested = format!("{}{}", r#"{"type": "FeatureCollection", "features": ["#.repeat(1000), "]}".repeat(1000));
        assert!(read_text(&nested).is_err());
    }

    #[test]
    fn outlines_are_counted() {
        let point = r#"{"type": "Point", "coordinates": [1, 2]}"#;
        let limits = Limits { outlines: 2, ..Limits::default() };
        let some = |n: usize| read(format!("[{}]", vec![point; n].join(",")).as_bytes(), &limits);
        assert_eq!(some(2).expect("read").len(), 2);
        assert_eq!(some(3).expect_err("too many").kind, ErrorKind::LimitExceeded);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_is_read_or_refused(changes in proptest::collection::vec((any::<usize>(), "[0-9\\[\\]{},:\"a]"), 1..6)) {
            let mut text = COLLECTION.to_owned();
            for (at, letter) in changes {
                let at = at % text.len();
                text.replace_range(at..=at, &letter);
            }
            if let Ok(outlines) = read_text(&text) {
                prop_assert!(outlines.iter().all(|outline| outline.runs(20, 20).is_ok()));
            }
        }
    }
}
