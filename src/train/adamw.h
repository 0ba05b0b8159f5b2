// train/adamw.h -- AdamW (Loshchilov and Hutter, arXiv 1711.05101) with its state in plain tensors.
//
// Behind weights in bfloat16 stand float32 masters, which the updates go to; the weight is then the
// rounded master, and only what rounding drops is kept beside it (masters.h). At a learning rate of
// 1e-6 most updates are far below what 8 bits of mantissa can hold. Moments have the dtype of the
// master.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "model/transformer.h"
#include "train/adamw_update.h"
#include "train/config.h"
#include "train/disk_tensors.h"

namespace stratagram::train {

struct UpdateReport {
  bool applied = false;        ///< false: the gradient was not finite, nothing was changed
  double gradient_norm = 0.0;  ///< global 2-norm before clipping
  double update_ratio = 0.0;   ///< 2-norm of the change over that of the weights, before rounding
};

/// Gradients of bfloat16 weights are summed in float32 (model/gradient_sums.h).
///
/// Same weights, gradients and settings give the same bits on one machine, wherever the state
/// lives. Not thread-safe.
class AdamW {
 public:
  /// Numbers of a weight that are updated at once; a multiple of a page.
  static constexpr int64_t kItemsAtOnce = int64_t{1} << 22;

  /// Keeps aliases of the weights and makes them want gradients.
  ///   folder  where the state lives, with config.state_on_disk
  /// Throws Error(kInternal) for a weight that is not contiguous or not of float32, float64 or
  /// bfloat16, Error(kDevice) when the folder has no room, Error(kConfig) for a state on disk of
  /// weights that are wider than float32 or not in the CPU's memory.
  AdamW(const model::Weights& weights,
        const OptimizerConfig& config,
        const std::filesystem::path& folder = {});

  /// Clips the gradients by their global norm, updates every weight in place, drops the
  /// gradients. A weight without gradient counts as one whose gradient is zero. A gradient that is
  /// not finite changes nothing but is dropped.
  UpdateReport step_(double learning_rate);

  void drop_gradients_();

  /// Updates made so far.
  [[nodiscard]] int64_t num_updates() const { return num_updates_; }

  /// "exp_avg.NAME", "exp_avg_sq.NAME", for bfloat16 weights "master.NAME" (float32, made here),
  /// and "num_updates" (int64, one item). Moments are aliases: save them before the next step_().
  [[nodiscard]] model::Weights state() const;

  /// Of a state on disk: gives back the memory that reading state() took.
  void release_state() const;

  /// Takes over a state() and rounds masters into the weights. Throws Error(kData) with the name of
  /// the tensor that is missing, of another shape or dtype, not expected, or a master that is not
  /// finite; what came before it is taken over then.
  void load_(const model::Weights& state, const std::string& where);

 private:
  struct Parameter {
    std::string name;
    AdamWNumbers numbers;

    /// The gradient to step with, made of zeros where there is none.
    [[nodiscard]] at::Tensor gradient_() const;
  };
  AdamWSquares update_(const AdamWNumbers& numbers, const at::Tensor& gradient, AdamWRule rule);
  void release(const AdamWNumbers& numbers) const;

  OptimizerConfig config_;
  std::optional<DiskTensors> disk_;
  std::vector<Parameter> parameters_;
  int64_t num_updates_ = 0;
};

}  // namespace stratagram::train
