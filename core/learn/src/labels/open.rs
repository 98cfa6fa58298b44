//! From a request to the labelled images.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use fewlabel_contract::{CancelToken, Error, ErrorKind, Find, Result, TrainArgs, VolumePlane};
use fewlabel_image::{
    ChosenChannels, LabelImage, LabelKind, LabelRows, Limits, Plane, Shape, Source, Turn, Turned, list, list_labels,
    open_labels_across, open_source, pair, read_order,
};
use fewlabel_objects::{ClassNumbers, DrawnLabels, UNLABELLED, add_background_band};

use super::select::{Labelled, missing, select};
use super::set::{LabelSet, LabelledImage, LabelledPlane};

const OPERATION: &str = "open labels";

/// Most classes of `areas`: the class of a pixel is a byte, and 255 means ignored.
const MOST_CLASSES: usize = 255;

/// Opens the pairs that `args` names, and nothing else.
///
/// * `first` and `order` decide which labels are opened; what they leave out is not touched.
/// * Of the images `channels` are read, or all.
/// * Volumes are cut into the planes that `plane` names, image and labels each by the affine of its own file.
/// * Labels are dense, every pixel that is not an object being background, unless the unlabelled value
///   occurs in the plane. Then, for `objects`, what has this value within max(3 px, a quarter of its equivalent
///   diameter) of an object becomes background, but for what looks like the object; the rest of it counts for nothing.
///   For `areas` there is no such band: a class ends where its labels end.
/// * An image with outlines in ImageJ's overlay, given as labels, means these outlines and not its pixels. So an image may be given
///   as its own label; without an overlay it then is an unlabelled image.
/// * Outlines (ImageJ's, QuPath's) are labels of which the rest is unlabelled, but for what is named `background`, the inside of
///   what is named `region`, and with `dense` everything. For `areas` the class is ImageJ's group, or without groups the place of
///   the class' name among all names in order of the alphabet.
/// * A plane of a stack in which nothing but background is labelled is one that nobody came to: it is left
///   out. In a single plane it is an image without objects, and counts.
///
/// # Errors
/// `too-few-labels` without any object, without any background (`objects`) or with one class only (`areas`);
/// `invalid-request` for a wrong `first` or `order`, for labels of another size than their image, two
/// candidates, a label without image or too many classes; `unsupported` for outlines on a volume that is cut across another axis
/// than it is stored; those of reading the files;
/// `cancelled`.
pub fn open_label_set(args: &TrainArgs, limits: &Limits, token: &CancelToken) -> Result<LabelSet> {
    let pairs = pair(&list(&args.images, args.recursive)?, &list_labels(&args.labels, args.recursive)?)?;
    let order = args.order.as_deref().map(read_order).transpose()?;
    let selection = select(pairs, args.first, order.as_deref())?;
    let unlabelled = selection.unlabelled;
    let mut set = LabelSet { images: Vec::new(), unlabelled, overlays: Vec::new(), classes: Vec::new(), objects: 0 };
    let mut all = Vec::new();
    for labelled in selection.labelled {
        token.check(OPERATION)?;
        let kind = LabelKind::of(&labelled.label, limits)?;
        match kind {
            LabelKind::Overlay(_) => set.overlays.push(labelled.label.clone()),
            LabelKind::Pixels if labelled.label == labelled.image && args.first.is_some() => {
                return Err(missing("labels", &labelled.stem));
            }
            LabelKind::Pixels if labelled.label == labelled.image => {
                set.unlabelled.push(labelled.image);
                continue;
            }
            LabelKind::Pixels | LabelKind::Outlines => {}
        }
        let drawn = match kind {
            LabelKind::Pixels => None,
            _ => Some(DrawnLabels::open(&labelled.label, args.find, limits)?),
        };
        all.push((labelled, kind, drawn));
    }
    let classes = ClassNumbers::of(all.iter().filter_map(|(_, _, drawn)| drawn.as_ref()));
    for (labelled, kind, drawn) in all {
        token.check(OPERATION)?;
        let image_path = labelled.image.clone();
        let source = open_planes(&labelled, args.plane, drawn.is_some(), limits)?;
        let labels = match (kind, drawn) {
            (LabelKind::Overlay(below), Some(drawn)) => {
                check_size(&labelled, source.info().shape, below)?;
                Labels::Drawn(drawn, &classes)
            }
            (_, Some(drawn)) => Labels::Drawn(drawn, &classes),
            (_, None) => {
                let labels = open_labels_across(&labelled.label, args.plane, limits)?;
                check_size(&labelled, source.info().shape, labels.shape())?;
                Labels::Image(labels)
            }
        };
        match open_one(labelled, source, &labels, args)? {
            Some(image) => set.images.push(image),
            None => set.unlabelled.push(image_path),
        }
    }
    check(&mut set, args)?;
    Ok(set)
}

/// The image with the planes that are learned from.
fn open_planes(labelled: &Labelled, plane: Option<VolumePlane>, is_drawn: bool, limits: &Limits) -> Result<Box<dyn Source>> {
    let path = &labelled.image;
    let source = open_source(path, limits)?;
    let Some(plane) = plane else { return Ok(source) };
    let turn = Turn::across(plane, source.info().shape, source.nifti_header().as_ref()).map_err(|e| e.file(path))?;
    match turn {
        None => Ok(source),
        // What was drawn in some slices would say that there is nothing between them.
        Some(_) if is_drawn => Err(Error::new(
            ErrorKind::Unsupported,
            OPERATION,
            "the outlines lie in other planes than the volume is to be cut into",
        )
        .with("field", "plane")
        .with("plane", plane.name())
        .with("labels", labelled.label.display())
        .with("image", path.display())
        .hint("leave plane out, or give labels of all slices as a label volume")),
        Some(turn) => Ok(Box::new(Turned::new(source, turn, limits).map_err(|e| e.file(path))?)),
    }
}

/// `None` when nothing is labelled.
fn open_one(labelled: Labelled, source: Box<dyn Source>, labels: &Labels<'_>, args: &TrainArgs) -> Result<Option<LabelledImage>> {
    // Outlines count the planes of all channels, also of those that are not read.
    let shape = source.info().counted();
    let chosen = ChosenChannels::new(&*source, &args.channels).map_err(|e| e.file(&labelled.image))?;
    let channel_names = chosen.info().channel_names.clone();
    let image = chosen.image()?;
    let mut planes = Vec::new();
    let is_stack = image.shape.t * image.shape.z > 1;
    for t in 0..image.shape.t {
        for z in 0..image.shape.z {
            let mut plane = labels.plane(shape, t, z, args.dense)?;
            let sparse = match labels {
                Labels::Drawn(..) => plane.data.contains(&UNLABELLED),
                Labels::Image(_) => mark_unlabelled(&mut plane, args.unlabelled, &labelled.label)?,
            };
            let has_object = plane.data.iter().any(|&id| id != 0 && id != UNLABELLED);
            let has_label = plane.data.iter().any(|&id| id != UNLABELLED);
            if !has_label || (is_stack && !has_object) {
                continue;
            }
            if sparse && args.find == Find::Objects {
                add_background_band(&mut plane, &image.plane(t, z));
            }
            planes.push(LabelledPlane { t, z, labels: plane, sparse });
        }
    }
    Ok((!planes.is_empty()).then(|| LabelledImage {
        name: labelled.stem,
        image_path: labelled.image,
        label_path: labelled.label,
        image: Arc::new(image),
        channel_names,
        planes,
    }))
}

/// Labels as they lie in a file.
enum Labels<'a> {
    /// A number for each pixel.
    Image(LabelImage),
    /// Outlines, and the numbers of their classes.
    Drawn(DrawnLabels, &'a ClassNumbers),
}

impl Labels<'_> {
    fn plane(&self, shape: Shape, t: usize, z: usize, dense: bool) -> Result<Plane<u32>> {
        match self {
            Self::Image(labels) => Ok(labels.plane(t, z)),
            Self::Drawn(drawn, classes) => drawn.plane(shape, (t, z), classes, dense),
        }
    }
}

fn check_size(labelled: &Labelled, image: Shape, labels: Shape) -> Result<()> {
    let [image, labels] = [image, labels].map(|shape| Shape { c: 1, ..shape });
    if image == labels {
        return Ok(());
    }
    let size = |Shape { t, z, y, x, .. }: Shape| match (t, z) {
        (1, 1) => format!("{x} x {y} pixels"),
        _ => format!("{x} x {y} pixels, {z} slices, {t} frames"),
    };
    Err(Error::new(ErrorKind::InvalidRequest, OPERATION, "the labels are not of the size of their image")
        .with("image", labelled.image.display())
        .with("image size", size(image))
        .with("labels", labelled.label.display())
        .with("labels size", size(labels))
        .hint("draw or export the labels on the image itself, neither cropped nor scaled"))
}

/// Replaces the request's unlabelled value and says whether it occurred.
fn mark_unlabelled(plane: &mut Plane<u32>, unlabelled: Option<u32>, path: &Path) -> Result<bool> {
    if unlabelled != Some(UNLABELLED) && plane.data.contains(&UNLABELLED) {
        return Err(Error::new(ErrorKind::InvalidRequest, OPERATION, "a label is larger than this version can tell apart")
            .file(path)
            .with("value", UNLABELLED)
            .with("largest", UNLABELLED - 1)
            .hint("renumber the objects, or give this value as the one that means unlabelled"));
    }
    let mut sparse = false;
    for id in plane.data.iter_mut().filter(|id| Some(**id) == unlabelled) {
        *id = UNLABELLED;
        sparse = true;
    }
    Ok(sparse)
}

/// Counts what is labelled, fills in classes and number of objects, and refuses what nothing can be learned from.
fn check(set: &mut LabelSet, args: &TrainArgs) -> Result<()> {
    let too_few = |message: &str| {
        Error::new(ErrorKind::TooFewLabels, OPERATION, message)
            .with("labels", args.labels.join(", "))
            .with("labelled images", set.images.len())
    };
    let mut classes = BTreeSet::new();
    for plane in set.images.iter().flat_map(|image| &image.planes) {
        let values = plane.values();
        set.objects += values.iter().filter(|&&value| value != 0).count();
        classes.extend(values);
    }
    if set.objects == 0 {
        return Err(too_few("there is no object in any label")
            .hint("outline some objects, and add selections to the overlay; in a label image they are numbers other than 0 and other than the unlabelled value"));
    }
    if args.find == Find::Objects {
        if !classes.contains(&0) {
            return Err(too_few("there is no background in any label").hint(
                "label some background as 0, or leave what nobody labelled at a value of its own and say which (unlabelled)",
            ));
        }
        return Ok(());
    }
    if classes.len() < 2 {
        return Err(too_few("all labels are of one class").hint("label at least two classes; background, 0, is one"));
    }
    // The network keeps a channel for the background even where nobody labelled any.
    classes.insert(0);
    if classes.len() > MOST_CLASSES {
        return Err(Error::new(ErrorKind::InvalidRequest, OPERATION, "there are too many classes in the labels")
            .with("classes", classes.len())
            .with("most", MOST_CLASSES)
            .hint("are these separate objects? then find objects"));
    }
    set.classes = classes.into_iter().collect();
    Ok(())
}
