#include "judge/budget.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "judge/pacer.h"
#include "tests/support/expect_error.h"

namespace stratagram::judge {
namespace {

bool never() {
  return false;
}

TEST(Budget, EndsAfterTheLastRequestItHolds) {
  Budget budget({.max_requests = 2});

  EXPECT_TRUE(budget.reserve(10, false, never));
  EXPECT_TRUE(budget.reserve(10, true, never));

  expect_error([&] { (void)budget.reserve(10, false, never); },
               ErrorKind::kInterrupted,
               "the budget of 2 requests is used up");
  EXPECT_EQ(budget.spending().num_requests, 2);
  EXPECT_EQ(budget.spending().num_repeated, 1);
}

TEST(Budget, RefusesARequestWhoseTokensDoNotFit) {
  Budget budget({.max_tokens = 100});
  EXPECT_TRUE(budget.reserve(60, false, never));
  budget.settle(60, {.prompt = 50, .completion = 5});

  EXPECT_TRUE(budget.reserve(45, false, never));
  budget.settle(45, {.prompt = 1, .completion = 0});

  expect_error([&] { (void)budget.reserve(45, false, never); },
               ErrorKind::kInterrupted,
               "56 are used, 45 may be wanted");
}

TEST(Budget, WaitsForARequestUnderWayThatMayTakeLess) {
  Budget budget({.max_tokens = 100});
  EXPECT_TRUE(budget.reserve(80, false, never));
  std::thread ending([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    budget.settle(80, {.prompt = 10, .completion = 0});
  });

  EXPECT_TRUE(budget.reserve(80, false, never));

  ending.join();
}

TEST(Budget, StopsWaitingWhenTold) {
  Budget budget({.max_tokens = 100});
  EXPECT_TRUE(budget.reserve(80, false, never));

  EXPECT_FALSE(budget.reserve(80, false, [] { return true; }));
  EXPECT_EQ(budget.spending().num_requests, 1);
}

TEST(Pacer, SpacesRequestsEvenly) {
  Pacer pacer(600);
  const Pacer::Clock::time_point now{std::chrono::seconds(5)};

  EXPECT_EQ(pacer.take(now), now);
  EXPECT_EQ(pacer.take(now), now + std::chrono::milliseconds(100));
  EXPECT_EQ(pacer.take(now), now + std::chrono::milliseconds(200));
  const auto later = now + std::chrono::seconds(9);
  EXPECT_EQ(pacer.take(later), later);
}

TEST(Pacer, LetsNoRequestLeaveWhileTheServerWantsPeace) {
  Pacer pacer(0);
  const Pacer::Clock::time_point now{std::chrono::seconds(5)};
  pacer.hold(now + std::chrono::seconds(30));

  EXPECT_EQ(pacer.take(now), now + std::chrono::seconds(30));
}

}  // namespace
}  // namespace stratagram::judge
