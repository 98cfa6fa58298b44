//! The intensity change of a crop. Labels know nothing of it.

use fewlabel_image::Maps;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::AugmentConfig;
use super::blur::blur;
use super::haze::{Field, add_haze};
use super::noise::add_noise;
use crate::stream::{log_uniform, uniform};

/// Gamma, contrast, brightness, haze, single channels, blur and noise, in this order: as a stain, a lamp, a
/// lens and a camera would do it. Nothing is inverted: bright on dark stays so.
#[derive(Clone, Debug, PartialEq)]
pub struct Intensity {
    gamma: Option<f32>,
    contrast: Option<f32>,
    brightness: Option<f32>,
    haze: Option<(f32, Field)>,
    /// Gain and shift of each channel.
    channels: Option<Vec<(f32, f32)>>,
    blur: Option<f32>,
    noise: Option<f32>,
}

impl Intensity {
    /// Draws a change for an image of `channels` channels.
    pub fn draw(config: &AugmentConfig, channels: usize, rng: &mut ChaCha8Rng) -> Self {
        // As in the geometry, every number is drawn whether it is used or not.
        let mut chosen = |share: f32, value: fn(&mut ChaCha8Rng, (f32, f32)) -> f32, range: (f32, f32)| {
            let chance = rng.random::<f32>();
            let value = value(rng, range);
            (chance < share).then_some(value)
        };
        let gamma = chosen(config.gamma_share, log_uniform, config.gamma);
        let contrast = chosen(config.contrast_share, log_uniform, config.contrast);
        let brightness = chosen(config.brightness_share, uniform, (-config.brightness, config.brightness));
        let blur = chosen(config.blur_share, uniform, config.blur);
        let noise = chosen(config.noise_share, uniform, (0.0, config.noise));
        let changes_channels = channels > 1 && rng.random::<f32>() < config.channel_share;
        let has_haze = rng.random::<f32>() < config.haze_share;
        let haze = (uniform(rng, (0.0, config.haze)), Field::draw(rng));
        let haze = has_haze.then_some(haze);
        let channels = changes_channels.then(|| {
            let range = (-config.channel, config.channel);
            (0..channels).map(|_| (1.0 + uniform(rng, range), uniform(rng, range))).collect()
        });
        Self { gamma, contrast, brightness, haze, channels, blur, noise }
    }

    /// The same change without haze.
    #[must_use]
    pub fn without_haze(self) -> Self {
        Self { haze: None, ..self }
    }

    /// Changes `image`, whose values are normalised: mostly 0 to 1.
    pub fn apply(&self, image: &mut Maps, noise_rng: &mut ChaCha8Rng) {
        if let Some(gamma) = self.gamma {
            for value in image.data.iter_mut().filter(|v| **v > 0.0) {
                *value = value.powf(gamma);
            }
        }
        if let Some(factor) = self.contrast {
            for c in 0..image.channels {
                let channel = image.channel_mut(c);
                let mean = channel.iter().sum::<f32>() / channel.len() as f32;
                for value in channel {
                    *value = mean + factor * (*value - mean);
                }
            }
        }
        if let Some(shift) = self.brightness {
            for value in &mut image.data {
                *value += shift;
            }
        }
        if let Some((strength, field)) = &self.haze {
            add_haze(image, *strength, field);
        }
        if let Some(changes) = &self.channels {
            for (c, (gain, shift)) in changes.iter().enumerate() {
                for value in image.channel_mut(c) {
                    *value = *value * gain + shift;
                }
            }
        }
        if let Some(sigma) = self.blur {
            blur(image, sigma);
        }
        if let Some(deviation) = self.noise {
            add_noise(image, deviation, noise_rng);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Purpose, stream};

    fn changed(config: &AugmentConfig, values: [f32; 4], channels: usize) -> Vec<f32> {
        let mut image = Maps::new(channels, 2, 2 / channels, values.to_vec());
        Intensity::draw(config, channels, &mut stream(3, 0, 0, Purpose::Intensity))
            .apply(&mut image, &mut stream(3, 0, 0, Purpose::Noise));
        image.data
    }

    #[test]
    fn each_change_follows_its_equation() {
        let none = AugmentConfig::none();
        let values = [-0.1, 0.25, 0.5, 1.0];
        assert_eq!(changed(&none, values, 1), values);
        let gamma = AugmentConfig { gamma_share: 1.0, gamma: (2.0, 2.0), ..none.clone() };
        for (got, expected) in changed(&gamma, values, 1).iter().zip([-0.1, 0.0625, 0.25, 1.0]) {
            assert!((got - expected).abs() < 1e-5);
        }
        // Mean 0.4125; distances from it doubled.
        let contrast = AugmentConfig { contrast_share: 1.0, contrast: (2.0, 2.0), ..none.clone() };
        for (got, expected) in changed(&contrast, values, 1).iter().zip([-0.6125, 0.0875, 0.5875, 1.5875]) {
            assert!((got - expected).abs() < 1e-5);
        }
        let brightness = AugmentConfig { brightness_share: 1.0, brightness: 0.2, ..none.clone() };
        let got = changed(&brightness, values, 1);
        let shift = got[0] - values[0];
        assert!(shift != 0.0 && shift.abs() <= 0.2);
        assert!(got.iter().zip(values).all(|(g, v)| (g - v - shift).abs() < 1e-6));
        let haze = AugmentConfig { haze_share: 1.0, haze: 0.5, ..none.clone() };
        let added: Vec<f32> = changed(&haze, values, 1).iter().zip(values).map(|(got, value)| got - value).collect();
        assert!(added.iter().all(|light| (0.0..=0.5).contains(light)) && added[0] != added[3], "{added:?}");
        let noise = AugmentConfig { noise_share: 1.0, noise: 0.1, ..none };
        let got = changed(&noise, values, 1);
        assert!(got != values && got.iter().zip(values).all(|(g, v)| (g - v).abs() < 0.5));
    }

    #[test]
    fn channels_change_alone_and_a_grey_image_has_none_to_change() {
        let config = AugmentConfig { channel_share: 1.0, channel: 0.1, ..AugmentConfig::none() };
        let values = [0.2, 0.4, 0.2, 0.4];
        assert_eq!(changed(&config, values, 1), values);
        let got = changed(&config, values, 2);
        assert!((got[0] - got[2]).abs() > 1e-4);
        let gain = (got[1] - got[0]) / 0.2;
        assert!((0.9..=1.1).contains(&gain), "{gain}");
    }

    #[test]
    fn order_on_the_grey_scale_is_kept() {
        let config = AugmentConfig { blur_share: 0.0, noise_share: 0.0, haze_share: 0.0, ..AugmentConfig::default() };
        for item in 0..100 {
            let mut image = Maps::new(1, 1, 4, vec![0.0, 0.1, 0.5, 1.1]);
            Intensity::draw(&config, 1, &mut stream(3, 0, item, Purpose::Intensity))
                .apply(&mut image, &mut stream(3, 0, item, Purpose::Noise));
            assert!(image.data.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", image.data);
        }
    }
}
