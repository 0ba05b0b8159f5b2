#include "model/tensor_pages.h"

#include <ATen/ops/empty.h>
#include <c10/core/CPUAllocator.h>
#include <c10/util/Exception.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "core/stream.h"

namespace stratagram::model {
namespace {

constexpr size_t kMega = 1'000'000;

uintptr_t place_of(const c10::DataPtr& memory) {
  return reinterpret_cast<uintptr_t>(memory.get());
}

TEST(TensorPages, LeavesSmallTensorsToTheDefaultAllocator) {
  TensorPages pages;
  const c10::DataPtr memory = pages.allocate(TensorPages::kFewestBytes - 1);

  ASSERT_NE(memory.get(), nullptr);
  EXPECT_EQ(pages.in_use(), 0);
  EXPECT_EQ(pages.allocate(0).get(), nullptr);
}

TEST(TensorPages, BeginsAtAPageAndFromTwoMegabytesOnAtAHugeOne) {
  TensorPages pages;
  std::vector<c10::DataPtr> all;
  for (const size_t bytes : {TensorPages::kFewestBytes, kMega, 2 * kMega}) {
    all.push_back(pages.allocate(bytes));
    EXPECT_EQ(place_of(all.back()) % 4096, 0) << bytes;
  }
  for (const size_t bytes : {size_t{1} << 21, 3 * kMega, 50 * kMega}) {
    all.push_back(pages.allocate(bytes));
    EXPECT_EQ(place_of(all.back()) % (size_t{1} << 21), 0) << bytes;
  }
}

TEST(TensorPages, GivesAFreedBlockToTheNextTensorOfItsSize) {
  TensorPages pages;
  c10::DataPtr first = pages.allocate(5 * kMega);
  std::memset(first.get(), 7, 5 * kMega);
  const uintptr_t place = place_of(first);
  first.clear();
  EXPECT_EQ(pages.in_use(), 0);
  EXPECT_GE(pages.kept(), 5 * kMega);

  const c10::DataPtr next = pages.allocate(5 * kMega + 1000);

  EXPECT_EQ(place_of(next), place);
  EXPECT_EQ(static_cast<const char*>(next.get())[5 * kMega - 1], 7);
  EXPECT_EQ(pages.kept(), 0);
}

TEST(TensorPages, TakesAtMostAnEighthMoreThanWasAskedFor) {
  TensorPages pages;
  for (size_t bytes = TensorPages::kFewestBytes; bytes < 100 * kMega; bytes += bytes / 7 + 1) {
    const c10::DataPtr memory = pages.allocate(bytes);

    EXPECT_GE(pages.in_use(), bytes);
    EXPECT_LE(pages.in_use(), bytes + bytes / 8) << bytes;
  }
}

// Random tensors that come and go, each with numbers of its own.
TEST(TensorPages, NeverHoldsMoreThanWasInUseAtOnceNorGivesMemoryTwice) {
  TensorPages pages;
  const Stream stream({.seed = 5, .purpose = "pages"});
  struct Tensor {
    c10::DataPtr memory;
    size_t bytes;
    unsigned char mark;
  };
  std::vector<Tensor> all;
  size_t most = 0;
  for (uint64_t i = 0; i < 3000; ++i) {
    if (all.empty() || stream.below(2, 3 * i) == 0) {
      const size_t bytes = TensorPages::kFewestBytes + stream.below(4 * kMega, 3 * i + 1);
      const auto mark = static_cast<unsigned char>(stream.bits(3 * i + 2));
      all.push_back({pages.allocate(bytes), bytes, mark});
      auto* numbers = static_cast<unsigned char*>(all.back().memory.get());
      numbers[0] = numbers[bytes - 1] = mark;
    } else {
      const size_t place = stream.below(all.size(), 3 * i + 1);
      const auto* numbers = static_cast<const unsigned char*>(all[place].memory.get());
      ASSERT_EQ(numbers[0], all[place].mark);
      ASSERT_EQ(numbers[all[place].bytes - 1], all[place].mark);
      std::swap(all[place], all.back());
      all.pop_back();
    }
    most = std::max(most, pages.in_use());
    ASSERT_LE(pages.in_use() + pages.kept(), most);
  }
}

TEST(TensorPages, GivesBackWhatNothingTookForAWhile) {
  TensorPages pages;
  pages.allocate(60 * kMega).clear();  // so that there is room for all that follows
  pages.allocate(5 * kMega).clear();
  const size_t kept = pages.kept();
  c10::DataPtr other;

  for (int64_t i = 0; i < TensorPages::kMostAge; ++i) other = pages.allocate(kMega);
  EXPECT_GE(pages.kept(), kept);
  other = pages.allocate(kMega);

  EXPECT_LT(pages.kept(), 2 * kMega);
}

TEST(TensorPages, ForgetsWhatWasInUseOnceItIsReleased) {
  TensorPages pages;
  pages.allocate(50 * kMega).clear();
  pages.release_kept_();
  EXPECT_EQ(pages.kept(), 0);

  pages.allocate(5 * kMega).clear();
  pages.allocate(6 * kMega).clear();

  // The first made room for the second.
  EXPECT_LT(pages.kept(), 7 * kMega);
}

TEST(TensorPages, ServesLibtorchsRawCallsForLargeAndSmallMemory) {
  TensorPages pages;
  for (const size_t bytes : {size_t{100}, 3 * kMega}) {
    void* const memory = pages.raw_allocate(bytes);
    std::memset(memory, 1, bytes);
    const c10::DataPtr copy = pages.clone(memory, bytes);
    EXPECT_EQ(static_cast<const char*>(copy.get())[bytes - 1], 1);
    pages.raw_deallocate(memory);
  }

  EXPECT_EQ(pages.in_use(), 0);
}

TEST(TensorPages, SaysAsLibtorchDoesThatThereIsNoMemoryLeft) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers end the process";
#endif
  TensorPages pages;
  pages.allocate(5 * kMega).clear();

  try {
    (void)pages.allocate(size_t{1} << 60);
    FAIL() << "there is no such memory";
  } catch (const c10::Error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("can't allocate memory"));
  }
  EXPECT_EQ(pages.in_use(), 0);
}

TEST(TensorPages, MayBeUsedByThreadsAtOnce) {
  TensorPages pages;
  std::atomic<int> num_spoiled = 0;
  // Holds eight at a time, of sizes that the others want, too.
  const auto work = [&](unsigned char mark) {
    std::array<c10::DataPtr, 8> held;
    for (size_t i = 0; i < 2000; ++i) {
      c10::DataPtr& memory = held[i % held.size()];
      if (memory) {
        const auto* numbers = static_cast<const unsigned char*>(memory.get());
        if (numbers[0] != mark || numbers[kMega / 2] != mark) ++num_spoiled;
      }
      memory = pages.allocate(kMega / 2 + 1 + i * 7919 % kMega);
      auto* numbers = static_cast<unsigned char*>(memory.get());
      numbers[0] = numbers[kMega / 2] = mark;
      std::this_thread::yield();
    }
  };
  std::vector<std::thread> threads;
  for (unsigned char mark = 1; mark <= 4; ++mark) threads.emplace_back(work, mark);
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(num_spoiled, 0);
  EXPECT_EQ(pages.in_use(), 0);
}

// In a process of its own: the allocator stays.
TEST(TensorPagesDeathTest, HoldTensorsOnceTheyAreInUse) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers watch the C library's allocator alone";
#endif
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto holds = [] {
    use_tensor_pages();
    const at::Tensor tensor = at::empty({1'000'000}, at::TensorOptions().dtype(at::kFloat));
    std::_Exit(tensor_pages().in_use() >= 4 * kMega ? 0 : 1);
  };

  EXPECT_EXIT(holds(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace stratagram::model
