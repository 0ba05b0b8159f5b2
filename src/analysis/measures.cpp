#include "analysis/measures.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "metrics/entropy.h"
#include "metrics/fork_histogram.h"

namespace stratagram::analysis {
namespace {

struct Context {
  const Aggregate& a;
  const grams::Catalogue& catalogue;
  const AnalysisConfig& config;
  std::vector<int64_t> clusters;
  std::vector<int64_t> roles;
  int64_t occurrences = 0;
  int64_t followed = 0;
  metrics::ForkShares forks;
};

Context context_of(const Aggregate& a,
                   const grams::Catalogue& catalogue,
                   const AnalysisConfig& config) {
  Context c{.a = a,
            .catalogue = catalogue,
            .config = config,
            .clusters = {},
            .roles = std::vector<int64_t>(kNumRoles, 0),
            .forks = {}};
  std::map<int64_t, int64_t> clusters;
  for (size_t i = 0; i < catalogue.grams.size(); ++i) {
    c.occurrences += a.grams[i];
    c.roles[static_cast<size_t>(catalogue.grams[i].role)] += a.grams[i];
    if (catalogue.grams[i].cluster >= 0) clusters[catalogue.grams[i].cluster] += a.grams[i];
  }
  for (const auto& [cluster, count] : clusters) c.clusters.push_back(count);
  c.followed = std::accumulate(a.pairs.begin(), a.pairs.end(), int64_t{0});
  if (!a.entropy_bins.empty()) {
    c.forks = metrics::fork_shares(a.entropy_bins, a.planning_bins, config.fork_share);
  }
  return c;
}

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

struct Measure {
  MeasureDoc doc;
  Items items;
  std::function<Value(const Context&, size_t)> value;
  bool is_count = false;
  bool recentred = false;
  bool of_grams = true;
};

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
    return c.a.uses[use].responses == 0 ? Value{}
                                        : share(c.a.uses[use].responses, c.a.sums.responses);
  });
  add({"use/accuracy", "1", "accuracy of the responses that use it"},
      [](const Context& c, size_t use) {
        return share(c.a.uses[use].correct, c.a.uses[use].labelled);
      });
  add({"use/difference", "1", "accuracy with less accuracy without it, inside problems"},
      use_difference);
  add({"use/difference_at_length", "1", "the same at equal length"}, use_difference_at_length);
}

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

size_t num_items(Items items, size_t num_grams) {
  switch (items) {
    case Items::kOne:
      return 1;
    case Items::kRole:
      return kNumRoles;
    case Items::kRolePair:
      return kNumRoles * kNumRoles;
    case Items::kTenth:
      return kNumTenths;
    case Items::kUse:
      break;
  }
  return num_uses(num_grams);
}

std::string role_at(size_t role) {
  return grams::role_name(static_cast<grams::Role>(role));
}

std::string item_name(Items items, size_t item, const grams::Catalogue& catalogue) {
  switch (items) {
    case Items::kOne:
      return "";
    case Items::kRole:
      return role_at(item);
    case Items::kRolePair:
      return fmt::format("{} > {}", role_at(item / kNumRoles), role_at(item % kNumRoles));
    case Items::kTenth:
      return fmt::format("{:.1f}", static_cast<double>(item) / kNumTenths);
    case Items::kUse:
      break;
  }
  if (item < catalogue.grams.size()) return catalogue.grams[item].text;
  const size_t role = item - catalogue.grams.size();
  return role < kNumRoles ? fmt::format("<{}>", role_at(role)) : "<any>";
}

}  // namespace

std::vector<MeasureDoc> measure_docs() {
  std::vector<MeasureDoc> docs;
  for (const Measure& measure : measures()) docs.push_back(measure.doc);
  return docs;
}

std::vector<FigureId> figure_ids(const grams::Catalogue& catalogue) {
  std::vector<FigureId> ids;
  for (const Measure& measure : measures()) {
    for (size_t i = 0; i < num_items(measure.items, catalogue.grams.size()); ++i) {
      ids.push_back({.measure = measure.doc.name,
                     .item = item_name(measure.items, i, catalogue),
                     .is_count = measure.is_count,
                     .recentred = measure.recentred,
                     .is_gram = measure.items == Items::kUse && i < catalogue.grams.size(),
                     .of_grams = measure.of_grams});
    }
  }
  return ids;
}

std::vector<Value> evaluate(const Aggregate& sums,
                            const grams::Catalogue& catalogue,
                            const AnalysisConfig& config) {
  const Context context = context_of(sums, catalogue, config);
  std::vector<Value> values;
  for (const Measure& measure : measures()) {
    for (size_t i = 0; i < num_items(measure.items, catalogue.grams.size()); ++i) {
      values.push_back(measure.value(context, i));
    }
  }
  return values;
}

}  // namespace stratagram::analysis
