//! Softmax over channels.

/// Pixels that are worked on at once, so that their channels stay in the near cache.
const RUN: usize = 512;

/// exp(xᵢ − max) / Σⱼ exp(xⱼ − max) over `channels` planes, at each pixel by itself.
pub(crate) fn softmax(input: &[f32], channels: usize, output: &mut [f32]) {
    let pixels = input.len() / channels;
    for start in (0..pixels).step_by(RUN) {
        let count = RUN.min(pixels - start);
        let run = |channel: usize| channel * pixels + start..channel * pixels + start + count;
        let mut largest = [f32::NEG_INFINITY; RUN];
        for channel in 0..channels {
            largest.iter_mut().zip(&input[run(channel)]).for_each(|(largest, &value)| *largest = largest.max(value));
        }
        let mut sums = [0.0; RUN];
        for channel in 0..channels {
            let values = output[run(channel)].iter_mut().zip(&input[run(channel)]);
            for ((value, &input), (sum, largest)) in values.zip(sums.iter_mut().zip(&largest)) {
                *value = (input - largest).exp();
                *sum += *value;
            }
        }
        for channel in 0..channels {
            output[run(channel)].iter_mut().zip(&sums).for_each(|(value, sum)| *value /= sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_follow_the_definition() {
        // ln 1, ln 2, ln 5 at the first pixel; equal values at the second; large ones at the third.
        let input = [0.0, 3.0, 1000.0, 2f32.ln(), 3.0, 0.0, 5f32.ln(), 3.0, -1000.0];
        let mut output = [0.0; 9];
        softmax(&input, 3, &mut output);
        let expected = [0.125, 1.0 / 3.0, 1.0, 0.25, 1.0 / 3.0, 0.0, 0.625, 1.0 / 3.0, 0.0];
        assert!(output.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-6), "{output:?}");
    }

    #[test]
    fn a_pixel_does_not_depend_on_its_place() {
        let input: Vec<f32> = (0..3 * 1300).map(|i| ((i * 37) % 101) as f32 / 10.0).collect();
        let mut whole = vec![0.0; input.len()];
        softmax(&input, 3, &mut whole);
        for pixel in [0, 511, 512, 1299] {
            let mut alone = [0.0; 3];
            softmax(&[input[pixel], input[1300 + pixel], input[2600 + pixel]], 3, &mut alone);
            assert_eq!(alone, [whole[pixel], whole[1300 + pixel], whole[2600 + pixel]]);
        }
    }
}
