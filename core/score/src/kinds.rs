//! Classes of whole images: how many are right, and how well the classes are told apart.

use std::cmp::Ordering;

/// Share of the images whose most probable class is the true one; of equally probable ones the first counts. 0 without images.
///
/// `truth` holds the number of each image's class, `probabilities` for each image one value a class, in the order of the classes.
pub fn accuracy<P: AsRef<[f64]>>(truth: &[usize], probabilities: &[P]) -> f64 {
    let right = truth.iter().zip(probabilities).filter(|(class, row)| most_probable(row.as_ref()) == Some(**class)).count();
    right as f64 / truth.len().max(1) as f64
}

/// The number of the largest value, the first of equal ones.
pub fn most_probable(row: &[f64]) -> Option<usize> {
    (0..row.len()).rev().max_by(|&a, &b| row[a].total_cmp(&row[b]))
}

/// Mean over the classes of the area under the receiver operating characteristic of that class against all others.
///
/// The area is the share of pairs, of an image of the class and one of another, in which the first is given more of the class; pairs
/// that are given equally much count half (Hanley and McNeil, Radiology 143, 29, 1982). A class that no image is of, or all are of, has
/// no area and is left out; [`classes_with_auc`] names the others. `None` where no class has one.
///
/// Arguments as for [`accuracy`]. A value that is no number counts as less than any.
pub fn macro_auc<P: AsRef<[f64]>>(truth: &[usize], probabilities: &[P]) -> Option<f64> {
    let classes = classes_with_auc(truth);
    let areas: Vec<f64> = classes.iter().map(|&class| auc(truth, probabilities, class)).collect();
    (!areas.is_empty()).then(|| areas.iter().sum::<f64>() / areas.len() as f64)
}

/// The classes that [`macro_auc`] is the mean of, in rising order: some images are of them, and others are not.
pub fn classes_with_auc(truth: &[usize]) -> Vec<usize> {
    let mut classes = truth.to_vec();
    classes.sort_unstable();
    classes.dedup();
    if classes.len() < 2 { Vec::new() } else { classes }
}

/// From the ranks of the images of the class among all, equal values sharing the mean of their ranks.
pub(crate) fn auc<P: AsRef<[f64]>>(truth: &[usize], probabilities: &[P], class: usize) -> f64 {
    let value = |row: &P| row.as_ref().get(class).copied().filter(|value| !value.is_nan()).unwrap_or(f64::NEG_INFINITY);
    let mut ranked: Vec<(f64, bool)> = truth.iter().zip(probabilities).map(|(&own, row)| (value(row), own == class)).collect();
    // +0 and −0 are equal here.
    ranked.sort_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal));
    let mut rank_sum = 0.0;
    let mut before = 0;
    for tied in ranked.chunk_by(|a, b| a.0 == b.0) {
        let mean_rank = before as f64 + (tied.len() + 1) as f64 / 2.0;
        rank_sum += mean_rank * tied.iter().filter(|(_, is_of_class)| *is_of_class).count() as f64;
        before += tied.len();
    }
    let of_class = ranked.iter().filter(|(_, is_of_class)| *is_of_class).count() as f64;
    let others = ranked.len() as f64 - of_class;
    (rank_sum - of_class * (of_class + 1.0) / 2.0) / (of_class * others)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten images of three classes, with ties within and between images.
    fn ten() -> (Vec<usize>, Vec<[f64; 3]>) {
        let truth = vec![0, 1, 2, 0, 1, 2, 2, 1, 0, 2];
        let probabilities = vec![
            [0.7, 0.2, 0.1],
            [0.2, 0.5, 0.3],
            [0.1, 0.3, 0.6],
            [0.4, 0.4, 0.2],
            [0.4, 0.4, 0.2],
            [0.3, 0.3, 0.4],
            [0.5, 0.2, 0.3],
            [0.1, 0.6, 0.3],
            [0.6, 0.1, 0.3],
            [0.2, 0.2, 0.6],
        ];
        (truth, probabilities)
    }

    /// `accuracy_score(truth, argmax(p))` and `roc_auc_score(truth, p, multi_class="ovr", average="macro")` of scikit-learn 1.9.1; of
    /// each class by itself 0.92857…, 0.97619… and 0.9375.
    #[test]
    fn scikit_learn_gives_the_same() {
        let (truth, probabilities) = ten();
        assert_eq!(accuracy(&truth, &probabilities), 0.8);
        assert!((macro_auc(&truth, &probabilities).unwrap() - 0.947_420_634_920_634_9).abs() < 1e-12);
        for (class, area) in [(0, 0.928_571_428_571_428_6), (1, 0.976_190_476_190_476_2), (2, 0.9375)] {
            assert!((auc(&truth, &probabilities, class) - area).abs() < 1e-12);
        }
    }

    #[test]
    fn what_says_nothing_has_half_the_area() {
        let truth = [0, 1, 1, 0, 2];
        assert_eq!(macro_auc(&truth, &[[0.3; 3]; 5]), Some(0.5));
        assert_eq!(accuracy(&truth, &[[0.3; 3]; 5]), 0.4, "the first of equal ones counts");
        assert_eq!(macro_auc(&truth, &[[f64::NAN; 3]; 5]), Some(0.5));
    }

    #[test]
    fn order_is_all_that_counts_for_the_area() {
        let (truth, probabilities) = ten();
        let changed: Vec<[f64; 3]> = probabilities.iter().map(|row| row.map(|p| p.powi(3) * 7.0 - 2.0)).collect();
        assert_eq!(macro_auc(&truth, &probabilities), macro_auc(&truth, &changed));
        let reversed: Vec<[f64; 3]> = probabilities.iter().map(|row| row.map(|p| -p)).collect();
        let (area, other) = (macro_auc(&truth, &probabilities).unwrap(), macro_auc(&truth, &reversed).unwrap());
        assert!((area + other - 1.0).abs() < 1e-12);
    }

    #[test]
    fn classes_that_are_not_there_are_left_out() {
        let (truth, probabilities) = ([0, 2, 2], [[0.9, 0.1, 0.0], [0.2, 0.5, 0.3], [0.1, 0.9, 0.0]]);
        assert_eq!(classes_with_auc(&truth), [0, 2]);
        // Class 0 is told apart, of class 2 one image is and one ties.
        assert_eq!(macro_auc(&truth, &probabilities), Some(0.5 * (1.0 + 0.75)));
        assert_eq!(macro_auc(&[1, 1], &[[0.5, 0.5], [0.1, 0.9]]), None);
        assert_eq!((macro_auc::<[f64; 2]>(&[], &[]), accuracy::<[f64; 2]>(&[], &[])), (None, 0.0));
    }
}
