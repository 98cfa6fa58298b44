//! `cargo xtask setup`: libtorch for building the learner.

use std::path::{Path, PathBuf};

use clap::Args;
use fewlabel_contract::{CancelToken, Device, Error, ErrorKind, Progress, Result};
use fewlabel_runtime::InstallOptions;

use crate::workspace::root;

/// Flags of `setup`.
#[derive(Args, Default)]
pub struct Setup {
    /// What the learner shall compute on: cpu, or cuda for a GPU too
    #[arg(long, default_value = "cpu")]
    device: Device,
    /// Folder with the wheels, brought by hand
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// Address of a package index, instead of the one that pip is configured for
    #[arg(long)]
    index: Option<String>,
    /// Also what `bench` compares with: PyTorch, onnxruntime and tifffile for Python (560 MB to fetch)
    #[arg(long)]
    bench: bool,
}

impl Setup {
    /// Brings libtorch with its headers into the cache when it is not there, and links `.libtorch` to it.
    ///
    /// # Errors
    /// Those of [`fewlabel_runtime::install`]; `io` when the link cannot be made.
    pub fn run(self) -> Result<()> {
        let options = InstallOptions { device: self.device, from: self.from, index: self.index, headers: true };
        let mut told = Told::default();
        let installed = fewlabel_runtime::install(&options, &CancelToken::new(), &mut |progress| told.tell(&progress))?;
        let folder = installed.folder.ok_or_else(|| Error::internal("set up libtorch", "the add-on is installed nowhere"))?;
        link(&folder.join("link"), &root().join(".libtorch"))?;
        println!("libtorch {} lies in {}", installed.version, folder.display());
        if self.bench { crate::bench::set_up() } else { Ok(()) }
    }
}

/// Says how far it has come, once for every tenth.
#[derive(Default)]
struct Told {
    phase: String,
    tenths: u64,
}

impl Told {
    fn tell(&mut self, progress: &Progress) {
        let total = progress.total.unwrap_or(0).max(1);
        let tenths = 10 * progress.step / total;
        if progress.phase == self.phase && tenths == self.tenths {
            return;
        }
        (self.phase, self.tenths) = (progress.phase.clone(), tenths);
        let left = progress.remaining.map(|seconds| format!(", {seconds:.0} s left")).unwrap_or_default();
        println!("{} {} of {} MB{left}", progress.phase, progress.step / 1_000_000, total / 1_000_000);
    }
}

/// Makes `link` point at `target`. A link that points elsewhere is replaced; anything else is left alone.
#[cfg(unix)]
fn link(target: &Path, link: &Path) -> Result<()> {
    let operation = "link libtorch";
    let io_error = |error: std::io::Error| Error::io(operation, link, &error);
    if std::fs::read_link(link).is_ok_and(|present| present == target) {
        return Ok(());
    }
    match link.symlink_metadata() {
        Ok(present) if present.is_symlink() => std::fs::remove_file(link).map_err(io_error)?,
        Ok(_) => {
            return Err(Error::new(ErrorKind::Io, operation, "there is something that is not a link")
                .file(link)
                .hint("move it away"));
        }
        Err(_) => {}
    }
    std::os::unix::fs::symlink(target, link).map_err(io_error)
}

/// There is no add-on for these machines, so nothing gets here.
#[cfg(not(unix))]
fn link(_: &Path, link: &Path) -> Result<()> {
    Err(Error::new(ErrorKind::Unsupported, "link libtorch", "this kind of machine has no symbolic links").file(link))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_made_moved_and_never_replaces_anything_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join(".libtorch");
        for target in ["a", "a", "b"] {
            link(Path::new(target), &place).expect("linked");
            assert_eq!(std::fs::read_link(&place).expect("a link"), Path::new(target));
        }
        let taken = folder.path().join("taken");
        std::fs::create_dir(&taken).expect("a folder");
        assert!(link(Path::new("a"), &taken).expect_err("not a link").to_string().contains("taken"));
    }
}
