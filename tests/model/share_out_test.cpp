#include "model/share_out.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
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
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::atomic<int> others = 0;
  int seen_by_the_busy = 0;
  share_out(9, [&](Pieces& pieces) {
    while (const auto piece = pieces.take_()) {
      if (*piece > 0) {
        ++others;
        continue;
      }
      // Only another thread can take these; equal shares would leave some to this one.
      while (others < 8 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
      seen_by_the_busy = others;
    }
  });
  EXPECT_EQ(seen_by_the_busy, 8);
}

TEST(ShareOut, StaysOnOneThreadInsideAnother) {
  const Threads with(2);
  std::atomic<int> here = 0;
  share_out(2, [&](Pieces& pieces) {
    while (pieces.take_()) {
      const auto outer = std::this_thread::get_id();
      share_out(3, [&](Pieces& inner) {
        while (inner.take_()) {
          if (std::this_thread::get_id() == outer) ++here;
        }
      });
    }
  });
  EXPECT_EQ(here, 6);
}

TEST(ShareOut, ThrowsWhatAThreadThrowsAfterTheOthersHaveDoneTheRest) {
  const Threads with(2);
  std::atomic<int> done = 0;
  std::string what;
  try {
    share_out(4, [&](Pieces& pieces) {
      while (const auto piece = pieces.take_()) {
        if (*piece == 0) throw std::runtime_error("piece 0");
        ++done;
      }
    });
  } catch (const std::runtime_error& error) {
    what = error.what();
  }
  EXPECT_EQ(what, "piece 0");
  EXPECT_EQ(done, 3);
}

TEST(ShareOutRows, CutsThemIntoPiecesOfAboutOneSize) {
  const Threads with(1);
  for (const int64_t rows : {0, 1, 7, 8, 9, 64, 65}) {
    std::vector<int64_t> sizes;
    int64_t next = 0;
    share_out_rows(rows, 8, [&](int64_t begin, int64_t end) {
      EXPECT_EQ(begin, next) << rows;
      next = end;
      sizes.push_back(end - begin);
    });
    EXPECT_EQ(next, rows);
    ASSERT_EQ(sizes.size(), (rows + 7) / 8);
    if (rows == 0) continue;
    const auto [least, most] = std::minmax_element(sizes.begin(), sizes.end());
    EXPECT_LE(*most, 8) << rows;
    EXPECT_LE(*most - *least, 1) << rows;
  }
}

TEST(RowsOfPiece, AreOneWhereARowIsLongAndMoreWhereItIsShort) {
  EXPECT_EQ(rows_of_piece(100'000), 1);
  EXPECT_EQ(rows_of_piece(16384), 1);
  EXPECT_EQ(rows_of_piece(576), 28);
  EXPECT_EQ(rows_of_piece(0), 16384);
}

}  // namespace
}  // namespace stratagram::model
