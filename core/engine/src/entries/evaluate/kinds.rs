//! Classes of whole images: the table of `classify` against a table or folders.

use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, EvaluateArgs, EvaluateResult, Result};
use fewlabel_image::{KindLabels, Table};
use fewlabel_score::{KindPair, evaluate_kinds};

use super::OPERATION;
use crate::events::Events;

/// Scores the predictions of a request. Rows and labels belong together by the end of their paths ([`KindLabels`]).
pub(super) fn evaluate(args: &EvaluateArgs, events: &Events) -> Result<EvaluateResult> {
    let labels = KindLabels::read(&args.labels)?;
    let tables = args.predictions.iter().map(|path| Predictions::read(Path::new(path))).collect::<Result<Vec<_>>>()?;
    let classes = tables.first().map(|table| table.classes.clone()).unwrap_or_default();
    if let Some(other) = tables.iter().find(|table| table.classes != classes) {
        return Err(wrong("the tables have probabilities of other classes")
            .with("first", classes.join(", "))
            .with("other", other.classes.join(", "))
            .hint("compare the predictions of one model at a time"));
    }
    let mut pairs = Vec::new();
    let mut is_met = vec![false; labels.rows().len()];
    let mut without_label = 0;
    for row in tables.into_iter().flat_map(|table| table.rows) {
        match labels.row_of(&row.file)? {
            None => without_label += 1,
            Some(place) => {
                is_met[place] = true;
                let truth = labels.rows()[place].1.clone();
                pairs.push(KindPair { truth, prediction: row.class, probabilities: row.probabilities });
            }
        }
    }
    if pairs.is_empty() {
        return Err(wrong("no image has both a true and a predicted class")
            .with("predictions", without_label)
            .with("labels", is_met.len())
            .hint("the paths in both must end alike: file names with the folders that both have"));
    }
    if without_label > 0 {
        events.info(format!("{without_label} predictions without a true class were left out"));
    }
    let missed = is_met.iter().filter(|is_met| !**is_met).count();
    if missed > 0 {
        events.info(format!("{missed} labelled images have no prediction and were left out"));
    }
    let kinds = evaluate_kinds(&classes, &pairs)?;
    let without_auc = kinds.classes.iter().filter(|class| class.auc.is_none()).map(|class| class.class.as_str());
    let without_auc = without_auc.collect::<Vec<_>>();
    if !without_auc.is_empty() {
        events.info(format!("classes without an area under the curve, which the mean leaves out: {}", without_auc.join(", ")));
    }
    Ok(EvaluateResult {
        images: Vec::new(),
        mean: None,
        per_class: Vec::new(),
        mean_per_class: Vec::new(),
        micro: None,
        objects: None,
        objects_pooled: None,
        kinds: Some(kinds),
    })
}

/// Predicted classes in a table.
struct Predictions {
    /// Classes with a column of probabilities.
    classes: Vec<String>,
    rows: Vec<Prediction>,
}

struct Prediction {
    file: String,
    class: String,
    probabilities: Vec<f64>,
}

impl Predictions {
    /// Reads the columns `file`, `class` and `p(CLASS)` of a table; others do not count.
    fn read(path: &Path) -> Result<Self> {
        let table = Table::read(path)?;
        let column = |name: &str| {
            table.column(name).ok_or_else(|| {
                wrong("the predictions have no such column")
                    .file(path)
                    .with("column", name)
                    .with("columns there", table.columns.join(", "))
                    .hint("give the table that classify wrote")
            })
        };
        let (file, class) = (column("file")?, column("class")?);
        let named = |(place, column): (usize, &String)| Some((place, column.strip_prefix("p(")?.strip_suffix(')')?.to_owned()));
        let (places, classes): (Vec<_>, Vec<_>) = table.columns.iter().enumerate().filter_map(named).unzip();
        let row = |(line, row): &(usize, Vec<String>)| {
            let probability = |&place: &usize| {
                let finite = row[place].parse::<f64>().ok().filter(|value| value.is_finite());
                finite.ok_or_else(|| {
                    wrong("a probability is not a number")
                        .file(path)
                        .with("line", line)
                        .with("column", &table.columns[place])
                        .with("value", &row[place])
                })
            };
            let probabilities = places.iter().map(probability).collect::<Result<_>>()?;
            Ok(Prediction { file: row[file].replace('\\', "/"), class: row[class].clone(), probabilities })
        };
        let rows = table.rows.iter().map(row).collect::<Result<_>>()?;
        Ok(Self { classes, rows })
    }
}

fn wrong(message: &str) -> Error {
    Error::new(ErrorKind::InvalidRequest, OPERATION, message)
}
