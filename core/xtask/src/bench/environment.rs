//! What the benches compare with: PyTorch and onnxruntime in a virtual environment.

use std::path::{Path, PathBuf};
use std::process::Command;

use fewlabel_contract::{Error, Result};

use crate::process::{command, run};
use crate::python::environment;
use crate::workspace::root;

/// CUDA libraries that PyTorch's wheel for Linux names and does not call on a processor. Empty ones in their
/// places save gigabytes; `libcudart` and `libcupti` are real, from the training add-on.
const STANDING_IN: [&str; 10] = [
    "libcublas.so.13",
    "libcublasLt.so.13",
    "libcudnn.so.9",
    "libcufft.so.12",
    "libcufile.so.0",
    "libcurand.so.10",
    "libcusparse.so.12",
    "libcusparseLt.so.0",
    "libnccl.so.2",
    "libnvshmem_host.so.3",
];

/// Python with what `tests/bench/requirements.txt` names.
pub struct Peers {
    python: PathBuf,
    stand_ins: PathBuf,
}

impl Peers {
    /// Installs what is missing.
    ///
    /// # Errors
    /// `internal` when Python, pip or the C compiler fail.
    pub fn set_up() -> Result<Self> {
        // The list is complete, so that the wheel's CUDA dependencies stay away.
        let python = environment("bench", &root().join("tests/bench/requirements.txt"), &["--no-deps"])?;
        let stand_ins = python.ancestors().nth(2).unwrap_or(Path::new(".")).join("stand-ins");
        if cfg!(target_os = "linux") {
            std::fs::create_dir_all(&stand_ins).map_err(|error| Error::io("make folder", &stand_ins, &error))?;
            for name in STANDING_IN {
                let library = stand_ins.join(name);
                if !library.exists() {
                    let name = format!("-Wl,-soname,{name}");
                    run(command("cc").args(["-shared", "-x", "c", "/dev/null", &name, "-o"]).arg(&library))?;
                }
            }
        }
        Ok(Self { python, stand_ins })
    }

    /// A script of `tests/bench`, ready to run.
    ///
    /// # Errors
    /// `internal` when a folder's name cannot stand in a search path.
    pub fn script(&self, name: &str) -> Result<Command> {
        let folders = std::iter::once(self.stand_ins.clone()).chain(fewlabel_runtime::library_paths());
        let path = std::env::join_paths(folders)
            .map_err(|error| Error::internal("find libraries", "a folder's name has a colon").because(&error))?;
        let mut script = command(&self.python);
        script.arg(root().join("tests/bench").join(name)).env("LD_LIBRARY_PATH", path);
        Ok(script)
    }
}
