//! From paths to a pool.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use fewlabel_contract::{CancelToken, Error, ErrorKind, Result, VolumePlane};
use fewlabel_image::{ChosenChannels, Limits, Maps, Rectangle, Region, Shape, Source, across, open_source, resample_image};
use fewlabel_infer::memory_budget;
use fewlabel_model::{ChannelMatch, Normalisation, Scope, match_channels};

use super::cache::Cache;
use super::part::{Part, rectangles};
use crate::channels::agreed_channels;
use crate::scale::WorkingSize;

const OPERATION: &str = "open images";
/// Rows that are read at once when the percentiles of an image are taken.
const BAND: usize = 512;

/// Share of the memory budget that read images may stay in, and most bytes of it: reading a part again takes milliseconds, a step nearly
/// a second.
const KEPT: u64 = 4;
const MOST_KEPT: u64 = 1 << 30;

/// What the sides of images are multiplied by.
#[derive(Clone, Debug, PartialEq)]
pub enum Factor {
    /// All by this.
    Of(f64),
    /// Each as it is in a training of this working size, by what its file says of its pixels.
    For(WorkingSize),
}

/// How the images of a pool are read.
#[derive(Clone, Debug)]
pub struct PoolOptions {
    /// Channels of the images that are read, by name or number; all when empty.
    pub channels: Vec<String>,
    /// How volumes are cut into planes; as they are stored when absent.
    pub plane: Option<VolumePlane>,
    /// Names of the network's input channels; agreed upon by the images where there are none yet.
    pub network_channels: Option<Vec<String>>,
    /// What is done to intensities.
    pub normalisation: Normalisation,
    /// What is done to sizes.
    pub factor: Factor,
    /// Bytes that kept parts may take.
    pub room: usize,
}

/// Images without labels, read when they are wanted.
#[derive(Debug)]
pub struct Pool {
    images: Vec<PoolImage>,
    parts: Vec<Part>,
    options: PoolOptions,
    channels: Vec<String>,
    cache: Cache,
}

/// Low and high value of each channel.
type Range = Arc<Vec<(f32, f32)>>;

#[derive(Debug)]
struct PoolImage {
    path: PathBuf,
    shape: Shape,
    rgb: bool,
    names: Vec<String>,
    /// What its sides are multiplied by.
    factor: f64,
    /// By plane, once they were asked for; that of the whole image stands at plane 0.
    ranges: Mutex<Vec<Option<Range>>>,
}

impl PoolOptions {
    /// Room for the parts of a pool on this machine, in bytes.
    pub fn usual_room() -> usize {
        usize::try_from((memory_budget() / KEPT).min(MOST_KEPT)).unwrap_or(usize::MAX)
    }

    /// An image with the planes that are learned from.
    fn source(&self, path: &Path) -> Result<Box<dyn Source>> {
        let limits = Limits::default();
        across(open_source(path, &limits)?, self.plane, &limits)
    }
}

impl Pool {
    /// Reads the headers of these images.
    ///
    /// An image that cannot be read, or has other channels than the rest, is left out: of thousands one is broken, and it is
    /// not the day's work that should be. What is left out comes back, each with its reason.
    ///
    /// # Errors
    /// `not-found` when there is no image; the first image's error when none can be used; `cancelled`.
    pub fn open(
        paths: impl IntoIterator<Item = PathBuf>,
        options: PoolOptions,
        token: &CancelToken,
    ) -> Result<(Self, Vec<Error>)> {
        let mut images = Vec::new();
        let mut left_out = Vec::new();
        for path in paths {
            token.check(OPERATION)?;
            match PoolImage::open(path, &options) {
                Ok(image) => images.push(image),
                Err(error) => left_out.push(error),
            }
        }
        if images.is_empty() {
            return Err(left_out
                .into_iter()
                .next()
                .unwrap_or_else(|| Error::new(ErrorKind::NotFound, OPERATION, "there is no image")));
        }
        let channels = match &options.network_channels {
            Some(channels) => channels.clone(),
            None => agreed_channels(images.iter().map(|image| (image.shape.c, image.rgb, &image.names[..])), &options.channels)?,
        };
        let mut kept: Vec<PoolImage> = Vec::new();
        for image in images {
            match match_channels(&channels, image.shape.c, image.rgb) {
                Ok(_) => kept.push(image),
                Err(error) => left_out.push(error.file(&image.path)),
            }
        }
        if kept.is_empty() {
            return Err(left_out.remove(0));
        }
        let parts = kept.iter().enumerate().flat_map(|(number, image)| image.parts(number)).collect();
        let cache = Cache::new(options.room);
        Ok((Self { images: kept, parts, options, channels, cache }, left_out))
    }

    /// Names of the channels of what is read.
    pub fn channels(&self) -> &[String] {
        &self.channels
    }

    /// Files of the images.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.images.iter().map(|image| image.path.as_path())
    }

    /// How many images there are.
    pub fn images(&self) -> usize {
        self.images.len()
    }

    /// Planes, or squares of large ones: what takes turns.
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    /// Whether there is nothing to cut from; never after [`Self::open`].
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Number of the image that a part belongs to.
    ///
    /// # Panics
    /// When there is no such part.
    pub fn image_of(&self, part: usize) -> usize {
        self.parts[part].image
    }

    /// A part as the network sees it: normalised over its image, at the working size.
    ///
    /// # Errors
    /// Those of reading, with the file.
    ///
    /// # Panics
    /// When there is no such part.
    pub fn part(&self, number: usize) -> Result<Arc<Maps>> {
        self.cache.get(number, || self.read(number))
    }

    /// A part as it lies in the file, in the network's channels.
    ///
    /// # Errors
    /// Those of reading, with the file.
    ///
    /// # Panics
    /// When there is no such part.
    pub fn raw_part(&self, number: usize) -> Result<Maps> {
        self.with_image(number, |source, channels, _, part| raw(source, channels, part.t, part.z, &part.rectangle))
    }

    fn read(&self, number: usize) -> Result<Maps> {
        self.with_image(number, |source, channels, image, part| {
            if source.info().shape != image.shape {
                return Err(Error::new(ErrorKind::UnreadableImage, OPERATION, "the image is not the one any more that it was"));
            }
            let range = image.range(source, channels, &self.options.normalisation, part)?;
            let mut maps = raw(source, channels, part.t, part.z, &part.rectangle)?;
            self.options.normalisation.apply(&mut maps, &range);
            let side = |length: usize| ((length as f64 * image.factor).round() as usize).max(1);
            Ok(resample_image(&maps, side(maps.height), side(maps.width)))
        })
    }

    /// Opens the image of a part; errors name its file.
    fn with_image<T>(
        &self,
        number: usize,
        read: impl FnOnce(&dyn Source, ChannelMatch, &PoolImage, &Part) -> Result<T>,
    ) -> Result<T> {
        let part = &self.parts[number];
        let image = &self.images[part.image];
        let opened = || {
            let source = self.options.source(&image.path)?;
            let chosen = ChosenChannels::new(&*source, &self.options.channels)?;
            read(&chosen, match_channels(&self.channels, image.shape.c, image.rgb)?, image, part)
        };
        opened().map_err(|error| error.file(&image.path))
    }
}

impl PoolImage {
    fn open(path: PathBuf, options: &PoolOptions) -> Result<Self> {
        let opened = || {
            let source = options.source(&path)?;
            let chosen = ChosenChannels::new(&*source, &options.channels)?;
            let info = chosen.info();
            let factor = match &options.factor {
                Factor::Of(factor) => *factor,
                Factor::For(size) => size.factor_of(&path, &info.calibration),
            };
            Ok((info.shape, info.rgb, info.channel_names.clone(), factor))
        };
        let (shape, rgb, names, factor) = opened().map_err(|error: Error| error.file(&path))?;
        Ok(Self { path, shape, rgb, names, factor, ranges: Mutex::new(vec![None; shape.t * shape.z]) })
    }

    fn parts(&self, image: usize) -> impl Iterator<Item = Part> + use<> {
        let Shape { t, z, y, x, .. } = self.shape;
        (0..t).flat_map(move |t| {
            (0..z).flat_map(move |z| rectangles(y, x).into_iter().map(move |rectangle| Part { image, t, z, rectangle }))
        })
    }

    /// Low and high value of each channel over the scope that a part belongs to.
    fn range(&self, source: &dyn Source, channels: ChannelMatch, normalisation: &Normalisation, part: &Part) -> Result<Range> {
        let shape = self.shape;
        let plane = part.t * shape.z + part.z;
        let (place, planes) = match normalisation.scope {
            Scope::Plane => (plane, plane..plane + 1),
            Scope::Stack | Scope::Dataset(_) => (0, 0..shape.t * shape.z),
        };
        // Held while it is computed: another thread would only compute it again.
        let mut ranges = self.ranges.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(range) = &ranges[place] {
            return Ok(Arc::clone(range));
        }
        let limits = normalisation.limits_of_read(|| {
            let bands = planes.clone().flat_map(|plane| (0..shape.y).step_by(BAND).map(move |top| (plane, top)));
            bands.map(|(plane, top)| {
                let band = Rectangle { y: top..(top + BAND).min(shape.y), x: 0..shape.x };
                raw(source, channels, plane / shape.z, plane % shape.z, &band)
            })
        })?;
        Ok(Arc::clone(ranges[place].insert(Arc::new(limits))))
    }
}

/// Samples of a rectangle as they lie in the file, in the network's channels.
fn raw(source: &dyn Source, channels: ChannelMatch, t: usize, z: usize, at: &Rectangle) -> Result<Maps> {
    let shape = source.info().shape;
    let region = Region::plane(shape, t, z).rectangle(at.y.clone(), at.x.clone());
    let pixels = source.read(0, &region)?;
    let (height, width) = at.size();
    Ok(channels.apply(Maps::new(shape.c, height, width, pixels.floats(0..pixels.len()))))
}
