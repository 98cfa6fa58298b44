//! Against bytes and pixels of ImageJ itself.

use fewlabel_contract::ErrorKind;
use proptest::prelude::*;

use super::super::{Outline, OutlineShape, PathSegment, Point, Position, decode_roi, encode_roi};
use super::{RoiBytes, header, option};

struct Golden {
    name: &'static str,
    bytes: Vec<u8>,
    /// What ImageJ fills.
    picture: Option<Vec<&'static str>>,
}

fn golden() -> Vec<Golden> {
    let lines = include_str!("golden.txt").lines().filter(|line| !line.starts_with('#'));
    let parsed = lines.map(|line| {
        let [name, hex, picture] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("three columns: {line}") };
        let byte = |i| u8::from_str_radix(&hex[i..i + 2], 16).expect("hexadecimal");
        Golden {
            name,
            bytes: (0..hex.len()).step_by(2).map(byte).collect(),
            picture: (picture != "-").then(|| picture.split('/').collect()),
        }
    });
    parsed.collect()
}

fn named(name: &str) -> Outline {
    let golden = golden().into_iter().find(|g| g.name == name).expect("a golden selection");
    decode_roi(&golden.bytes, None).expect("decoded")
}

fn points(corners: &[(f64, f64)]) -> Vec<Point> {
    corners.iter().map(|&(x, y)| Point::new(x, y)).collect()
}

#[test]
fn bytes_come_back() {
    for Golden { name, bytes, .. } in golden() {
        let outline = decode_roi(&bytes, Some("file.roi")).expect(name);
        assert_eq!(encode_roi(&outline).expect(name), bytes, "{name}");
        // From the fields alone; but for what these do not say, and for curves, which became polygons.
        let alone = Outline { roi: None, ..decode_roi(&bytes, None).expect(name) };
        let says_more = ["arrow", "spline", "text", "image", "described", "counted_points"];
        if !says_more.contains(&name) && !name.starts_with("roifile") {
            assert_eq!(encode_roi(&alone).expect(name), bytes, "{name} alone");
        }
    }
}

#[test]
fn pixels_are_those_of_imagej() {
    for Golden { name, bytes, picture } in golden() {
        let Some(picture) = picture else { continue };
        let mut rows = vec![".".repeat(16); 12];
        for run in decode_roi(&bytes, None).expect(name).runs(12, 16).expect(name) {
            rows[run.y].replace_range(run.start..run.end, &"#".repeat(run.end - run.start));
        }
        assert_eq!(rows, picture, "{name}");
    }
}

#[test]
fn shapes_are_told_apart() {
    let p = Point::new;
    for (name, shape) in [
        ("polygon", OutlineShape::Polygon(points(&[(2.0, 1.0), (12.0, 3.0), (9.0, 10.0), (1.0, 8.0)]))),
        ("polygon_sub_pixel", OutlineShape::Polygon(points(&[(-1.25, 2.5), (13.5, 0.125), (4.75, 11.75)]))),
        ("rectangle", OutlineShape::Rectangle { corner: p(3.0, 2.0), width: 9.0, height: 7.0, arc: 0.0 }),
        ("rectangle_sub_pixel", OutlineShape::Rectangle { corner: p(2.5, 1.25), width: 6.75, height: 5.5, arc: 0.0 }),
        ("rounded_rectangle", OutlineShape::Rectangle { corner: p(1.0, 1.0), width: 13.0, height: 9.0, arc: 7.0 }),
        ("oval", OutlineShape::Oval { corner: p(2.0, 1.0), width: 11.0, height: 8.0 }),
        ("rotated_rectangle", OutlineShape::RotatedRectangle { from: p(3.0, 2.5), to: p(12.0, 8.0), width: 5.0 }),
        ("ellipse", OutlineShape::Ellipse { from: p(2.0, 3.0), to: p(13.5, 8.0), ratio: 0.5 }),
        ("line", OutlineShape::Line { from: p(2.5, 3.5), to: p(12.0, 8.5) }),
        ("arrow", OutlineShape::Line { from: p(2.5, 3.5), to: p(11.5, 8.5) }),
        ("polyline", OutlineShape::Polyline(points(&[(2.5, 2.5), (8.5, 9.5), (12.5, 3.5)]))),
        ("freeline", OutlineShape::Freeline(points(&[(2.0, 2.5), (3.75, 5.0), (7.5, 5.75), (13.0, 10.5)]))),
        ("angle", OutlineShape::Angle(points(&[(2.5, 9.5), (3.5, 2.5), (12.5, 8.5)]))),
        ("point", OutlineShape::Points(points(&[(5.5, 6.5)]))),
        ("points", OutlineShape::Points(points(&[(1.5, 2.5), (5.0, 8.25), (9.75, 4.0)]))),
        ("roifile_sub_pixel", OutlineShape::Freehand(points(&[(1.25, 2.5), (3.5, 4.75), (6.0, 1.0)]))),
    ] {
        assert_eq!(named(name).shape, shape, "{name}");
    }
    assert!(matches!(named("freehand").shape, OutlineShape::Freehand(corners) if corners.len() == 8));
    assert!(matches!(named("traced").shape, OutlineShape::Traced(corners) if corners.len() == 6));
    assert!(matches!(named("spline").shape, OutlineShape::Polygon(corners) if corners.len() == 100));
    assert!(
        matches!(named("text").shape, OutlineShape::Note { .. }) && matches!(named("image").shape, OutlineShape::Note { .. })
    );
    let OutlineShape::Composite(path) = named("composite_of_curves").shape else { panic!("a composite") };
    assert!(path.iter().any(|s| matches!(s, PathSegment::CubicTo(..))));
    assert!(path.contains(&PathSegment::QuadTo(p(8.0, 0.5), p(12.0, 6.0))));
}

#[test]
fn descriptions_are_read() {
    let outline = named("described");
    assert_eq!((outline.name.as_deref(), outline.group), (Some("Zelle 7 µ細"), 5));
    assert_eq!(outline.position, Position { stack: 0, c: 2, z: 3, t: 4 });
    assert_eq!((outline.stroke_colour, outline.stroke_width), (Some(0x8001_0203), 2.5));
    assert_eq!(outline.properties.as_deref(), Some("a: b\n"));
    assert_eq!(named("on_a_plane").position, Position { stack: 17, ..Position::default() });
    let other = named("roifile_position");
    // Planes count from 0 in roifile.
    assert_eq!((other.group, other.position), (7, Position { stack: 0, c: 2, z: 3, t: 4 }));
    assert_eq!(named("roifile_polygon").name.as_deref(), Some("from points"));
}

#[test]
fn a_changed_outline_keeps_what_its_fields_do_not_say() {
    let mut outline = named("described");
    outline.name = Some("other".into());
    outline.position = Position { stack: 9, ..Position::default() };
    let bytes = encode_roi(&outline).expect("encoded");
    assert_eq!(bytes[header::FILL_COLOUR..header::FILL_COLOUR + 4], [255, 255, 0, 0]);
    let mut read = decode_roi(&bytes, None).expect("decoded");
    assert_eq!(Outline { roi: None, ..read.clone() }, Outline { roi: None, ..outline });
    let first = named("described");
    (read.name, read.position) = (first.name.clone(), first.position);
    assert_eq!(encode_roi(&read).expect("encoded"), first.roi.expect("bytes").0.to_vec(), "changed and changed back");

    let counted = Outline { name: Some("counted".into()), ..named("counted_points") };
    let bytes = encode_roi(&counted).expect("encoded");
    let known = counted.roi.expect("bytes").0;
    assert_eq!(bytes[bytes.len() - 12..], known[known.len() - 12..], "counters");

    let arrow = Outline { stroke_width: 5.0, ..named("arrow") };
    let bytes = encode_roi(&arrow).expect("encoded");
    assert_eq!(bytes[header::SUBTYPE..header::ARC], arrow.roi.expect("bytes").0[header::SUBTYPE..header::ARC]);

    let error = encode_roi(&Outline { group: 1, ..named("text") }).expect_err("a changed text");
    assert_eq!(error.kind, ErrorKind::Unsupported);
}

#[test]
fn a_curve_that_is_changed_becomes_a_polygon() {
    let bytes = encode_roi(&Outline { group: 1, ..named("spline") }).expect("encoded");
    assert_eq!(u16::from(bytes[header::OPTIONS + 1]) & option::SPLINE, 0);
    let read = decode_roi(&bytes, None).expect("decoded");
    assert_eq!(read.runs(12, 16).expect("filled"), named("spline").runs(12, 16).expect("filled"));
}

#[test]
fn large_shapes_are_written_as_imagej_does() {
    let corners: Vec<_> = (0..70_000).map(|i| Point::new(f64::from(i % 300), f64::from(i / 300))).collect();
    let read = |shape| decode_roi(&encode_roi(&Outline::new(shape)).expect("encoded"), None).expect("decoded").shape;
    assert!(matches!(read(OutlineShape::Traced(corners.clone())), OutlineShape::Composite(path) if path.len() == 70_001));
    assert_eq!(read(OutlineShape::Points(corners.clone())), OutlineShape::Points(corners.clone()));
    let error = encode_roi(&Outline::new(OutlineShape::Polyline(corners))).expect_err("a line");
    assert_eq!(error.kind, ErrorKind::Unsupported);
    let far = OutlineShape::Polygon(points(&[(-9000.0, 0.0), (70_000.0, 5.0), (3.0, 90_000.0)]));
    assert_eq!(read(far.clone()), far);
}

#[test]
fn shapes_that_cannot_be_written_are_errors() {
    let nowhere = Point::new(f64::NAN, 1.0);
    for shape in [
        OutlineShape::Polygon(Vec::new()),
        OutlineShape::Points(vec![nowhere]),
        OutlineShape::Freehand(vec![Point::new(1e300, 0.0)]),
        OutlineShape::Line { from: nowhere, to: nowhere },
        OutlineShape::Oval { corner: nowhere, width: 1.0, height: 1.0 },
        OutlineShape::Ellipse { from: nowhere, to: nowhere, ratio: 1.0 },
        OutlineShape::Composite(vec![PathSegment::MoveTo(nowhere)]),
    ] {
        let error = encode_roi(&Outline::new(shape.clone())).expect_err("no numbers");
        assert_eq!(error.kind, ErrorKind::InvalidRequest, "{shape:?}");
    }
}

#[test]
fn damaged_bytes_are_errors() {
    for Golden { name, bytes, .. } in golden() {
        for end in 0..bytes.len() {
            // What is left out behind the coordinates is missing, but no error in ImageJ either.
            let read = decode_roi(&bytes[..end], None);
            assert!(end >= header::LENGTH || read.is_err(), "{name} cut at {end}");
        }
    }
    let polygon = golden().swap_remove(0).bytes;
    let damaged = |at: usize, value: &[u8]| {
        let mut bytes = polygon.clone();
        bytes[at..at + value.len()].copy_from_slice(value);
        decode_roi(&bytes, None).expect_err("damaged")
    };
    assert_eq!(damaged(0, b"x").kind, ErrorKind::UnreadableImage);
    assert_eq!(damaged(header::KIND, &[6]).kind, ErrorKind::Unsupported);
    assert!(damaged(header::COUNT, &[255, 255]).message.contains("cut short"));
    assert!(damaged(header::COUNT, &[0, 0, 0, 0, 0, 0]).message.contains("no points"));
    assert!(damaged(header::COUNT, &[0, 0, 127, 255, 255, 255]).message.contains("cut short"));
    assert!(damaged(header::PATH_LENGTH, &[0, 0, 0, 9]).message.contains("two kinds"));
    let composite = |numbers: &[f32]| {
        let mut bytes = encode_roi(&Outline::new(OutlineShape::Composite(Vec::new()))).expect("encoded");
        bytes[header::PATH_LENGTH..header::PATH_LENGTH + 4].copy_from_slice(&(numbers.len() as u32).to_be_bytes());
        bytes.splice(header::LENGTH..header::LENGTH, numbers.iter().flat_map(|n| n.to_be_bytes()));
        decode_roi(&bytes, None).expect_err("damaged").message
    };
    assert!(composite(&[7.0]).contains("unknown kind"));
    assert!(composite(&[1.0, 0.0, 0.0]).contains("middle of a path"));
    assert!(composite(&[0.0, 0.0]).contains("cut short"));
    assert!(composite(&[0.0, f32::NAN, 0.0]).contains("no number"));
}

fn coordinate() -> impl Strategy<Value = f64> {
    prop_oneof![(-300_i32..300).prop_map(f64::from), (-9000_i32..9000).prop_map(|n| f64::from(n) / 16.0)]
}

fn point() -> impl Strategy<Value = Point> {
    (coordinate(), coordinate()).prop_map(|(x, y)| Point::new(x, y))
}

fn shape() -> impl Strategy<Value = OutlineShape> {
    let some = || proptest::collection::vec(point(), 1..12);
    let size = || (1_u32..4000).prop_map(|n| f64::from(n) / 8.0);
    let segment = prop_oneof![
        point().prop_map(PathSegment::MoveTo),
        point().prop_map(PathSegment::LineTo),
        (point(), point()).prop_map(|(a, b)| PathSegment::QuadTo(a, b)),
        (point(), point(), point()).prop_map(|(a, b, c)| PathSegment::CubicTo(a, b, c)),
        Just(PathSegment::Close),
    ];
    prop_oneof![
        some().prop_map(OutlineShape::Polygon),
        some().prop_map(OutlineShape::Freehand),
        some().prop_map(OutlineShape::Traced),
        some().prop_map(OutlineShape::Polyline),
        some().prop_map(OutlineShape::Freeline),
        some().prop_map(OutlineShape::Angle),
        some().prop_map(OutlineShape::Points),
        (point(), point()).prop_map(|(from, to)| OutlineShape::Line { from, to }),
        (point(), size(), size(), 0_u16..99).prop_map(|(corner, width, height, arc)| OutlineShape::Rectangle {
            corner,
            width,
            height,
            arc: arc.into()
        }),
        (point(), size(), size()).prop_map(|(corner, width, height)| OutlineShape::Oval { corner, width, height }),
        (point(), proptest::collection::vec(segment, 1..9)).prop_map(|(start, mut path)| {
            path.insert(0, PathSegment::MoveTo(start));
            OutlineShape::Composite(path)
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(shape in shape(), name in proptest::option::of("[a-zµ細😀 ]{1,9}"), group: u8, width in 0_u8..40) {
        let width = if matches!(shape, OutlineShape::Points(_)) { 0.0 } else { f64::from(width) / 4.0 };
        let outline = Outline {
            name,
            group,
            stroke_width: width,
            position: Position { stack: group.into(), ..Position::default() },
            properties: Some("k: v\n".into()),
            ..Outline::new(shape)
        };
        let bytes = encode_roi(&outline).expect("encoded");
        let read = decode_roi(&bytes, None).expect("decoded");
        prop_assert_eq!(&Outline { roi: None, ..read.clone() }, &outline);
        prop_assert_eq!(read.roi, Some(RoiBytes(bytes.into())));
    }

    #[test]
    fn any_bytes_are_read_or_refused(which in 0_usize..29, changes in prop::collection::vec((0_usize..320, any::<u8>()), 0..8)) {
        let mut bytes = golden().swap_remove(which).bytes;
        for (at, value) in changes {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        if let Ok(outline) = decode_roi(&bytes, None) {
            let runs = outline.runs(40, 30).expect("few edges");
            prop_assert!(runs.iter().all(|run| run.y < 40 && run.start < run.end && run.end <= 30));
            prop_assert!(runs.windows(2).all(|pair| (pair[0].y, pair[0].end) < (pair[1].y, pair[1].start)));
            prop_assert_eq!(encode_roi(&outline).expect("as it was"), bytes);
        }
    }
}
