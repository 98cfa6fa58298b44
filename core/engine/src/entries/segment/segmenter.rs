//! What turns an image into labels: a model, or the built-in baseline.

use fewlabel_contract::{CancelToken, Error, ErrorKind, Find, Result, SegmentArgs};
use fewlabel_image::{Region, Source};
use fewlabel_infer::{Found, LabelSink, MemoryBudget, SegmentOptions, TileOptions, available_threads, segment_image_rows};
use fewlabel_objects::otsu_objects;

use super::super::model::{Model, OTSU};
use crate::Config;

/// Labels images.
pub(super) enum Segmenter {
    /// Gaussian of sigma 1, Otsu's threshold, connected components.
    Otsu,
    /// A model package.
    Model(Box<Model>),
}

impl Segmenter {
    /// The model of a request.
    pub fn open(name: &str, config: &Config) -> Result<Self> {
        if name == OTSU { Ok(Self::Otsu) } else { Ok(Self::Model(Box::new(Model::open(name, config)?))) }
    }

    /// SHA-256 of the model's file; the name of the baseline.
    pub fn sha256(&self) -> &str {
        match self {
            Self::Otsu => OTSU,
            Self::Model(model) => &model.sha256,
        }
    }

    /// Names of the maps, for the file of probabilities.
    pub fn map_names(&self) -> &[String] {
        match self {
            Self::Otsu => &[],
            Self::Model(model) => &model.package.meta.output_channels,
        }
    }

    /// Whether labels are objects, each with a number of its own.
    pub fn finds_objects(&self) -> bool {
        match self {
            Self::Otsu => true,
            Self::Model(model) => model.package.meta.find == Find::Objects,
        }
    }

    /// The class that a label stands for, where labels are classes.
    pub fn class_of(&self, label: u32) -> Option<String> {
        match self {
            Self::Model(model) if model.package.meta.find == Find::Areas => {
                Some(model.package.meta.classes.get(&label).cloned().unwrap_or_else(|| label.to_string()))
            }
            _ => None,
        }
    }

    /// Labels one image; the labels go to `labels`. `progress` gets the parts that are done and those in all.
    pub fn segment(
        &self,
        image: &dyn Source,
        labels: &mut dyn LabelSink,
        args: &SegmentArgs,
        budget: &MemoryBudget,
        token: &CancelToken,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Found> {
        let model = match self {
            Self::Otsu => return otsu(image, labels, args, token, progress),
            Self::Model(model) => model,
        };
        let calibration = &image.info().calibration;
        let pixel = calibration.x.or(calibration.y).unwrap_or(1.0);
        let options = SegmentOptions {
            tiles: TileOptions {
                tile: args.tile,
                halo: args.halo,
                threads: args.threads.unwrap_or_else(available_threads),
                budget: budget.clone(),
            },
            object_diameter: args.object_diameter.map(|size| size / pixel),
            maps: args.probabilities,
        };
        segment_image_rows(image, &model.package.meta, &model.forward, &options, labels, token, progress)
    }
}

fn otsu(
    image: &dyn Source,
    labels: &mut dyn LabelSink,
    args: &SegmentArgs,
    token: &CancelToken,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Found> {
    if args.probabilities {
        return Err(Error::new(ErrorKind::InvalidRequest, "segment", "the baseline has no probabilities")
            .with("field", "probabilities")
            .hint("leave it out, or use a model"));
    }
    let shape = image.info().shape;
    let planes = (shape.t * shape.z) as u64;
    let mut objects = 0;
    labels.begin(OTSU)?;
    for t in 0..shape.t {
        for z in 0..shape.z {
            token.check("segment")?;
            let mut plane = otsu_objects(&image.part(&Region::plane(shape, t, z))?.plane(0, 0));
            let found = plane.data.iter().max().copied().unwrap_or(0);
            // Numbered through all planes, as a model's objects are.
            plane.data.iter_mut().filter(|id| **id != 0).for_each(|id| *id += objects);
            labels.rows(&plane)?;
            objects += found;
            progress((t * shape.z + z + 1) as u64, planes);
        }
    }
    Ok(Found { objects: objects as usize, maps: None, tile: 0, halo: 0, factor: 1.0, notes: Vec::new() })
}
