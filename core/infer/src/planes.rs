//! From the planes of an image to what the network reads.

use std::collections::BTreeMap;
use std::iter;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use fewlabel_contract::{Error, ErrorKind, Result};
use fewlabel_image::{Maps, PixelType, Region, ResampledPart, Source, resample_image};
use fewlabel_model::{ChannelMatch, Normalisation, Preprocessing, Scope, match_channels};

use crate::tiles::{Tile, TileGrid, window};

/// Low and high value of each channel.
type Limits = Vec<(f32, f32)>;

/// Samples of a plane, over all channels, up to which it is made ready as a whole. Beyond, each tile reads its own.
const WHOLE: usize = 1 << 25;

/// Rows of a large plane that are looked at together are of about so many samples.
const BAND: usize = 1 << 22;

/// Makes the planes of an image ready: small ones each once, when its first tile wants it; large ones tile by tile.
///
/// Intensities are brought to the network's range over the whole scope that the model names, never over
/// a tile; then the plane is brought to the working size. What a tile reads does not depend on the way.
pub(crate) struct Planes<'a> {
    image: &'a dyn Source,
    preprocessing: &'a Preprocessing,
    channels: ChannelMatch,
    /// Limits that hold for all planes.
    common: Option<Limits>,
    /// Rows and columns that the network sees.
    working: (usize, usize),
    /// Whether tiles read their own parts.
    large: bool,
    /// Planes with tiles in flight. `None` is a plane without contrast.
    ready: Mutex<BTreeMap<usize, Arc<Option<Ready>>>>,
    replaced: AtomicUsize,
}

/// A plane that tiles can read.
enum Ready {
    /// All of it, as the network sees it.
    Whole(Maps),
    /// Only the low and high values of its channels: it is read in parts.
    InParts(Limits),
}

impl<'a> Planes<'a> {
    /// # Errors
    /// `invalid-request` when the image's channels do not fit, `bad-model` when the model's numbers do not; those of reading.
    pub fn new(
        image: &'a dyn Source,
        channels: &[String],
        preprocessing: &'a Preprocessing,
        working: (usize, usize),
    ) -> Result<Self> {
        Self::with_bound(image, channels, preprocessing, working, WHOLE)
    }

    /// The same with another bound on the samples of a plane that is made ready as a whole.
    fn with_bound(
        image: &'a dyn Source,
        wanted: &[String],
        preprocessing: &'a Preprocessing,
        working: (usize, usize),
        whole: usize,
    ) -> Result<Self> {
        let info = image.info();
        let channels = match_channels(wanted, info.shape.c, info.rgb)?;
        let samples = info.shape.c * (info.shape.y * info.shape.x).max(working.0 * working.1);
        let mut planes = Self {
            image,
            preprocessing,
            channels,
            common: None,
            working,
            // The steps of foreign packages look at whole planes.
            large: samples > whole && matches!(preprocessing, Preprocessing::Normalise(_)),
            ready: Mutex::default(),
            replaced: AtomicUsize::new(0),
        };
        if let Preprocessing::Normalise(normalisation) = planes.preprocessing
            && normalisation.scope != Scope::Plane
        {
            let limits = planes.limits(normalisation, 0..planes.count())?;
            planes.common = Some(check_limits(limits, wanted.len())?);
        }
        Ok(planes)
    }

    /// Number of planes, in order `t z`.
    pub fn count(&self) -> usize {
        let shape = self.image.info().shape;
        shape.t * shape.z
    }

    /// What was done to the channels, if anything.
    pub fn channel_note(&self) -> Option<&'static str> {
        self.channels.note()
    }

    /// Samples so far that were not finite and were replaced.
    pub fn replaced(&self) -> usize {
        self.replaced.load(Ordering::Relaxed)
    }

    /// What a tile reads of plane `index`; nothing when the plane has no contrast, every channel being one value throughout.
    pub fn read(&self, index: usize, grid: &TileGrid, tile: &Tile) -> Result<Option<Maps>> {
        let ready = self.ready(index)?;
        match ready.as_ref() {
            None => Ok(None),
            Some(Ready::Whole(maps)) => grid.read(tile, |y, x| Ok(window(maps, &y, &x))).map(Some),
            Some(Ready::InParts(limits)) => grid.read(tile, |y, x| self.part(index, limits, y, x)).map(Some),
        }
    }

    /// All of plane `index` on its own grid, with the intensities that the network wants, also where it has no contrast.
    pub fn whole(&self, index: usize) -> Result<Maps> {
        let shape = self.image.info().shape;
        let mut maps = self.raw(index, 0..shape.y, 0..shape.x)?;
        self.count_replaced(&maps);
        self.preprocess(&mut maps)?;
        Ok(maps)
    }

    /// Lets plane `index` go.
    pub fn release(&self, index: usize) {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).remove(&index);
    }

    fn ready(&self, index: usize) -> Result<Arc<Option<Ready>>> {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plane) = ready.get(&index) {
            return Ok(Arc::clone(plane));
        }
        let plane = Arc::new(if self.large { self.look_through(index)? } else { self.prepare(index)?.map(Ready::Whole) });
        ready.insert(index, Arc::clone(&plane));
        Ok(plane)
    }

    /// The network's channels of a part of a plane, as they lie in the file.
    fn raw(&self, index: usize, y: Range<usize>, x: Range<usize>) -> Result<Maps> {
        let shape = self.image.info().shape;
        let region = Region::plane(shape, index / shape.z, index % shape.z).rectangle(y, x);
        let (height, width) = (region.y.len(), region.x.len());
        let pixels = self.image.read(0, &region)?;
        Ok(self.channels.apply(Maps::new(shape.c, height, width, pixels.floats(0..pixels.len()))))
    }

    /// The low and high value of each channel over some planes.
    fn limits(&self, normalisation: &Normalisation, planes: Range<usize>) -> Result<Limits> {
        normalisation.limits_of_read(|| {
            let parts = planes.clone().flat_map(|index| self.bands().map(move |band| (index, band)));
            parts.map(|(index, band)| self.raw(index, band, 0..self.image.info().shape.x))
        })
    }

    /// The rows of a plane, from top to bottom, in parts that are small where planes are large.
    fn bands(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let shape = self.image.info().shape;
        let rows = if self.large { (BAND / (shape.c * shape.x)).max(1) } else { shape.y };
        (0..shape.y).step_by(rows).map(move |top| top..(top + rows).min(shape.y))
    }

    /// Looks whether a large plane has contrast, and counts what is not finite.
    fn look_through(&self, index: usize) -> Result<Option<Ready>> {
        let may_lack_numbers = matches!(self.image.info().pixel_type, PixelType::F32 | PixelType::F64);
        let mut contrast = Contrast::default();
        for band in self.bands() {
            let maps = self.raw(index, band, 0..self.image.info().shape.x)?;
            self.count_replaced(&maps);
            contrast.add(&maps);
            if contrast.is_there && !may_lack_numbers {
                break;
            }
        }
        if !contrast.is_there {
            return Ok(None);
        }
        let limits = match (self.preprocessing, &self.common) {
            (_, Some(limits)) => limits.clone(),
            (Preprocessing::Normalise(normalisation), None) => {
                let limits = self.limits(normalisation, index..index + 1)?;
                check_limits(limits, contrast.first.len())?
            }
            (Preprocessing::Steps(_), None) => Limits::new(),
        };
        Ok(Some(Ready::InParts(limits)))
    }

    /// A part of a large plane as the network sees it.
    fn part(&self, index: usize, limits: &Limits, y: Range<usize>, x: Range<usize>) -> Result<Maps> {
        let shape = self.image.info().shape;
        let part = ResampledPart::new((shape.y, shape.x), self.working, y, x);
        let (rows, columns) = part.source();
        let mut maps = self.raw(index, rows, columns)?;
        if let Preprocessing::Normalise(normalisation) = self.preprocessing {
            normalisation.apply(&mut maps, limits);
        }
        Ok(part.of(&maps))
    }

    fn prepare(&self, index: usize) -> Result<Option<Maps>> {
        let shape = self.image.info().shape;
        let mut maps = self.raw(index, 0..shape.y, 0..shape.x)?;
        self.count_replaced(&maps);
        let mut contrast = Contrast::default();
        contrast.add(&maps);
        if !contrast.is_there {
            return Ok(None);
        }
        self.preprocess(&mut maps)?;
        if (maps.height, maps.width) != self.working {
            maps = resample_image(&maps, self.working.0, self.working.1);
        }
        Ok(Some(maps))
    }

    /// Brings a whole plane to the network's range.
    fn preprocess(&self, maps: &mut Maps) -> Result<()> {
        match (self.preprocessing, &self.common) {
            (Preprocessing::Normalise(normalisation), Some(limits)) => normalisation.apply(maps, limits),
            (preprocessing, _) => preprocess_alone(preprocessing, maps)?,
        }
        Ok(())
    }

    fn count_replaced(&self, maps: &Maps) {
        self.replaced.fetch_add(maps.data.iter().filter(|value| !value.is_finite()).count(), Ordering::Relaxed);
    }
}

/// Whether some channel has more than one value, not counting what is not finite.
#[derive(Default)]
struct Contrast {
    /// The first finite value of each channel.
    first: Vec<Option<f32>>,
    is_there: bool,
}

impl Contrast {
    fn add(&mut self, maps: &Maps) {
        self.first.resize(maps.channels, None);
        for (c, first) in self.first.iter_mut().enumerate() {
            let mut finite = maps.channel(c).iter().filter(|value| value.is_finite());
            *first = first.or_else(|| finite.next().copied());
            self.is_there |= finite.any(|value| Some(*value) != *first);
        }
    }
}

/// Brings one plane to the network's range on its own.
pub(crate) fn preprocess_alone(preprocessing: &Preprocessing, maps: &mut Maps) -> Result<()> {
    match preprocessing {
        Preprocessing::Normalise(normalisation) => normalise_alone(normalisation, maps),
        Preprocessing::Steps(steps) => {
            replace_by_smallest(maps);
            steps.iter().for_each(|step| step.apply(maps));
            Ok(())
        }
    }
}

fn normalise_alone(normalisation: &Normalisation, maps: &mut Maps) -> Result<()> {
    let limits = check_limits(normalisation.limits(|| iter::once(maps.clone()))?, maps.channels)?;
    normalisation.apply(maps, &limits);
    Ok(())
}

fn check_limits(limits: Limits, channels: usize) -> Result<Limits> {
    if limits.len() == channels {
        return Ok(limits);
    }
    Err(Error::new(ErrorKind::BadModel, "normalise image", "the model stores limits for another number of channels")
        .with("limits", limits.len())
        .with("channels", channels))
}

/// What is not finite becomes the smallest finite value of its channel.
fn replace_by_smallest(maps: &mut Maps) {
    for c in 0..maps.channels {
        let channel = maps.channel_mut(c);
        let smallest = channel.iter().copied().filter(|value| value.is_finite()).fold(f32::INFINITY, f32::min);
        let stand_in = if smallest.is_finite() { smallest } else { 0.0 };
        channel.iter_mut().filter(|value| !value.is_finite()).for_each(|value| *value = stand_in);
    }
}

#[cfg(test)]
mod tests;
