//! Small wheels that are built like the real ones.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use fewlabel_contract::{CancelToken, Device, Progress, Result, RuntimeResult};
use sha2::{Digest, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::configured::Configured;
use crate::install::{InstallOptions, Machine, install_on};
use crate::release::Wheel;
use crate::verify::hexadecimal;

/// A wheel and its bytes.
#[derive(Clone)]
pub struct Small {
    pub wheel: Wheel,
    pub bytes: Vec<u8>,
}

/// Packs files into a wheel and pins it.
pub fn pack(project: &'static str, name: &'static str, files: &[(&str, &[u8])]) -> Small {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in files {
        archive.start_file(*path, SimpleFileOptions::default()).expect("an entry");
        archive.write_all(content).expect("written");
    }
    let bytes = archive.finish().expect("an archive").into_inner();
    let sha256: &'static str = Box::leak(hexadecimal(&Sha256::digest(&bytes)).into_boxed_str());
    Small { wheel: Wheel { project, name, version: "1", bytes: bytes.len() as u64, sha256 }, bytes }
}

/// `size` bytes that do not compress well, so that a fetch has many parts.
fn noise(size: usize) -> Vec<u8> {
    (0..size as u64).map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
}

/// The torch wheel, then the two that the processor needs, then one for a GPU.
pub fn wheels() -> [Small; 3] {
    let torch = pack(
        "torch",
        "torch-2.11.0-x.whl",
        &[
            ("torch/version.py", b"from typing import Optional\n__version__ = '2.11.0+cu130'\ndebug = False\n"),
            ("torch/nn/modules.py", b"pass"),
            ("torch/include/ATen/ATen.h", b"#pragma once"),
            ("torch/lib/libtorch_cpu.so", &noise(300_000)),
            ("torch/lib/libc10.so", b"c10"),
            ("torch/lib/libgomp.so.1", b"gomp"),
            ("torch/lib/libshm.so", b"shm"),
            ("torch/lib/libtorch.so", b"torch"),
            ("torch/lib/libtorch_cuda.so", b"cuda"),
            ("torch/lib/libtorch_python.so", b"python"),
            ("torch-2.11.0.dist-info/METADATA", b"Name: torch"),
            ("torch-2.11.0.dist-info/licenses/LICENSE", b"a licence"),
        ],
    );
    let cudart = pack(
        "nvidia-cuda-runtime",
        "nvidia_cuda_runtime-1-x.whl",
        &[
            ("nvidia/cu13/lib/libcudart.so.13", b"cudart"),
            ("nvidia/cu13/lib/libcudart_static.a", b"static"),
            ("nvidia/cu13/include/cuda.h", b""),
        ],
    );
    let cudnn = pack("nvidia-cudnn-cu13", "nvidia_cudnn_cu13-1-x.whl", &[("nvidia/cudnn/lib/libcudnn.so.9", b"cudnn")]);
    [torch, cudart, cudnn]
}

/// A machine of its own: a cache in a temporary folder, pinned small wheels.
pub struct Bench {
    pub root: tempfile::TempDir,
    pub small: Vec<Small>,
    pub index: Option<String>,
}

impl Bench {
    pub fn new() -> Self {
        Self { root: tempfile::tempdir().expect("a folder"), small: wheels().to_vec(), index: None }
    }

    pub fn cache(&self) -> PathBuf {
        self.root.path().join("cache µ")
    }

    pub fn folder(&self) -> PathBuf {
        crate::cache::folder(&self.cache())
    }

    /// A folder with the wheels, as somebody would bring it.
    pub fn brought(&self) -> PathBuf {
        let folder = self.root.path().join("brought");
        fs::create_dir_all(&folder).expect("a folder");
        for small in &self.small {
            fs::write(folder.join(small.wheel.name), &small.bytes).expect("written");
        }
        folder
    }

    pub fn install(&self, options: &InstallOptions) -> Result<RuntimeResult> {
        self.install_watched(options, &CancelToken::new(), &mut |_| {})
    }

    pub fn install_watched(
        &self,
        options: &InstallOptions,
        token: &CancelToken,
        report: &mut dyn FnMut(Progress),
    ) -> Result<RuntimeResult> {
        let wheels = |device: Device| {
            let count = if matches!(device, Device::Cuda(_)) { 3 } else { 2 };
            Ok(self.small[..count].iter().map(|small| small.wheel).collect())
        };
        let configured =
            |_: Option<&str>| Ok(Configured { indexes: self.index.iter().cloned().collect(), ..Configured::default() });
        install_on(&Machine { cache: self.cache(), wheels: &wheels, configured: &configured }, options, token, report)
    }
}

/// Every file and link below `folder`, by path with `/`, with its bytes.
pub fn content(folder: &Path) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            let kind = path.symlink_metadata().expect("metadata");
            if kind.is_dir() {
                open.push(path);
            } else {
                let relative = path.strip_prefix(folder).expect("below").to_string_lossy().replace('\\', "/");
                found.insert(relative, kind.len());
            }
        }
    }
    found
}
