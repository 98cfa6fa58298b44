//! Against the definition, in 64 bit.

use proptest::prelude::*;

use super::*;

/// Reproducible values, −1…1.
fn values(count: usize, seed: usize) -> Vec<f32> {
    (0..count).map(|i| ((i * 7919 + seed * 104_729) % 2003) as f32 / 1001.0 - 1.0).collect()
}

fn by_definition(
    inputs: usize,
    outputs: usize,
    height: usize,
    width: usize,
    input: &[f32],
    weights: &[f32],
    bias: &[f32],
) -> Vec<f64> {
    let at = |c: usize, y: isize, x: isize| {
        let inside = (0..height as isize).contains(&y) && (0..width as isize).contains(&x);
        if inside { f64::from(input[(c * height + y as usize) * width + x as usize]) } else { 0.0 }
    };
    let mut output = Vec::new();
    for o in 0..outputs {
        for y in 0..height as isize {
            for x in 0..width as isize {
                let mut sum = f64::from(bias[o]);
                for c in 0..inputs {
                    for (tap, (dy, dx)) in (-1..2).flat_map(|dy| (-1..2).map(move |dx| (dy, dx))).enumerate() {
                        sum += f64::from(weights[(o * inputs + c) * 9 + tap]) * at(c, y + dy, x + dx);
                    }
                }
                output.push(sum);
            }
        }
    }
    output
}

/// Every set of instructions that this processor has.
fn all_instructions() -> Vec<Instructions> {
    #[cfg(target_arch = "x86_64")]
    return Avx512::detect().map(Instructions::Avx512).into_iter().chain(Avx2::detect().map(Instructions::Avx2)).collect();
    #[cfg(not(target_arch = "x86_64"))]
    Vec::new()
}

fn run(convolution: Convolution3x3, sources: &[&[f32]], height: usize, width: usize, weights: &[f32], bias: &[f32]) -> Vec<f32> {
    let mut output = vec![f32::NAN; convolution.outputs * height * width];
    let (weights, bias) = (convolution.pack_weights(weights), convolution.pack_bias(bias));
    convolution.run(sources, height, width, &weights, &bias, &mut output);
    output
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn every_kernel_follows_the_definition_and_all_give_the_same_bits(
        inputs in 1usize..6, outputs in 1usize..20, height in 1usize..7, width in 1usize..140, relu: bool,
    ) {
        let input = values(inputs * height * width, 1);
        let (weights, bias) = (values(outputs * inputs * 9, 2), values(outputs, 3));
        let expected = by_definition(inputs, outputs, height, width, &input, &weights, &bias);
        let mut first: Option<Vec<f32>> = None;
        for instructions in all_instructions() {
            let output = run(Convolution3x3 { instructions, inputs, outputs, relu }, &[&input], height, width, &weights, &bias);
            for (value, &expected) in output.iter().zip(&expected) {
                let expected = if relu { expected.max(0.0) } else { expected };
                prop_assert!((f64::from(*value) - expected).abs() < 1e-5, "{instructions:?}: {value} {expected}");
            }
            prop_assert_eq!(first.get_or_insert_with(|| output.clone()), &output);
        }
    }
}

#[test]
fn sources_count_as_concatenated() {
    let Some(convolution) = Convolution3x3::new(5, 3, false) else { return };
    let input = values(5 * 4 * 70, 4);
    let (weights, bias) = (values(3 * 5 * 9, 5), values(3, 6));
    let (front, back) = input.split_at(2 * 4 * 70);
    let joined = run(convolution, &[&input], 4, 70, &weights, &bias);
    assert_eq!(run(convolution, &[front, back], 4, 70, &weights, &bias), joined);
}

#[test]
fn a_value_does_not_depend_on_where_its_tile_begins() {
    let Some(convolution) = Convolution3x3::new(3, 8, false) else { return };
    let (height, width) = (9, 150);
    let input = values(3 * height * width, 7);
    let (weights, bias) = (values(8 * 3 * 9, 8), values(8, 9));
    let whole = run(convolution, &[&input], height, width, &weights, &bias);
    let (top, left, rows, columns) = (2, 37, 5, 80);
    let part: Vec<f32> = (0..3 * rows)
        .flat_map(|i| {
            let start = ((i / rows) * height + top + i % rows) * width + left;
            input[start..start + columns].to_vec()
        })
        .collect();
    let tile = run(convolution, &[&part], rows, columns, &weights, &bias);
    for o in 0..8 {
        for y in 1..rows - 1 {
            for x in 1..columns - 1 {
                let inside = tile[(o * rows + y) * columns + x];
                assert_eq!(inside.to_bits(), whole[(o * height + top + y) * width + left + x].to_bits());
            }
        }
    }
}
