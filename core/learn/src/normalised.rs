//! The planes of an image as the network reads them, but for their size.

use std::iter;

use fewlabel_contract::Result;
use fewlabel_image::{Image, Maps};
use fewlabel_model::{ChannelMatch, Normalisation, Scope, match_channels};

/// Brings the planes of an image to the network's channels and range of intensities, on their own grid, over the scope of the
/// normalisation: as when segmenting.
#[derive(Debug)]
pub struct Normalised<'a> {
    image: &'a Image,
    normalisation: &'a Normalisation,
    channels: ChannelMatch,
    /// Limits of the whole stack, unless each plane has its own.
    of_stack: Option<Vec<(f32, f32)>>,
}

impl<'a> Normalised<'a> {
    /// For a network that reads channels of these names.
    ///
    /// # Errors
    /// `invalid-request` when the image has other channels than the network.
    pub fn new(image: &'a Image, normalisation: &'a Normalisation, channels: &[String]) -> Result<Self> {
        let channels = match_channels(channels, image.shape.c, image.rgb)?;
        let mut normalised = Self { image, normalisation, channels, of_stack: None };
        if normalisation.scope != Scope::Plane {
            let (frames, slices) = (image.shape.t, image.shape.z);
            let all = || (0..frames).flat_map(|t| (0..slices).map(move |z| (t, z)));
            let limits = normalisation.limits(|| all().map(|(t, z)| normalised.raw(t, z)))?;
            normalised.of_stack = Some(limits);
        }
        Ok(normalised)
    }

    /// The network's channels of a plane with their own intensities.
    pub fn raw(&self, t: usize, z: usize) -> Maps {
        self.channels.apply(self.image.plane(t, z))
    }

    /// The network's channels of a plane, normalised.
    ///
    /// # Errors
    /// Those of [`Normalisation::limits`].
    pub fn plane(&self, t: usize, z: usize) -> Result<Maps> {
        let mut maps = self.raw(t, z);
        let limits = match &self.of_stack {
            Some(limits) => limits.clone(),
            None => self.normalisation.limits(|| iter::once(maps.clone()))?,
        };
        self.normalisation.apply(&mut maps, &limits);
        Ok(maps)
    }
}
