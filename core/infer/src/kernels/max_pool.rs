//! The largest of each 2×2 pixels.

/// For a plane of `width` columns (rows and columns even): half the rows and columns, each value the largest of
/// four. Planes may follow each other. Not-a-number counts as the smallest.
pub(crate) fn max_pool_2x2(input: &[f32], width: usize, output: &mut [f32]) {
    for (rows, output) in input.chunks_exact(2 * width).zip(output.chunks_exact_mut(width / 2)) {
        let (upper, lower) = rows.split_at(width);
        let pairs = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
        for (value, (upper, lower)) in output.iter_mut().zip(pairs) {
            *value = upper[0].max(upper[1]).max(lower[0].max(lower[1]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_the_largest_of_its_four() {
        let input = [1.0, 5.0, -1.0, -2.0, 3.0, 2.0, -4.0, -3.0, 0.0, 0.0, 9.0, 8.0, 0.0, 7.0, 6.0, 5.0];
        let mut output = [0.0; 4];
        max_pool_2x2(&input, 4, &mut output);
        assert_eq!(output, [5.0, -1.0, 7.0, 9.0]);
    }
}
