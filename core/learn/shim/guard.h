// What every function of the shim is wrapped in: no C++ exception may reach Rust.
#pragma once

#include <ATen/core/Tensor.h>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <vector>

namespace fewlabel {

// A copy that Rust frees with `fewlabel_free_text`.
inline char* text(const char* message) {
  const char* said = message == nullptr || *message == '\0' ? "libtorch gave no reason" : message;
  char* copy = static_cast<char*>(std::malloc(std::strlen(said) + 1));
  if (copy != nullptr) std::strcpy(copy, said);
  return copy;
}

// Runs `body`; null means that it went well, else the text of the exception.
template <typename Body>
char* guard(Body&& body) {
  try {
    body();
    return nullptr;
  } catch (const std::exception& error) {
    return text(error.what());
  } catch (...) {
    return text("an exception that is no std::exception");
  }
}

// `tch` hands tensors over as pointers to `at::Tensor`.
inline std::vector<at::Tensor> list(at::Tensor* const* tensors, size_t count) {
  std::vector<at::Tensor> out;
  out.reserve(count);
  for (size_t i = 0; i < count; i++) out.push_back(*tensors[i]);
  return out;
}

}  // namespace fewlabel
