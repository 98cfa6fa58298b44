// Batch normalisation and rectification in one, for training on the processor.
//
// libtorch runs them as separate operations that read and write the maps 14 times in a step; here it is 8 times.
// Maps lie channels last, so that a pixel's channels are neighbours. Sums are taken over fixed pieces of
// the pixels and then over the pieces in order: the result does not depend on the number of threads.
#include "guard.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty_like.h>
#include <c10/util/BFloat16.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <cstdint>

namespace fewlabel {
namespace {

constexpr int64_t LANES = 16;
constexpr int64_t PIECES = 64;

typedef float f32x16 __attribute__((vector_size(64)));
typedef uint32_t u32x16 __attribute__((vector_size(64)));
typedef int32_t i32x16 __attribute__((vector_size(64)));
typedef uint16_t u16x16 __attribute__((vector_size(32)));

// Vectors travel by reference: passing them by value would depend on the processor that is compiled for.
inline void load(const float* from, f32x16& to) { std::memcpy(&to, from, sizeof(to)); }
inline void store(float* to, const f32x16& from) { std::memcpy(to, &from, sizeof(from)); }

inline void load(const c10::BFloat16* from, f32x16& to) {
  u16x16 half;
  std::memcpy(&half, from, sizeof(half));
  const u32x16 bits = __builtin_convertvector(half, u32x16) << 16;
  std::memcpy(&to, &bits, sizeof(to));
}

// Rounds to the nearest, ties to even.
inline void store(c10::BFloat16* to, const f32x16& from) {
  u32x16 bits;
  std::memcpy(&bits, &from, sizeof(bits));
  const u16x16 half = __builtin_convertvector((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16, u16x16);
  std::memcpy(to, &half, sizeof(half));
}

inline void positive(const f32x16& condition, const f32x16& value, f32x16& out) {
  const i32x16 mask = condition > 0.0f;
  u32x16 bits;
  std::memcpy(&bits, &value, sizeof(bits));
  bits &= (u32x16)mask;
  std::memcpy(&out, &bits, sizeof(out));
}

// Sums of (x - shift) and its square over `pixels` pixels, for 16 channels.
template <typename T>
inline void sum_piece(const T* x, int64_t pixels, int64_t stride, const float* shift, float* sum, float* square) {
  f32x16 s{}, q{}, k, v;
  load(shift, k);
  for (int64_t i = 0; i < pixels; i++) {
    load(x + i * stride, v);
    v -= k;
    s += v;
    q += v * v;
  }
  store(sum, s);
  store(square, q);
}

// y = max(0, a x + b)
template <typename T>
inline void apply_piece(const T* x, T* y, int64_t pixels, int64_t stride, const float* scale, const float* shift) {
  f32x16 a, b, v;
  load(scale, a);
  load(shift, b);
  for (int64_t i = 0; i < pixels; i++) {
    load(x + i * stride, v);
    v = v * a + b;
    positive(v, v, v);
    store(y + i * stride, v);
  }
}

// Sums of dz and dz (x - mean) where dz = dy where y > 0.
template <typename T>
inline void sum_gradient_piece(const T* x, const T* dy, int64_t pixels, int64_t stride, int64_t dy_stride, const float* scale,
                               const float* shift, const float* mean, float* sum, float* product) {
  f32x16 a, b, m, v, g, s{}, p{};
  load(scale, a);
  load(shift, b);
  load(mean, m);
  for (int64_t i = 0; i < pixels; i++) {
    load(x + i * stride, v);
    load(dy + i * dy_stride, g);
    positive(v * a + b, g, g);
    s += g;
    p += g * (v - m);
  }
  store(sum, s);
  store(product, p);
}

// dx = a (dz - c0 - c1 (x - mean))
template <typename T>
inline void gradient_piece(const T* x, const T* dy, T* dx, int64_t pixels, int64_t stride, int64_t dy_stride, const float* scale,
                           const float* shift, const float* mean, const float* c0, const float* c1) {
  f32x16 a, b, m, u, w, v, g;
  load(scale, a);
  load(shift, b);
  load(mean, m);
  load(c0, u);
  load(c1, w);
  for (int64_t i = 0; i < pixels; i++) {
    load(x + i * stride, v);
    load(dy + i * dy_stride, g);
    positive(v * a + b, g, g);
    g = a * (g - u - w * (v - m));
    store(dx + i * stride, g);
  }
}

// The four passes over all channels of `n` pixels.
template <typename T>
struct Passes {
  void (*sums)(const T* x, int64_t n, int64_t c, const float* k, float* s, float* q);
  void (*apply)(const T* x, T* y, int64_t n, int64_t c, const float* a, const float* b);
  void (*gradient_sums)(const T* x, const T* dy, int64_t n, int64_t c, int64_t d, const float* a, const float* b,
                        const float* m, float* s, float* p);
  void (*gradients)(const T* x, const T* dy, T* dx, int64_t n, int64_t c, int64_t d, const float* a, const float* b,
                    const float* m, const float* u, const float* w);
};

// The same source, compiled for one kind of processor.
#define PASSES_FOR(NAME, TARGET)                                                                                          \
  template <typename T>                                                                                                   \
  struct NAME {                                                                                                           \
    TARGET static void sums(const T* x, int64_t n, int64_t c, const float* k, float* s, float* q) {                       \
      for (int64_t j = 0; j < c; j += LANES) sum_piece(x + j, n, c, k + j, s + j, q + j);                                 \
    }                                                                                                                     \
    TARGET static void apply(const T* x, T* y, int64_t n, int64_t c, const float* a, const float* b) {                    \
      for (int64_t j = 0; j < c; j += LANES) apply_piece(x + j, y + j, n, c, a + j, b + j);                               \
    }                                                                                                                     \
    TARGET static void gradient_sums(const T* x, const T* dy, int64_t n, int64_t c, int64_t d, const float* a,            \
                                     const float* b, const float* m, float* s, float* p) {                               \
      for (int64_t j = 0; j < c; j += LANES)                                                                              \
        sum_gradient_piece(x + j, dy + j, n, c, d, a + j, b + j, m + j, s + j, p + j);                                    \
    }                                                                                                                     \
    TARGET static void gradients(const T* x, const T* dy, T* dx, int64_t n, int64_t c, int64_t d, const float* a,         \
                                 const float* b, const float* m, const float* u, const float* w) {                       \
      for (int64_t j = 0; j < c; j += LANES)                                                                              \
        gradient_piece(x + j, dy + j, dx + j, n, c, d, a + j, b + j, m + j, u + j, w + j);                                \
    }                                                                                                                     \
    static constexpr Passes<T> passes{sums, apply, gradient_sums, gradients};                                             \
  };

PASSES_FOR(Anywhere, __attribute__((flatten)))
#if defined(__x86_64__)
PASSES_FOR(Avx2, __attribute__((flatten, target("avx2,fma"))))
PASSES_FOR(Avx512, __attribute__((flatten, target("avx512f,avx512bw,avx512vl,avx512dq,fma"))))
#endif
#undef PASSES_FOR

template <typename T>
const Passes<T>& passes() {
#if defined(__x86_64__)
  static const bool wide = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  static const bool middle = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (wide) return Avx512<T>::passes;
  if (middle) return Avx2<T>::passes;
#endif
  return Anywhere<T>::passes;
}

// Runs `work(first pixel, number of pixels, piece)` over the pieces.
template <typename Work>
void in_pieces(int64_t pixels, Work&& work) {
  const int64_t length = (pixels + PIECES - 1) / PIECES;
  at::parallel_for(0, PIECES, 1, [&](int64_t begin, int64_t end) {
    for (int64_t piece = begin; piece < end; piece++) {
      const int64_t first = std::min(piece * length, pixels);
      work(first, std::min(length, pixels - first), piece);
    }
  });
}

// Adds up what the pieces gave, in their order.
std::vector<double> total(const std::vector<float>& pieces, int64_t channels) {
  std::vector<double> sums(channels, 0.0);
  for (size_t i = 0; i < pieces.size(); i++) sums[i % channels] += pieces[i];
  return sums;
}

template <typename Work>
void with_type(const at::Tensor& x, Work&& work) {
  if (x.scalar_type() == at::kBFloat16) {
    work(c10::BFloat16{});
  } else {
    work(float{});
  }
}

// Whether a pixel's channels are neighbours and pixels follow each other at one distance.
bool is_by_pixel(const at::Tensor& x) {
  const auto s = x.strides();
  return s[1] == 1 && s[2] == s[3] * x.size(3) && s[0] == s[2] * x.size(2);
}

struct BatchNormRelu : torch::autograd::Function<BatchNormRelu> {
  static at::Tensor forward(torch::autograd::AutogradContext* ctx, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& bias, const at::Tensor& running_mean, const at::Tensor& running_var,
                            double momentum, double epsilon) {
    const int64_t c = x.size(1), n = x.numel() / c;
    const auto w = weight.const_data_ptr<float>();
    const auto b = bias.const_data_ptr<float>();
    auto run_m = running_mean.mutable_data_ptr<float>();
    auto run_v = running_var.mutable_data_ptr<float>();
    auto y = at::empty_like(x);
    // Rows: scale, shift, mean, 1 / standard deviation.
    auto numbers = at::empty({4, c}, weight.options().requires_grad(false));
    float* scale = numbers.mutable_data_ptr<float>();
    float *shift = scale + c, *mean = shift + c, *inverse = mean + c;
    with_type(x, [&](auto type) {
      using T = decltype(type);
      const T* from = x.const_data_ptr<T>();
      T* to = y.template mutable_data_ptr<T>();
      // Sums of differences from the running mean lose less than sums of the values.
      const std::vector<float> guess(run_m, run_m + c);
      std::vector<float> s(PIECES * c), q(PIECES * c);
      in_pieces(n, [&](int64_t first, int64_t count, int64_t piece) {
        passes<T>().sums(from + first * c, count, c, guess.data(), s.data() + piece * c, q.data() + piece * c);
      });
      const auto sum = total(s, c), square = total(q, c);
      for (int64_t j = 0; j < c; j++) {
        const double off = sum[j] / n, var = std::max(square[j] / n - off * off, 0.0);
        const double m = guess[j] + off, i = 1.0 / std::sqrt(var + epsilon);
        mean[j] = m;
        inverse[j] = i;
        scale[j] = w[j] * i;
        shift[j] = b[j] - m * w[j] * i;
        run_m[j] += momentum * (m - run_m[j]);
        run_v[j] += momentum * (var * n / std::max<int64_t>(n - 1, 1) - run_v[j]);
      }
      in_pieces(n, [&](int64_t first, int64_t count, int64_t) {
        passes<T>().apply(from + first * c, to + first * c, count, c, scale, shift);
      });
    });
    ctx->save_for_backward({x, numbers});
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx, torch::autograd::variable_list gradients_in) {
    const auto saved = ctx->get_saved_variables();
    const auto &x = saved[0], &numbers = saved[1];
    auto dy = gradients_in[0].to(x.scalar_type());
    if (!is_by_pixel(dy)) dy = dy.contiguous(at::MemoryFormat::ChannelsLast);
    const int64_t c = x.size(1), n = x.numel() / c, d = dy.stride(3);
    const float* scale = numbers.const_data_ptr<float>();
    const float *shift = scale + c, *mean = shift + c, *inverse = mean + c;
    auto dx = at::empty_like(x);
    auto dw = at::empty({c}, numbers.options()), db = at::empty({c}, numbers.options());
    with_type(x, [&](auto type) {
      using T = decltype(type);
      const T *from = x.const_data_ptr<T>(), *up = dy.template const_data_ptr<T>();
      T* to = dx.template mutable_data_ptr<T>();
      std::vector<float> s(PIECES * c), p(PIECES * c), c0(c), c1(c);
      in_pieces(n, [&](int64_t first, int64_t count, int64_t piece) {
        passes<T>().gradient_sums(from + first * c, up + first * d, count, c, d, scale, shift, mean, s.data() + piece * c, p.data() + piece * c);
      });
      const auto sum = total(s, c), product = total(p, c);
      for (int64_t j = 0; j < c; j++) {
        const double i = inverse[j];
        db.mutable_data_ptr<float>()[j] = sum[j];
        dw.mutable_data_ptr<float>()[j] = product[j] * i;
        c0[j] = sum[j] / n;
        c1[j] = product[j] * i * i / n;
      }
      in_pieces(n, [&](int64_t first, int64_t count, int64_t) {
        passes<T>().gradients(from + first * c, up + first * d, to + first * c, count, c, d, scale, shift, mean, c0.data(), c1.data());
      });
    });
    return {dx, dw, db, at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace
}  // namespace fewlabel

extern "C" {

// Whether `fewlabel_batch_norm_relu` takes these maps.
bool fewlabel_takes_batch_norm_relu(const at::Tensor* x) {
  return x->device().is_cpu() && x->dim() == 4 && x->numel() > 0 && x->size(1) % fewlabel::LANES == 0 &&
         (x->scalar_type() == at::kFloat || x->scalar_type() == at::kBFloat16) &&
         x->is_contiguous(at::MemoryFormat::ChannelsLast);
}

// max(0, batch normalisation by the batch's own statistics); moves the running ones.
char* fewlabel_batch_norm_relu(const at::Tensor* x, const at::Tensor* weight, const at::Tensor* bias, at::Tensor* running_mean,
                               at::Tensor* running_var, double momentum, double epsilon, at::Tensor** out) {
  return fewlabel::guard([&] {
    *out = new at::Tensor(fewlabel::BatchNormRelu::apply(*x, *weight, *bias, *running_mean, *running_var, momentum, epsilon));
  });
}

}  // extern "C"
