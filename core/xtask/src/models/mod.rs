//! `cargo xtask models`: makes the shipped models anew.

mod recipe;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use fewlabel_contract::{Entry, Error, ErrorKind, PretrainResult, Result, TrainResult};
use serde_json::json;

use crate::process::{cargo, run};
use crate::programs::{answer, build, fewlabel};
use crate::study::pretraining::write_list;
use crate::study::trial::as_flags;
use crate::workspace::{programs, root, target, whole};
use recipe::{LICENSE, Learns, RECIPES, Recipe};

const OPERATION: &str = "make models";

/// Bytes of a package that is passed on with the program.
const MOST_BYTES: u64 = 12_000_000;

/// Flags of `models`.
#[derive(Args)]
pub struct Models {
    /// Folder of the sets, as `study` takes it
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Folder of the packages [default: models]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Only this one: microscopy or nuclei
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Minutes of each run [default: those of the recipe]
    #[arg(long, value_name = "M")]
    minutes: Option<f64>,
    /// Folder of the programs, which are not built then [default: where cargo puts them]
    #[arg(long, value_name = "FOLDER")]
    programs: Option<PathBuf>,
}

impl Models {
    /// Makes the models, one after another.
    ///
    /// # Errors
    /// `invalid-request` for a name that is no model; what the programs say; `unsupported` when a package is too large to be passed on.
    pub fn run(&self) -> Result<()> {
        let recipes: Vec<&Recipe> =
            RECIPES.into_iter().filter(|recipe| self.only.as_ref().is_none_or(|only| only == recipe.name)).collect();
        if recipes.is_empty() {
            let names: Vec<&str> = RECIPES.iter().map(|recipe| recipe.name).collect();
            return Err(Error::new(ErrorKind::InvalidRequest, OPERATION, "there is no such model")
                .with("model", self.only.as_deref().unwrap_or_default())
                .with("models", names.join(", ")));
        }
        let programs = match &self.programs {
            Some(folder) => whole(folder)?,
            None => {
                build()?;
                programs()?
            }
        };
        let out = self.out.as_deref().map_or_else(|| Ok(root().join("models")), whole)?;
        fs::create_dir_all(&out).map_err(|error| Error::io(OPERATION, &out, &error))?;
        for recipe in recipes {
            self.make(recipe, &programs, &out)?;
        }
        Ok(())
    }

    fn make(&self, recipe: &Recipe, programs: &Path, out: &Path) -> Result<()> {
        let data = whole(&self.data)?.to_string_lossy().into_owned();
        let lists = target("models")?;
        fs::create_dir_all(&lists).map_err(|error| Error::io(OPERATION, &lists, &error))?;
        let listed = |what: &str, files: &[PathBuf]| {
            let path = lists.join(format!("{}-{what}.txt", recipe.name));
            write_list(&path, files)?;
            Ok::<_, Error>(format!("@{}", path.display()))
        };
        let package = out.join(format!("{}.zip", recipe.name));
        let images = listed("images", &recipe.images(&data)?)?;
        let minutes = self.minutes.unwrap_or(recipe.minutes).to_string();
        let common = |entry: Entry| {
            let mut command = fewlabel(programs, entry);
            command.args(["--images", &images, "--minutes", &minutes, "--existing", "overwrite"]).arg("--save").arg(&package);
            command
        };
        match recipe.learns {
            Learns::WithoutLabels(method) => {
                let mut pretrain = common(Entry::Pretrain);
                pretrain.args(["--start", "none", "--method", method.name()]);
                let result: PretrainResult = answer(&mut pretrain, Entry::Pretrain)?;
                println!("{}: {} steps on {} images", recipe.name, result.steps, result.images);
            }
            Learns::From { start, find } => {
                let mut train = common(Entry::Train);
                train.args(["--labels", &listed("labels", &recipe.labels(&data)?)?]);
                train.args(as_flags(&BTreeMap::from([("find", json!(find))])));
                train.arg("--start").arg(out.join(format!("{start}.zip")));
                let result: TrainResult = answer(&mut train, Entry::Train)?;
                println!("{}: {} steps on {} labelled objects", recipe.name, result.steps, result.labelled_objects);
            }
        }
        sign(
            recipe,
            &package,
            &lists,
            &[(&data, "DIR"), (&lists.to_string_lossy(), "LISTS"), (&out.to_string_lossy(), "models")],
        )?;
        let bytes = fs::metadata(&package).map_err(|error| Error::io(OPERATION, &package, &error))?.len();
        if bytes > MOST_BYTES {
            return Err(Error::new(ErrorKind::Unsupported, OPERATION, "the package is too large to be passed on")
                .file(&package)
                .with("bytes", bytes)
                .with("allowed bytes", MOST_BYTES));
        }
        Ok(())
    }
}

/// Says in the package what it is, under which licence, and whom to cite. A program of the model's room does it, so that this one needs no
/// more of the network than its name.
fn sign(recipe: &Recipe, package: &Path, folder: &Path, folders: &[(&str, &str)]) -> Result<()> {
    let card = json!({
        "name": recipe.name,
        "description": recipe.description,
        "license": LICENSE,
        "authors": ["The Fewlabel authors"],
        "data": recipe.citations(),
        "folders": folders,
    });
    let path = folder.join(format!("{}-card.json", recipe.name));
    fs::write(&path, format!("{card:#}\n")).map_err(|error| Error::io(OPERATION, &path, &error))?;
    run(cargo().args(["run", "--quiet", "-p", "fewlabel-model", "--example", "sign_package", "--"]).arg(package).arg(&path))
}
