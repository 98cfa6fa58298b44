//! What libtorch can do and `tch` cannot: the only `unsafe` code of this crate.
//!
//! Each function calls one function of `shim/*.cpp`, where every C++ exception is caught and comes
//! back as text; only its first line is kept, the rest is a C++ backtrace.

use std::ffi::{CStr, c_char, c_int};

use fewlabel_contract::{Error, ErrorKind, Result};
use tch::Tensor;
use torch_sys::C_tensor;

unsafe extern "C" {
    fn fewlabel_free_text(message: *mut c_char);
    fn fewlabel_torch_version() -> *const c_char;
    fn fewlabel_open_cuda(found: *mut bool) -> *mut c_char;
    fn fewlabel_set_threads(threads: c_int) -> *mut c_char;
    fn fewlabel_set_deterministic() -> *mut c_char;
    fn fewlabel_cuda_memory(device: c_int, live: *mut u64, held: *mut u64) -> *mut c_char;
    fn fewlabel_autocast_begin(cuda: bool) -> *mut c_char;
    fn fewlabel_autocast_end(cuda: bool) -> *mut c_char;
    fn fewlabel_channels_last(tensor: *const C_tensor, out: *mut *mut C_tensor) -> *mut c_char;
    fn fewlabel_adamw(
        weights: *const *const C_tensor,
        gradients: *const *const C_tensor,
        first: *const *const C_tensor,
        second: *const *const C_tensor,
        steps: *const *const C_tensor,
        count: usize,
        rate: f64,
        beta1: f64,
        beta2: f64,
        decay: f64,
        epsilon: f64,
    ) -> *mut c_char;
    fn fewlabel_clip(gradients: *const *const C_tensor, count: usize, limit: f64, norm: *mut f64) -> *mut c_char;
    fn fewlabel_lerp(averages: *const *const C_tensor, weights: *const *const C_tensor, count: usize, share: f64) -> *mut c_char;
}

/// Version of the libtorch that this program was built against: `2.11.0`.
pub fn torch_version() -> &'static str {
    // SAFETY: a string literal of the shim, ASCII and zero-terminated.
    let text = unsafe { CStr::from_ptr(fewlabel_torch_version()) };
    text.to_str().unwrap_or("unknown")
}

/// Whether this libtorch can talk to a GPU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CudaLibrary {
    /// There is no `libtorch_cuda` beside `libtorch_cpu`.
    Absent,
    /// It is there but cannot be opened; the loader's words name the library that is missing.
    Broken(String),
    /// It is open.
    Open,
}

/// Opens `libtorch_cuda` when it lies beside `libtorch_cpu`. Must come before any other libtorch call.
pub fn open_cuda() -> CudaLibrary {
    let mut found = false;
    // SAFETY: the shim writes one bool; opening runs initialisers of a library that belongs to this libtorch.
    let message = unsafe { fewlabel_open_cuda(&mut found) };
    match (found, take_text(message)) {
        (false, _) => CudaLibrary::Absent,
        (true, Some(message)) => CudaLibrary::Broken(message),
        (true, None) => CudaLibrary::Open,
    }
}

/// Sets the number of threads inside one operation, 1 or more.
///
/// # Errors
/// `internal`: what libtorch says.
pub fn set_threads(threads: usize) -> Result<()> {
    let threads = c_int::try_from(threads.max(1)).unwrap_or(c_int::MAX);
    // SAFETY: a plain number goes over.
    check("set threads", unsafe { fewlabel_set_threads(threads) })
}

/// From now on an operation whose result depends on thread timing is an error.
///
/// # Errors
/// `internal`: what libtorch says.
pub fn set_deterministic() -> Result<()> {
    // SAFETY: no argument.
    check("set deterministic", unsafe { fewlabel_set_deterministic() })
}

/// Bytes in live tensors and bytes held, on CUDA device `device`.
///
/// # Errors
/// `internal`: what libtorch says.
pub fn cuda_memory(device: usize) -> Result<(u64, u64)> {
    let (mut live, mut held) = (0, 0);
    let device = c_int::try_from(device).unwrap_or(c_int::MAX);
    // SAFETY: the shim writes two numbers.
    check("read CUDA memory", unsafe { fewlabel_cuda_memory(device, &mut live, &mut held) })?;
    Ok((live, held))
}

/// A region of this thread in which convolutions compute in bfloat16; ends when dropped, also on unwinding.
#[derive(Debug)]
pub struct Autocast {
    cuda: bool,
    // Autocast belongs to the thread: a guard must not be dropped on another one.
    _thread: std::marker::PhantomData<*const ()>,
}

impl Autocast {
    /// Begins the region on the CPU, or on CUDA.
    ///
    /// # Errors
    /// `internal`: what libtorch says.
    pub fn begin(cuda: bool) -> Result<Self> {
        // SAFETY: a plain flag goes over.
        check("begin autocast", unsafe { fewlabel_autocast_begin(cuda) })?;
        Ok(Self { cuda, _thread: std::marker::PhantomData })
    }
}

impl Drop for Autocast {
    fn drop(&mut self) {
        // SAFETY: a plain flag goes over. There is nobody to tell of an error, and leaving cannot fail.
        let _ = take_text(unsafe { fewlabel_autocast_end(self.cuda) });
    }
}

/// The same values with the channels of a pixel side by side in memory (4 axes: `n c h w`).
///
/// # Errors
/// `internal`: not 4 axes.
pub fn channels_last(tensor: &Tensor) -> Result<Tensor> {
    let mut out = std::ptr::null_mut();
    // SAFETY: the pointer belongs to a living tensor; the shim gives a new tensor that we own.
    check("lay out channels last", unsafe { fewlabel_channels_last(tensor.as_ptr(), &mut out) })?;
    // SAFETY: just made by the shim, not shared.
    Ok(unsafe { Tensor::from_ptr(out) })
}

/// The numbers of one AdamW step.
#[derive(Clone, Copy, Debug)]
pub struct AdamW {
    /// Learning rate of this step.
    pub rate: f64,
    /// Decay of the first moment.
    pub beta1: f64,
    /// Decay of the second moment.
    pub beta2: f64,
    /// Weight decay, decoupled.
    pub decay: f64,
    /// Keeps the division finite.
    pub epsilon: f64,
}

/// One AdamW step in place. All five lists are of one length and order; each of `steps` is a scalar f32 tensor that goes up by one.
///
/// # Errors
/// `internal`: lists of unequal length, or what libtorch says.
pub fn adamw(
    weights: &[Tensor],
    gradients: &[Tensor],
    first: &[Tensor],
    second: &[Tensor],
    steps: &[Tensor],
    numbers: AdamW,
) -> Result<()> {
    let count = weights.len();
    if [gradients.len(), first.len(), second.len(), steps.len()] != [count; 4] {
        return Err(Error::internal("step optimiser", "lists of unequal length"));
    }
    let AdamW { rate, beta1, beta2, decay, epsilon } = numbers;
    let [w, g, m, v, s] = [weights, gradients, first, second, steps].map(pointers);
    // SAFETY: five lists of `count` living tensors; the shim changes their values, not their ownership.
    check("step optimiser", unsafe {
        fewlabel_adamw(w.as_ptr(), g.as_ptr(), m.as_ptr(), v.as_ptr(), s.as_ptr(), count, rate, beta1, beta2, decay, epsilon)
    })
}

/// Scales the gradients in place so that their joint Euclidean norm is at most `limit`, and gives the norm before.
///
/// # Errors
/// `internal`: what libtorch says.
pub fn clip(gradients: &[Tensor], limit: f64) -> Result<f64> {
    let mut norm = 0.0;
    let list = pointers(gradients);
    // SAFETY: a list of living tensors; the shim writes one number.
    check("clip gradients", unsafe { fewlabel_clip(list.as_ptr(), list.len(), limit, &mut norm) })?;
    Ok(norm)
}

/// Moves each of `averages` by `share` of its way to the weight of the same place, in place.
///
/// # Errors
/// `internal`: lists of unequal length, or what libtorch says.
pub fn lerp(averages: &[Tensor], weights: &[Tensor], share: f64) -> Result<()> {
    if averages.len() != weights.len() {
        return Err(Error::internal("average weights", "lists of unequal length"));
    }
    let (a, w) = (pointers(averages), pointers(weights));
    // SAFETY: two lists of the same number of living tensors.
    check("average weights", unsafe { fewlabel_lerp(a.as_ptr(), w.as_ptr(), a.len(), share) })
}

/// The error of a libtorch text: out of memory is told apart, and only the first line is kept.
pub(crate) fn torch_error(operation: &str, text: &str) -> Error {
    let line = text.lines().next().unwrap_or("libtorch gave no reason").trim();
    let out_of_memory = ["out of memory", "can't allocate memory", "bad_alloc", "not enough memory"];
    if out_of_memory.iter().any(|words| line.to_lowercase().contains(words)) {
        return Error::new(ErrorKind::OutOfMemory, operation, line).hint("use a smaller crop, batch or width");
    }
    Error::internal(operation, line)
}

fn pointers(tensors: &[Tensor]) -> Vec<*const C_tensor> {
    tensors.iter().map(Tensor::as_ptr).collect()
}

fn check(operation: &str, message: *mut c_char) -> Result<()> {
    take_text(message).map_or(Ok(()), |text| Err(torch_error(operation, &text)))
}

fn take_text(message: *mut c_char) -> Option<String> {
    if message.is_null() {
        return None;
    }
    // SAFETY: not null, zero-terminated, made by the shim, freed once and here.
    let text = unsafe { CStr::from_ptr(message) }.to_string_lossy().into_owned();
    unsafe { fewlabel_free_text(message) };
    Some(text)
}

/// Takes a copy of the standard output and points the standard output itself to the standard error.
///
/// # Errors
/// When the system has no descriptor left.
pub fn claim_stdout() -> std::io::Result<std::fs::File> {
    use std::os::fd::AsFd;
    let copy = std::io::stdout().as_fd().try_clone_to_owned()?;
    // SAFETY: both descriptors are open; libc closes and replaces number 1 in one call.
    if unsafe { libc::dup2(libc::STDERR_FILENO, libc::STDOUT_FILENO) } < 0 {
        return Err(std::io::Error::last_os_error());
    }
    Ok(copy.into())
}

/// Ends the process at once, without running destructors: libtorch's threads may be at work.
pub fn exit_now(code: i32) -> ! {
    // SAFETY: does not return, touches no memory of ours.
    unsafe { libc::_exit(code) }
}
