#include "speed/machine.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/Version.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/full.h>
#include <ATen/ops/mm.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <fstream>
#include <limits>

#include "core/error.h"
#include "model/weights.h"
#include "speed/noise.h"
#include "train/clock.h"

namespace stratagram::speed {
namespace {

constexpr double kShortestSeconds = 0.3;

std::string processor_name() {
  std::ifstream cpus("/proc/cpuinfo");
  for (std::string line; std::getline(cpus, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

// Rows that have hardly any weight in the time, against the same numbers in float64.
void check_product(const at::Tensor& x, const at::Tensor& w) {
  const at::Tensor some = x.narrow(0, 0, std::min<int64_t>(16, x.size(0)));
  const at::Tensor exact = at::mm(some.to(at::kDouble), w.to(at::kDouble));
  const double off =
      (at::mm(some, w).to(at::kDouble) - exact).norm().item<double>() / exact.norm().item<double>();
  // Half of the last place of the result's dtype, and float32 sums of 1,536 products.
  const double allowed = x.scalar_type() == at::kFloat ? 1e-5 : 4e-3;
  if (!(off < allowed)) {
    fail(ErrorKind::kInternal,
         "a {} product of [{}, {}]: wanted that of float64 within {}, got a difference of {}; "
         "nothing was timed",
         model::dtype_name(x.scalar_type()),
         x.size(0),
         x.size(1),
         allowed,
         off);
  }
}

struct Seconds {
  double best = std::numeric_limits<double>::infinity();
  double mean = 0;
};

// Of as many runs as fit into `wanted`, one at least; `work` ends when its result is there.
template <typename Work>
Seconds time_for(double wanted, const Work& work) {
  work();
  Seconds seconds;
  int64_t num_runs = 0;
  const train::Clock all;
  do {
    const train::Clock clock;
    work();
    seconds.best = std::min(seconds.best, clock.seconds());
    ++num_runs;
  } while (all.seconds() < wanted);
  seconds.mean = all.seconds() / static_cast<double>(num_runs);
  return seconds;
}

}  // namespace

Machine describe_machine() {
  __builtin_cpu_init();
  return {.processor = processor_name(),
          .threads = at::get_num_threads(),
          .vectors = at::get_cpu_capability(),
          .fast_bfloat16 = __builtin_cpu_supports("avx512bf16") != 0,
          .amx = __builtin_cpu_supports("amx-bf16") != 0};
}

GemmSpeed gemm_speed(at::ScalarType dtype,
                     at::Device device,
                     const ProductShape& shape,
                     double seconds) {
  const c10::InferenceMode inference;
  const at::Tensor x = noise({shape.rows, shape.width}, 1.0, 1, dtype).to(device);
  const at::Tensor w = noise({shape.width, shape.width}, 1.0, 2, dtype).to(device);
  check_product(x, w);
  // Reading an item waits for a device that works on its own.
  const Seconds taken = time_for(seconds, [&] { (void)at::mm(x, w)[0][0].item<double>(); });
  const double operations = 2.0 * static_cast<double>(shape.rows * shape.width * shape.width);
  return {.best = operations / taken.best, .mean = operations / taken.mean};
}

double gemm_peak(at::ScalarType dtype, at::Device device, const ProductShape& shape) {
  return gemm_speed(dtype, device, shape, kShortestSeconds).best;
}

double copy_bandwidth(int64_t num_bytes) {
  const c10::InferenceMode inference;
  const at::Tensor from = at::full({num_bytes}, 7, at::TensorOptions().dtype(at::kByte));
  const at::Tensor to = at::empty_like(from);
  const double seconds = time_for(kShortestSeconds, [&] { to.copy_(from); }).best;
  if (!to.equal(from)) {
    fail(ErrorKind::kInternal, "a copy of {} bytes: wanted the same bytes, got others", num_bytes);
  }
  return 2.0 * static_cast<double>(num_bytes) / seconds;
}

Peaks gemm_peaks() {
  return {.float32 = gemm_peak(at::kFloat), .bfloat16 = gemm_peak(at::kBFloat16)};
}

}  // namespace stratagram::speed
