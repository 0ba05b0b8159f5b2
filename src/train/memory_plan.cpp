#include "train/memory_plan.h"

#include <c10/core/ScalarType.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "model/elements.h"
#include "model/gradient_sums.h"
#include "model/head.h"
#include "model/logit_blocks.h"
#include "rollout/memory_plan.h"
#include "train/adamw.h"

namespace stratagram::train {
namespace {

constexpr int64_t kMega = 1'000'000;
constexpr int64_t kFloat = 4;  // bytes of the dtype of moments and logits
constexpr int64_t kLower = 2;  // bytes that a bfloat16 weight lacks of its master

struct Widths {
  explicit Widths(const model::Transformer& model)
      : element(static_cast<int64_t>(c10::elementSize(model.dtype()))),
        low_precision(model.dtype() == at::kBFloat16),
        has_kernels(model::has_kernels(model.head_weight_VD())),
        full(std::max(element, kFloat)),
        width(model.config().width),
        mlp(model.config().mlp_width),
        queries(model.config().num_heads * model.config().head_width),
        keys(model.config().num_kv_heads * model.config().head_width) {}
  int64_t element;  ///< bytes
  bool low_precision;
  bool has_kernels;
  int64_t full;  ///< bytes of an item in moments and norms, and in a checkpoint's masters
  int64_t width, mlp, queries, keys;

  /// What a norm over `items` keeps besides its input and output: the items over their root mean
  /// square, and of low precision the input in float32 too.
  [[nodiscard]] int64_t norm(int64_t items) const {
    return items * (low_precision ? 2 * full : full);
  }
};

// Bytes a token that one layer keeps for its backward pass, in the order of Transformer::run_layer,
// where there are kernels: what norms and the gate make is made again.
int64_t kept_by_kernels(const Widths& w, const model::ModelConfig& config) {
  int64_t items = w.width + w.queries + 2 * w.keys;  // input; rotated queries and keys, values
  int64_t bytes = config.num_heads * kFloat;         // normalisers of attention
  if (config.qk_norm) {
    items += w.queries + w.keys;
    bytes += (config.num_heads + config.num_kv_heads) * kFloat;  // scales of the norms
  }
  items += w.queries + w.width + 2 * w.mlp;  // mixed, middle, gate and up
  return bytes + w.element * items;
}

// The same by libtorch's operators.
int64_t kept_by_operators(const Widths& w, const model::ModelConfig& config) {
  const int64_t e = w.element;
  int64_t bytes = e * w.width + w.norm(w.width) + e * w.width;  // input, its norm
  bytes += e * (w.queries + 2 * w.keys);                        // projections
  if (config.qk_norm) bytes += w.norm(w.queries + w.keys) + e * (w.queries + w.keys);
  bytes += e * (w.queries + w.keys);                       // rotated
  if (w.keys != w.queries) bytes += 2 * e * w.queries;     // repeated for every query head
  bytes += 2 * e * w.queries + config.num_heads * w.full;  // mixed, twice, and its normalisers
  bytes += e * w.width + w.norm(w.width) + e * w.width;    // middle, its norm
  return bytes + 4 * e * w.mlp;                            // gate, silu, up and their product
}

int64_t kept_by_layer(const Widths& w, const model::ModelConfig& config) {
  return w.has_kernels ? kept_by_kernels(w, config) : kept_by_operators(w, config);
}

// Bytes a token of gradients inside the layer whose backward pass runs. Attention is the wider in
// some models, the feed-forward part in most.
int64_t moving_in_layer(const Widths& w) {
  const int64_t norms = 4 * w.full;
  return std::max(4 * w.element * w.mlp, (8 * w.element + norms) * w.queries) +
         (4 * w.element + norms) * w.width;
}

// Bytes a token outside the layers: ids, places and loss terms; cosines and sines; the final norm,
// the scored rows and their gradients.
int64_t kept_outside(const Widths& w, const model::ModelConfig& config) {
  constexpr int64_t kIdsAndLoss = 48 + 24 * kFloat;
  return kIdsAndLoss + 2 * w.full * config.head_width + w.norm(w.width) + 6 * w.element * w.width;
}

int64_t largest_pass(const PassShape& shape) {
  return std::max(shape.micro_batch_tokens, shape.longest_sequence);
}

int64_t activation_bytes(const model::Transformer& model, const PassShape& shape) {
  const model::ModelConfig& config = model.config();
  const Widths w(model);
  const int64_t kept = kept_by_layer(w, config);
  const int64_t layers = shape.recompute_layers ? config.num_layers * w.element * w.width + kept
                                                : config.num_layers * kept;
  const int64_t outside = kept_outside(w, config);
  const int64_t update = std::min(largest_pass(shape), shape.update_tokens);
  const int64_t scored = std::min(largest_pass(shape), shape.step_tokens);
  return std::max(update * (layers + moving_in_layer(w) + outside), scored * (kept + outside));
}

// Where there are kernels: the logits of some columns, and where panels multiply them their copy in
// the panels' order; the rows' gradient in float32, what a block of columns adds to it in both
// dtypes, and the gradient of the weight unless its sum takes it.
// Elsewhere two float32 matrices of a chunk's logits and a third in the weights' dtype; the head's
// gradient summed in float32, one chunk's share of it, and its copy in the weights' dtype.
int64_t head_bytes(const model::Transformer& model, const PassShape& shape) {
  const Widths w(model);
  const int64_t vocab_size = model.config().vocab_size;
  const int64_t tokens =
      std::min(largest_pass(shape), std::max(shape.update_tokens, shape.step_tokens));
  if (w.has_kernels) {
    const at::Tensor& weight_VD = model.head_weight_VD();
    const int64_t columns = model::logit_shape(tokens, weight_VD).columns;
    const int64_t logit = w.element + (model::has_avx2_alone() ? w.full : 0);
    return tokens * (columns * logit + 2 * w.full * w.width + w.element * w.width) +
           (w.low_precision ? 0 : weight_VD.numel() * w.element);
  }
  const int64_t rows = std::min(model::HeadOptions{}.chunk_tokens, tokens);
  return rows * vocab_size * (2 * w.full + w.element) +
         model.head_weight_VD().numel() * (w.full + 2 * w.element);
}

// A pass of fewer rows may cut its blocks otherwise and keep more of them, up to the limit.
int64_t kept_logits_bytes(const model::Transformer& model, const PassShape& shape) {
  if (!Widths(model).has_kernels) return 0;
  const model::LogitShape largest = model::logit_shape(
      std::min(largest_pass(shape), shape.update_tokens), model.head_weight_VD());
  return std::min(shape.kept_logits_mb * kMega, largest.num_blocks * largest.bytes);
}

int64_t largest_weight(const model::Transformer& model) {
  int64_t most = 0;
  for (const auto& [name, weight] : model.weights()) most = std::max(most, weight.numel());
  return most;
}

int64_t weight_bytes(const model::Transformer& model) {
  return model.num_parameters() * static_cast<int64_t>(c10::elementSize(model.dtype()));
}

std::string sum_of(const std::vector<std::pair<const char*, int64_t>>& parts) {
  std::vector<std::string> words;
  for (const auto& [name, bytes] : parts) {
    if (bytes > 0) words.push_back(fmt::format("{} {}", name, rollout::megabytes(bytes)));
  }
  return fmt::format("{}", fmt::join(words, " + "));
}

}  // namespace

void TrainingPlan::shrink_kept_logits_() {
  if (budget == 0) return;
  const int64_t room = budget - held() - (pass() - kept_logits);
  kept_logits = std::clamp<int64_t>(room, 0, kept_logits);
}

int64_t TrainingPlan::kept_logits_mb() const {
  return (kept_logits + kMega - 1) / kMega;
}

int64_t TrainingPlan::peak() const {
  return held() + std::max({key_values + rollout, pass(), resume});
}

std::string TrainingPlan::text() const {
  std::string line = sum_of({{"weights", weights},
                             {"reference", reference},
                             {"lower halves of masters", masters},
                             {"moments", moments}});
  line += " + the largest of " + sum_of({{"gradients", gradients},
                                         {"activations", activations},
                                         {"head", head},
                                         {"kept logits", kept_logits}});
  if (rollout > 0) {
    line += ", " + sum_of({{"keys and values", key_values}, {"rollout", rollout}});
  }
  if (resume > 0) line += ", " + sum_of({{"checkpoint read", resume}});
  line += fmt::format(" = {}", rollout::megabytes(peak()));
  if (budget > 0) line += fmt::format(" of {}", rollout::megabytes(budget));
  return line;
}

TrainingPlan plan_passes(const model::Transformer& model,
                         const model::Transformer* reference,
                         const PassShape& shape) {
  const Widths w(model);
  const int64_t parameters = model.num_parameters();
  TrainingPlan plan;
  plan.weights = weight_bytes(model);
  if (reference != nullptr) plan.reference = weight_bytes(*reference);
  const int64_t with_state =
      shape.state_on_disk ? std::min(parameters, AdamW::kItemsAtOnce) : parameters;
  if (w.low_precision) plan.masters = with_state * kLower;
  plan.moments = 2 * with_state * w.full;
  // Of low precision sums in float32. One weight more, on its way into the sum, where products do
  // not add to it.
  const bool adds_in_place = w.low_precision && w.has_kernels && model::has_float_product();
  // The float32 masters of a checkpoint are made when the gradients are dropped, and take no more.
  plan.gradients = (parameters + (adds_in_place ? 0 : largest_weight(model))) * w.full;
  plan.activations = activation_bytes(model, shape);
  plan.head = head_bytes(model, shape);
  plan.kept_logits = kept_logits_bytes(model, shape);
  return plan;
}

int64_t resume_bytes(const model::Transformer& model) {
  const Widths w(model);
  return weight_bytes(model) + model.num_parameters() * w.full * (w.low_precision ? 3 : 2);
}

int64_t training_budget(const model::Transformer& model, int64_t loaded_bytes) {
  const int64_t free = rollout::free_memory(model.device());
  return free == 0 ? 0 : free / 10 * 9 + loaded_bytes;
}

void check_fits(const TrainingPlan& plan, const std::string& advice) {
  if (plan.fits()) return;
  fail(ErrorKind::kDevice, "training needs {}; {}", plan.text(), advice);
}

}  // namespace stratagram::train
