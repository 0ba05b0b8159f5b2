#include "eval/majority.h"

#include <algorithm>
#include <cstddef>

#include "core/error.h"

namespace stratagram::eval {
namespace {

// Numbers of subsets: C(n, k) of a thousand samples is beyond double, and within this.
using Count = long double;
using Polynomial = std::vector<Count>;  ///< coefficient of x^i: subsets of i samples

std::vector<Polynomial> binomials(int64_t n) {
  std::vector<Polynomial> rows(static_cast<size_t>(n) + 1);
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i].assign(i + 1, 1);
    for (size_t j = 1; j < i; ++j) rows[i][j] = rows[i - 1][j - 1] + rows[i - 1][j];
  }
  return rows;
}

// The product up to x^degree.
Polynomial product(const Polynomial& a, const Polynomial& b, size_t degree) {
  Polynomial result(std::min(degree + 1, a.size() + b.size() - 1), 0);
  for (size_t i = 0; i < std::min(a.size(), result.size()); ++i) {
    const size_t end = std::min(b.size(), result.size() - i);
    for (size_t j = 0; j < end; ++j) result[i + j] += a[i] * b[j];
  }
  return result;
}

class Counter {
 public:
  Counter(const Ballot& ballot, int64_t k)
      : ballot_(ballot),
        k_(static_cast<size_t>(k)),
        choose_(binomials(static_cast<int64_t>(ballot.votes.size()))),
        places_(ballot.is_right.size()) {
    for (size_t i = 0; i < ballot.votes.size(); ++i) {
      if (ballot.votes[i]) {
        places_.at(*ballot.votes[i]).push_back(i);
      } else {
        ++num_abstaining_;
      }
    }
  }

  // Share of the subsets whose vote is a right cluster.
  [[nodiscard]] double right_share() const {
    Count won = 0;
    for (size_t cluster = 0; cluster < places_.size(); ++cluster) {
      if (ballot_.is_right[cluster]) won += subsets_won_by(cluster);
    }
    return static_cast<double>(won / choose_.back()[k_]);
  }

 private:
  // By the place of the winner's first vote in the subset and by its number of votes.
  [[nodiscard]] Count subsets_won_by(size_t winner) const {
    const std::vector<size_t>& own = places_[winner];
    Count won = 0;
    for (size_t first = 0; first < own.size(); ++first) {
      const size_t later = own.size() - first - 1;
      for (size_t votes = 1; votes <= std::min(later + 1, k_); ++votes) {
        won += choose_[later][votes - 1] * others(winner, own[first], votes);
      }
    }
    return won;
  }

  // Ways to choose the rest of the subset so that no other cluster has more than `votes`, and as
  // many only one whose first vote comes after `place`.
  [[nodiscard]] Count others(size_t winner, size_t place, size_t votes) const {
    const size_t rest = k_ - votes;
    Polynomial ways = choose_[num_abstaining_];
    for (size_t cluster = 0; cluster < places_.size(); ++cluster) {
      if (cluster == winner) continue;
      const std::vector<size_t>& own = places_[cluster];
      Polynomial allowed = choose_[own.size()];
      if (allowed.size() > votes) {
        allowed.resize(votes + 1);
        const auto later = static_cast<size_t>(
            std::ranges::count_if(own, [&](size_t other) { return other > place; }));
        allowed[votes] = later >= votes ? choose_[later][votes] : 0;
      }
      ways = product(ways, allowed, rest);
    }
    return rest < ways.size() ? ways[rest] : 0;
  }

  const Ballot& ballot_;
  size_t k_;
  std::vector<Polynomial> choose_;
  std::vector<std::vector<size_t>> places_;  ///< of each cluster's votes, ascending
  size_t num_abstaining_ = 0;
};

}  // namespace

std::vector<std::optional<int64_t>> cluster_answers(
    std::span<const std::optional<std::string>> answers, const SameAnswer& same) {
  std::vector<const std::string*> firsts;
  std::vector<std::optional<int64_t>> clusters;
  clusters.reserve(answers.size());
  for (const std::optional<std::string>& answer : answers) {
    if (!answer) {
      clusters.emplace_back();
      continue;
    }
    const auto found = std::ranges::find_if(
        firsts, [&](const std::string* first) { return same(*first, *answer); });
    clusters.emplace_back(found - firsts.begin());
    if (found == firsts.end()) firsts.push_back(&*answer);
  }
  return clusters;
}

double majority_at_k(const Ballot& ballot, int64_t k) {
  const auto n = static_cast<int64_t>(ballot.votes.size());
  if (k < 1 || k > n) {
    fail(ErrorKind::kConfig, "maj@{}: wanted at least {} samples a problem, got {}", k, k, n);
  }
  return Counter(ballot, k).right_share();
}

}  // namespace stratagram::eval
