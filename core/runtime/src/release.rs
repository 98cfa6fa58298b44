//! Which files make up the add-on: the one place where names, versions, sizes and hashes are pinned.
//!
//! `torch` 2.11.0 is what the `tch` crate in the workspace is made for. Its x86-64 Linux wheel is the
//! CUDA 13 build, whose `libtorch_cpu.so` needs `libcudart` and `libcupti` on a machine without a GPU
//! too. The other NVIDIA wheels are those that the METADATA of `torch` (and of the `cuda-toolkit`
//! 13.0.2 that it names) requires on Linux.

use fewlabel_contract::{Device, Error, ErrorKind, Result, RuntimeFile};

/// The version of libtorch.
pub const VERSION: &str = "2.11.0";

/// What the learner needs of `torch/lib` on every machine.
pub(crate) const CPU_LIBRARIES: &[&str] = &["libc10.so", "libgomp.so.1", "libshm.so", "libtorch_cpu.so"];

/// What it needs of `torch/lib` besides to compute on a GPU.
const CUDA_LIBRARIES: &[&str] =
    &["libc10_cuda.so", "libcaffe2_nvrtc.so", "libtorch_cuda.so", "libtorch_cuda_linalg.so", "libtorch_nvshmem.so"];

/// Whether a path in one of the wheels belongs into the add-on: the libraries, the version, the
/// licence texts, and for developers the headers.
pub(crate) fn is_wanted(path: &str, device: Device, headers: bool) -> bool {
    if let Some(library) = path.strip_prefix("torch/lib/") {
        return CPU_LIBRARIES.contains(&library) || matches!(device, Device::Cuda(_)) && CUDA_LIBRARIES.contains(&library);
    }
    if let Some((_, file)) = path.split_once(".dist-info/") {
        return file.starts_with("licenses/") || file == "LICENSE" || file == "NOTICE";
    }
    path == "torch/version.py"
        || headers && path.starts_with("torch/include/")
        || path.starts_with("nvidia/") && path.contains("/lib/") && is_library(path)
}

/// Whether a path is a shared library: `libcudart.so.13`, `libc10.so`.
pub(crate) fn is_library(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.ends_with(".so") || file.contains(".so.")
}

/// A wheel as it lies on a package index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wheel {
    /// Project name, in the spelling that an index uses for addresses.
    pub project: &'static str,
    /// File name.
    pub name: &'static str,
    /// Version of the project.
    pub version: &'static str,
    /// Size of the file.
    pub bytes: u64,
    /// Lower-case hexadecimal SHA-256.
    pub sha256: &'static str,
}

impl Wheel {
    /// What people and other programs are told about it.
    pub fn file(&self) -> RuntimeFile {
        RuntimeFile {
            name: self.name.to_owned(),
            version: self.version.to_owned(),
            bytes: self.bytes,
            sha256: self.sha256.to_owned(),
        }
    }
}

/// The wheels for `device`, libtorch itself first. `auto` is the processor.
///
/// # Errors
/// `unsupported` where there is no such libtorch.
pub(crate) fn wheels(device: Device) -> Result<Vec<Wheel>> {
    wheels_on(device, std::env::consts::OS, std::env::consts::ARCH)
}

fn wheels_on(device: Device, os: &str, arch: &str) -> Result<Vec<Wheel>> {
    if (os, arch) != ("linux", "x86_64") {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "plan training add-on",
            "there is no training add-on for this kind of machine",
        )
        .with("machine", format!("{os} {arch}"))
        .with("supported", "linux x86_64")
        .hint("segmenting and instant training work without it; train on an x86-64 Linux machine and bring the model here"));
    }
    Ok(match device {
        Device::Auto | Device::Cpu => CPU.to_vec(),
        Device::Cuda(_) => [CPU, CUDA].concat(),
    })
}

/// What every machine needs.
const CPU: &[Wheel] = &[
    Wheel {
        project: "torch",
        name: "torch-2.11.0-cp312-cp312-manylinux_2_28_x86_64.whl",
        version: "2.11.0",
        bytes: 530_712_279,
        sha256: "0f68f4ac6d95d12e896c3b7a912b5871619542ec54d3649cf48cc1edd4dd2756",
    },
    Wheel {
        project: "nvidia-cuda-runtime",
        name: "nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        version: "13.0.96",
        bytes: 2_243_632,
        sha256: "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548",
    },
    Wheel {
        project: "nvidia-cuda-cupti",
        name: "nvidia_cuda_cupti-13.0.85-py3-none-manylinux_2_25_x86_64.whl",
        version: "13.0.85",
        bytes: 10_715_597,
        sha256: "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8",
    },
];

/// What a GPU needs besides.
const CUDA: &[Wheel] = &[
    Wheel {
        project: "nvidia-cublas",
        name: "nvidia_cublas-13.1.0.3-py3-none-manylinux_2_27_x86_64.whl",
        version: "13.1.0.3",
        bytes: 423_133_236,
        sha256: "ee8722c1f0145ab246bccb9e452153b5e0515fd094c3678df50b2a0888b8b171",
    },
    Wheel {
        project: "nvidia-cuda-nvrtc",
        name: "nvidia_cuda_nvrtc-13.0.88-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl",
        version: "13.0.88",
        bytes: 90_215_200,
        sha256: "ad9b6d2ead2435f11cbb6868809d2adeeee302e9bb94bcf0539c7a40d80e8575",
    },
    Wheel {
        project: "nvidia-cudnn-cu13",
        name: "nvidia_cudnn_cu13-9.19.0.56-py3-none-manylinux_2_27_x86_64.whl",
        version: "9.19.0.56",
        bytes: 366_066_321,
        sha256: "d20e1734305e9d68889a96e3f35094d733ff1f83932ebe462753973e53a572bf",
    },
    Wheel {
        project: "nvidia-cufft",
        name: "nvidia_cufft-12.0.0.61-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        version: "12.0.0.61",
        bytes: 214_085_489,
        sha256: "6c44f692dce8fd5ffd3e3df134b6cdb9c2f72d99cf40b62c32dde45eea9ddad3",
    },
    Wheel {
        project: "nvidia-cufile",
        name: "nvidia_cufile-1.15.1.6-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        version: "1.15.1.6",
        bytes: 1_223_672,
        sha256: "08a3ecefae5a01c7f5117351c64f17c7c62efa5fffdbe24fc7d298da19cd0b44",
    },
    Wheel {
        project: "nvidia-curand",
        name: "nvidia_curand-10.4.0.35-py3-none-manylinux_2_27_x86_64.whl",
        version: "10.4.0.35",
        bytes: 59_544_258,
        sha256: "1aee33a5da6e1db083fe2b90082def8915f30f3248d5896bcec36a579d941bfc",
    },
    Wheel {
        project: "nvidia-cusolver",
        name: "nvidia_cusolver-12.0.4.66-py3-none-manylinux_2_27_x86_64.whl",
        version: "12.0.4.66",
        bytes: 200_941_980,
        sha256: "0a759da5dea5c0ea10fd307de75cdeb59e7ea4fcb8add0924859b944babf1112",
    },
    Wheel {
        project: "nvidia-cusparse",
        name: "nvidia_cusparse-12.6.3.3-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        version: "12.6.3.3",
        bytes: 145_942_937,
        sha256: "2b3c89c88d01ee0e477cb7f82ef60a11a4bcd57b6b87c33f789350b59759360b",
    },
    Wheel {
        project: "nvidia-cusparselt-cu13",
        name: "nvidia_cusparselt_cu13-0.8.0-py3-none-manylinux2014_x86_64.whl",
        version: "0.8.0",
        bytes: 169_884_119,
        sha256: "25e30a8a7323935d4ad0340b95a0b69926eee755767e8e0b1cf8dd85b197d3fd",
    },
    Wheel {
        project: "nvidia-nccl-cu13",
        name: "nvidia_nccl_cu13-2.28.9-py3-none-manylinux_2_18_x86_64.whl",
        version: "2.28.9",
        bytes: 196_493_177,
        sha256: "e4553a30f34195f3fa1da02a6da3d6337d28f2003943aa0a3d247bbc25fefc42",
    },
    Wheel {
        project: "nvidia-nvjitlink",
        name: "nvidia_nvjitlink-13.0.88-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl",
        version: "13.0.88",
        bytes: 40_713_933,
        sha256: "13a74f429e23b921c1109976abefacc69835f2f433ebd323d3946e11d804e47b",
    },
    Wheel {
        project: "nvidia-nvshmem-cu13",
        name: "nvidia_nvshmem_cu13-3.4.5-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        version: "3.4.5",
        bytes: 60_412_546,
        sha256: "290f0a2ee94c9f3687a02502f3b9299a9f9fe826e6d0287ee18482e78d495b80",
    },
    Wheel {
        project: "nvidia-nvtx",
        name: "nvidia_nvtx-13.0.85-py3-none-manylinux1_x86_64.manylinux_2_5_x86_64.whl",
        version: "13.0.85",
        bytes: 148_047,
        sha256: "4936d1d6780fbe68db454f5e72a42ff64d1fd6397df9f363ae786930fd5c1cd4",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_needs_three_wheels_and_a_gpu_all_of_them() {
        let cpu = wheels_on(Device::Auto, "linux", "x86_64").expect("a plan");
        assert_eq!(cpu, wheels_on(Device::Cpu, "linux", "x86_64").expect("a plan"));
        assert_eq!(cpu.iter().map(|w| w.bytes).sum::<u64>(), 530_712_279 + 2_243_632 + 10_715_597);
        let cuda = wheels_on(Device::Cuda(0), "linux", "x86_64").expect("a plan");
        assert_eq!(cuda.len(), 16);
        assert!(cpu.iter().all(|wheel| cuda.contains(wheel)));
    }

    #[test]
    fn pins_are_whole_and_distinct() {
        let all = wheels_on(Device::Cuda(0), "linux", "x86_64").expect("a plan");
        for wheel in &all {
            assert!(
                wheel.sha256.len() == 64 && wheel.sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)),
                "{}",
                wheel.name
            );
            let file_prefix = format!("{}-{}-", wheel.project.replace('-', "_"), wheel.version);
            assert!(wheel.name.starts_with(&file_prefix), "{}", wheel.name);
            assert_eq!(all.iter().filter(|other| other.sha256 == wheel.sha256).count(), 1, "{}", wheel.name);
        }
        assert_eq!(all[0].version, VERSION);
    }

    #[test]
    fn other_machines_are_told_so() {
        let error = wheels_on(Device::Auto, "macos", "x86_64").expect_err("no such libtorch");
        assert_eq!(error.kind, ErrorKind::Unsupported);
        assert!(error.to_string().contains("macos x86_64"), "{error}");
    }
}
