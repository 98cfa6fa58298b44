//! `objects.csv` and `images.csv`: what was measured, a row an object, a row an image.

use std::collections::BTreeMap;
use std::path::Path;

use fewlabel_contract::{Columns, Result, SegmentedImage, Status};
use fewlabel_image::{Calibration, LabelRows, Region, Source, csv_fields, csv_line, write_csv};
use fewlabel_objects::{Measurement, Measurer, ObjectEnds};
use serde::{Deserialize, Serialize};

use super::object_rows::{ObjectRows, image_and_fields};

/// Columns of `objects.csv` before those of the channels: name, ImageJ's name, unit and meaning. Lengths are in the `unit` of the row.
/// Boxes keep their names: ImageJ's are not in pixels.
const OBJECT_COLUMNS: [(&str, &str, &str, &str); 18] = [
    ("image", "Label", "", "name of the image, with its folder below the one given"),
    ("label", "Object", "", "value of the object's pixels in the label image of this frame and slice"),
    ("class", "Class", "", "class of the object or area, where the model has classes"),
    ("t", "Frame", "", "frame, from 1"),
    ("z", "Slice", "", "slice, from 1; of the planes that the model cuts volumes into, where it says how"),
    ("area", "Area", "unit²", "area of its pixels"),
    ("perimeter", "Perim.", "unit", "length of its outline (Crofton's formula, four directions)"),
    ("centroid_x", "X", "unit", "centroid, from the left edge of the image"),
    ("centroid_y", "Y", "unit", "centroid, from the upper edge of the image"),
    ("box_x", "box_x", "px", "first column of the bounding box, from 0"),
    ("box_y", "box_y", "px", "first row of the bounding box, from 0"),
    ("box_width", "box_width", "px", "columns of the bounding box"),
    ("box_height", "box_height", "px", "rows of the bounding box"),
    ("circularity", "Circ.", "", "4π area / perimeter², 1 for a disc"),
    ("feret", "Feret", "unit", "largest distance of two of its points"),
    ("solidity", "Solidity", "", "area over the area of the convex hull"),
    ("border", "Border", "", "1 when it touches the edge of the image and may be cut"),
    ("unit", "Unit", "", "unit of lengths in this row: px where the image is not calibrated"),
];

/// The same for each channel: `mean_1`, or ImageJ's `Mean`, `Mean_1` where there are several channels.
const CHANNEL_COLUMNS: [(&str, &str, &str); 5] = [
    ("mean", "Mean", "mean of the samples"),
    ("median", "Median", "median of the samples"),
    ("min", "Min", "smallest sample"),
    ("max", "Max", "largest sample"),
    ("integrated", "RawIntDen", "sum of the samples"),
];

const IMAGE_COLUMNS: [&str; 9] = ["image", "objects", "density", "mean_area", "unsure", "unit", "seconds", "status", "error"];

/// Samples of an image that are looked at together.
const BAND: usize = 1 << 22;

/// The rows of one image.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Rows {
    /// Its row of `images.csv`.
    pub image: Vec<String>,
    /// Its rows of `objects.csv`.
    pub objects: ObjectRows,
}

/// Measures what was segmented. `origin` is the row and column at which `image` begins in the whole image, where places are told.
/// `class_of` names the class of a label, for `areas`. `unsure` is 0…1.
///
/// # Errors
/// Those of reading the image and the labels.
pub(super) fn rows(
    done: &SegmentedImage,
    image: &dyn Source,
    labels: &dyn LabelRows,
    origin: (usize, usize),
    unsure: Option<f64>,
    class_of: &dyn Fn(u32) -> Option<String>,
) -> Result<Rows> {
    let calibration = &image.info().calibration;
    let unit = unit(calibration);
    let mut objects = ObjectRows::default();
    let mut area = 0.0;
    let shape = labels.shape();
    for t in 0..shape.t {
        for z in 0..shape.z {
            for one in measured(image, labels, t, z)? {
                let one = in_whole(one, origin, calibration);
                area += one.area;
                objects.push(&object_row(&done.name, &one, t, z, class_of(one.label), &unit));
            }
        }
    }
    let count = objects.len() as f64;
    let (height, width) = calibration.pixel_size();
    let plane = shape.y as f64 * height * shape.x as f64 * width;
    let image_row = [
        done.name.clone(),
        objects.len().to_string(),
        number(count / (plane * (shape.t * shape.z) as f64)),
        number(if objects.len() == 0 { f64::NAN } else { area / count }),
        unsure.map(|share| format!("{share:.4}")).unwrap_or_default(),
        unit,
        format!("{:.3}", done.seconds),
        "done".to_owned(),
        String::new(),
    ];
    Ok(Rows { image: image_row.to_vec(), objects })
}

/// The objects of one plane, some rows at a time.
fn measured(image: &dyn Source, labels: &dyn LabelRows, t: usize, z: usize) -> Result<Vec<Measurement>> {
    let (info, shape) = (image.info(), labels.shape());
    let rows = (BAND / (shape.x * info.shape.c).max(1)).max(1);
    let bands = || (0..shape.y).step_by(rows).map(|top| top..(top + rows).min(shape.y));
    let mut ends = ObjectEnds::new();
    for band in bands() {
        ends.add(&labels.rows(t, z, band)?, shape.x);
    }
    let mut measurer = Measurer::new((shape.y, shape.x), &info.calibration, ends);
    for band in bands() {
        let part = image.part(&Region::plane(info.shape, t, z).rectangle(band.clone(), 0..shape.x))?;
        measurer.add(&labels.rows(t, z, band)?, &part.plane(0, 0));
    }
    Ok(measurer.finish())
}

/// With its place in the whole image.
fn in_whole(mut one: Measurement, (top, left): (usize, usize), calibration: &Calibration) -> Measurement {
    let (height, width) = calibration.pixel_size();
    one.top += top;
    one.left += left;
    one.centroid.0 += top as f64 * height;
    one.centroid.1 += left as f64 * width;
    one
}

/// The row of an image that failed.
pub(super) fn failed(image: &SegmentedImage) -> Rows {
    debug_assert!(image.status == Status::Failed);
    let mut row = vec![String::new(); IMAGE_COLUMNS.len()];
    row[0].clone_from(&image.name);
    row[6] = format!("{:.3}", image.seconds);
    row[7] = "failed".to_owned();
    row[8] = image.error.as_ref().map(ToString::to_string).unwrap_or_default();
    Rows { image: row, objects: ObjectRows::default() }
}

fn unit(calibration: &Calibration) -> String {
    match (calibration.x.or(calibration.y), &calibration.unit) {
        (Some(_), Some(unit)) => unit.clone(),
        _ => "px".to_owned(),
    }
}

fn object_row(image: &str, one: &Measurement, t: usize, z: usize, class: Option<String>, unit: &str) -> Vec<String> {
    let mut row = vec![
        image.to_owned(),
        one.label.to_string(),
        class.unwrap_or_default(),
        (t + 1).to_string(),
        (z + 1).to_string(),
        number(one.area),
        number(one.perimeter),
        number(one.centroid.1),
        number(one.centroid.0),
        one.left.to_string(),
        one.top.to_string(),
        one.width.to_string(),
        one.height.to_string(),
        number(one.circularity),
        number(one.feret),
        number(one.solidity),
        u8::from(one.border).to_string(),
        unit.to_owned(),
    ];
    for channel in &one.intensities {
        row.extend([channel.mean, channel.median, channel.min, channel.max, channel.integrated].map(number));
    }
    row
}

/// A number as the shortest text that means it; nothing for what is not a number.
fn number(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { String::new() }
}

/// Writes `objects.csv`, `objects.columns.csv` (what its columns mean) and `images.csv`.
pub(super) fn write(folder: &Path, rows: &[&Rows], names: Columns, existing_ok: bool) -> Result<()> {
    let longest = rows.iter().map(|rows| rows.objects.fields()).max().unwrap_or(0);
    let channels = longest.saturating_sub(OBJECT_COLUMNS.len()) / CHANNEL_COLUMNS.len();
    let columns = columns(names, channels);
    let header: Vec<String> = columns.iter().map(|[name, ..]| name.clone()).collect();
    let objects = rows.iter().flat_map(|rows| rows.objects.lines(header.len()));
    write_csv(&folder.join("objects.csv"), std::iter::once(csv_line(&header)).chain(objects), existing_ok)?;

    let header = ["column", "unit", "meaning"].map(str::to_owned);
    let lines = std::iter::once(header).chain(columns).map(|column| csv_line(&column));
    write_csv(&folder.join("objects.columns.csv"), lines, existing_ok)?;

    let header = IMAGE_COLUMNS.map(str::to_owned);
    let lines = std::iter::once(csv_line(&header)).chain(rows.iter().map(|rows| csv_line(&rows.image)));
    write_csv(&folder.join("images.csv"), lines, existing_ok)
}

/// Name, unit and meaning of every column of `objects.csv`.
fn columns(names: Columns, channels: usize) -> Vec<[String; 3]> {
    let called = |ours: &str, imagej: &str| if names == Columns::ImageJ { imagej } else { ours }.to_owned();
    let first =
        OBJECT_COLUMNS.iter().map(|(ours, imagej, unit, means)| [called(ours, imagej), (*unit).to_owned(), (*means).to_owned()]);
    let of_channel = |c: usize| {
        CHANNEL_COLUMNS.map(|(ours, imagej, means)| {
            let numbered = channels > 1 || names == Columns::Fewlabel;
            let name = if numbered { format!("{}_{c}", called(ours, imagej)) } else { called(ours, imagej) };
            [name, "as in the image".to_owned(), format!("{means} of channel {c}")]
        })
    };
    first.chain((1..=channels).flat_map(of_channel)).collect()
}

/// Reads the rows of earlier images back, in the order of `images.csv`. What is not there or not ours gives no rows.
pub(super) fn read(folder: &Path) -> Vec<Rows> {
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    let mut all: Vec<Rows> = text("images.csv")
        .lines()
        .skip(1)
        .map(csv_fields)
        .filter(|row| row.len() == IMAGE_COLUMNS.len())
        .map(|image| Rows { image, objects: ObjectRows::default() })
        .collect();
    let places: BTreeMap<String, usize> =
        all.iter().enumerate().rev().map(|(place, rows)| (rows.image[0].clone(), place)).collect();
    for line in text("objects.csv").lines().skip(1) {
        let (image, fields) = image_and_fields(line);
        if let Some(&place) = places.get(&image) {
            all[place].objects.push_line(line, fields);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use fewlabel_image::{Image, InMemory, LabelImage, Pixels, Plane, Shape};

    use super::*;

    fn literal() -> (Image, LabelImage) {
        let labels = Plane::new(5, 5, vec![1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0]);
        let calibration = Calibration { x: Some(0.5), y: Some(0.5), unit: Some("µm".to_owned()), ..Calibration::default() };
        let image = Image {
            shape: Shape::plane(2, 5, 5),
            pixels: Pixels::U8((0..50).collect()),
            rgb: false,
            calibration: calibration.clone(),
            slice_labels: Vec::new(),
        };
        (image, LabelImage::from_plane(labels, calibration))
    }

    fn done(name: &str) -> SegmentedImage {
        SegmentedImage {
            name: name.to_owned(),
            status: Status::Done,
            objects: 2,
            labels: None,
            buffer: None,
            error: None,
            seconds: 1.5,
        }
    }

    #[test]
    fn numbers_are_short_and_exact() {
        assert_eq!([0.1, 7.0, 1e-7, f64::NAN].map(number), ["0.1", "7", "0.0000001", ""]);
    }

    #[test]
    fn rows_of_a_literal_image() {
        let (image, labels) = literal();
        let rows = rows(&done("well, A1"), &InMemory::new(image), &labels, (0, 0), Some(0.25), &|_| None).unwrap();
        // 2 objects on 6.25 µm²; areas 1 and 0.25 µm².
        assert_eq!(csv_line(&rows.image), "\"well, A1\",2,0.32,0.625,0.2500,µm,1.500,done,");
        let objects: Vec<Vec<String>> = rows.objects.lines(0).map(|line| csv_fields(&line)).collect();
        let first = &objects[0];
        assert_eq!(first[..6].join("|"), "well, A1|1||1|1|1");
        assert_eq!((first[7].as_str(), first[8].as_str(), first[16].as_str()), ("0.5", "0.5", "1"));
        // Samples 0, 1, 5, 6 of channel 1, 25 more in channel 2.
        assert_eq!(first[18..].join("|"), "3|3|0|6|12|28|28|25|31|112");
        assert_eq!(objects[1][16..18].join("|"), "0|µm");
    }

    #[test]
    fn tables_can_be_read_back_and_have_as_many_columns_as_channels_need() {
        let folder = tempfile::tempdir().unwrap();
        let (image, labels) = literal();
        let first =
            rows(&done("plate 1/µ"), &InMemory::of(&image), &labels, (0, 0), None, &|label| Some(format!("class {label}")))
                .unwrap();
        let grey = Image { shape: Shape::plane(1, 5, 5), pixels: Pixels::U8((0..25).collect()), ..image };
        let second = rows(&done("b"), &InMemory::new(grey), &labels, (2, 30), None, &|_| None).unwrap();
        write(folder.path(), &[&first, &second], Columns::Fewlabel, false).unwrap();
        let back = read(folder.path());
        assert_eq!(back[0], first);
        assert_eq!(back[1].objects.lines(28).collect::<Vec<_>>(), second.objects.lines(28).collect::<Vec<_>>());
        let place = second.objects.lines(0).next().map(|line| csv_fields(&line)[7..11].join("|"));
        assert_eq!(place.as_deref(), Some("15.5|1.5|30|2"), "places are those in the whole image");
        let objects = std::fs::read_to_string(folder.path().join("objects.csv")).unwrap();
        assert!(objects.lines().all(|line| csv_fields(line).len() == 28), "{objects}");
        let columns = std::fs::read_to_string(folder.path().join("objects.columns.csv")).unwrap();
        assert_eq!(columns.lines().count(), 29);
        assert!(write(folder.path(), &[&second], Columns::Fewlabel, false).is_err());
        write(folder.path(), &[&second], Columns::ImageJ, true).unwrap();
        let header = std::fs::read_to_string(folder.path().join("objects.csv")).unwrap();
        assert!(header.starts_with("Label,Object,Class,Frame,Slice,Area,Perim.,X,Y,box_x,"), "{header}");
        assert!(header.lines().next().unwrap().ends_with("Unit,Mean,Median,Min,Max,RawIntDen"), "{header}");
    }
}
