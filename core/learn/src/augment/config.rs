//! How strongly crops are changed.

use serde::{Deserialize, Serialize};

/// Strengths and shares of every augmentation.
///
/// A `*_share` is the probability, 0 to 1, that a crop gets the change at all. Lengths are pixels at the
/// working size, intensities fractions of the normalised range (0 = low percentile, 1 = high percentile).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AugmentConfig {
    /// Mirror along each axis with probability one half.
    pub flip: bool,
    /// Turn by a random multiple of 90 degrees.
    pub quarter_turn: bool,
    /// Share of crops that are rotated.
    pub rotation_share: f32,
    /// Largest rotation in degrees, 0 to 45, either way.
    pub rotation: f32,
    /// Share of crops that are scaled.
    pub scale_share: f32,
    /// Smallest and largest scale, log-uniform; 0.5 to 2. Above 1 objects become larger.
    pub scale: (f32, f32),
    /// Share of crops that are bent elastically.
    pub elastic_share: f32,
    /// Standard deviation of the displacement of a control point, as a fraction of the spacing; 0 to 0.3.
    pub elastic: f32,
    /// Distance of control points in pixels; 8 or more.
    pub elastic_spacing: f32,
    /// Share of crops whose gamma is changed.
    pub gamma_share: f32,
    /// Smallest and largest exponent, log-uniform; 0.3 to 3.
    pub gamma: (f32, f32),
    /// Share of crops whose contrast is changed.
    pub contrast_share: f32,
    /// Smallest and largest factor on the distance from the crop's mean, log-uniform; 0.3 to 3.
    pub contrast: (f32, f32),
    /// Share of crops whose brightness is changed.
    pub brightness_share: f32,
    /// Largest shift either way; 0 to 0.5.
    pub brightness: f32,
    /// Share of crops that get haze: light that varies slowly, as from out of focus.
    pub haze_share: f32,
    /// Most light that haze adds anywhere; 0 to 1.
    pub haze: f32,
    /// Share of crops with several channels whose channels are changed one by one.
    pub channel_share: f32,
    /// Largest relative change of a channel's gain, and largest shift of a channel; 0 to 0.5.
    pub channel: f32,
    /// Share of crops that are blurred.
    pub blur_share: f32,
    /// Smallest and largest Gaussian sigma in pixels, 0 to 3.
    pub blur: (f32, f32),
    /// Share of crops that get noise.
    pub noise_share: f32,
    /// Largest standard deviation of the noise; 0 to 0.3.
    pub noise: f32,
}

impl Default for AugmentConfig {
    fn default() -> Self {
        Self {
            flip: true,
            quarter_turn: true,
            rotation_share: 0.5,
            rotation: 45.0,
            scale_share: 0.6,
            scale: (0.5, 2.0),
            elastic_share: 0.3,
            elastic: 0.08,
            elastic_spacing: 32.0,
            gamma_share: 0.5,
            gamma: (0.75, 1.35),
            contrast_share: 0.5,
            contrast: (0.8, 1.25),
            brightness_share: 0.5,
            brightness: 0.05,
            haze_share: 0.3,
            haze: 0.6,
            channel_share: 0.5,
            channel: 0.1,
            blur_share: 0.1,
            blur: (0.4, 0.8),
            noise_share: 0.3,
            noise: 0.05,
        }
    }
}

/// Degrees that images are turned by at most which always lie the same way round.
const UPRIGHT_ROTATION: f32 = 10.0;

impl AugmentConfig {
    /// The same for images that always lie the same way round: left stays left, and up is up.
    pub fn upright(self) -> Self {
        Self { flip: false, quarter_turn: false, rotation: UPRIGHT_ROTATION.min(self.rotation), ..self }
    }

    /// Changes nothing: crops come as they are.
    pub fn none() -> Self {
        Self {
            flip: false,
            quarter_turn: false,
            rotation_share: 0.0,
            scale_share: 0.0,
            elastic_share: 0.0,
            gamma_share: 0.0,
            contrast_share: 0.0,
            brightness_share: 0.0,
            haze_share: 0.0,
            channel_share: 0.0,
            blur_share: 0.0,
            noise_share: 0.0,
            ..Self::default()
        }
    }
}
