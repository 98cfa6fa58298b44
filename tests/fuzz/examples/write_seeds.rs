//! Writes the seeds that Fewlabel itself makes into `corpus`. They are kept in the repository; the programs in `seeds` write those
//! of other programs.

use std::error::Error;
use std::io::Read;
use std::path::Path;

use fewlabel_contract::Find;
use fewlabel_fuzz::files::join;
use fewlabel_image::{
    Calibration, ImageLabel, LabelImage, Maps, Outline, OutlineShape, PathSegment, Plane, Point, encode_png_rgb, encode_roi,
    write_geojson, write_labels, write_labels_ome, write_labels_zarr, write_nifti_labels, write_roi_zip,
};
use fewlabel_model::{
    Activation, Head, HeadGroup, Network, Normalisation, Package, PackageMeta, ParameterKind, Tensor, Weights, write_onnx,
};

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    labels(&corpus)?;
    outlines(&corpus)?;
    package(&corpus)?;
    let picture = Plane::new(3, 4, (0..12).map(|n| [n, 2 * n, 255 - n]).collect());
    std::fs::write(corpus.join("png_jpeg/seed-fewlabel"), encode_png_rgb(&picture)?)?;
    Ok(())
}

fn labels(corpus: &Path) -> Outcome {
    let calibration =
        Calibration { x: Some(0.5), y: Some(0.25), z: Some(2.0), unit: Some("µm".into()), frame_interval: Some(3.0) };
    let labels = LabelImage { t: 2, z: 2, y: 5, x: 6, ids: (0..120).map(|n| n / 7).collect(), calibration };
    let large = LabelImage { ids: (0..120).map(|n| n * 1000).collect(), ..labels.clone() };
    let names = ["a", "b", "", "d"].map(str::to_owned);
    write_labels(&corpus.join("tiff/seed-labels"), &labels, &names, true)?;
    write_labels(&corpus.join("tiff/seed-labels-float"), &large, &[], true)?;
    write_labels_ome(&corpus.join("tiff/seed-labels-ome"), &labels, &names, true)?;
    write_labels_ome(&corpus.join("tiff/seed-labels-ome-large"), &large, &[], true)?;
    write_nifti_labels(&corpus.join("nifti/seed-labels"), &labels, None, true)?;
    let folder = tempfile::tempdir()?;
    let about = ImageLabel { colors: vec![(1, [255, 0, 0, 255])], source: Some("../..".into()) };
    write_labels_zarr(&folder.path().join("a.zarr"), &large, &about, true)?;
    std::fs::write(corpus.join("zarr/seed-labels"), packed(&folder.path().join("a.zarr"))?)?;
    Ok(())
}

/// The files of a folder as one input.
fn packed(folder: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path.strip_prefix(folder)?.to_string_lossy().into_owned(), std::fs::read(&path)?));
            }
        }
    }
    found.sort();
    Ok(join(found.iter().map(|(name, content)| (name.as_str(), content.as_slice()))))
}

fn outlines(corpus: &Path) -> Outcome {
    let p = Point::new;
    let corners = vec![p(2.0, 3.0), p(20.5, 4.0), p(14.0, 18.25), p(5.0, 12.0)];
    let ring = vec![
        PathSegment::MoveTo(p(2.0, 2.0)),
        PathSegment::CubicTo(p(8.0, 0.0), p(16.0, 4.0), p(14.0, 15.0)),
        PathSegment::QuadTo(p(1.0, 14.0), p(2.0, 2.0)),
        PathSegment::Close,
        PathSegment::MoveTo(p(5.0, 5.0)),
        PathSegment::LineTo(p(9.0, 6.0)),
        PathSegment::LineTo(p(6.0, 9.5)),
        PathSegment::Close,
    ];
    let shapes = [
        ("polygon", OutlineShape::Polygon(corners.clone())),
        ("freehand", OutlineShape::Freehand(corners.clone())),
        ("rectangle", OutlineShape::Rectangle { corner: p(1.0, 2.0), width: 9.0, height: 8.0, arc: 0.0 }),
        ("rounded", OutlineShape::Rectangle { corner: p(1.0, 2.0), width: 19.0, height: 18.0, arc: 6.0 }),
        ("rotated", OutlineShape::RotatedRectangle { from: p(3.0, 4.0), to: p(15.0, 14.0), width: 4.0 }),
        ("oval", OutlineShape::Oval { corner: p(1.0, 2.5), width: 13.0, height: 8.0 }),
        ("ellipse", OutlineShape::Ellipse { from: p(3.0, 4.0), to: p(15.0, 14.0), ratio: 0.3 }),
        ("composite", OutlineShape::Composite(ring)),
        ("line", OutlineShape::Line { from: p(1.5, 2.5), to: p(13.5, 4.0) }),
        ("polyline", OutlineShape::Polyline(corners.clone())),
        ("points", OutlineShape::Points(corners)),
    ];
    let mut all = Vec::new();
    for (number, (name, shape)) in shapes.into_iter().enumerate() {
        let mut outline = Outline { name: Some(name.into()), group: number as u8, ..Outline::new(shape) };
        outline.stroke_width = number as f64 / 2.0;
        outline.stroke_colour = Some(0xff00_1122);
        outline.position.z = number as u32 % 3;
        outline.properties = Some("key: value\n".into()).filter(|_| number == 1);
        std::fs::write(corpus.join(format!("roi/seed-fewlabel-{name}")), encode_roi(&outline)?)?;
        all.push(outline);
    }
    write_roi_zip(&corpus.join("roi/seed-fewlabel-zip"), &all, true)?;
    write_geojson(&corpus.join("geojson/seed-fewlabel"), &all, true)?;
    Ok(())
}

/// A package of a network of a few weights; and its files without their sums, so that changes reach the graph and the weights.
fn package(corpus: &Path) -> Outcome {
    let head = Head { groups: vec![HeadGroup { activation: Activation::Softmax, channels: 2 }] };
    let network = Network::unet(1, 1, 2, &head)?;
    let weights: Weights = network
        .parameters()
        .into_iter()
        .map(|spec| {
            let is_scale = matches!(spec.kind, ParameterKind::NormWeight | ParameterKind::RunningVar);
            let values = vec![if is_scale { 1.0 } else { 0.25 }; spec.shape.iter().product()];
            (spec.name, Tensor::new(spec.shape, values))
        })
        .collect();
    let onnx = write_onnx(&network, &weights)?;
    let mut meta = PackageMeta::new("tiny", Find::Objects, network, Normalisation::default());
    meta.output_channels = ["background", "inside"].map(str::to_owned).to_vec();
    let test = Some((Maps::zeros(1, 2, 2), Maps::new(2, 2, 2, vec![0.5; 8])));
    let cover_png = Some(encode_png_rgb(&Plane::filled(2, 2, [1, 2, 3]))?);
    let package = Package { meta, onnx, test, weights: Some(weights), run: serde_json::json!({"seed": 7}), cover_png };
    let path = corpus.join("package/seed-fewlabel.zip");
    package.write(&path, true)?;
    let mut zip = zip::ZipArchive::new(std::fs::File::open(&path)?)?;
    let mut files = Vec::new();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index)?;
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        let name = entry.name()?.into_owned();
        if name == "bioimageio.yaml" {
            let text = String::from_utf8(content)?;
            let lines = text.lines().filter(|line| !line.trim_start().starts_with("sha256:"));
            content = lines.collect::<Vec<_>>().join("\n").into_bytes();
        }
        files.push((name, content));
    }
    let some = |names: &[&str]| {
        let chosen = files.iter().filter(|(name, _)| names.is_empty() || names.contains(&name.as_str()));
        join(chosen.map(|(name, content)| (name.as_str(), content.as_slice())))
    };
    let needed = ["bioimageio.yaml", "weights.onnx", "test_input.npy", "test_output.npy"];
    std::fs::write(corpus.join("package/seed-files"), some(&[]))?;
    std::fs::write(corpus.join("package/seed-needed"), some(&needed))?;
    std::fs::write(corpus.join("package/seed-description"), some(&needed[..1]))?;
    // As of a model that has learned from unlabelled images only.
    let start = files.iter().map(|(name, content)| match name.as_str() {
        "bioimageio.yaml" => (name, String::from_utf8_lossy(content).replace("    find: objects\n", "").into_bytes()),
        _ => (name, content.clone()),
    });
    let start: Vec<_> = start.filter(|(name, _)| needed.contains(&name.as_str())).collect();
    let start = join(start.iter().map(|(name, content)| (name.as_str(), content.as_slice())));
    std::fs::write(corpus.join("package/seed-start"), start)?;
    let foreign = [("rdf.yaml", FOREIGN.as_bytes()), ("weights.onnx", &package.onnx)];
    std::fs::write(corpus.join("package/seed-foreign"), join(foreign))?;
    Ok(())
}

/// A package as the zoo of bioimage.io has them.
const FOREIGN: &str = "format_version: 0.5.4
type: model
name: foreign
authors: [{name: A}]
inputs:
- id: raw
  axes:
  - {type: batch}
  - {type: channel, channel_names: [a]}
  - {type: space, id: y, size: {min: 16, step: 8}, unit: micrometer, scale: 0.5}
  - {type: space, id: x, size: {min: 16, step: 8}, unit: micrometer, scale: 0.5}
  preprocessing:
  - {id: scale_range, kwargs: {min_percentile: 1.0, max_percentile: 99.8, axes: [y, x]}}
  - {id: zero_mean_unit_variance, kwargs: {eps: 1.0e-06}}
outputs:
- id: out
  axes:
  - {type: batch}
  - {type: channel, channel_names: [a, b]}
  - {type: space, id: y, halo: 8, size: {tensor_id: raw, axis_id: y}, unit: micrometer, scale: 0.5}
  - {type: space, id: x, halo: 8, size: {tensor_id: raw, axis_id: x}, unit: micrometer, scale: 0.5}
  postprocessing:
  - {id: sigmoid}
  - {id: binarize, kwargs: {threshold: 0.5}}
weights:
  onnx: {source: ./weights.onnx, opset_version: 17}
";
