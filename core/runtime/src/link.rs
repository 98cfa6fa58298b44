//! The folder that `torch-sys` builds against.

use std::path::Path;

use fewlabel_contract::Result;

/// Makes `link/include` and `link/lib` in `folder`.
///
/// `torch-sys` links `libtorch_cuda` whenever it sees it, and asks for `-ltorch`, whose `libtorch.so`
/// needs `libtorch_cuda`. So `link/lib` shows it neither: it holds links to the processor's libraries
/// alone, and a `libtorch.so` that is one more name of `libtorch_cpu.so`. `link/lib` lies as deep as
/// `torch/lib`, so that the paths relative to themselves, in which the libraries look for each other,
/// hold here too. `torch-sys` compares `build-version` with the version that it was made for; a wheel
/// has no such file, so `version` is written there.
///
/// # Errors
/// `io` when a link cannot be made; `unsupported` where there are no symbolic links.
#[cfg(unix)]
pub(crate) fn make(folder: &Path, version: &str) -> Result<()> {
    use crate::release::CPU_LIBRARIES;
    use fewlabel_contract::Error;

    let lib = folder.join("link").join("lib");
    std::fs::create_dir_all(&lib).map_err(|error| Error::io("make link folder", &lib, &error))?;
    let symlink = |target: &str, link: &Path| {
        std::os::unix::fs::symlink(target, link).map_err(|error| Error::io("make link folder", link, &error))
    };
    symlink("../torch/include", &folder.join("link").join("include"))?;
    for name in CPU_LIBRARIES {
        symlink(&format!("../../torch/lib/{name}"), &lib.join(name))?;
    }
    symlink("libtorch_cpu.so", &lib.join("libtorch.so"))?;
    let stated = folder.join("link").join("build-version");
    std::fs::write(&stated, version).map_err(|error| Error::io("make link folder", &stated, &error))
}

/// There is no add-on for these machines, hence nothing to build against.
///
/// # Errors
/// `unsupported`, always.
#[cfg(not(unix))]
pub(crate) fn make(_: &Path, _: &str) -> Result<()> {
    use fewlabel_contract::{Error, ErrorKind};
    Err(Error::new(ErrorKind::Unsupported, "make link folder", "this kind of machine has no symbolic links"))
}
