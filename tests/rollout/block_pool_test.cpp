#include "rollout/block_pool.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "core/stream.h"
#include "tests/support/expect_error.h"

namespace stratagram::rollout {
namespace {

TEST(BlockPool, NeverOwnsABlockTwiceUnderRandomUse) {
  BlockPool pool(20);
  std::map<int32_t, int> users;  // the plain reference
  int64_t reserved = 0;
  const Stream stream({.seed = 3, .purpose = "pool"});
  for (uint64_t i = 0; i < 20000; ++i) {
    const uint64_t kind = stream.below(5, 3 * i);
    const uint64_t draw = stream.bits(3 * i + 1);
    if (kind == 0 && pool.num_available() > 0) {
      pool.reserve(1);
      ++reserved;
    } else if (kind == 1 && reserved > 0) {
      const int32_t block = pool.take();
      ASSERT_EQ(users.count(block), 0U) << "block " << block << " was in use";
      users[block] = 1;
      --reserved;
    } else if (kind == 2 && reserved > 0) {
      pool.unreserve(1);
      --reserved;
    } else if (!users.empty()) {
      auto at = users.begin();
      std::advance(at, draw % users.size());
      if (kind == 3) {
        pool.share(at->first);
        ++at->second;
      } else {
        pool.release(at->first);
        if (--at->second == 0) users.erase(at);
      }
    }
    ASSERT_EQ(pool.num_free(), 20 - static_cast<int64_t>(users.size()));
    ASSERT_EQ(pool.num_available(), pool.num_free() - reserved);
  }
}

TEST(BlockPool, RefusesWhatWouldOverbookIt) {
  BlockPool pool(2);
  pool.reserve(2);

  expect_error([&] { pool.reserve(1); }, ErrorKind::kInternal, "0 are available");
  const int32_t block = pool.take();
  pool.release(block);
  expect_error([&] { pool.release(block); }, ErrorKind::kInternal, "it is free");
  expect_error([&] { pool.share(block); }, ErrorKind::kInternal, "it is free");
}

}  // namespace
}  // namespace stratagram::rollout
