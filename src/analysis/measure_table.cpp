#include "analysis/measure_table.h"

#include <numeric>

#include "metrics/entropy.h"
#include "metrics/token_sums.h"

namespace stratagram::analysis {
namespace {

Value share(double part, int64_t whole) {
  if (whole == 0) return {};
  return {.value = part / static_cast<double>(whole), .n = whole};
}

Value share(int64_t part, int64_t whole) {
  return share(static_cast<double>(part), whole);
}

int64_t row_sum(const Aggregate& a, size_t from) {
  const auto row = a.sums.transitions.begin() + static_cast<std::ptrdiff_t>(from * kNumRoles);
  return std::accumulate(row, row + kNumRoles, int64_t{0});
}

// Coefficient of use in a regression of correctness on use with an intercept for each problem.
Value use_difference(const Context& c, size_t use) {
  const UseProducts& p = c.a.products[use];
  if (p.problems == 0) return {};
  return {.value = p.use_correct / p.use_use, .n = p.problems};
}

// The same with the log of the length in words beside use; none where the two cannot be told apart.
Value use_difference_at_length(const Context& c, size_t use) {
  const UseProducts& p = c.a.products[use];
  const double determinant = p.use_use * c.a.length_length - p.use_length * p.use_length;
  if (p.problems == 0 || determinant <= 1e-9 * p.use_use * c.a.length_length) return {};
  return {.value =
              (p.use_correct * c.a.length_length - p.use_length * c.a.length_correct) / determinant,
          .n = p.problems};
}

void add_outcomes(std::vector<Measure>& all) {
  all.push_back({{"responses/count", "1", "responses read"},
                 Items::kOne,
                 [](const Context& c, size_t) {
                   return Value{static_cast<double>(c.a.sums.responses), c.a.sums.responses};
                 },
                 true});
  all.push_back(
      {{"length/words", "words", "mean length of a response"},
       Items::kOne,
       [](const Context& c, size_t) { return share(c.a.sums.words, c.a.sums.responses); }});
  all.push_back({{"length/tokens", "tokens", "the same, of responses with tokens"},
                 Items::kOne,
                 [](const Context& c, size_t) {
                   return share(c.a.sums.planning.count + c.a.sums.execution.count,
                                c.a.sums.token_responses);
                 }});
  all.push_back(
      {{"length/truncated_share", "1", "share of responses that reached the budget"},
       Items::kOne,
       [](const Context& c, size_t) { return share(c.a.sums.truncated, c.a.sums.finished); }});
  all.push_back(
      {{"accuracy/mean", "1", "share of labelled responses that are correct"},
       Items::kOne,
       [](const Context& c, size_t) { return share(c.a.sums.correct, c.a.sums.labelled); }});
  for (Measure& measure : all) measure.of_grams = false;
}

void add_planning(std::vector<Measure>& all) {
  all.push_back(
      {{"planning/word_share", "1", "share of words inside strategic grams"},
       Items::kOne,
       [](const Context& c, size_t) { return share(c.a.sums.planning_words, c.a.sums.words); }});
  all.push_back(
      {{"grams/per_response", "1", "mean number of counted grams in a response"},
       Items::kOne,
       [](const Context& c, size_t) { return share(c.occurrences, c.a.sums.responses); }});
  all.push_back(
      {{"role/share", "1", "share of counted grams that have the role"},
       Items::kRole,
       [](const Context& c, size_t role) { return share(c.roles[role], c.occurrences); }});
  all.push_back({{"position/mean", "1", "mean place of a gram in its response, 0 to 1"},
                 Items::kOne,
                 [](const Context& c, size_t) { return share(c.a.sums.position, c.occurrences); }});
  all.push_back(
      {{"position/share", "1", "share of grams in each tenth of the response"},
       Items::kTenth,
       [](const Context& c, size_t t) { return share(c.a.sums.tenths[t], c.occurrences); }});
  all.push_back({{"transition/count", "1", "pairs of consecutive grams in a response"},
                 Items::kRolePair,
                 [](const Context& c, size_t pair) {
                   const int64_t n = c.a.sums.transitions[pair];
                   return Value{static_cast<double>(n), n};
                 },
                 true});
  all.push_back({{"transition/probability", "1", "share of the role after a role"},
                 Items::kRolePair,
                 [](const Context& c, size_t pair) {
                   return share(c.a.sums.transitions[pair], row_sum(c.a, pair / kNumRoles));
                 }});
}

void add_entropies(std::vector<Measure>& all) {
  const auto add = [&](MeasureDoc doc, auto value) {
    all.push_back({doc, Items::kOne, value, false, true});
  };
  add({"semantic_entropy/plain", "nats", "Shannon entropy of the frequencies of grams"},
      [](const Context& c, size_t) {
        return Value{metrics::shannon_entropy(c.a.grams), c.occurrences};
      });
  add({"semantic_entropy/miller_madow", "nats", "the same with the Miller-Madow correction"},
      [](const Context& c, size_t) {
        return Value{metrics::miller_madow_entropy(c.a.grams), c.occurrences};
      });
  add({"semantic_entropy/rarefied", "nats", "expected entropy of a fixed number of occurrences"},
      [](const Context& c, size_t) {
        return Value{metrics::rarefied_entropy(c.a.grams, c.config.rarefied_draws), c.occurrences};
      });
  add({"semantic_entropy/cluster", "nats", "Shannon entropy of the frequencies of clusters"},
      [](const Context& c, size_t) {
        return Value{metrics::shannon_entropy(c.clusters), c.occurrences};
      });
  add({"semantic_entropy/role", "nats", "Shannon entropy of the frequencies of roles"},
      [](const Context& c, size_t) {
        return Value{metrics::shannon_entropy(c.roles), c.occurrences};
      });
  add({"conditional_entropy/plain", "nats", "entropy of the words after a gram, given the gram"},
      [](const Context& c, size_t) {
        return Value{metrics::grouped_conditional_entropy(c.a.by_gram), c.followed};
      });
  add({"conditional_entropy/rarefied", "nats", "its expected value of a fixed number of them"},
      [](const Context& c, size_t) {
        return Value{
            metrics::grouped_rarefied_conditional_entropy(c.a.by_gram, c.config.rarefied_draws),
            c.followed};
      });
}

void add_tokens(std::vector<Measure>& all) {
  const auto add = [&](MeasureDoc doc, auto value) { all.push_back({doc, Items::kOne, value}); };
  add({"planning/share", "1", "share of tokens inside strategic grams"},
      [](const Context& c, size_t) {
        return share(c.a.sums.planning.count, c.a.sums.planning.count + c.a.sums.execution.count);
      });
  add({"ppl/planning", "1", "perplexity of planning tokens"}, [](const Context& c, size_t) {
    return Value{c.a.sums.planning.perplexity(), c.a.sums.planning.count};
  });
  add({"ppl/execution", "1", "perplexity of execution tokens"}, [](const Context& c, size_t) {
    return Value{c.a.sums.execution.perplexity(), c.a.sums.execution.count};
  });
  add({"entropy/planning", "nats", "mean entropy of planning tokens"},
      [](const Context& c, size_t) {
        return Value{c.a.sums.planning.mean_entropy(), c.a.sums.planning.count};
      });
  add({"entropy/execution", "nats", "mean entropy of execution tokens"},
      [](const Context& c, size_t) {
        return Value{c.a.sums.execution.mean_entropy(), c.a.sums.execution.count};
      });
  add({"entropy/all", "nats", "mean entropy of all tokens"}, [](const Context& c, size_t) {
    metrics::TokenSums tokens = c.a.sums.planning;
    tokens.add(c.a.sums.execution, 1);
    return Value{tokens.mean_entropy(), tokens.count};
  });
  add({"relative_ppl/planning", "1", "perplexity of planning tokens over that of the first step"},
      [](const Context& c, size_t) {
        return Value{metrics::ratio(c.a.sums.planning.perplexity(), c.baseline.planning),
                     c.a.sums.planning.count};
      });
  add({"relative_ppl/execution", "1", "the same of execution tokens"},
      [](const Context& c, size_t) {
        return Value{metrics::ratio(c.a.sums.execution.perplexity(), c.baseline.execution),
                     c.a.sums.execution.count};
      });
  add({"fork/high_given_planning", "1", "share of planning tokens that are forks"},
      [](const Context& c, size_t) {
        return Value{c.forks.high_given_planning, c.a.sums.planning.count};
      });
  add({"fork/planning_given_high", "1", "share of forks that are planning tokens"},
      [](const Context& c, size_t) {
        return Value{c.forks.planning_given_high,
                     c.a.sums.planning.count + c.a.sums.execution.count};
      });
}

void add_uses(std::vector<Measure>& all) {
  const auto add = [&](MeasureDoc doc, auto value) { all.push_back({doc, Items::kUse, value}); };
  add({"use/share", "1", "share of responses that use it"}, [](const Context& c, size_t use) {
    return share(c.a.uses[use].responses, c.a.sums.responses);
  });
  add({"use/accuracy", "1", "accuracy of the responses that use it"},
      [](const Context& c, size_t use) {
        return share(c.a.uses[use].correct, c.a.uses[use].labelled);
      });
  add({"use/difference", "1", "accuracy with less accuracy without it, inside problems"},
      use_difference);
  add({"use/difference_at_length", "1", "the same at equal length"}, use_difference_at_length);
}

}  // namespace

const std::vector<Measure>& measures() {
  static const std::vector<Measure> all = [] {
    std::vector<Measure> made;
    add_outcomes(made);
    add_planning(made);
    add_entropies(made);
    add_tokens(made);
    add_uses(made);
    return made;
  }();
  return all;
}

}  // namespace stratagram::analysis
