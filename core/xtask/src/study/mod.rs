//! `cargo xtask study`: label efficiency, with the programs that people use.
//!
//! A plan is a list of trials. Each trains on few labels of a set, segments the images of `val` or `test` and scores them;
//! what comes out is a row in `results.jsonl`. Rows that are there are not computed again, so an interrupted study goes
//! on where it was. `core/docs/data.md` says how the folder of the data is laid out.

mod conduct;
mod outlines;
mod plan;
mod pretraining;
mod results;
mod sets;
mod table;
mod test_log;
mod trial;

use std::path::{Path, PathBuf};

use clap::Args;
use fewlabel_contract::{Error, Result};

use crate::programs::build;
use crate::workspace::{commit, programs, root, target};
use conduct::{Conditions, learner_hash};
use plan::{Wish, trials};
use pretraining::{Pretraining, Start, methods};
use results::{Results, Row};
use test_log::TestLog;
use trial::{Budget, Part, Trial};

/// Where runs on `test` are written down, relative to the root of the checkout.
const TEST_LOG: &str = "core/docs/studies/test_log.json";

/// Flags of `study`.
#[derive(Args)]
pub struct Study {
    /// Folder of the sets: DIR/SET/images, DIR/SET/labels, DIR/SET/split.json
    #[arg(long, value_name = "DIR", required_unless_present = "table")]
    data: Option<PathBuf>,
    /// What to do: foundation, or curves (more numbers of labels)
    #[arg(long, value_name = "NAME", default_value = "foundation")]
    plan: String,
    /// Only these sets: fluorescence, histology, mixed, bbbc039, usiigaci, fib25
    #[arg(long, value_name = "SET", num_args = 1.., value_delimiter = ',')]
    only: Vec<String>,
    /// Orders of the training images
    #[arg(long, value_name = "N", value_delimiter = ',', default_values_t = [0, 1, 2])]
    orders: Vec<u32>,
    /// Only these numbers of labelled images
    #[arg(long, value_name = "K", value_delimiter = ',')]
    k: Vec<usize>,
    /// Only 15 outlines; with --k, both
    #[arg(long)]
    outlines: bool,
    /// Images that are scored; each run on test is written down
    #[arg(long, value_enum, default_value = "val")]
    part: Part,
    /// Minutes of each training, loading and saving included
    #[arg(long, value_name = "M", default_value_t = 6.0, conflicts_with = "steps")]
    minutes: f64,
    /// Steps of each training, instead of minutes
    #[arg(long, value_name = "N")]
    steps: Option<u64>,
    /// Model to start from: a name, a file, or none
    #[arg(long, value_name = "MODEL", default_value = "none")]
    start: String,
    /// Methods that make the start of each set from its training images: tower, simclr, …, or none
    #[arg(long, value_name = "METHOD", num_args = 1.., value_delimiter = ',', conflicts_with = "start")]
    methods: Vec<String>,
    /// Minutes of each pretraining
    #[arg(long, value_name = "M", default_value_t = 8.0, conflicts_with = "pretrain_steps")]
    pretrain_minutes: f64,
    /// Steps of each pretraining, instead of minutes
    #[arg(long, value_name = "N")]
    pretrain_steps: Option<u64>,
    /// Further flags of `fewlabel pretrain`, in one word: "--crop 128 --batch 32"
    #[arg(long, value_name = "FLAGS", default_value = "", allow_hyphen_values = true)]
    pretrain_flags: String,
    /// Seed of the trainings
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Threads of each program
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Folder for results.jsonl and what each trial makes [default: target/study]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Folder of the programs, which are not built then [default: where cargo puts them]
    #[arg(long, value_name = "FOLDER")]
    programs: Option<PathBuf>,
    /// What the flags after -- are called in rows and tables
    #[arg(long, value_name = "NAME")]
    variant: Option<String>,
    /// Do trials whose rows are there again
    #[arg(long)]
    again: bool,
    /// Only print the table of the rows that are there
    #[arg(long)]
    table: bool,
    /// Further flags of `fewlabel train`
    #[arg(last = true, value_name = "FLAGS")]
    flags: Vec<String>,
}

impl Study {
    /// Does the trials that are not there yet, prints the table, and answers whether every trial worked.
    ///
    /// # Errors
    /// `invalid-request` for a plan or set that is not there; `io` when results cannot be read or written. What goes wrong in a trial
    /// is told, and the others are done.
    pub fn run(self) -> Result<bool> {
        let out = match &self.out {
            Some(folder) => whole(folder)?,
            None => target("study")?,
        };
        let mut results = Results::open(&out)?;
        let failed = if self.table { 0 } else { self.conduct(&out, &mut results)? };
        println!("\n{}", table::table(&results.rows));
        if failed > 0 {
            println!("{failed} trials failed; see the logs in {}", out.display());
        }
        Ok(failed == 0)
    }

    /// Does what is to be done; gives the number of trials that failed.
    fn conduct(&self, out: &Path, results: &mut Results) -> Result<usize> {
        let data = whole(self.data.as_deref().unwrap_or(Path::new(".")))?;
        let todo = self.todo(results)?;
        let programs = match &self.programs {
            Some(folder) => whole(folder)?,
            None => {
                build()?;
                programs()?
            }
        };
        std::fs::create_dir_all(out).map_err(|error| Error::io("make study folder", out, &error))?;
        let conditions = Conditions {
            data: data.to_string_lossy().into_owned(),
            learner: learner_hash(&programs)?,
            programs,
            out: out.to_owned(),
            commit: commit()?,
        };
        let mut log = TestLog::open(&root().join(TEST_LOG), &conditions.commit)?;
        let mut failed = 0;
        for (number, (start, trial)) in todo.iter().enumerate() {
            let name = format!("{} {} order {} {} from {}", trial.set, trial.labels, trial.order, trial.part, trial.start);
            println!("\n=== {} of {}: {name}", number + 1, todo.len());
            match conditions.conduct(trial, start) {
                Ok(row) => {
                    println!("{name}: {}", in_words(&row));
                    if trial.part == Part::Test {
                        log.add(&row)?;
                    }
                    results.add(row)?;
                }
                Err(error) => {
                    println!("error: {error:?}");
                    failed += 1;
                }
            }
        }
        Ok(failed)
    }

    /// What is started from, one after another.
    fn starts(&self) -> Result<Vec<Start>> {
        if self.methods.is_empty() {
            return Ok(vec![Start::given(&self.start)?]);
        }
        let pretrained = |method| {
            Start::Pretrained(Pretraining {
                method,
                budget: self.pretrain_steps.map_or(Budget::Minutes(self.pretrain_minutes), Budget::Steps),
                seed: self.seed,
                threads: self.threads,
                flags: self.pretrain_flags.split_whitespace().map(str::to_owned).collect(),
            })
        };
        methods(&self.methods)?
            .into_iter()
            .map(|method| method.map_or_else(|| Start::given("none"), |m| Ok(pretrained(m))))
            .collect()
    }

    /// The trials of the plan whose rows are not there, each with its start.
    fn todo(&self, results: &Results) -> Result<Vec<(Start, Trial)>> {
        let mut todo = Vec::new();
        for start in self.starts()? {
            let trials = trials(&Wish {
                plan: &self.plan,
                only: &self.only,
                k: &self.k,
                outlines: self.outlines,
                orders: &self.orders,
                part: self.part,
                start: &start,
                seed: self.seed,
                budget: self.steps.map_or(Budget::Minutes(self.minutes), Budget::Steps),
                threads: self.threads,
                flags: &self.flags,
                variant: self.variant.as_deref(),
            })?;
            todo.extend(trials.into_iter().map(|trial| (start.clone(), trial)));
        }
        let planned = todo.len();
        if !self.again {
            let mut left = Vec::new();
            for (start, trial) in todo {
                if !results.has(&trial)? {
                    left.push((start, trial));
                }
            }
            todo = left;
        }
        println!("{planned} trials planned, {} of them are there", planned - todo.len());
        Ok(todo)
    }
}

/// A folder as programs that run elsewhere find it.
fn whole(folder: &Path) -> Result<PathBuf> {
    std::path::absolute(folder).map_err(|error| Error::io("find folder", folder, &error))
}

fn in_words(row: &Row) -> String {
    let scores = &row.scores;
    let mut parts = Vec::new();
    for (name, value) in [("AP50", scores.ap50), ("AP 0.5-0.9", scores.ap_50_90), ("Dice", Some(scores.dice))] {
        parts.extend(value.map(|value| format!("{name} {value:.3}")));
    }
    parts.extend(scores.dice_of_class.iter().map(|(class, dice)| format!("Dice of class {class} {dice:.3}")));
    format!(
        "{} on {} images; {} steps in {:.0} s, segmented in {:.0} s",
        parts.join(", "),
        row.images,
        row.steps_done,
        row.train_seconds,
        row.segment_seconds
    )
}
