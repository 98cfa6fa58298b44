// One optimisation step over lists of tensors whose state the caller owns and can therefore save.
#include "guard.h"

#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/stack.h>
#include <c10/core/GradMode.h>

extern "C" {

// AdamW (Loshchilov & Hutter 2019, decoupled weight decay) in place.
char* fewlabel_adamw(at::Tensor* const* weights, at::Tensor* const* gradients, at::Tensor* const* first,
                     at::Tensor* const* second, at::Tensor* const* steps, size_t count, double rate, double beta1,
                     double beta2, double decay, double epsilon) {
  return fewlabel::guard([&] {
    c10::NoGradGuard no_grad;
    auto w = fewlabel::list(weights, count);
    auto g = fewlabel::list(gradients, count);
    auto m = fewlabel::list(first, count);
    auto v = fewlabel::list(second, count);
    auto s = fewlabel::list(steps, count);
    for (size_t i = 0; i < count; i++) {
      // The kernel walks through memory: a gradient in another layout would meet other elements.
      if (!g[i].strides().equals(w[i].strides())) g[i] = at::empty_like(w[i]).copy_(g[i]);
      s[i].add_(1);
    }
    at::_fused_adamw_(w, g, m, v, {}, s, rate, beta1, beta2, decay, epsilon, false, false);
  });
}

// Scales all gradients so that their joint Euclidean norm is at most `limit`; gives the norm before.
char* fewlabel_clip(at::Tensor* const* gradients, size_t count, double limit, double* norm) {
  return fewlabel::guard([&] {
    c10::NoGradGuard no_grad;
    auto g = fewlabel::list(gradients, count);
    *norm = at::linalg_vector_norm(at::stack(at::_foreach_norm(g))).item<double>();
    if (*norm > limit) at::_foreach_mul_(g, limit / *norm);
  });
}

// average += (weight - average) * share, in place.
char* fewlabel_lerp(at::Tensor* const* averages, at::Tensor* const* weights, size_t count, double share) {
  return fewlabel::guard([&] {
    c10::NoGradGuard no_grad;
    auto a = fewlabel::list(averages, count);
    at::_foreach_lerp_(a, fewlabel::list(weights, count), share);
  });
}

}  // extern "C"
