//! The first convolution of a start, for images of other channels.

use fewlabel_contract::{Find, Result};
use fewlabel_model::{Normalisation, Scope, Tensor};

use crate::channels::agreed_channels;
use crate::start::Start;

/// A first convolution, `[outputs, c, 3, 3]`, for `inputs` channels: each has the mean of the old kernels over their channels, times the
/// old number over the new. An image whose channels are all alike is seen as it was.
///
/// Which of the new channels shows what the old ones showed, nobody says; so all begin as equals.
pub(crate) fn for_channels(convolution: &Tensor, inputs: usize) -> Option<Tensor> {
    let &[outputs, channels, height, width] = convolution.shape.as_slice() else { return None };
    let pixels = height * width;
    let mut data = Vec::with_capacity(outputs * inputs * pixels);
    for kernel in convolution.data.chunks_exact(channels * pixels) {
        let sum: Vec<f32> = (0..pixels).map(|pixel| (0..channels).map(|c| kernel[c * pixels + pixel]).sum::<f32>()).collect();
        (0..inputs).for_each(|_| data.extend(sum.iter().map(|value| value / inputs as f32)));
    }
    Some(Tensor::new(vec![outputs, inputs, height, width], data))
}

impl Start {
    /// Names of the channels that a network trained from it reads on images of these channels, as their names agree, and what
    /// is done to their intensities.
    ///
    /// They are those of the start where there are as many, or where it finds the same already, in colour images by their luminance.
    ///
    /// # Errors
    /// `invalid-request` when the images do not agree, or what it does to intensities is not this program's.
    pub fn inputs<'a>(
        &self,
        images: impl Iterator<Item = (usize, bool, &'a [String])> + Clone,
        asked_for: &[String],
        finds: Find,
    ) -> Result<(Vec<String>, Normalisation)> {
        let ours = self.channels();
        let by_luminance = ours.len() == 1 && images.clone().all(|(count, rgb, _)| rgb || count == 1);
        if by_luminance && self.package.meta.find == Some(finds) {
            return Ok((ours.to_vec(), self.normalisation()?));
        }
        let theirs = agreed_channels(images, asked_for)?;
        if theirs.len() == ours.len() {
            return Ok((ours.to_vec(), self.normalisation()?));
        }
        let normalisation = self.normalisation()?;
        let is_of_ours = matches!(normalisation.scope, Scope::Dataset(_));
        Ok((theirs, if is_of_ours { Normalisation::default() } else { normalisation }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_of_equal_channels_is_seen_as_it_was() {
        let values: Vec<f32> = (0..2 * 2 * 9).map(|i| (i as f32 * 0.37).sin()).collect();
        let old = Tensor::new(vec![2, 2, 3, 3], values);
        let sum = |tensor: &Tensor, output: usize, pixel: usize| -> f32 {
            let channels = tensor.shape[1];
            (0..channels).map(|c| tensor.data[(output * channels + c) * 9 + pixel]).sum()
        };
        for inputs in [1, 3, 5] {
            let new = for_channels(&old, inputs).unwrap();
            assert_eq!(new.shape, [2, inputs, 3, 3]);
            for (output, pixel) in (0..2).flat_map(|o| (0..9).map(move |p| (o, p))) {
                assert!((sum(&new, output, pixel) - sum(&old, output, pixel)).abs() < 1e-6);
            }
        }
        assert_eq!(for_channels(&Tensor::new(vec![4], vec![0.0; 4]), 3), None);
    }
}
