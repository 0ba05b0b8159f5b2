#include "judge/budget.h"

#include <chrono>

#include "core/error.h"

namespace stratagram::judge {

bool Budget::reserve(int64_t estimated_tokens,
                     bool is_repeated,
                     const std::function<bool()>& stop) {
  std::unique_lock lock(mutex_);
  const auto used = [this] { return spent_.tokens.prompt + spent_.tokens.completion; };
  check_requests();
  while (limits_.max_tokens > 0 && used() + reserved_ + estimated_tokens > limits_.max_tokens) {
    if (num_reserved_ == 0) fail_tokens(estimated_tokens);
    settled_.wait_for(lock, std::chrono::milliseconds(50));
    if (stop()) return false;
    check_requests();
  }
  reserved_ += estimated_tokens;
  ++num_reserved_;
  ++spent_.num_requests;
  if (is_repeated) ++spent_.num_repeated;
  return true;
}

void Budget::settle(int64_t estimated_tokens, const TokenUse& used) {
  {
    const std::lock_guard lock(mutex_);
    reserved_ -= estimated_tokens;
    --num_reserved_;
    spent_.tokens.prompt += used.prompt;
    spent_.tokens.completion += used.completion;
  }
  settled_.notify_all();
}

Spending Budget::spending() const {
  const std::lock_guard lock(mutex_);
  return spent_;
}

void Budget::check_requests() const {
  if (limits_.max_requests == 0 || spent_.num_requests < limits_.max_requests) return;
  fail(ErrorKind::kInterrupted,
       "the budget of {} requests is used up; every answer that came is in the record: the same "
       "command goes on from there, with a budget of its own",
       limits_.max_requests);
}

void Budget::fail_tokens(int64_t estimated_tokens) const {
  fail(ErrorKind::kInterrupted,
       "the budget of {} tokens does not hold the next request: {} are used, {} may be wanted; "
       "every answer that came is in the record: the same command goes on from there, with a "
       "budget of its own",
       limits_.max_tokens,
       spent_.tokens.prompt + spent_.tokens.completion,
       estimated_tokens);
}

}  // namespace stratagram::judge
