#include "model/rope.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/sin.h>

#include <cmath>
#include <numbers>

#include "core/error.h"

namespace stratagram::model {
namespace {

double llama3_frequency(double frequency, const RopeScaling& scaling) {
  const double wavelength = 2.0 * std::numbers::pi / frequency;
  const auto original = static_cast<double>(scaling.original_max_positions);
  const double longest_kept = original / scaling.high_freq_factor;
  const double shortest_scaled = original / scaling.low_freq_factor;
  if (wavelength < longest_kept) return frequency;
  if (wavelength > shortest_scaled) return frequency / scaling.factor;
  const double blend = (original / wavelength - scaling.low_freq_factor) /
                       (scaling.high_freq_factor - scaling.low_freq_factor);
  return (1.0 - blend) * frequency / scaling.factor + blend * frequency;
}

}  // namespace

std::vector<double> rope_frequencies(const ModelConfig& config) {
  const int64_t half = config.head_width / 2;
  std::vector<double> frequencies;
  frequencies.reserve(half);
  for (int64_t i = 0; i < half; ++i) {
    const double exponent = 2.0 * static_cast<double>(i) / static_cast<double>(config.head_width);
    const double frequency = std::pow(config.rope_theta, -exponent);
    if (config.rope.kind == "none") {
      frequencies.push_back(frequency);
    } else if (config.rope.kind == "linear") {
      frequencies.push_back(frequency / config.rope.factor);
    } else if (config.rope.kind == "llama3") {
      frequencies.push_back(llama3_frequency(frequency, config.rope));
    } else {
      fail(ErrorKind::kInternal, "rope: wanted none, linear or llama3, got '{}'", config.rope.kind);
    }
  }
  return frequencies;
}

Rotation make_rotation(const at::Tensor& frequencies_F, const at::Tensor& positions_N) {
  const at::Tensor angles_N1F =
      positions_N.to(frequencies_F.scalar_type()).view({-1, 1, 1}) * frequencies_F;
  return {.cos_N1F = angles_N1F.cos(), .sin_N1F = angles_N1F.sin()};
}

}  // namespace stratagram::model
