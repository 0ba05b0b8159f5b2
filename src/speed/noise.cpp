#include "speed/noise.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/empty.h>

namespace stratagram::speed {

at::Tensor noise(const std::vector<int64_t>& shape,
                 double standard_deviation,
                 uint64_t seed,
                 at::ScalarType dtype) {
  const at::Tensor values = at::empty(shape, at::TensorOptions().dtype(at::kFloat));
  values.normal_(0.0, standard_deviation, at::detail::createCPUGenerator(seed));
  return values.to(dtype);
}

}  // namespace stratagram::speed
