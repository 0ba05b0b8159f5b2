#include "judge/transport.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/jsonl.h"
#include "core/log.h"
#include "core/stream.h"

namespace stratagram::judge {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

}  // namespace

Transport::Transport(TransportOptions options)
    : options_(std::move(options)),
      pacer_(options_.requests_per_minute),
      budget_(options_.budget) {}

json Transport::post(const Request& request, const Read& read) {
  try {
    return try_until_answered(request, read);
  } catch (const Error&) {
    const std::lock_guard lock(mutex_);
    if (!cause_) cause_ = std::current_exception();
    stopped_ = true;
    throw;
  }
}

json Transport::try_until_answered(const Request& request, const Read& read) {
  const std::string where = options_.endpoint.url + request.path;
  for (int64_t num_failed = 0;; ++num_failed) {
    throw_if_stopped();
    Reply reply = try_once(request, read, num_failed > 0);
    if (reply.outcome == Outcome::kAnswer) return std::move(reply.body);
    if (reply.outcome == Outcome::kRefused) {
      throw Error(reply.kind, fmt::format("{}: {}; {}", where, reply.fault, reply.advice));
    }
    if (num_failed + 1 >= options_.patience.max_tries) {
      fail(ErrorKind::kData,
           "{}: {} tries failed, the last one with: {}; {}",
           where,
           options_.patience.max_tries,
           reply.fault,
           reply.advice);
    }
    wait_for_another_try(request, reply, num_failed + 1);
  }
}

Reply Transport::try_once(const Request& request, const Read& read, bool is_repeated) {
  const auto stop = [this] { return interrupted() || stopped_; };
  wait_until(pacer_.take(Pacer::Clock::now()));
  if (!budget_.reserve(request.estimated_tokens, is_repeated, stop)) throw_if_stopped();
  TokenUse used;
  Reply reply;
  try {
    const HttpText text = http_post({.url = options_.endpoint.url + request.path,
                                     .body = to_json_line(request.body),
                                     .bearer_token = options_.endpoint.key,
                                     .timeout = options_.endpoint.timeout});
    if (text.end == HttpEnd::kInterrupted) fail(ErrorKind::kInterrupted, "{}", stop_message());
    reply = read_reply(text, options_.endpoint, std::chrono::system_clock::now());
    if (reply.outcome == Outcome::kAnswer) {
      const Reading reading = read(reply.body);
      used = reading.tokens.value_or(TokenUse{.prompt = request.estimated_tokens});
      if (!reading.fault.empty()) {
        reply = {.outcome = Outcome::kPassing,
                 .fault = without_key(reading.fault, options_.endpoint.key),
                 .advice = no_such_server(options_.endpoint)};
      }
    }
  } catch (const Error&) {
    budget_.settle(request.estimated_tokens, used);
    throw;
  }
  budget_.settle(request.estimated_tokens, used);
  return reply;
}

milliseconds Transport::back_off(const PatienceOptions& patience,
                                 const std::string& name,
                                 int64_t num_failed) {
  milliseconds most = patience.first_wait;
  for (int64_t i = 1; i < num_failed && most < patience.max_wait; ++i) most *= 2;
  most = std::min(most, patience.max_wait);
  const Stream stream(
      {.seed = patience.seed, .purpose = "judge back-off", .problem = hash_name(name)});
  const double share = stream.uniform(static_cast<uint64_t>(num_failed));
  return milliseconds(static_cast<int64_t>(share * static_cast<double>(most.count() + 1)));
}

void Transport::wait_for_another_try(const Request& request,
                                     const Reply& reply,
                                     int64_t num_failed) {
  milliseconds wait = back_off(options_.patience, request.name, num_failed);
  if (reply.wait) {
    if (*reply.wait > options_.patience.max_asked_wait) {
      fail(ErrorKind::kData,
           "{}{}: {}; it asks to wait {} s; {}; run the same command again after that",
           options_.endpoint.url,
           request.path,
           reply.fault,
           reply.wait->count(),
           options_.kept);
    }
    wait += *reply.wait;
    pacer_.hold(Pacer::Clock::now() + *reply.wait);
  }
  spdlog::warn("{}{}: {}; trying again in {} ms",
               options_.endpoint.url,
               request.path,
               reply.fault,
               wait.count());
  wait_until(Pacer::Clock::now() + wait);
}

void Transport::wait_until(Pacer::Clock::time_point instant) const {
  const auto now = Pacer::Clock::now();
  if (instant > now) {
    sleep_unless_interrupted(std::chrono::ceil<milliseconds>(instant - now),
                             [this] { return stopped_.load(); });
  }
  throw_if_stopped();
}

std::string Transport::stop_message() const {
  return fmt::format("stopped; {}; run the same command again", options_.kept);
}

void Transport::throw_if_stopped() const {
  throw_if_interrupted(stop_message().c_str());
  if (!stopped_) return;
  const std::lock_guard lock(mutex_);
  std::rethrow_exception(cause_);
}

}  // namespace stratagram::judge
