//! The table of entry points: the one place where each is declared.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use crate::{
    BenchArgs, BenchResult, ClassifyArgs, ClassifyResult, DescribeArgs, DescribeResult, EvaluateArgs, EvaluateResult, ExportArgs,
    ExportResult, PretrainArgs, PretrainResult, RuntimeArgs, RuntimeResult, SegmentArgs, SegmentResult, TrainArgs, TrainResult,
};

/// The name of an entry point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// Learn from unlabelled images.
    Pretrain,
    /// Few-label training.
    Train,
    /// Images to labels, maps, tables.
    Segment,
    /// The class of each image.
    Classify,
    /// An open image and model that learn while labels are drawn.
    Session,
    /// Scores of predictions against labels.
    Evaluate,
    /// What to label next.
    Suggest,
    /// A model in another form.
    Export,
    /// What a model, image, run or machine is.
    Describe,
    /// The training add-on.
    Runtime,
    /// How fast this machine runs a model.
    Bench,
}

/// Where an entry point runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RunsIn {
    /// In the process of whoever calls.
    Host,
    /// In the learner process, which needs the training add-on.
    Learner,
}

/// The types of an entry's arguments and result, as schemas.
#[derive(Clone, Copy, Debug)]
pub struct Forms {
    /// Schema of the arguments.
    pub args: fn(&mut SchemaGenerator) -> Schema,
    /// Schema of the result.
    pub result: fn(&mut SchemaGenerator) -> Schema,
}

impl Forms {
    const fn of<A: JsonSchema, R: JsonSchema>() -> Self {
        Self { args: SchemaGenerator::subschema_for::<A>, result: SchemaGenerator::subschema_for::<R> }
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct EntryRow {
    /// Which entry.
    pub entry: Entry,
    /// Its name in requests, on the command line and in the bindings.
    pub name: &'static str,
    /// What it does, in one line.
    pub does: &'static str,
    /// Where it runs.
    pub runs_in: RunsIn,
    /// Its arguments and result. `None`: this version does not have it and answers `unsupported`.
    pub forms: Option<Forms>,
}

/// Every entry point there is.
pub const ENTRIES: &[EntryRow] = &[
    EntryRow {
        entry: Entry::Pretrain,
        name: "pretrain",
        does: "learn from unlabelled images",
        runs_in: RunsIn::Learner,
        forms: Some(Forms::of::<PretrainArgs, PretrainResult>()),
    },
    EntryRow {
        entry: Entry::Train,
        name: "train",
        does: "few-label training",
        runs_in: RunsIn::Learner,
        forms: Some(Forms::of::<TrainArgs, TrainResult>()),
    },
    EntryRow {
        entry: Entry::Segment,
        name: "segment",
        does: "images to label images, maps and tables",
        runs_in: RunsIn::Host,
        forms: Some(Forms::of::<SegmentArgs, SegmentResult>()),
    },
    EntryRow {
        entry: Entry::Classify,
        name: "classify",
        does: "the class of each image",
        runs_in: RunsIn::Host,
        forms: Some(Forms::of::<ClassifyArgs, ClassifyResult>()),
    },
    EntryRow { entry: Entry::Session, name: "session", does: "learn while labels are drawn", runs_in: RunsIn::Host, forms: None },
    EntryRow {
        entry: Entry::Evaluate,
        name: "evaluate",
        does: "scores of predictions against labels",
        runs_in: RunsIn::Host,
        forms: Some(Forms::of::<EvaluateArgs, EvaluateResult>()),
    },
    EntryRow { entry: Entry::Suggest, name: "suggest", does: "what to label next", runs_in: RunsIn::Host, forms: None },
    EntryRow {
        entry: Entry::Export,
        name: "export",
        does: "a model in another form",
        runs_in: RunsIn::Host,
        forms: Some(Forms::of::<ExportArgs, ExportResult>()),
    },
    EntryRow {
        entry: Entry::Describe,
        name: "describe",
        does: "what a model, image or machine is",
        runs_in: RunsIn::Host,
        forms: Some(Forms::of::<DescribeArgs, DescribeResult>()),
    },
    EntryRow {
        entry: Entry::Runtime,
        name: "runtime",
        does: "plan, install, status and removal of the training add-on",
        runs_in: RunsIn::Host,
        forms: Some(Forms::of::<RuntimeArgs, RuntimeResult>()),
    },
    EntryRow {
        entry: Entry::Bench,
        name: "bench",
        does: "how fast this machine runs a model",
        runs_in: RunsIn::Host,
        forms: Some(Forms::of::<BenchArgs, BenchResult>()),
    },
];

impl Entry {
    /// This entry's row of the table.
    pub fn row(self) -> &'static EntryRow {
        ENTRIES.iter().find(|row| row.entry == self).unwrap_or(&ENTRIES[0])
    }

    /// The name in requests.
    pub fn name(self) -> &'static str {
        self.row().name
    }
}
