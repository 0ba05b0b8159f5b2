#include "text/token_data.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/jsonl.h"

namespace stratagram::text {
namespace {

using nlohmann::json;

std::vector<int32_t> ids_of(const json& row, const char* field, const std::string& where) {
  std::vector<int32_t> ids;
  const auto found = optional_field_of<std::vector<int64_t>>(row, field, where);
  if (!found) return ids;
  ids.reserve(found->size());
  for (const int64_t id : *found) {
    if (id < 0 || id > INT32_MAX) {
      fail(ErrorKind::kData,
           "{}: field '{}': wanted ids from 0 to {}, got {}",
           where,
           field,
           INT32_MAX,
           id);
    }
    ids.push_back(static_cast<int32_t>(id));
  }
  return ids;
}

std::vector<float> values_of(const json& row, const char* field, const std::string& where) {
  std::vector<float> values;
  const auto found = optional_field_of<std::vector<double>>(row, field, where);
  if (!found) return values;
  values.reserve(found->size());
  for (const double value : *found) {
    values.push_back(static_cast<float>(value));
    if (!std::isfinite(values.back())) {
      fail(ErrorKind::kData, "{}: field '{}': wanted finite numbers, got {}", where, field, value);
    }
  }
  return values;
}

void check_lengths(const TokenData& data, const std::string& where) {
  if (data.logprobs.size() != data.entropies.size() ||
      (!data.logprobs.empty() && !data.token_ids.empty() &&
       data.logprobs.size() != data.token_ids.size())) {
    fail(ErrorKind::kData,
         "{}: wanted one item a token, got {} token_ids, {} logprobs and {} entropies; score the "
         "rows again",
         where,
         data.token_ids.size(),
         data.logprobs.size(),
         data.entropies.size());
  }
}

std::optional<std::vector<Range>> planning_of(const json& row,
                                              int64_t num_tokens,
                                              const std::string& where) {
  const auto found = row.find("planning");
  if (found == row.end() || found->is_null()) return std::nullopt;
  if (!found->is_array()) {
    fail(ErrorKind::kData,
         "{}: field 'planning': wanted a list of spans, got {}",
         where,
         found->type_name());
  }
  std::vector<Range> spans;
  for (const json& span : *found) {
    const Range range{.begin = field_of<int64_t>(span, "begin", where),
                      .end = field_of<int64_t>(span, "end", where)};
    if (range.begin < 0 || range.begin > range.end || range.end > num_tokens) {
      fail(ErrorKind::kData,
           "{}: field 'planning': tokens {} to {} of {}",
           where,
           range.begin,
           range.end,
           num_tokens);
    }
    spans.push_back(range);
  }
  return spans;
}

}  // namespace

TokenData token_data_of(const json& row, const std::string& where) {
  TokenData data{.prompt_token_ids = ids_of(row, "prompt_token_ids", where),
                 .token_ids = ids_of(row, "token_ids", where)};
  if (row.contains("logprobs") && row.contains("entropies")) {
    data.logprobs = values_of(row, "logprobs", where);
    data.entropies = values_of(row, "entropies", where);
    check_lengths(data, where);
  }
  const size_t num_tokens = std::max(data.token_ids.size(), data.logprobs.size());
  data.planning = planning_of(row, static_cast<int64_t>(num_tokens), where);
  const auto finish = row.find("finish");
  if (finish != row.end() && finish->is_string()) {
    data.finish = finish_of(finish->get<std::string>());
  }
  return data;
}

}  // namespace stratagram::text
