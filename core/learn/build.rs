//! Compiles the shim and tells the linker where libtorch lies.
//!
//! `torch-sys` links `libtorch_cpu` and `libc10` alone (the link folder that `LIBTORCH` names holds no
//! `libtorch_cuda`), so the learner starts on machines with and without a GPU. The run path written
//! here is for development builds: the engine sets the loader path of an installed learner itself.

use std::path::{Path, PathBuf};
use std::{env, fs};

const SHIM: [&str; 4] = ["shim/guard.h", "shim/autocast.cpp", "shim/optim.cpp", "shim/machine.cpp"];

fn main() {
    for file in SHIM {
        println!("cargo:rerun-if-changed={file}");
    }
    let link = PathBuf::from(env::var_os("DEP_TCH_LIBTORCH_LIB").expect("torch-sys says where libtorch lies"));
    let include = link.join("../include");
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .warnings(false)
        .include(&include)
        .include(include.join("torch/csrc/api/include"))
        .files(SHIM.iter().filter(|file| file.ends_with(".cpp")))
        .compile("fewlabel_shim");
    // The shim's static library comes after torch-sys' own link line: name what it needs once more.
    println!("cargo:rustc-link-lib=torch_cpu");
    println!("cargo:rustc-link-lib=c10");
    for folder in run_path(&link) {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{}", folder.display());
    }
}

/// The folders of libtorch itself and of the CUDA runtime libraries that `libtorch_cpu` needs.
fn run_path(link: &Path) -> Vec<PathBuf> {
    let real = fs::canonicalize(link.join("libtorch_cpu.so")).unwrap_or_else(|_| link.join("libtorch_cpu.so"));
    let library = real.parent().unwrap_or(link).to_path_buf();
    let mut folders = vec![library.clone()];
    if let Some(root) = library.parent().and_then(Path::parent) {
        let nvidia = fs::read_dir(root.join("nvidia")).into_iter().flatten().flatten();
        folders.extend(nvidia.map(|entry| entry.path().join("lib")).filter(|path| path.is_dir()));
    }
    folders
}
