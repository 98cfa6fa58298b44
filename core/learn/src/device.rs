//! Where and in which precision to compute.

use fewlabel_contract::{Device, Error, ErrorKind, Result};

use crate::shim::{self, CudaLibrary};

/// A device that was chosen, and how to compute on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    device: tch::Device,
    precision: Precision,
    /// What was chosen and why, in one line for people.
    pub reason: String,
}

/// Types of numbers in convolutions; losses and optimiser are f32 always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Precision {
    /// Whether convolutions compute in bfloat16.
    pub bf16: bool,
}

impl Machine {
    /// Chooses the device that a request names; never falls back silently.
    ///
    /// # Errors
    /// `not-found` when a GPU was asked for that is not there, with what stands in the way.
    pub fn choose(wanted: Device, cuda: &CudaLibrary) -> Result<Self> {
        match wanted {
            Device::Cpu => Ok(Self::cpu(Precision::of_cpu())),
            Device::Cuda(number) => Self::cuda(number, cuda),
            Device::Auto => Self::cuda(0, cuda).or_else(|error| {
                let mut machine = Self::cpu(Precision::of_cpu());
                machine.reason = format!("{}, as there is no usable GPU: {}", machine.reason, error.message);
                Ok(machine)
            }),
        }
    }

    /// The processor, with this precision.
    pub fn cpu(precision: Precision) -> Self {
        let reason = if precision.bf16 { "processor, convolutions in bfloat16" } else { "processor, in f32" };
        Self { device: tch::Device::Cpu, precision, reason: reason.into() }
    }

    fn cuda(number: u32, library: &CudaLibrary) -> Result<Self> {
        const INSTALL: &str = "use --device cpu, or install the training add-on for CUDA: fewlabel runtime install --device cuda";
        let refuse = |why: String, hint: &str| {
            Error::new(ErrorKind::NotFound, "choose device", why).with("device", Device::Cuda(number)).hint(hint)
        };
        match library {
            CudaLibrary::Absent => {
                return Err(refuse("the installed training add-on is the one for the processor".into(), INSTALL));
            }
            CudaLibrary::Broken(why) => return Err(refuse(format!("its CUDA library cannot be opened: {why}"), INSTALL)),
            CudaLibrary::Open => {}
        }
        let count = tch::Cuda::device_count();
        if i64::from(number) >= count {
            return Err(refuse(
                match count {
                    1 => "this machine shows one usable GPU".to_owned(),
                    count => format!("this machine shows {count} usable GPUs"),
                },
                "use --device cpu, or look whether the system's driver shows the GPU: nvidia-smi",
            ));
        }
        // bfloat16 is fast from Ampere on; older cards do not run the libtorch we pin.
        Ok(Self {
            device: tch::Device::Cuda(number as usize),
            precision: Precision { bf16: true },
            reason: format!("GPU {number}, convolutions in bfloat16"),
        })
    }

    /// As `tch` names it.
    pub fn device(&self) -> tch::Device {
        self.device
    }

    /// Whether it is a GPU.
    pub fn is_cuda(&self) -> bool {
        self.device.is_cuda()
    }

    /// How it computes.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// The device as requests write it.
    pub fn name(&self) -> Device {
        match self.device {
            tch::Device::Cuda(number) => Device::Cuda(number as u32),
            _ => Device::Cpu,
        }
    }
}

impl Precision {
    /// bfloat16 where the processor multiplies it natively (each one with AMX does AVX512-BF16 as well).
    pub fn of_cpu() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            Self { bf16: std::is_x86_feature_detected!("avx512bf16") }
        }
        #[cfg(not(target_arch = "x86_64"))]
        {
            Self { bf16: false }
        }
    }
}

/// What can compute here: `cpu` and the GPUs.
pub fn devices(cuda: &CudaLibrary) -> Vec<String> {
    let gpus = if *cuda == CudaLibrary::Open { tch::Cuda::device_count() } else { 0 };
    std::iter::once("cpu".to_owned()).chain((0..gpus).map(|n| format!("cuda:{n}"))).collect()
}

/// All threads that the machine or its limits allow.
pub fn available_threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Sets libtorch's threads, and on the processor makes every operation deterministic. GPUs have no deterministic
/// kernel for some of them.
///
/// # Errors
/// What libtorch says.
pub fn prepare(threads: usize, machine: &Machine) -> Result<()> {
    shim::set_threads(threads)?;
    if machine.is_cuda() { Ok(()) } else { shim::set_deterministic() }
}
