// Threads, determinism, the CUDA library that is opened at run time, versions and memory.
#include "guard.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <torch/version.h>

#ifdef __linux__
#include <dlfcn.h>
#include <limits.h>
#include <unistd.h>
#endif

#include <string>

extern "C" {

void fewlabel_free_text(char* message) { std::free(message); }

const char* fewlabel_torch_version() { return TORCH_VERSION; }

// Opens `libtorch_cuda` from the folder of `libtorch_cpu`, before any other call into libtorch: its
// initialisers register the CUDA kernels. `*found` is false where there is no such file.
char* fewlabel_open_cuda(bool* found) {
  *found = false;
#ifdef __linux__
  void* cpu = dlopen("libtorch_cpu.so", RTLD_NOW | RTLD_NOLOAD);
  char folder[PATH_MAX];
  if (cpu == nullptr || dlinfo(cpu, RTLD_DI_ORIGIN, folder) != 0) return nullptr;
  const std::string path = std::string(folder) + "/libtorch_cuda.so";
  if (access(path.c_str(), R_OK) != 0) return nullptr;
  *found = true;
  if (dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) return fewlabel::text(dlerror());
#endif
  return nullptr;
}

// Threads inside one operation.
char* fewlabel_set_threads(int threads) {
  return fewlabel::guard([&] { at::set_num_threads(threads); });
}

// Refuses operations whose result depends on the order in which threads happen to run.
char* fewlabel_set_deterministic() {
  return fewlabel::guard([] {
    at::globalContext().setDeterministicAlgorithms(true, false);
    at::globalContext().setDeterministicFillUninitializedMemory(false);
    at::globalContext().setBenchmarkCuDNN(false);
  });
}

// Bytes in live tensors and bytes held from the CUDA device, now.
char* fewlabel_cuda_memory(int device, uint64_t* live, uint64_t* held) {
  return fewlabel::guard([&] {
    const auto stats = c10::getDeviceAllocator(c10::kCUDA)->getDeviceStats(static_cast<c10::DeviceIndex>(device));
    *live = static_cast<uint64_t>(stats.allocated_bytes[0].current);
    *held = static_cast<uint64_t>(stats.reserved_bytes[0].current);
  });
}

}  // extern "C"
