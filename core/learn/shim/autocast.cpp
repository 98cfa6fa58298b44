// bfloat16 autocast, which `tch` can neither switch on for the CPU nor give a type, and memory formats.
#include "guard.h"

#include <ATen/autocast_mode.h>

extern "C" {

// Begins a region in which convolutions compute in bfloat16. Regions nest.
char* fewlabel_autocast_begin(bool cuda) {
  return fewlabel::guard([&] {
    const auto device = cuda ? at::kCUDA : at::kCPU;
    at::autocast::set_autocast_enabled(device, true);
    at::autocast::set_autocast_dtype(device, at::kBFloat16);
    at::autocast::set_autocast_cache_enabled(true);
    at::autocast::increment_nesting();
  });
}

// Ends it; with the outermost region the cached copies of the weights go.
char* fewlabel_autocast_end(bool cuda) {
  return fewlabel::guard([&] {
    if (at::autocast::decrement_nesting() == 0) {
      at::autocast::clear_cache();
      at::autocast::set_autocast_enabled(cuda ? at::kCUDA : at::kCPU, false);
    }
  });
}

// The same values with the channels of a pixel side by side in memory (NHWC strides). `contiguous` would leave a tensor of one
// channel as it is, and convolutions read from its strides that the maps they make are to be NCHW.
char* fewlabel_channels_last(const at::Tensor* tensor, at::Tensor** out) {
  return fewlabel::guard([&] {
    *out = new at::Tensor(tensor->to(tensor->options(), false, false, at::MemoryFormat::ChannelsLast));
  });
}

}  // extern "C"
