// model/share_out.h -- pieces of work for libtorch's threads, each taken by whichever is free:
// cores differ in speed from moment to moment where other programs or guests of the host use them,
// and with equal shares all would wait for the slowest.
#pragma once

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>

namespace stratagram::model {

/// Pieces 0 to `count` - 1, each given once. For several threads.
class Pieces {
 public:
  explicit Pieces(int64_t count) : count_(count) {}

  /// In rising order; nothing once all are taken.
  [[nodiscard]] std::optional<int64_t> take_() {
    const int64_t piece = next_.fetch_add(1, std::memory_order_relaxed);
    if (piece >= count_) return std::nullopt;
    return piece;
  }

 private:
  const int64_t count_;
  std::atomic<int64_t> next_ = 0;
};

/// Calls work(Pieces&) on libtorch's threads, on at most as many as there are pieces; inside one of
/// them on that one alone. Which thread takes a piece is left to chance, so no result may depend on
/// it. A thread has gradient and inference modes of its own, not the caller's. Where there is one
/// piece, products in it may use the other threads. Throws what a thread throws, after the others
/// have done the rest.
template <typename Work>
void share_out(int64_t num_pieces, const Work& work) {
  Pieces pieces(num_pieces);
  const int64_t num_threads = std::min<int64_t>(at::get_num_threads(), num_pieces);
  at::parallel_for(0, num_threads, 1, [&](int64_t, int64_t) { work(pieces); });
}

/// Calls with the rows [begin, end) of each piece: about as many in each, at most `rows_of_piece`,
/// which is above 0.
template <typename Call>
void share_out_rows(int64_t num_rows, int64_t rows_of_piece, const Call& call) {
  const int64_t num_pieces = (num_rows + rows_of_piece - 1) / rows_of_piece;
  share_out(num_pieces, [&](Pieces& pieces) {
    while (const auto piece = pieces.take_()) {
      call(num_rows * *piece / num_pieces, num_rows * (*piece + 1) / num_pieces);
    }
  });
}

/// Rows of `width` numbers for a piece: for fewer, waking a thread costs more than it brings.
[[nodiscard]] inline int64_t rows_of_piece(int64_t width) {
  constexpr int64_t kNumbers = 16384;
  return std::max<int64_t>(1, kNumbers / std::max<int64_t>(1, width));
}

}  // namespace stratagram::model
