//! The scores of two segmentations side by side.

use fewlabel_contract::EvaluateResult;

/// One row of the comparison.
pub struct Row {
    /// What is compared.
    pub name: &'static str,
    /// Value of the trained model.
    pub ours: f64,
    /// Value of the baseline.
    pub baseline: f64,
    /// Digits after the point.
    digits: usize,
}

impl Row {
    /// A value of this row in its number of digits.
    pub fn written(&self, value: f64) -> String {
        format!("{value:.*}", self.digits)
    }
}

/// What is compared: means over the images, and objects added up over them.
pub fn rows(ours: &EvaluateResult, baseline: &EvaluateResult) -> Vec<Row> {
    let objects = |result: &EvaluateResult| result.objects.clone().unwrap_or_default();
    let pooled = |result: &EvaluateResult| result.objects_pooled.clone().unwrap_or_default();
    let row =
        |name, value: &dyn Fn(&EvaluateResult) -> f64, digits| Row { name, ours: value(ours), baseline: value(baseline), digits };
    vec![
        row("AP50", &|result| objects(result).ap50, 3),
        row("AP 0.5 to 0.9", &|result| objects(result).ap_50_90, 3),
        row("Dice", &|result| result.mean.unwrap_or_default().dice, 3),
        row("found", &|result| pooled(result).found as f64, 0),
        row("missed", &|result| pooled(result).missed as f64, 0),
        row("invented", &|result| pooled(result).invented as f64, 0),
    ]
}

/// The comparison as text.
pub fn table(ours: &EvaluateResult, baseline: &EvaluateResult) -> String {
    let mut text = format!("{:<14} {:>8} {:>8}\n", format!("{} images", ours.images.len()), "ours", "Otsu");
    for row in rows(ours, baseline) {
        text += &format!("{:<14} {:>8} {:>8}\n", row.name, row.written(row.ours), row.written(row.baseline));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use fewlabel_contract::{ObjectScores, OverlapScores};

    #[test]
    fn both_columns_stand_side_by_side() {
        let result = |ap50: f64, dice: f64, found: usize| EvaluateResult {
            images: Vec::new(),
            mean: Some(OverlapScores { dice, iou: 0.5 }),
            per_class: Vec::new(),
            mean_per_class: Vec::new(),
            micro: None,
            objects: Some(ObjectScores { ap50, ..ObjectScores::default() }),
            objects_pooled: Some(ObjectScores { found, ..ObjectScores::default() }),
            kinds: None,
        };
        let text = table(&result(0.8125, 0.9, 41), &result(0.5, 0.75, 30));
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[1], ["AP50", "0.812", "0.500"]);
        assert_eq!(lines[3], ["Dice", "0.900", "0.750"]);
        assert_eq!(lines[4], ["found", "41", "30"]);
    }
}
