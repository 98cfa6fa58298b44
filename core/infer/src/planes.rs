//! From the planes of an image to what the network reads.

use std::collections::BTreeMap;
use std::iter;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use fewlabel_contract::{Error, ErrorKind, Result};
use fewlabel_image::{Image, Maps, resample_image};
use fewlabel_model::{ChannelMatch, Normalisation, Preprocessing, Scope, match_channels};

use crate::Recipe;

/// Low and high value of each channel.
type Limits = Vec<(f32, f32)>;

/// Makes the planes of an image ready, each once, when its first tile wants it.
///
/// Intensities are brought to the network's range over the whole scope that the recipe names, never over
/// a tile; then the plane is brought to the working size.
pub(crate) struct Planes<'a> {
    image: &'a Image,
    preprocessing: &'a Preprocessing,
    channels: ChannelMatch,
    /// Limits that hold for all planes.
    common: Option<Limits>,
    /// Rows and columns that the network sees.
    working: (usize, usize),
    /// Planes with tiles in flight. `None` is a plane without contrast.
    ready: Mutex<BTreeMap<usize, Arc<Option<Maps>>>>,
    replaced: AtomicUsize,
}

impl<'a> Planes<'a> {
    /// # Errors
    /// `invalid-request` when the image's channels do not fit, `bad-model` when the recipe's numbers do not.
    pub fn new(image: &'a Image, recipe: &'a Recipe, working: (usize, usize)) -> Result<Self> {
        let channels = match_channels(&recipe.channels, image.shape.c, image.rgb)?;
        let mut planes = Self {
            image,
            preprocessing: &recipe.preprocessing,
            channels,
            common: None,
            working,
            ready: Mutex::default(),
            replaced: AtomicUsize::new(0),
        };
        if let Preprocessing::Normalise(normalisation) = planes.preprocessing
            && normalisation.scope != Scope::Plane
        {
            let limits = normalisation.limits(|| (0..planes.count()).map(|index| planes.raw(index)))?;
            planes.common = Some(check_limits(limits, recipe.channels.len())?);
        }
        Ok(planes)
    }

    /// Number of planes, in order `t z`.
    pub fn count(&self) -> usize {
        self.image.shape.t * self.image.shape.z
    }

    /// What was done to the channels, if anything.
    pub fn channel_note(&self) -> Option<&'static str> {
        self.channels.note()
    }

    /// Samples so far that were not finite and were replaced.
    pub fn replaced(&self) -> usize {
        self.replaced.load(Ordering::Relaxed)
    }

    /// Plane `index` as the network reads it; nothing when it has no contrast, every channel being one
    /// value throughout.
    pub fn get(&self, index: usize) -> Result<Arc<Option<Maps>>> {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plane) = ready.get(&index) {
            return Ok(Arc::clone(plane));
        }
        let plane = Arc::new(self.prepare(index)?);
        ready.insert(index, Arc::clone(&plane));
        Ok(plane)
    }

    /// Lets plane `index` go.
    pub fn release(&self, index: usize) {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).remove(&index);
    }

    fn raw(&self, index: usize) -> Maps {
        let z = self.image.shape.z;
        self.channels.apply(self.image.plane(index / z, index % z))
    }

    fn prepare(&self, index: usize) -> Result<Option<Maps>> {
        let mut maps = self.raw(index);
        self.replaced.fetch_add(maps.data.iter().filter(|value| !value.is_finite()).count(), Ordering::Relaxed);
        if is_flat(&maps) {
            return Ok(None);
        }
        match self.preprocessing {
            Preprocessing::Normalise(normalisation) => match &self.common {
                Some(limits) => normalisation.apply(&mut maps, limits),
                None => normalise_alone(normalisation, &mut maps)?,
            },
            Preprocessing::Steps(steps) => {
                replace_by_smallest(&mut maps);
                steps.iter().for_each(|step| step.apply(&mut maps));
            }
        }
        if (maps.height, maps.width) != self.working {
            maps = resample_image(&maps, self.working.0, self.working.1);
        }
        Ok(Some(maps))
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

/// Whether every channel is one value throughout, not counting what is not finite.
fn is_flat(maps: &Maps) -> bool {
    (0..maps.channels).all(|c| {
        let mut finite = maps.channel(c).iter().filter(|value| value.is_finite());
        let first = finite.next();
        finite.all(|value| Some(value) == first)
    })
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
