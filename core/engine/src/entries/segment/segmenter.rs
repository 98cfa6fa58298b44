//! What turns an image into labels: a model, or the built-in baseline.

use fewlabel_contract::{CancelToken, Error, ErrorKind, Find, Result, SegmentArgs, VolumePlane};
use fewlabel_image::{Rectangle, Region, Source};
use fewlabel_infer::{
    Found, LabelSink, MemoryBudget, Recipe, RegionLabels, SegmentOptions, TileOptions, available_threads, segment_image_rows,
};
use fewlabel_objects::otsu_objects;

use super::super::model::{Model, OTSU};
use super::unsure::Classes;
use crate::Config;

/// Labels images.
pub(super) enum Segmenter {
    /// Gaussian of sigma 1, Otsu's threshold, connected components.
    Otsu,
    /// A model package.
    Model(Box<Model>),
}

impl Segmenter {
    /// The model of a request. One that cannot label images is refused here, before the first of them is opened.
    pub fn open(name: &str, config: &Config) -> Result<Self> {
        if name == OTSU {
            return Ok(Self::Otsu);
        }
        let model = Model::open(name, config)?;
        Recipe::of(&model.package.meta)?;
        Ok(Self::Model(Box::new(model)))
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
            Self::Model(model) => model.package.meta.find == Some(Find::Objects),
        }
    }

    /// Which maps speak for which class; nothing without probabilities.
    pub fn classes(&self) -> Option<Classes> {
        match self {
            Self::Otsu => None,
            Self::Model(model) if model.package.meta.find == Some(Find::Objects) => Some(Classes::Objects),
            Self::Model(model) if model.package.meta.output_channels.len() == 1 => Some(Classes::Single),
            Self::Model(_) => Some(Classes::Each),
        }
    }

    /// How it cuts volumes into planes; as they are stored where it does not say.
    pub fn plane(&self) -> Option<VolumePlane> {
        match self {
            Self::Otsu => None,
            Self::Model(model) => model.package.meta.plane,
        }
    }

    /// Names of the channels that it wants; nothing for what takes any.
    pub fn channels(&self) -> &[String] {
        match self {
            Self::Otsu => &[],
            Self::Model(model) => &model.package.meta.channels,
        }
    }

    /// The class that a label stands for, where labels are classes.
    pub fn class_of(&self, label: u32) -> Option<String> {
        match self {
            Self::Model(model) if model.package.meta.find == Some(Find::Areas) => {
                Some(model.package.meta.classes.get(&label).cloned().unwrap_or_else(|| label.to_string()))
            }
            _ => None,
        }
    }

    /// Refuses what it cannot do.
    pub fn check(&self, args: &SegmentArgs) -> Result<()> {
        let wished = [("probabilities", args.probabilities), ("uncertainty", args.uncertainty)];
        match wished.iter().find(|(_, wished)| *wished && self.classes().is_none()) {
            None => Ok(()),
            Some((field, _)) => Err(Error::new(ErrorKind::InvalidRequest, "segment", "the baseline has no probabilities")
                .with("field", field)
                .hint("leave it out, or use a model")),
        }
    }

    /// Labels one image or a rectangle of it; the labels and maps go to `labels`. `progress` gets the parts that are done and those in
    /// all.
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
            Self::Otsu => {
                let objects = match region_of(args) {
                    None => otsu(image, labels, token, progress)?,
                    Some(region) => {
                        let shape = image.info().shape;
                        let mut labels = RegionLabels::new(labels, Rectangle::whole((shape.y, shape.x)), region, true);
                        otsu(image, &mut labels, token, progress)?;
                        labels.count()
                    }
                };
                return Ok(Found { objects, tile: 0, halo: 0, factor: 1.0, notes: Vec::new() });
            }
            Self::Model(model) => model,
        };
        let (_, pixel) = image.info().calibration.pixel_size();
        let options = SegmentOptions {
            tiles: TileOptions {
                tile: args.tile,
                halo: args.halo,
                threads: args.threads.unwrap_or_else(available_threads),
                budget: budget.clone(),
            },
            object_diameter: args.object_diameter.map(|size| size / pixel),
            // Also for the table of images: how unsure the model is.
            maps: true,
            region: region_of(args),
        };
        segment_image_rows(image, &model.package.meta, &model.forward, &options, labels, token, progress)
    }
}

/// The rectangle that a request asks for.
pub(super) fn region_of(args: &SegmentArgs) -> Option<Rectangle> {
    args.region.map(|region| Rectangle {
        y: region.y..region.y.saturating_add(region.height),
        x: region.x..region.x.saturating_add(region.width),
    })
}

/// Labels all planes; how many objects there are.
fn otsu(
    image: &dyn Source,
    labels: &mut dyn LabelSink,
    token: &CancelToken,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<usize> {
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
    Ok(objects as usize)
}
