// math/budget.h -- the work that a comparison may do, counted in steps and never in time, so that a
// verdict is the same on every machine.
#pragma once

#include <cstdint>

namespace stratagram::math {

/// One step is about what adding two small fractions takes (20 ns on a processor of 2020). Whoever
/// works pays before the work, for all that the sizes of its inputs let expect.
/// Not thread-safe: one comparison owns one.
class Budget {
 public:
  explicit Budget(int64_t steps) : left_(steps), given_(steps) {}

  /// False when that much is not left; then nothing can be paid any more.
  [[nodiscard]] bool pay(int64_t steps) {
    if (steps < 0 || steps > left_) {
      spent_ = true;
      left_ = 0;
      return false;
    }
    left_ -= steps;
    return true;
  }

  /// True once a payment was refused: what followed is not known.
  [[nodiscard]] bool spent() const { return spent_; }
  [[nodiscard]] int64_t used() const { return given_ - left_; }

 private:
  int64_t left_;
  int64_t given_;
  bool spent_ = false;
};

/// Steps of one product or quotient of numbers that have that many bits together.
[[nodiscard]] inline int64_t steps_of_product(int64_t bits) {
  const int64_t limbs = bits / 64 + 1;
  // Between schoolbook and Karatsuba for what the limits let pass; 1,000 limbs cost 6,000 steps.
  int64_t root = 1;
  while (root * root < limbs) ++root;
  return 1 + limbs * root / 5;
}

}  // namespace stratagram::math
