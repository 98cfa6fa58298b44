//! Linear equations with a symmetric, positive definite matrix.

/// The lower Cholesky factor of a symmetric matrix of which the lower half is read, in its place.
pub(super) fn factorise(matrix: &mut [f64], size: usize) {
    for i in 0..size {
        for j in 0..=i {
            let (a, b) = (&matrix[i * size..][..j], &matrix[j * size..][..j]);
            let rest = matrix[i * size + j] - dot(a, b);
            // Rounding may leave nothing of a pivot.
            matrix[i * size + j] = if i == j { rest.max(1e-12).sqrt() } else { rest / matrix[j * size + j] };
        }
    }
}

/// L⁻¹ v.
pub(super) fn forward(lower: &[f64], v: &mut [f64]) {
    let size = v.len();
    for i in 0..size {
        let known = dot(&lower[i * size..][..i], &v[..i]);
        v[i] = (v[i] - known) / lower[i * size + i];
    }
}

/// L⁻ᵀ v.
pub(super) fn backward(lower: &[f64], v: &mut [f64]) {
    let size = v.len();
    for i in (0..size).rev() {
        v[i] /= lower[i * size + i];
        let value = v[i];
        v[..i].iter_mut().zip(&lower[i * size..][..i]).for_each(|(rest, l)| *rest -= l * value);
    }
}

/// Sum of products, in eight sums side by side: in order they would wait for each other.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for i in 0..8 {
            sums[i] += a[i] * b[i];
        }
    }
    sums.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_system_is_solved() {
        let mut matrix = vec![4.0, 2.0, 0.6, 2.0, 5.0, 1.0, 0.6, 1.0, 3.0];
        let wanted = [1.0, -2.0, 0.5];
        let mut right: Vec<f64> = (0..3).map(|i| (0..3).map(|j| matrix[i * 3 + j] * wanted[j]).sum()).collect();
        factorise(&mut matrix, 3);
        forward(&matrix, &mut right);
        backward(&matrix, &mut right);
        assert!(right.iter().zip(wanted).all(|(a, b): (&f64, f64)| (a - b).abs() < 1e-12), "{right:?}");
    }
}
