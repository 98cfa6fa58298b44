//! `cargo xtask study`: label efficiency, with the programs that people use.
//!
//! A plan is a list of trials. Each trains on few labels of a set, predicts the images of `val` or `test` and scores them;
//! what comes out is a row in `results.jsonl`. Rows that are there are not computed again, so an interrupted study goes
//! on where it was. `core/docs/data.md` says how the folder of the data is laid out.

mod arms;
mod bootstrap;
mod charts;
mod conduct;
mod cost;
mod differences;
mod drawing;
mod guard;
mod image_scores;
mod jobs;
mod markdown;
mod measure;
mod outlines;
mod plan;
mod plans;
pub mod pool;
pub mod pretraining;
mod readouts;
mod results;
mod series;
pub mod sets;
mod summary;
mod table;
mod test_log;
pub mod trial;
mod work;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use fewlabel_contract::{Error, Result};
use fewlabel_image::read_order;

use crate::programs::build;
use crate::workspace::{commit, programs, target, whole};
use conduct::{Conditions, learner_hash};
use plan::{Planned, Wish, plan, trials};
use pool::{Pool, Sources};
use pretraining::Given;
use results::Results;
use trial::{Budget, Part};
use work::work;

/// Flags of `study`.
#[derive(Args)]
pub struct Study {
    /// Folder of the sets: DIR/SET/images, DIR/SET/labels, DIR/SET/split.json
    #[arg(long, value_name = "DIR", required_unless_present = "table")]
    data: Option<PathBuf>,
    /// What to do: foundation, curves (more numbers of labels), tower, tower-full, time-matched, hippocampus, mmwhs, or local-contrast
    #[arg(long, value_name = "NAME", default_value = "foundation")]
    plan: String,
    /// Only these sets: fluorescence, histology, mixed, bbbc039, usiigaci, fib25, pbc, hippocampus, mmwhs
    #[arg(long, value_name = "SET", num_args = 1.., value_delimiter = ',')]
    only: Vec<String>,
    /// Orders of the training images
    #[arg(long, value_name = "N", value_delimiter = ',', default_values_t = [0, 1, 2])]
    orders: Vec<u32>,
    /// Only these numbers of labelled images; of kinds those of each class
    #[arg(long, value_name = "K", value_delimiter = ',')]
    k: Vec<usize>,
    /// Only outlines; with --k, both
    #[arg(long)]
    outlines: bool,
    /// Images that are scored; each run on test is written down
    #[arg(long, value_enum, default_value = "val")]
    part: Part,
    /// Minutes of each training, loading and saving included [default: as the plan says]
    #[arg(long, value_name = "M", conflicts_with = "steps")]
    minutes: Option<f64>,
    /// Steps of each training, instead of minutes
    #[arg(long, value_name = "N")]
    steps: Option<u64>,
    /// Model to start from: a name, a file, or none [default: as the plan says]
    #[arg(long, value_name = "MODEL")]
    start: Option<String>,
    /// Methods that make the start of each set from its unlabelled images: tower, simclr, …, or none [default: as the plan says]
    #[arg(long, value_name = "METHOD", num_args = 1.., value_delimiter = ',', conflicts_with = "start")]
    methods: Vec<String>,
    /// Only these recipes of the plans hippocampus, mmwhs and local-contrast: none, simclr, L (block), simclr L (block), …
    #[arg(long, value_name = "RECIPE", num_args = 1.., value_delimiter = ',', conflicts_with_all = ["start", "methods"])]
    recipes: Vec<String>,
    /// Model that these methods start from themselves
    #[arg(long, value_name = "MODEL", default_value = "none")]
    base: String,
    /// Minutes of each pretraining [default: as the plan says]
    #[arg(long, value_name = "M", conflicts_with = "pretrain_steps")]
    pretrain_minutes: Option<f64>,
    /// Steps of each pretraining, instead of minutes
    #[arg(long, value_name = "N")]
    pretrain_steps: Option<u64>,
    /// Further flags of `fewlabel pretrain`, in one word: "--crop 128 --batch 32"
    #[arg(long, value_name = "FLAGS", default_value = "", allow_hyphen_values = true)]
    pretrain_flags: String,
    /// Images of each pretraining: the training images of the set, or also unlabelled ones elsewhere
    #[arg(long, value_enum, default_value = "own")]
    pool: Sources,
    /// Only so many of these images, the first ones
    #[arg(long, value_name = "N")]
    pool_size: Option<usize>,
    /// Seeds of the pretrainings and trainings [default: as the plan says]
    #[arg(long = "seed", value_name = "N", value_delimiter = ',')]
    seeds: Vec<u64>,
    /// Threads of each program [default: as the plan says; 1 with several jobs]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Trials at a time [default: as the plan says]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
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
    /// Write the page of all rows there
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Write the charts of all rows there
    #[arg(long, value_name = "FOLDER")]
    svg: Option<PathBuf>,
    /// Further flags of `fewlabel train`
    #[arg(last = true, value_name = "FLAGS")]
    flags: Vec<String>,
}

impl Study {
    /// Does the trials that are not there yet, prints the table, writes page and charts, and answers whether every trial worked.
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
        self.write_page(&out, &results)?;
        if failed > 0 {
            println!("{failed} trials failed; see the logs in {}", out.display());
        }
        Ok(failed == 0)
    }

    /// Does what is to be done; gives the number of trials that failed.
    fn conduct(&self, out: &Path, results: &mut Results) -> Result<usize> {
        let data = whole(self.data.as_deref().unwrap_or(Path::new(".")))?.to_string_lossy().into_owned();
        let plan = plan(&self.plan)?;
        let jobs = self.jobs.unwrap_or(plan.jobs).max(1);
        let threads = self.threads.or(plan.threads).or((jobs > 1).then_some(1));
        let todo = self.todo(&data, threads, results)?;
        let images = |set: &sets::Set, part: Part| read_order(&set.list(&data, &part.to_string())).map(|names| names.len());
        println!("some {:.0} minutes", cost::seconds(&todo, jobs, images)? / 60.0);
        let programs = match &self.programs {
            Some(folder) => whole(folder)?,
            None => {
                build()?;
                programs()?
            }
        };
        fs::create_dir_all(out).map_err(|error| Error::io("make study folder", out, &error))?;
        let conditions = Conditions { data, learner: learner_hash(&programs)?, programs, out: out.to_owned(), commit: commit()? };
        work(&conditions, &todo, jobs, results)
    }

    /// The trials of the plan whose rows are not there, each with its start.
    fn todo(&self, data: &str, threads: Option<usize>, results: &Results) -> Result<Vec<Planned>> {
        let plan = plan(&self.plan)?;
        let budget = |minutes: Option<f64>, steps: Option<u64>| minutes.map(Budget::Minutes).or(steps.map(Budget::Steps));
        let planned = trials(&Wish {
            plan,
            data,
            only: &self.only,
            k: &self.k,
            outlines: self.outlines,
            orders: &self.orders,
            part: self.part,
            start: self.start.as_deref().map(Given::new).transpose()?,
            methods: &self.methods,
            recipes: &self.recipes,
            base: Given::new(&self.base)?,
            pretraining: budget(self.pretrain_minutes, self.pretrain_steps),
            pool: Pool { sources: self.pool, size: self.pool_size },
            pretrain_flags: self.pretrain_flags.split_whitespace().map(str::to_owned).collect(),
            seeds: if self.seeds.is_empty() { plan.seeds } else { &self.seeds },
            budget: budget(self.minutes, self.steps),
            threads,
            flags: &self.flags,
            variant: self.variant.as_deref(),
        })?;
        let count = planned.len();
        let mut todo = Vec::new();
        for planned in planned {
            if self.again || !results.has(&planned.trial)? {
                todo.push(planned);
            }
        }
        println!("{count} trials planned, {} of them are there", count - todo.len());
        Ok(todo)
    }

    /// Writes what was asked for of page and charts.
    fn write_page(&self, out: &Path, results: &Results) -> Result<()> {
        if self.markdown.is_none() && self.svg.is_none() {
            return Ok(());
        }
        let io = |path: &Path| {
            let path = path.to_owned();
            move |error: std::io::Error| Error::io("write page of a study", &path, &error)
        };
        let page = markdown::page(&results.rows, out, self.pictures_as_seen()?.as_deref())?;
        if let Some(folder) = &self.svg {
            fs::create_dir_all(folder).map_err(io(folder))?;
            for picture in &page.pictures {
                let file = folder.join(&picture.file);
                fs::write(&file, &picture.svg).map_err(io(&file))?;
            }
        }
        if let Some(file) = &self.markdown {
            fs::write(file, &page.text).map_err(io(file))?;
        }
        Ok(())
    }

    /// The folder of the charts as the page sees it, with `/` behind; `None` where it does not lie beside or below the page.
    fn pictures_as_seen(&self) -> Result<Option<String>> {
        let (Some(page), Some(pictures)) = (&self.markdown, &self.svg) else { return Ok(None) };
        let (page, pictures) = (whole(page)?, whole(pictures)?);
        let below = pictures.strip_prefix(page.parent().unwrap_or(&page)).ok();
        Ok(below.map(|below| below.iter().map(|part| format!("{}/", part.to_string_lossy())).collect()))
    }
}
