// judge/budget.h -- how much may be asked by one process, and how much was.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

namespace stratagram::judge {

struct BudgetLimits {
  int64_t max_requests = 0;  ///< sent ones, repeated ones too; 0: no limit
  int64_t max_tokens = 0;    ///< in and out together; 0: no limit
};

struct TokenUse {
  int64_t prompt = 0;
  int64_t completion = 0;
};

struct Spending {
  int64_t num_requests = 0;  ///< sent
  int64_t num_repeated = 0;  ///< of these, because an earlier one failed
  TokenUse tokens{};         ///< as the replies say, else estimated
};

/// Thread-safe. A request is reserved with an estimate, then settled with what it took, so that
/// requests under way together cannot exceed the limit that each of them would keep. What they take
/// beyond their estimates does exceed it, and then no other is let go.
class Budget {
 public:
  explicit Budget(const BudgetLimits& limits) : limits_(limits) {}

  /// Waits while requests under way hold tokens that may become free again; returns early, without
  /// a reservation, when `stop` is true. Throws Error(kInterrupted), naming the limit and what was
  /// spent, when the request does not fit.
  [[nodiscard]] bool reserve(int64_t estimated_tokens,
                             bool is_repeated,
                             const std::function<bool()>& stop);

  /// Ends a reservation; failed requests used nothing that anybody could count.
  void settle(int64_t estimated_tokens, const TokenUse& used);

  [[nodiscard]] Spending spending() const;

 private:
  void check_requests() const;
  [[noreturn]] void fail_tokens(int64_t estimated_tokens) const;
  BudgetLimits limits_;
  mutable std::mutex mutex_;
  std::condition_variable settled_;
  Spending spent_;
  int64_t reserved_ = 0;
  int64_t num_reserved_ = 0;
};

}  // namespace stratagram::judge
