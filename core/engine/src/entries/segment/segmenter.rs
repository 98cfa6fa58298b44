//! What turns an image into labels: a model, or the built-in baseline.

use fewlabel_contract::{CancelToken, Error, ErrorKind, Find, Result, SegmentArgs};
use fewlabel_image::{Image, LabelImage};
use fewlabel_infer::{MemoryBudget, SegmentOptions, Segmented, TileOptions, available_threads, segment_image};
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

    /// The class that a label stands for, where labels are classes.
    pub fn class_of(&self, label: u32) -> Option<String> {
        match self {
            Self::Model(model) if model.package.meta.find == Find::Areas => {
                Some(model.package.meta.classes.get(&label).cloned().unwrap_or_else(|| label.to_string()))
            }
            _ => None,
        }
    }

    /// Labels one image. `progress` gets the parts that are done and those in all.
    pub fn segment(
        &self,
        image: &Image,
        args: &SegmentArgs,
        budget: &MemoryBudget,
        token: &CancelToken,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Segmented> {
        let model = match self {
            Self::Otsu => return otsu(image, args, token, progress),
            Self::Model(model) => model,
        };
        let options = SegmentOptions {
            tiles: TileOptions {
                tile: args.tile,
                halo: args.halo,
                threads: args.threads.unwrap_or_else(available_threads),
                budget: budget.clone(),
            },
            object_diameter: args.object_diameter.map(|size| size / image.calibration.x.or(image.calibration.y).unwrap_or(1.0)),
            maps: args.probabilities,
        };
        segment_image(image, &model.package.meta, &model.forward, &options, token, progress)
    }
}

fn otsu(image: &Image, args: &SegmentArgs, token: &CancelToken, progress: &mut dyn FnMut(u64, u64)) -> Result<Segmented> {
    if args.probabilities {
        return Err(Error::new(ErrorKind::InvalidRequest, "segment", "the baseline has no probabilities")
            .with("field", "probabilities")
            .hint("leave it out, or use a model"));
    }
    let shape = image.shape;
    let planes = (shape.t * shape.z) as u64;
    let mut ids = Vec::with_capacity((planes as usize) * shape.y * shape.x);
    let mut objects = 0;
    for t in 0..shape.t {
        for z in 0..shape.z {
            token.check("segment")?;
            let plane = otsu_objects(&image.plane(t, z));
            // Numbered through all planes, as a model's objects are.
            ids.extend(plane.data.iter().map(|&id| if id == 0 { 0 } else { id + objects }));
            objects += plane.data.iter().max().copied().unwrap_or(0);
            progress((t * shape.z + z + 1) as u64, planes);
        }
    }
    let labels = LabelImage { t: shape.t, z: shape.z, y: shape.y, x: shape.x, ids, calibration: image.calibration.clone() };
    Ok(Segmented { labels, objects: objects as usize, maps: None, tile: 0, halo: 0, factor: 1.0, notes: Vec::new() })
}
