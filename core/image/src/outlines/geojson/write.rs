//! Writing, as QuPath's export does.

use std::io::Write;
use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Result};
use serde::ser::{Serialize, SerializeSeq, Serializer};

use super::super::{Outline, Point, WRITE};
use super::properties::{ImageJ, PlaneIndex, shades};
use super::shapes::Geometry;
use crate::AtomicFile;

/// Writes outlines as GeoJSON for QuPath: a FeatureCollection with a feature for each, `annotation` unless it is of another type.
///
/// Ovals and upright ellipses stay ellipses in QuPath; other curves become polygons. Notes and empty shapes are left out.
/// Group, width of the line, properties and positions that QuPath has no plane for stand in a property `imagej`.
///
/// # Errors
/// `invalid-request` for a coordinate that is no number; those of [`AtomicFile`].
pub fn write_geojson(path: &Path, outlines: &[Outline], existing_ok: bool) -> Result<()> {
    let mut file = AtomicFile::create(path, existing_ok)?;
    let failed = |file: &AtomicFile, e: &std::io::Error| file.error(e);
    file.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[").map_err(|e| failed(&file, &e))?;
    let mut separator = "\n";
    for outline in outlines {
        let Some(feature) = Feature::of(outline) else { continue };
        if !feature.geometry.is_finite() {
            return Err(Error::new(ErrorKind::InvalidRequest, WRITE, "a coordinate of an outline is no number").file(path));
        }
        file.write_all(separator.as_bytes()).map_err(|e| failed(&file, &e))?;
        serde_json::to_writer(&mut file, &feature).map_err(|e| failed(&file, &e.into()))?;
        separator = ",\n";
    }
    file.write_all(b"\n]}\n").map_err(|e| failed(&file, &e))?;
    file.commit()
}

#[derive(serde::Serialize)]
struct Feature<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    geometry: WrittenGeometry,
    properties: Properties<'a>,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenGeometry {
    #[serde(rename = "type")]
    kind: &'static str,
    coordinates: Nest,
    #[serde(skip_serializing_if = "PlaneIndex::is_first")]
    plane: PlaneIndex,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_ellipse: bool,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties<'a> {
    object_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<Vec<u8>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    classification: Option<Classification<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_locked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    imagej: Option<ImageJ>,
}

#[derive(serde::Serialize)]
struct Classification<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<Vec<u8>>,
}

impl<'a> Feature<'a> {
    fn of(outline: &'a Outline) -> Option<Self> {
        let plane = PlaneIndex::of(outline.position);
        let p = outline.position;
        let imagej = ImageJ {
            group: outline.group,
            stroke_width: outline.stroke_width,
            properties: outline.properties.clone(),
            position: (plane.position() != p).then_some([p.stack, p.c, p.z, p.t]),
        };
        let class = outline.class.as_ref();
        Some(Self {
            kind: "Feature",
            id: outline.id.as_deref(),
            geometry: WrittenGeometry::of(Geometry::of(&outline.shape)?, plane),
            properties: Properties {
                object_type: outline.object_type.as_deref().unwrap_or("annotation"),
                name: outline.name.as_deref(),
                color: outline.stroke_colour.map(shades),
                classification: class.map(|class| Classification { name: &class.name, color: class.colour.map(shades) }),
                is_locked: outline.locked,
                imagej: (imagej != ImageJ::default()).then_some(imagej),
            },
        })
    }
}

impl WrittenGeometry {
    fn of(geometry: Geometry, plane: PlaneIndex) -> Self {
        let (kind, coordinates, is_ellipse) = match geometry {
            Geometry::Point(point) => ("Point", Nest::Position(point), false),
            Geometry::MultiPoint(points) => ("MultiPoint", Nest::Line(points), false),
            Geometry::LineString(points) => ("LineString", Nest::Line(points), false),
            Geometry::Polygon(rings, is_ellipse) => ("Polygon", Nest::Polygon(rings), is_ellipse),
            Geometry::MultiPolygon(polygons) => ("MultiPolygon", Nest::Polygons(polygons), false),
        };
        Self { kind, coordinates, plane, is_ellipse }
    }

    fn is_finite(&self) -> bool {
        let finite = |points: &Vec<Point>| points.iter().all(|p| p.x.is_finite() && p.y.is_finite());
        match &self.coordinates {
            Nest::Position(point) => finite(&vec![*point]),
            Nest::Line(points) => finite(points),
            Nest::Polygon(rings) => rings.iter().all(finite),
            Nest::Polygons(polygons) => polygons.iter().flatten().all(finite),
        }
    }
}

impl PlaneIndex {
    fn is_first(&self) -> bool {
        *self == Self::default()
    }
}

/// Coordinates in arrays.
enum Nest {
    Position(Point),
    Line(Vec<Point>),
    Polygon(Vec<Vec<Point>>),
    Polygons(Vec<Vec<Vec<Point>>>),
}

impl Serialize for Nest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Position(point) => point.serialize(serializer),
            Self::Line(points) => points.serialize(serializer),
            Self::Polygon(rings) => rings.serialize(serializer),
            Self::Polygons(polygons) => polygons.serialize(serializer),
        }
    }
}

/// A position of GeoJSON; whole numbers are written without a point.
impl Serialize for Point {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        /// Below this every whole number has its own 64-bit float.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let mut position = serializer.serialize_seq(Some(2))?;
        for value in [self.x, self.y] {
            if value.fract() == 0.0 && value.abs() < EXACT {
                position.serialize_element(&(value as i64))?;
            } else {
                position.serialize_element(&value)?;
            }
        }
        position.end()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::{Class, OutlineShape, PathSegment, Position, read_outlines, trace};
    use super::*;
    use crate::{Limits, Plane};

    /// The text that is written, and what is read from it.
    fn round_trip(outlines: &[Outline]) -> (String, Vec<Outline>) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("some.geojson");
        write_geojson(&path, outlines, false).expect("written");
        (std::fs::read_to_string(&path).expect("text"), read_outlines(&path, &Limits::default()).expect("read"))
    }

    #[test]
    fn a_feature_as_qupath_writes_it() {
        let corner = Point::new(1.0, 2.0);
        let mut outline = Outline::new(OutlineShape::Rectangle { corner, width: 3.0, height: 4.5, arc: 0.0 });
        outline.name = Some("r".into());
        outline.class = Some(Class { name: "Region*".into(), colour: Some(0xff00_0102) });
        outline.position = Position { stack: 0, c: 2, z: 1, t: 5 };
        outline.locked = true;
        outline.group = 3;
        let (text, _) = round_trip(&[outline]);
        let expected = concat!(
            r#"{"type":"FeatureCollection","features":["#,
            "\n",
            r#"{"type":"Feature","geometry":{"type":"Polygon","#,
            r#""coordinates":[[[1,2],[4,2],[4,6.5],[1,6.5],[1,2]]],"plane":{"c":1,"z":0,"t":4}},"#,
            r#""properties":{"objectType":"annotation","name":"r","#,
            r#""classification":{"name":"Region*","color":[0,1,2]},"isLocked":true,"imagej":{"group":3}}}"#,
            "\n]}\n"
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn all_that_is_written_is_read() {
        let p = Point::new;
        let shapes = [
            OutlineShape::Polygon(vec![p(0.25, 0.0), p(5.0, 1.0), p(2.0, 7.0)]),
            OutlineShape::Rectangle { corner: p(1.0, 2.0), width: 3.0, height: 4.0, arc: 0.0 },
            OutlineShape::Oval { corner: p(1.0, 2.0), width: 3.0, height: 8.0 },
            OutlineShape::Line { from: p(1.5, 2.5), to: p(3.5, 4.0) },
            OutlineShape::Polyline(vec![p(1.0, 1.0), p(2.0, 2.0), p(3.0, 1.0)]),
            OutlineShape::Points(vec![p(1.0, 1.0)]),
            OutlineShape::Points(vec![p(1.0, 1.0), p(2.0, 2.0)]),
        ];
        let positions = [[0, 0, 0, 0], [0, 0, 1, 1], [7, 0, 0, 0], [0, 2, 3, 4], [0, 0, 0, 5]];
        for (i, shape) in shapes.into_iter().enumerate() {
            let [stack, c, z, t] = positions[i % positions.len()];
            let outline = Outline {
                name: Some(format!("outline \"{i}\"")),
                position: Position { stack, c, z, t },
                stroke_width: i as f64,
                stroke_colour: Some(0x8012_3456),
                properties: (i == 2).then(|| "key: value\n".into()),
                object_type: Some("detection".into()),
                id: Some(i.to_string()),
                ..Outline::new(shape)
            };
            let (text, read) = round_trip(std::slice::from_ref(&outline));
            assert_eq!(read, [outline], "{text}");
        }
    }

    #[test]
    fn curves_become_polygons_around_the_same_place() {
        let p = Point::new;
        for shape in [
            OutlineShape::Ellipse { from: p(2.5, 10.0), to: p(17.5, 10.0), ratio: 0.5 },
            OutlineShape::Ellipse { from: p(3.0, 4.0), to: p(15.0, 14.0), ratio: 0.3 },
            OutlineShape::RotatedRectangle { from: p(3.0, 4.0), to: p(15.0, 14.0), width: 4.0 },
            OutlineShape::Rectangle { corner: p(2.0, 3.0), width: 12.0, height: 13.0, arc: 6.0 },
            OutlineShape::Composite(vec![
                PathSegment::MoveTo(p(2.0, 2.0)),
                PathSegment::CubicTo(p(8.0, 0.0), p(16.0, 4.0), p(14.0, 15.0)),
                PathSegment::QuadTo(p(1.0, 14.0), p(2.0, 2.0)),
                PathSegment::Close,
            ]),
        ] {
            let outline = Outline::new(shape);
            let (text, read) = round_trip(std::slice::from_ref(&outline));
            let pixels = |o: &Outline| o.runs(20, 20).expect("filled").iter().map(|r| r.end - r.start).sum::<usize>();
            assert!(pixels(&outline).abs_diff(pixels(&read[0])) <= 2, "{text}");
            assert_eq!(round_trip(&read).1, read);
        }
    }

    #[test]
    fn what_has_no_geometry_is_left_out() {
        let note = OutlineShape::Note { corner: Point::default(), width: 1.0, height: 1.0 };
        let (text, read) = round_trip(&[Outline::new(note), Outline::new(OutlineShape::Points(Vec::new()))]);
        assert_eq!((text.as_str(), read), ("{\"type\":\"FeatureCollection\",\"features\":[\n]}\n", vec![]));
        let folder = tempfile::tempdir().expect("a folder");
        let nowhere = Outline::new(OutlineShape::Points(vec![Point::new(f64::NAN, 0.0)]));
        let error = write_geojson(&folder.path().join("a"), &[nowhere], false).expect_err("no number");
        assert_eq!(error.kind, ErrorKind::InvalidRequest);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn traced_objects_keep_their_pixels((width, data) in (1_usize..12)
            .prop_flat_map(|w| (Just(w), proptest::collection::vec(0_u32..3, w * 9))))
        {
            let outlines: Vec<_> = trace(&Plane::new(9, width, data)).into_iter().map(|(_, outline)| outline).collect();
            let (_, read) = round_trip(&outlines);
            prop_assert_eq!(read.len(), outlines.len());
            for (a, b) in outlines.iter().zip(&read) {
                prop_assert_eq!(a.runs(9, width).expect("filled"), b.runs(9, width).expect("filled"));
            }
        }
    }
}
