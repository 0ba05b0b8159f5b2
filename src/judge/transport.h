// judge/transport.h -- JSON requests to one server, with all that a long list of them needs: pace,
// budget, patience with faults that pass, and plain words for those that do not.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "judge/budget.h"
#include "judge/endpoint.h"
#include "judge/pacer.h"
#include "judge/reply.h"

namespace stratagram::judge {

/// The wait before try k + 1 is uniform between 0 and min(max, first * 2^(k-1)): exponential
/// back-off with full jitter, the draw keyed by seed, request and k. What a Retry-After asks for
/// comes on top, and holds back every other request too.
struct PatienceOptions {
  int64_t max_tries = 6;
  std::chrono::milliseconds first_wait{1000};
  std::chrono::milliseconds max_wait{60'000};
  std::chrono::seconds max_asked_wait{600};  ///< a server that asks for more ends the work
  uint64_t seed = 0;
};

struct TransportOptions {
  Endpoint endpoint;
  double requests_per_minute = 0;  ///< 0: no limit
  BudgetLimits budget{};
  PatienceOptions patience{};
  /// What a stop leaves of the answers that came, for messages.
  std::string kept = "no answer that came was kept";
};

/// Thread-safe. The error that one request ends with first makes all others end soon, with the same
/// error, but for those already on their way.
class Transport {
 public:
  explicit Transport(TransportOptions options);

  struct Request {
    std::string path;  ///< "/chat/completions", below the base address
    nlohmann::json body;
    std::string name;  ///< keys the jitter
    int64_t estimated_tokens = 0;
  };
  /// What stands in a JSON object that came.
  struct Reading {
    std::optional<TokenUse> tokens{};  ///< none: take the estimate
    std::string fault{};               ///< not empty: it is no answer, so try again
  };
  using Read = std::function<Reading(const nlohmann::json& reply)>;

  /// The answer, a JSON object without a fault. Throws Error: kInterrupted after Ctrl-C and for a
  /// used up budget; kConfig for 401, 403, 404, a redirect and a web page, which are not tried
  /// again; kData for other refusals, and when the last try failed.
  [[nodiscard]] nlohmann::json post(const Request& request, const Read& read);

  [[nodiscard]] Spending spending() const { return budget_.spending(); }
  [[nodiscard]] const TransportOptions& options() const { return options_; }

  /// The wait before the next try after `num_failed` ones, without what a server asks for.
  [[nodiscard]] static std::chrono::milliseconds back_off(const PatienceOptions& patience,
                                                          const std::string& name,
                                                          int64_t num_failed);

 private:
  [[nodiscard]] nlohmann::json try_until_answered(const Request& request, const Read& read);
  [[nodiscard]] Reply try_once(const Request& request, const Read& read, bool is_repeated);
  void wait_until(Pacer::Clock::time_point instant) const;
  void wait_for_another_try(const Request& request, const Reply& reply, int64_t num_failed);
  void throw_if_stopped() const;
  [[nodiscard]] std::string stop_message() const;

  TransportOptions options_;
  Pacer pacer_;
  Budget budget_;
  std::atomic<bool> stopped_{false};
  mutable std::mutex mutex_;
  std::exception_ptr cause_;  ///< the error that stopped everything
};

}  // namespace stratagram::judge
