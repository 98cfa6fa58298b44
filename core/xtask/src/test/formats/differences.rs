//! In what two accounts of a file differ.

use super::manifest::{Drawn, Facts, Size};

/// Sizes go through rationals of 32 bits and floats of as many.
const SAME_SIZE: f64 = 1e-6;

/// One line for each difference; none when both say the same.
pub fn differences(expected: &Facts, found: &Facts) -> Vec<String> {
    let mut all = Differences::default();
    all.compare("shape", &expected.shape, &found.shape);
    all.compare("type", &expected.pixel_type, &found.pixel_type);
    all.compare("rgb", &expected.rgb, &found.rgb);
    // What only one of several programs fills is not compared.
    if !expected.sha256.is_empty() {
        all.compare("samples", &short(&expected.sha256), &short(&found.sha256));
    }
    all.sizes(&expected.calibration, &found.calibration);
    all.compare("channel names", &expected.channel_names, &found.channel_names);
    all.compare("slice labels", &expected.slice_labels, &found.slice_labels);
    let levels = |facts: &Facts| facts.levels.iter().map(|l| (l.y, l.x, short(&l.sha256).to_owned())).collect::<Vec<_>>();
    all.compare("levels", &levels(expected), &levels(found));
    if let (Some(expected), Some(found)) = (expected.range, found.range) {
        all.compare("range", &expected, &found);
    }
    all.outlines(&expected.outlines, &found.outlines);
    all.0
}

/// The beginning of a hash is enough for people.
fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn compare<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, expected: &T, found: &T) {
        if expected != found {
            self.0.push(format!("{what}: expected {expected:?}, found {found:?}"));
        }
    }

    fn sizes(&mut self, expected: &Size, found: &Size) {
        let same = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() <= SAME_SIZE * a.abs(),
            (None, None) => true,
            _ => false,
        };
        let pairs = [
            (expected.x, found.x),
            (expected.y, found.y),
            (expected.z, found.z),
            (expected.frame_interval, found.frame_interval),
        ];
        if expected.unit != found.unit || !pairs.into_iter().all(|(a, b)| same(a, b)) {
            self.0.push(format!("calibration: expected {expected:?}, found {found:?}"));
        }
    }

    fn outlines(&mut self, expected: &[Drawn], found: &[Drawn]) {
        if expected.len() != found.len() {
            return self.compare("number of outlines", &expected.len(), &found.len());
        }
        for (number, (expected, found)) in expected.iter().zip(found).enumerate() {
            let asked = Drawn {
                // Where pixels are not compared, those that were found say nothing.
                sha256: if expected.sha256.is_empty() { String::new() } else { found.sha256.clone() },
                ..found.clone()
            };
            self.compare(&format!("outline {number}"), expected, &asked);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_equal_or_nearly_so_is_no_difference() {
        let size = |x| Size { x: Some(x), unit: Some("µm".into()), ..Size::default() };
        let facts = |x, sha: &str| Facts {
            calibration: size(x),
            outlines: vec![Drawn { sha256: sha.into(), ..Drawn::default() }],
            ..Facts::default()
        };
        assert_eq!(differences(&facts(0.325, ""), &facts(0.325_000_01, "ab")), [""; 0]);
        let found = differences(&facts(0.325, "ab"), &facts(0.3251, "cd"));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("calibration: expected Size { x: Some(0.325)"));
        assert!(found[1].starts_with("outline 0: "));
    }

    #[test]
    fn every_part_is_compared() {
        let other = Facts {
            shape: [1; 5],
            pixel_type: "U8".into(),
            rgb: true,
            channel_names: vec!["b".into()],
            slice_labels: vec!["c".into()],
            levels: vec![super::super::manifest::Level::default()],
            outlines: vec![Drawn::default()],
            ..Facts::default()
        };
        assert_eq!(differences(&Facts::default(), &other).len(), 7);
    }
}
