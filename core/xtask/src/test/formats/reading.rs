//! What this crate's readers find in a file, and whether its parts are those of the whole.

use std::path::Path;

use fewlabel_contract::{Error, Result};
use fewlabel_image::{
    Calibration, Image, InMemory, Limits, Numbering, Outline, OutlineShape, Region, Shape, Source, open_labels, open_source,
    paint, read_outlines,
};
use sha2::{Digest, Sha256};

use super::differences::differences;
use super::manifest::{Case, Drawn, Facts, Level, Near, Reads, Size};

/// In what a case, whose file lies in `folder`, differs from what is read.
pub fn check(folder: &Path, case: &Case) -> Vec<String> {
    let path = super::place(folder, &case.file);
    let mut parts = Vec::new();
    let found = match case.reads {
        Reads::Image => image(&path, case.near.as_ref().map(|near| (folder, near)), &case.facts, &mut parts),
        Reads::Labels => labels(&path),
        Reads::Outlines => outlines(&path, case.facts.shape),
    };
    match (found, &case.error) {
        (Ok(found), None) => {
            let mut all = differences(&case.facts, &found);
            all.append(&mut parts);
            all
        }
        (Ok(_), Some(kind)) => vec![format!("expected the error {kind}, but it was read")],
        (Err(error), Some(kind)) if error.kind.name() == kind => Vec::new(),
        (Err(error), Some(kind)) => vec![format!("expected the error {kind}, found {}: {error}", error.kind)],
        (Err(error), None) => vec![format!("{}: {error}", error.kind)],
    }
}

fn image(path: &Path, near: Option<(&Path, &Near)>, expected: &Facts, parts: &mut Vec<String>) -> Result<Facts> {
    let source = open_source(path, &Limits::default())?;
    let whole = source.image()?;
    let info = source.info();
    let bytes = whole.pixels.to_le_bytes();
    let sha256 = match near {
        Some((folder, near)) => {
            parts.extend(too_far(folder, near, &bytes)?);
            expected.sha256.clone()
        }
        None => hash(&bytes),
    };
    let levels = (1..info.levels.len()).map(|level| {
        let Shape { y, x, .. } = info.level(level);
        let pixels = source.read(level, &Region::whole(info.level(level)))?;
        Ok(Level { y, x, sha256: hash(&pixels.to_le_bytes()) })
    });
    let facts = Facts {
        shape: axes(info.shape),
        pixel_type: format!("{:?}", info.pixel_type),
        rgb: info.rgb,
        sha256,
        calibration: size(&info.calibration),
        channel_names: info.channel_names.clone(),
        slice_labels: info.slice_labels.clone(),
        levels: levels.collect::<Result<_>>()?,
        ..Facts::default()
    };
    parts.extend(differing_parts(source.as_ref(), &whole)?);
    Ok(facts)
}

/// The parts that are read otherwise than with the whole: a corner, the middle, a plane, a channel.
fn differing_parts(source: &dyn Source, whole: &Image) -> Result<Vec<String>> {
    let shape = whole.shape;
    let all = Region::whole(shape);
    let middle = |length: usize| length / 3..(length / 3 + length.div_ceil(3)).min(length);
    let regions = [
        ("lower right corner", all.clone().rectangle(shape.y / 2..shape.y, shape.x / 2..shape.x)),
        ("middle", all.clone().rectangle(middle(shape.y), middle(shape.x))),
        ("last plane", Region::plane(shape, shape.t - 1, shape.z - 1)),
        ("last channel", Region { c: shape.c - 1..shape.c, ..all }),
    ];
    let in_memory = InMemory::of(whole);
    let mut differing = Vec::new();
    for (name, region) in regions {
        // As bytes: what is no number is not equal to itself.
        if source.read(0, &region)?.to_le_bytes() != in_memory.read(0, &region)?.to_le_bytes() {
            differing.push(format!("{name}: other samples than in the whole"));
        }
    }
    Ok(differing)
}

/// How far samples of 8 bits are from those of a file, where that is too far.
fn too_far(folder: &Path, near: &Near, found: &[u8]) -> Result<Option<String>> {
    let path = folder.join(&near.samples);
    let expected = std::fs::read(&path).map_err(|error| Error::io("read samples", &path, &error))?;
    if expected.len() != found.len() {
        return Ok(Some(format!("samples: expected {}, found {}", expected.len(), found.len())));
    }
    let furthest = expected.iter().zip(found).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0);
    Ok((furthest > near.within).then(|| format!("samples: up to {furthest} apart, allowed are {}", near.within)))
}

fn labels(path: &Path) -> Result<Facts> {
    let labels = open_labels(path, &Limits::default())?;
    Ok(Facts {
        shape: [labels.t, labels.z, 1, labels.y, labels.x],
        sha256: hash_of_numbers(&labels.ids),
        calibration: size(&labels.calibration),
        ..Facts::default()
    })
}

/// The outlines of a file, painted as objects into all planes of an image of this shape.
///
/// # Errors
/// Those of reading and painting.
pub fn outlines(path: &Path, shape: [usize; 5]) -> Result<Facts> {
    of_outlines(&read_outlines(path, &Limits::default())?, shape)
}

/// As a manifest tells of outlines.
///
/// # Errors
/// Those of painting.
pub fn of_outlines(outlines: &[Outline], shape: [usize; 5]) -> Result<Facts> {
    let [t, z, c, y, x] = shape;
    let extent = Shape { t, z, c, y, x };
    let mut ids = Vec::new();
    for (t, z) in (0..t).flat_map(|t| (0..z).map(move |z| (t, z))) {
        ids.extend(paint(outlines, extent, (None, z, t), Numbering::Objects)?.labels.data);
    }
    let outlines = outlines.iter().map(|outline| drawn(outline, (y, x))).collect::<Result<_>>()?;
    Ok(Facts { shape, sha256: hash_of_numbers(&ids), outlines, ..Facts::default() })
}

fn drawn(outline: &Outline, (height, width): (usize, usize)) -> Result<Drawn> {
    let mut mask = vec![0; height * width];
    for run in outline.runs(height, width)? {
        mask[run.y * width + run.start..run.y * width + run.end].fill(1);
    }
    let at = outline.position;
    Ok(Drawn {
        kind: kind(&outline.shape).to_owned(),
        name: outline.name.clone(),
        group: outline.group,
        position: [at.stack, at.c, at.z, at.t],
        stroke_width: outline.stroke_width,
        class: outline.class.as_ref().map(|class| class.name.clone()),
        sha256: hash(&mask),
    })
}

fn kind(shape: &OutlineShape) -> &'static str {
    match shape {
        OutlineShape::Polygon(_) => "polygon",
        OutlineShape::Freehand(_) => "freehand",
        OutlineShape::Traced(_) => "traced",
        OutlineShape::Rectangle { .. } => "rectangle",
        OutlineShape::RotatedRectangle { .. } => "rotated rectangle",
        OutlineShape::Oval { .. } => "oval",
        OutlineShape::Ellipse { .. } => "ellipse",
        OutlineShape::Composite(_) => "composite",
        OutlineShape::Line { .. } => "line",
        OutlineShape::Polyline(_) => "polyline",
        OutlineShape::Freeline(_) => "freeline",
        OutlineShape::Angle(_) => "angle",
        OutlineShape::Points(_) => "points",
        OutlineShape::Note { .. } => "note",
    }
}

/// `t z c y x`.
pub fn axes(shape: Shape) -> [usize; 5] {
    [shape.t, shape.z, shape.c, shape.y, shape.x]
}

/// As a manifest tells of a calibration.
pub fn size(calibration: &Calibration) -> Size {
    Size {
        x: calibration.x,
        y: calibration.y,
        z: calibration.z,
        unit: calibration.unit.clone(),
        frame_interval: calibration.frame_interval,
    }
}

/// SHA-256 in hexadecimal digits.
pub fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Of numbers of 32 bits, the lowest byte of each first.
pub fn hash_of_numbers(numbers: &[u32]) -> String {
    hash(&numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<_>>())
}
