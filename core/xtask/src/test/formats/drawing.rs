//! Outlines that we write: of every kind, and those of the objects of a label image.

use fewlabel_contract::Result;
use fewlabel_image::{
    Class, Outline, OutlineShape, PathSegment, Plane, Point, Position, encode_roi, trace, write_geojson, write_roi_zip,
};

use super::manifest::{Facts, Reads};
use super::reading::of_outlines;
use super::writing::Written;

const HEIGHT: usize = 29;
const WIDTH: usize = 37;

/// Writes outlines beside what was written before.
///
/// # Errors
/// Those of writing.
pub fn outlines(written: &mut Written) -> Result<()> {
    let kinds = kinds();
    for (number, outline) in kinds.iter().enumerate() {
        let file = format!("outline_{number:02}.roi");
        let bytes = encode_roi(outline)?;
        let path = written.folder.join(&file);
        std::fs::write(&path, bytes).map_err(|error| fewlabel_contract::Error::io("write outline", &path, &error))?;
        add(written, &file, "ImageJ .roi", "kinds", std::slice::from_ref(outline), 1)?;
    }
    write_roi_zip(&written.folder.join("kinds.zip"), &kinds, false)?;
    add(written, "kinds.zip", "ImageJ ROI zip", "kinds", &kinds, 1)?;
    write_geojson(&written.folder.join("kinds.geojson"), &kinds, false)?;
    add(written, "kinds.geojson", "GeoJSON", "kinds", &kinds, 1)?;
    let traced = traced();
    write_roi_zip(&written.folder.join("traced.zip"), &traced, false)?;
    add(written, "traced.zip", "ImageJ ROI zip", "traced", &traced, 3)?;
    write_geojson(&written.folder.join("traced.geojson"), &traced, false)?;
    add(written, "traced.geojson", "GeoJSON", "traced", &traced, 3)
}

fn add(written: &mut Written, file: &str, format: &str, made: &str, outlines: &[Outline], slices: usize) -> Result<()> {
    let facts: Facts = of_outlines(outlines, [1, slices, 1, HEIGHT, WIDTH])?;
    written.add(file, format, made, facts);
    if let Some(case) = written.cases.last_mut() {
        case.reads = Reads::Outlines;
    }
    Ok(())
}

/// Each kind of shape that can be written, with names, groups, positions, widths and classes.
fn kinds() -> Vec<Outline> {
    let points = |corners: &[(f64, f64)]| corners.iter().map(|&(x, y)| Point::new(x, y)).collect::<Vec<_>>();
    let (polygon, bent) = ([(1.0, 3.0), (31.0, 4.0), (24.0, 28.0), (2.0, 21.0)], [(2.5, 2.5), (18.5, 19.5), (32.5, 3.5)]);
    let fractions = [(1.25, 2.5), (33.5, 0.125), (30.75, 17.375), (14.625, 27.75)];
    let corner = Point::new(3.0, 2.0);
    let ring = |corners: &[(f64, f64)]| {
        let mut path: Vec<PathSegment> = points(corners).into_iter().map(PathSegment::LineTo).collect();
        path[0] = PathSegment::MoveTo(Point::new(corners[0].0, corners[0].1));
        path.push(PathSegment::Close);
        path
    };
    let hole = [
        ring(&[(1.0, 1.0), (34.0, 1.0), (34.0, 20.0), (1.0, 20.0)]),
        ring(&[(4.0, 3.0), (20.0, 3.0), (20.0, 18.0), (4.0, 18.0)]),
    ];
    let shapes = [
        OutlineShape::Polygon(points(&polygon)),
        OutlineShape::Polygon(points(&fractions)),
        OutlineShape::Freehand(points(&polygon)),
        OutlineShape::Traced(points(&[(2.0, 3.0), (17.0, 3.0), (17.0, 16.0), (31.0, 16.0), (31.0, 21.0), (2.0, 21.0)])),
        OutlineShape::Rectangle { corner, width: 19.0, height: 17.0, arc: 0.0 },
        OutlineShape::Rectangle { corner: Point::new(2.5, 1.25), width: 16.75, height: 15.5, arc: 0.0 },
        OutlineShape::Rectangle { corner, width: 30.0, height: 17.0, arc: 9.0 },
        OutlineShape::RotatedRectangle { from: Point::new(3.0, 12.5), to: Point::new(32.0, 18.0), width: 5.0 },
        OutlineShape::Oval { corner, width: 31.0, height: 18.0 },
        OutlineShape::Oval { corner: Point::new(2.25, 1.5), width: 17.5, height: 19.75 },
        OutlineShape::Ellipse { from: Point::new(2.0, 3.0), to: Point::new(33.5, 18.0), ratio: 0.5 },
        OutlineShape::Composite(hole.concat()),
        OutlineShape::Line { from: Point::new(2.5, 3.5), to: Point::new(32.0, 18.5) },
        OutlineShape::Polyline(points(&bent)),
        OutlineShape::Freeline(points(&fractions)),
        OutlineShape::Angle(points(&bent)),
        OutlineShape::Points(points(&[(5.5, 6.5)])),
        OutlineShape::Points(points(&[(1.5, 2.5), (15.0, 18.25), (29.75, 4.0)])),
    ];
    let outline = |(number, shape): (usize, OutlineShape)| {
        let of = |n: usize| u32::try_from(n).unwrap_or(0);
        let position = match number % 3 {
            0 => Position::default(),
            1 => Position { stack: of(number), ..Position::default() },
            _ => Position { stack: 0, c: 1, z: of(number % 4), t: of(number % 5) },
        };
        let is_line = matches!(
            shape,
            OutlineShape::Line { .. } | OutlineShape::Polyline(_) | OutlineShape::Freeline(_) | OutlineShape::Angle(_)
        );
        Outline {
            name: Some(format!("outline {number} µ細")),
            group: u8::try_from(number * 14).unwrap_or(255),
            class: (number % 2 == 0).then(|| Class { name: "Tumor: Positive".into(), colour: Some(0xffc8_0001) }),
            position,
            stroke_width: if is_line { 2.5 } else { 0.0 },
            ..Outline::new(shape)
        }
    };
    shapes.into_iter().enumerate().map(outline).collect()
}

/// The outlines of the objects on three planes: with holes, of several parts, touching each other and the edges.
fn traced() -> Vec<Outline> {
    let mut all = Vec::new();
    for z in 0..3_u32 {
        let label = |i: usize| {
            let (y, x) = (i / WIDTH, i % WIDTH);
            let (dy, dx) = (y.abs_diff(14), x.abs_diff(15 + z as usize));
            match dy * dy + dx * dx {
                0..=20 => 0,
                21..=120 => 1,
                _ if x > 28 && y % 6 < 3 => 2,
                _ if (y / 4 + x / 4) % 3 == 0 => 3 + z,
                _ => 0,
            }
        };
        for (id, outline) in trace(&Plane::new(HEIGHT, WIDTH, (0..HEIGHT * WIDTH).map(label).collect())) {
            let position = Position { z: z + 1, ..Position::default() };
            all.push(Outline { name: Some(format!("object {id} of slice {z}")), position, ..outline });
        }
    }
    all
}
