#include "grams/coverage_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "core/jsonl.h"

namespace stratagram::grams {
namespace {

using nlohmann::ordered_json;

constexpr int kFormat = 1;
constexpr size_t kMostNever = 30;  // that the text names

std::optional<double> share_of(int64_t part, int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

std::string percent(std::optional<double> share) {
  return share ? fmt::format("{:.2f} %", 100 * *share) : "-";
}

void set_share(ordered_json& object, const char* key, std::optional<double> share) {
  if (share) object[key] = round_significant(*share);
}

ordered_json sums_json(const CoverageSums& sums) {
  ordered_json object;
  object["responses"] = sums.responses;
  object["words"] = sums.words;
  object["planning_words"] = sums.planning_words;
  set_share(object, "planning_word_share", share_of(sums.planning_words, sums.words));
  if (sums.tokens > 0) {
    object["tokens"] = sums.tokens;
    object["planning_tokens"] = sums.planning_tokens;
    set_share(object, "planning_token_share", share_of(sums.planning_tokens, sums.tokens));
  }
  object["grams"] = sums.num_grams();
  for (const Role role : kAllRoles) {
    object["occurrences"][role_name(role)] = sums.roles[static_cast<size_t>(role)];
  }
  return object;
}

std::vector<std::string> never_in(const Coverage& coverage, const CoverageSums& all) {
  std::vector<std::string> texts;
  const std::vector<Gram>& grams = coverage.catalogue().grams;
  for (size_t i = 0; i < grams.size(); ++i) {
    if (all.gram_responses[i] == 0) texts.push_back(grams[i].text);
  }
  return texts;
}

std::string group_line(const CoverageKey& key, const CoverageSums& sums, size_t widest) {
  std::string line = fmt::format("{:<{}} {:>6} {:>9} {:>10} {:>8} {:>8} {:>6}",
                                 key.source,
                                 widest,
                                 key.step ? std::to_string(*key.step) : "-",
                                 sums.responses,
                                 sums.words,
                                 percent(share_of(sums.planning_words, sums.words)),
                                 percent(share_of(sums.planning_tokens, sums.tokens)),
                                 sums.num_grams());
  for (const Role role : kAllRoles) {
    const auto rate = share_of(sums.roles[static_cast<size_t>(role)], sums.words);
    line += fmt::format(" {:>11}", rate ? fmt::format("{:.2f}", 1000 * *rate) : "-");
  }
  return line + "\n";
}

std::string group_table(const Coverage& coverage, const CoverageSums& all) {
  size_t widest = 6;
  for (const auto& [key, sums] : coverage.groups()) widest = std::max(widest, key.source.size());
  std::string text = fmt::format("{:<{}} {:>6} {:>9} {:>10} {:>8} {:>8} {:>6}",
                                 "source",
                                 widest,
                                 "step",
                                 "responses",
                                 "words",
                                 "planning",
                                 "tokens",
                                 "grams");
  for (const Role role : kAllRoles) text += fmt::format(" {:>11}", role_name(role));
  text += '\n';
  for (const auto& [key, sums] : coverage.groups()) text += group_line(key, sums, widest);
  if (coverage.groups().size() > 1) text += group_line({.source = "all"}, all, widest);
  return text +
         "\nplanning: share of the words; tokens: the same of the tokens; grams: that occur; "
         "roles:\n"
         "occurrences that count, of a thousand words\n";
}

std::string never_text(const std::vector<std::string>& never) {
  if (never.empty()) return "\nevery gram occurs\n";
  std::string text = fmt::format("\n{} grams never occur:\n", never.size());
  for (size_t i = 0; i < std::min(never.size(), kMostNever); ++i) text += "  " + never[i] + "\n";
  if (never.size() > kMostNever) {
    text += fmt::format("  and {} more, which --json lists\n", never.size() - kMostNever);
  }
  return text;
}

std::string unlisted_text(std::span<const UnlistedGram> unlisted) {
  if (unlisted.empty()) return "";
  std::string text =
      fmt::format("\nfrequent, but not in the catalogue:\n{:>9} {:>8} {:>8} {:>8}  gram\n",
                  "responses",
                  "share",
                  "early",
                  "late");
  for (const UnlistedGram& gram : unlisted) {
    text += fmt::format("{:>9} {:>8} {:>8} {:>8}  {}\n",
                        gram.documents,
                        percent(gram.share),
                        percent(gram.early),
                        percent(gram.late),
                        gram.text);
  }
  return text;
}

}  // namespace

ordered_json to_json(const Coverage& coverage, std::span<const UnlistedGram> unlisted) {
  const CoverageSums all = coverage.all();
  ordered_json object;
  object["format"] = kFormat;
  object["catalogue"] = {{"name", coverage.catalogue().name},
                         {"sha256", coverage.catalogue().digest()},
                         {"grams", coverage.catalogue().grams.size()}};
  object["all"] = sums_json(all);
  object["groups"] = ordered_json::array();
  for (const auto& [key, sums] : coverage.groups()) {
    ordered_json group;
    group["source"] = key.source;
    if (key.step) group["step"] = *key.step;
    group.update(sums_json(sums));
    object["groups"].push_back(std::move(group));
  }
  object["grams"] = ordered_json::array();
  for (size_t i = 0; i < coverage.catalogue().grams.size(); ++i) {
    ordered_json row;
    row["gram"] = coverage.catalogue().grams[i].text;
    row["role"] = role_name(coverage.catalogue().grams[i].role);
    row["occurrences"] = all.occurrences[i];
    row["responses"] = all.gram_responses[i];
    row["responses_by_group"] = ordered_json::array();  // in the order of `groups`
    for (const auto& [key, sums] : coverage.groups()) {
      row["responses_by_group"].push_back(sums.gram_responses[i]);
    }
    object["grams"].push_back(std::move(row));
  }
  object["never"] = never_in(coverage, all);
  object["unlisted"] = ordered_json::array();
  for (const UnlistedGram& gram : unlisted) {
    ordered_json row;
    row["gram"] = gram.text;
    row["responses"] = gram.documents;
    set_share(row, "share", gram.share);
    set_share(row, "early", gram.early);
    set_share(row, "late", gram.late);
    object["unlisted"].push_back(std::move(row));
  }
  return object;
}

std::string to_text(const Coverage& coverage, std::span<const UnlistedGram> unlisted) {
  const CoverageSums all = coverage.all();
  return fmt::format("{}: {} of {} grams occur in {} responses\n\n",
                     coverage.catalogue().name,
                     all.num_grams(),
                     coverage.catalogue().grams.size(),
                     all.responses) +
         group_table(coverage, all) + never_text(never_in(coverage, all)) + unlisted_text(unlisted);
}

}  // namespace stratagram::grams
