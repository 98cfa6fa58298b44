//! Predicted classes of whole images against the true ones.

use std::collections::BTreeSet;

use fewlabel_contract::{Error, ErrorKind, KindScores, KindsScores, Result};

use crate::kinds::{auc, classes_with_auc};

/// The class of an image, true and predicted.
#[derive(Clone, Debug, PartialEq)]
pub struct KindPair {
    /// Its true class.
    pub truth: String,
    /// The class it was taken for.
    pub prediction: String,
    /// Probabilities of the classes that [`evaluate_kinds`] is told.
    pub probabilities: Vec<f64>,
}

/// Scores predicted classes. `classes` are those whose probabilities the pairs hold, in their order; it may be empty.
///
/// What counts as right is the predicted class as it is written; the probabilities matter for the areas under the curve alone. These
/// are as [`crate::macro_auc`] has them, over the true classes that `classes` names.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] when there is no pair, or one has another number of probabilities.
pub fn evaluate_kinds(classes: &[String], pairs: &[KindPair]) -> Result<KindsScores> {
    let wrong = |message: &str| Error::new(ErrorKind::InvalidRequest, "evaluate", message);
    if pairs.is_empty() {
        return Err(wrong("there is nothing to compare").hint("give at least one image with a true and a predicted class"));
    }
    if pairs.iter().any(|pair| pair.probabilities.len() != classes.len()) {
        return Err(wrong("an image has another number of probabilities than there are classes"));
    }
    let names: BTreeSet<&str> = pairs.iter().flat_map(|pair| [pair.truth.as_str(), &pair.prediction]).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let number = |name: &str| names.binary_search(&name).unwrap_or_default();
    let mut confusion = vec![vec![0; names.len()]; names.len()];
    for pair in pairs {
        confusion[number(&pair.truth)][number(&pair.prediction)] += 1;
    }
    // The areas look for a class in the columns; a class without one is behind them all.
    let column = |name: &str| classes.iter().position(|class| class == name).unwrap_or(classes.len() + number(name));
    let truth: Vec<usize> = pairs.iter().map(|pair| column(&pair.truth)).collect();
    let probabilities: Vec<&[f64]> = pairs.iter().map(|pair| pair.probabilities.as_slice()).collect();
    let with_area: Vec<usize> = classes_with_auc(&truth).into_iter().filter(|&class| class < classes.len()).collect();
    let share = |part: usize, whole: usize| (whole > 0).then(|| part as f64 / whole as f64);
    let scores: Vec<KindScores> = names
        .iter()
        .enumerate()
        .map(|(n, name)| {
            let images = confusion[n].iter().sum();
            let taken: usize = confusion.iter().map(|row| row[n]).sum();
            KindScores {
                class: (*name).to_owned(),
                images,
                recall: share(confusion[n][n], images),
                precision: share(confusion[n][n], taken),
                auc: with_area.contains(&column(name)).then(|| auc(&truth, &probabilities, column(name))),
            }
        })
        .collect();
    let right: usize = (0..names.len()).map(|n| confusion[n][n]).sum();
    let areas: Vec<f64> = scores.iter().filter_map(|class| class.auc).collect();
    Ok(KindsScores {
        images: pairs.len(),
        accuracy: right as f64 / pairs.len() as f64,
        auc: (!areas.is_empty()).then(|| areas.iter().sum::<f64>() / areas.len() as f64),
        classes: scores,
        confusion,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::macro_auc;

    fn pair(truth: &str, prediction: &str, probabilities: &[f64]) -> KindPair {
        KindPair { truth: truth.to_owned(), prediction: prediction.to_owned(), probabilities: probabilities.to_vec() }
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    /// By hand: of class b, 0.6 and 0.3 against 0.4 and 0.3 of class a: pairs 1 + 1 + 0 + ½ of 4.
    #[test]
    fn counts_and_areas_by_hand() {
        let pairs =
            [pair("a", "a", &[0.4, 0.6]), pair("a", "a", &[0.3, 0.7]), pair("b", "b", &[0.6, 0.4]), pair("b", "a", &[0.3, 0.7])];
        let scores = evaluate_kinds(&names(&["b", "a"]), &pairs).unwrap();
        assert_eq!((scores.images, scores.accuracy, scores.auc), (4, 0.75, Some(0.625)));
        assert_eq!(scores.confusion, [[2, 0], [1, 1]]);
        let [a, b] = scores.classes.as_slice() else { panic!("two classes") };
        assert_eq!((a.class.as_str(), a.images, a.recall, a.precision, a.auc), ("a", 2, Some(1.0), Some(2.0 / 3.0), Some(0.625)));
        assert_eq!((b.recall, b.precision), (Some(0.5), Some(1.0)));
        let probabilities: Vec<&[f64]> = pairs.iter().map(|pair| pair.probabilities.as_slice()).collect();
        assert_eq!(scores.auc, macro_auc(&[1, 1, 0, 0], &probabilities));
    }

    #[test]
    fn what_does_not_exist_is_absent() {
        // Nobody asked for c; the model does not know d; b was predicted and is nowhere true.
        let pairs = [pair("a", "a", &[0.9, 0.1, 0.0]), pair("d", "b", &[0.1, 0.9, 0.0])];
        let scores = evaluate_kinds(&names(&["a", "b", "c"]), &pairs).unwrap();
        let shown: Vec<_> = scores.classes.iter().map(|one| (one.class.as_str(), one.recall, one.precision, one.auc)).collect();
        let expected = [("a", Some(1.0), Some(1.0), Some(1.0)), ("b", None, Some(0.0), None), ("d", Some(0.0), None, None)];
        assert_eq!(shown, expected);
        assert_eq!((scores.accuracy, scores.auc), (0.5, Some(1.0)));
        let one_class = evaluate_kinds(&[], &[pair("a", "a", &[])]).unwrap();
        assert_eq!((one_class.accuracy, one_class.auc), (1.0, None));
    }

    #[test]
    fn what_cannot_be_scored_is_an_error() {
        for (classes, pairs) in [(names(&["a"]), vec![]), (names(&["a"]), vec![pair("a", "a", &[])])] {
            assert_eq!(evaluate_kinds(&classes, &pairs).unwrap_err().kind, ErrorKind::InvalidRequest);
        }
    }
}
