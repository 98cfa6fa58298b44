//! Label images and maps that we write, in every format.

use std::path::{Path, PathBuf};

use fewlabel_contract::Result;
use fewlabel_image::{
    Calibration, ImageLabel, LabelImage, Limits, MapStack, Maps, PixelType, Plane, Shape, open_source, write_labels,
    write_labels_ome, write_labels_png, write_labels_zarr, write_maps, write_maps_ome, write_maps_zarr, write_nifti_labels,
    write_nifti_maps, write_png_rgb,
};

use super::manifest::{Case, Facts, Size};
use super::reading::{hash, size};

/// Files in a folder, and what is in them.
pub struct Written {
    /// Where they lie.
    pub folder: PathBuf,
    /// One for each file.
    pub cases: Vec<Case>,
}

impl Written {
    /// Writes label images, maps and a picture into a folder. `nifti` are files whose grid results must keep.
    ///
    /// # Errors
    /// Those of writing.
    pub fn images(folder: &Path, nifti: &[PathBuf]) -> Result<Self> {
        let mut written = Self { folder: folder.to_owned(), cases: Vec::new() };
        for (name, labels, slice_labels) in label_images() {
            written.labels(name, &labels, &slice_labels)?;
        }
        for path in nifti {
            written.on_grid(path)?;
        }
        for (name, shape, calibration) in [
            ("plane", Shape::plane(2, 29, 37), micrometres(None, None)),
            ("one", Shape::plane(1, 29, 37), Calibration::default()),
            ("stack", Shape { t: 2, z: 3, c: 2, y: 29, x: 37 }, micrometres(Some(1.5), Some(2.5))),
            ("large", Shape::plane(3, 700, 1101), micrometres(None, None)),
        ] {
            written.maps(name, shape, &calibration)?;
        }
        written.picture()?;
        Ok(written)
    }

    /// Takes down what was written.
    pub fn add(&mut self, file: &str, format: &str, made: &str, facts: Facts) {
        let (file, format, made) = (file.to_owned(), format.to_owned(), made.to_owned());
        self.cases.push(Case { file, format, made, reads: Default::default(), error: None, near: None, facts });
    }

    fn labels(&mut self, name: &str, labels: &LabelImage, slice_labels: &[String]) -> Result<()> {
        let largest = labels.ids.iter().copied().max().unwrap_or(0);
        let facts = |pixel_type: PixelType| Facts {
            shape: [labels.t, labels.z, 1, labels.y, labels.x],
            pixel_type: format!("{pixel_type:?}"),
            sha256: hash_as(&labels.ids, pixel_type),
            calibration: size(&labels.calibration),
            slice_labels: slice_labels.to_vec(),
            ..Facts::default()
        };
        let smallest = match largest {
            0..=0xff => PixelType::U8,
            0x100..=0xffff => PixelType::U16,
            _ => PixelType::U32,
        };
        if largest <= 1 << 24 {
            let file = format!("{name}.tif");
            write_labels(&self.folder.join(&file), labels, slice_labels, false)?;
            let pixel_type = if largest <= 0xffff { PixelType::U16 } else { PixelType::F32 };
            self.add(&file, "ImageJ TIFF", "labels", Facts { range: Some([0.0, f64::from(largest)]), ..facts(pixel_type) });
        }
        let file = format!("{name}.ome.tif");
        write_labels_ome(&self.folder.join(&file), labels, slice_labels, false)?;
        self.add(&file, "OME-TIFF", "labels", facts(smallest));
        let file = format!("{name}.zarr");
        let about = ImageLabel { colors: vec![(1, [255, 0, 0, 255]), (2, [0, 9, 8, 7])], source: Some("../..".to_owned()) };
        write_labels_zarr(&self.folder.join(&file), labels, &about, false)?;
        let pixel_type = if largest <= 0xffff { PixelType::U16 } else { PixelType::U32 };
        self.add(&file, "OME-Zarr", "labels", Facts { slice_labels: Vec::new(), ..facts(pixel_type) });
        if (labels.t * labels.z == 1) && largest <= 0xffff {
            let file = format!("{name}.png");
            write_labels_png(&self.folder.join(&file), labels, false)?;
            let facts = Facts { slice_labels: Vec::new(), calibration: Size::default(), ..facts(smallest) };
            self.add(&file, "PNG", "labels", facts);
        }
        for file in [format!("{name}.nii"), format!("{name}.nii.gz")] {
            write_nifti_labels(&self.folder.join(&file), labels, None, false)?;
            self.add(&file, "NIfTI", "labels", Facts { slice_labels: Vec::new(), ..facts(smallest) });
        }
        Ok(())
    }

    /// Labels and maps on the grid of a NIfTI image; its path stands where others tell how they were made.
    fn on_grid(&mut self, path: &Path) -> Result<()> {
        let source = open_source(path, &Limits::default())?;
        let header = source.nifti_header();
        let Shape { t, z, y, x, .. } = source.info().shape;
        let labels = LabelImage { t, z, y, x, ids: ids([t, z, y, x], 900), calibration: source.info().calibration.clone() };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (labels_file, maps_file) = (format!("labels_{name}"), format!("maps_{name}"));
        write_nifti_labels(&self.folder.join(&labels_file), &labels, header.as_ref(), false)?;
        let facts = Facts {
            shape: [t, z, 1, y, x],
            pixel_type: format!("{:?}", PixelType::U16),
            sha256: hash_as(&labels.ids, PixelType::U16),
            calibration: size(&labels.calibration),
            ..Facts::default()
        };
        let made = path.to_string_lossy().into_owned();
        self.add(&labels_file, "NIfTI", &made, facts.clone());
        let planes = values(Shape { t, z, c: 2, y, x });
        let stack = MapStack { planes: &planes, t, z, calibration: &labels.calibration };
        write_nifti_maps(&self.folder.join(&maps_file), &stack, header.as_ref(), false)?;
        let (shape, pixel_type) = ([t, z, 2, y, x], format!("{:?}", PixelType::F32));
        self.add(&maps_file, "NIfTI", &made, Facts { shape, pixel_type, sha256: hash_of_maps(&planes), ..facts });
        Ok(())
    }

    fn maps(&mut self, name: &str, shape: Shape, calibration: &Calibration) -> Result<()> {
        let planes = values(shape);
        let names: Vec<String> = (0..shape.c).map(|c| format!("probability {c} µ")).collect();
        let stack = MapStack { planes: &planes, t: shape.t, z: shape.z, calibration };
        let facts = Facts {
            shape: super::reading::axes(shape),
            pixel_type: format!("{:?}", PixelType::F32),
            sha256: hash_of_maps(&planes),
            calibration: size(calibration),
            channel_names: names.clone(),
            ..Facts::default()
        };
        let path = |ending: &str| self.folder.join(format!("maps_{name}.{ending}"));
        write_maps(&path("tif"), &stack, &names, false)?;
        write_maps_ome(&path("ome.tif"), &stack, &names, false)?;
        write_maps_zarr(&path("zarr"), &stack, &names, false)?;
        write_nifti_maps(&path("nii.gz"), &stack, None, false)?;
        // In ImageJ a channel is called by the labels of its slices.
        let slice_labels = planes.iter().flat_map(|_| names.iter().cloned()).collect();
        let imagej = Facts { slice_labels, channel_names: Vec::new(), range: Some(range(&planes)), ..facts.clone() };
        self.add(&format!("maps_{name}.tif"), "ImageJ TIFF", "maps", imagej);
        self.add(&format!("maps_{name}.ome.tif"), "OME-TIFF", "maps", facts.clone());
        self.add(&format!("maps_{name}.zarr"), "OME-Zarr", "maps", facts.clone());
        self.add(&format!("maps_{name}.nii.gz"), "NIfTI", "maps", Facts { channel_names: Vec::new(), ..facts });
        Ok(())
    }

    fn picture(&mut self) -> Result<()> {
        let (height, width) = (29, 37);
        let pixels: Vec<[u8; 3]> = (0..height * width).map(|i| [i * 7 % 256, i * 31 % 256, i % 251].map(|n| n as u8)).collect();
        let planes: Vec<u8> = (0..3).flat_map(|c| pixels.iter().map(move |pixel| pixel[c])).collect();
        write_png_rgb(&self.folder.join("overlay.png"), &Plane::new(height, width, pixels), false)?;
        let (shape, pixel_type) = ([1, 1, 3, height, width], "U8".to_owned());
        self.add(
            "overlay.png",
            "PNG",
            "picture",
            Facts { shape, pixel_type, rgb: true, sha256: hash(&planes), ..Facts::default() },
        );
        Ok(())
    }
}

/// Label images of all sizes of numbers, axes and calibrations, with slice labels.
fn label_images() -> Vec<(&'static str, LabelImage, Vec<String>)> {
    let nanometres = Calibration { x: Some(65.0), y: Some(65.0), z: Some(250.0), unit: Some("nm".into()), frame_interval: None };
    let millimetres = Calibration { x: Some(0.5), y: Some(0.25), unit: Some("mm".into()), ..Calibration::default() };
    let image = |[t, z, y, x]: [usize; 4], largest: u32, calibration: &Calibration| LabelImage {
        t,
        z,
        y,
        x,
        ids: ids([t, z, y, x], largest),
        calibration: calibration.clone(),
    };
    // In files of this order of bytes ImageJ 1.54p loses the upper byte of letters whose lower one is below 0x80: 胞 it reads, 細 not.
    let named = |count: usize| (0..count).map(|n| format!("slice {n} α胞")).collect();
    vec![
        ("bytes", image([1, 1, 29, 37], 200, &Calibration::default()), Vec::new()),
        ("shorts", image([1, 1, 29, 37], 60_000, &micrometres(None, None)), named(1)),
        ("floats", image([1, 1, 29, 37], 70_000, &millimetres), Vec::new()),
        ("largest", image([1, 1, 29, 37], 1 << 24, &Calibration::default()), Vec::new()),
        ("longs", image([1, 2, 29, 37], u32::MAX - 1, &nanometres), Vec::new()),
        ("nothing", image([1, 1, 5, 4], 0, &Calibration::default()), Vec::new()),
        ("pixel", image([1, 1, 1, 1], 7, &Calibration::default()), Vec::new()),
        ("slices", image([1, 4, 29, 37], 300, &nanometres), named(4)),
        ("frames", image([3, 1, 29, 37], 300, &micrometres(None, Some(2.5))), Vec::new()),
        ("hyperstack", image([2, 3, 29, 37], 70_000, &micrometres(Some(1.5), Some(30.0))), named(6)),
        ("pyramid", image([1, 1, 700, 1101], 900, &micrometres(None, None)), Vec::new()),
        ("pyramids", image([1, 2, 530, 513], 70_000, &micrometres(Some(2.0), None)), named(2)),
    ]
}

fn micrometres(z: Option<f64>, frame_interval: Option<f64>) -> Calibration {
    Calibration { x: Some(0.325), y: Some(0.65), z, unit: Some("µm".into()), frame_interval }
}

/// Blocks of five by seven pixels, each with a number up to `largest`, which is among them.
fn ids([t, z, y, x]: [usize; 4], largest: u32) -> Vec<u32> {
    let pixels = (0..t * z).flat_map(|plane| (0..y).flat_map(move |y| (0..x).map(move |x| (plane, y / 5, x / 7))));
    let number = |(plane, y, x): (usize, usize, usize)| {
        let place = (plane * 31 + y * 1009 + x * 7) as u64;
        ((place * 2_654_435_761) % (u64::from(largest) + 1)) as u32
    };
    let mut ids: Vec<u32> = pixels.map(number).collect();
    ids[0] = largest;
    ids
}

fn values(shape: Shape) -> Vec<Maps> {
    let plane = shape.c * shape.y * shape.x;
    let of = |number: usize| (0..plane).map(|i| ((number * 1000 + i) % 4096) as f32 * 0.25 - 3.0).collect();
    (0..shape.t * shape.z).map(|number| Maps::new(shape.c, shape.y, shape.x, of(number))).collect()
}

fn range(planes: &[Maps]) -> [f64; 2] {
    let values = planes.iter().flat_map(|maps| maps.data.iter().copied());
    let (low, high) = values.fold((0.0_f32, 0.0_f32), |(low, high), value| (low.min(value), high.max(value)));
    [f64::from(low), f64::from(high)]
}

/// Of labels in the type in which they are written.
fn hash_as(ids: &[u32], pixel_type: PixelType) -> String {
    let bytes = |id: &u32| match pixel_type {
        PixelType::F32 => (*id as f32).to_le_bytes().to_vec(),
        _ => id.to_le_bytes()[..pixel_type.bytes()].to_vec(),
    };
    hash(&ids.iter().flat_map(bytes).collect::<Vec<_>>())
}

fn hash_of_maps(planes: &[Maps]) -> String {
    hash(&planes.iter().flat_map(|maps| maps.data.iter().flat_map(|value| value.to_le_bytes())).collect::<Vec<_>>())
}
