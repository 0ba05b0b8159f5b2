#include "model/share_out.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <utility>
#include <vector>

namespace stratagram::model {
namespace {

// With more threads than the tests run with, for a while.
class Threads {
 public:
  explicit Threads(int count) : before_(at::get_num_threads()) { at::set_num_threads(count); }
  ~Threads() { at::set_num_threads(before_); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

 private:
  int before_;
};

TEST(ShareOut, GivesEveryPieceOnce) {
  for (const int threads : {1, 2, 5}) {
    const Threads with(threads);
    for (const int64_t count : {0, 1, 2, 3, 100}) {
      std::vector<std::atomic<int>> taken(count);
      share_out(count, [&](Pieces& pieces) {
        while (const auto piece = pieces.take_()) ++taken.at(*piece);
      });
      for (const auto& times : taken) EXPECT_EQ(times, 1) << threads << " " << count;
    }
  }
}

TEST(ShareOut, LeavesNoPieceToAThreadThatIsBusy) {
  const Threads with(2);
  std::atomic<int> others = 0;
  share_out(9, [&](Pieces& pieces) {
    while (const auto piece = pieces.take_()) {
      if (*piece > 0) {
        ++others;
      } else {
        // Only another thread can take these; equal shares would leave some to this one for ever.
        while (others < 8) {
        }
      }
    }
  });
  EXPECT_EQ(others, 8);
}

TEST(ShareOut, WorksOnOneThreadInsideAnother) {
  const Threads with(2);
  std::atomic<int> taken = 0;
  share_out(2, [&](Pieces& pieces) {
    while (pieces.take_()) {
      share_out(3, [&](Pieces& inner) {
        while (inner.take_()) ++taken;
      });
    }
  });
  EXPECT_EQ(taken, 6);
}

TEST(ShareOut, ThrowsWhatAThreadThrows) {
  const Threads with(2);
  EXPECT_THROW(share_out(4,
                         [](Pieces& pieces) {
                           while (const auto piece = pieces.take_()) {
                             if (*piece == 3) throw std::runtime_error("piece 3");
                           }
                         }),
               std::runtime_error);
}

TEST(ShareOutRows, CutsThemIntoPiecesOfWhichTheLastMayBeShorter) {
  for (const int64_t rows : {0, 1, 7, 8, 9, 64}) {
    std::vector<std::pair<int64_t, int64_t>> wanted;
    for (int64_t begin = 0; begin < rows; begin += 8) {
      wanted.emplace_back(begin, std::min<int64_t>(rows, begin + 8));
    }
    std::vector<std::pair<int64_t, int64_t>> got;
    const Threads with(1);
    share_out_rows(rows, 8, [&](int64_t begin, int64_t end) { got.emplace_back(begin, end); });
    EXPECT_EQ(got, wanted) << rows;
  }
}

}  // namespace
}  // namespace stratagram::model
