#include "grams/candidates.h"

#include <algorithm>
#include <charconv>
#include <type_traits>
#include <unordered_set>

#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"
#include "grams/gram_text.h"
#include "grams/normaliser.h"

namespace stratagram::grams {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int kFormat = 1;

template <typename Key>
json to_object(const std::map<Key, int64_t>& counts) {
  json object = json::object();
  for (const auto& [key, count] : counts) {
    if constexpr (std::is_same_v<Key, int64_t>) {
      object[std::to_string(key)] = count;
    } else {
      object[key] = count;
    }
  }
  return object;
}

int64_t count_of(const json& value, const std::string& field, const std::string& where) {
  if (!value.is_number_integer() || value.get<int64_t>() < 0) {
    fail(ErrorKind::kData, "{}: field '{}': wanted counts, got {}", where, field, value.dump());
  }
  return value.get<int64_t>();
}

int64_t count_of(const json& row, const char* field, const std::string& where) {
  const auto value = field_of<int64_t>(row, field, where);
  if (value < 0) {
    fail(ErrorKind::kData, "{}: field '{}': wanted 0 or more, got {}", where, field, value);
  }
  return value;
}

std::map<std::string, int64_t> by_text(const json& row,
                                       const std::string& field,
                                       const std::string& where) {
  std::map<std::string, int64_t> counts;
  const auto found = row.find(field);
  if (found == row.end()) return counts;
  if (!found->is_object()) {
    fail(ErrorKind::kData, "{}: field '{}': wanted an object of counts", where, field);
  }
  for (const auto& [key, value] : found->items()) counts[key] = count_of(value, field, where);
  return counts;
}

std::map<int64_t, int64_t> by_number(const json& row,
                                     const std::string& field,
                                     const std::string& where) {
  std::map<int64_t, int64_t> counts;
  for (const auto& [key, count] : by_text(row, field, where)) {
    int64_t number = 0;
    const auto [end, fault] = std::from_chars(key.data(), key.data() + key.size(), number);
    if (fault != std::errc() || end != key.data() + key.size()) {
      fail(ErrorKind::kData, "{}: field '{}': wanted step numbers, got '{}'", where, field, key);
    }
    counts[number] = count;
  }
  return counts;
}

ordered_json head_of(const CandidateList& list) {
  const Corpus& corpus = list.corpus;
  ordered_json head;
  head["format"] = kFormat;
  head["normaliser"] = kNormaliserVersion;
  head["corpus_digest"] = corpus.digest;
  head["documents"] = corpus.num_documents;
  head["problems"] = corpus.num_problems;
  head["words"] = corpus.num_words;
  head["duplicates"] = corpus.num_duplicates;
  head["wrong"] = corpus.num_wrong;
  head["by_source"] = to_object(corpus.by_source);
  head["by_step"] = to_object(corpus.by_step);
  head["mining"] = list.mining;
  return head;
}

Corpus corpus_of(const json& head, const std::string& where) {
  const auto format = field_of<int64_t>(head, "format", where);
  if (format != kFormat) {
    fail(ErrorKind::kData,
         "{}: wanted candidates of format {}, got {}; mine them again",
         where,
         kFormat,
         format);
  }
  const auto version = field_of<int64_t>(head, "normaliser", where);
  if (version != kNormaliserVersion) {
    fail(ErrorKind::kData,
         "{}: was mined by normaliser version {}, this program has {}; mine again",
         where,
         version,
         kNormaliserVersion);
  }
  return {.digest = field_of<std::string>(head, "corpus_digest", where),
          .num_documents = count_of(head, "documents", where),
          .num_problems = count_of(head, "problems", where),
          .num_words = count_of(head, "words", where),
          .num_duplicates = count_of(head, "duplicates", where),
          .num_wrong = count_of(head, "wrong", where),
          .by_source = by_text(head, "by_source", where),
          .by_step = by_number(head, "by_step", where)};
}

ordered_json row_of(const Candidate& candidate) {
  ordered_json row;
  row["gram"] = candidate.text;
  row["count"] = candidate.count;
  row["documents"] = candidate.document_frequency;
  row["problems"] = candidate.problem_frequency;
  row["problem_text"] = candidate.problem_text_frequency;
  row["starts"] = candidate.sentence_starts;
  if (!candidate.by_source.empty()) row["by_source"] = to_object(candidate.by_source);
  if (!candidate.by_step.empty()) row["by_step"] = to_object(candidate.by_step);
  row["contexts"] = json::array();
  for (const Context& context : candidate.contexts) {
    row["contexts"].push_back({context.before, context.gram, context.after});
  }
  return row;
}

std::vector<Context> contexts_of(const json& row, const std::string& where) {
  std::vector<Context> contexts;
  const auto found = row.find("contexts");
  if (found == row.end()) return contexts;
  const auto is_context = [](const json& item) {
    return item.is_array() && item.size() == 3 && item[0].is_string() && item[1].is_string() &&
           item[2].is_string();
  };
  if (!found->is_array() || !std::ranges::all_of(*found, is_context)) {
    fail(ErrorKind::kData,
         "{}: field 'contexts': wanted a list of [before, gram, after], got {}",
         where,
         found->type_name());
  }
  for (const json& item : *found) contexts.push_back({item[0], item[1], item[2]});
  return contexts;
}

Candidate candidate_of(const json& row, const Corpus& corpus, const std::string& where) {
  Candidate candidate{.text = field_of<std::string>(row, "gram", where),
                      .count = count_of(row, "count", where),
                      .document_frequency = count_of(row, "documents", where),
                      .problem_frequency = count_of(row, "problems", where),
                      .problem_text_frequency = count_of(row, "problem_text", where),
                      .sentence_starts = count_of(row, "starts", where),
                      .by_source = by_text(row, "by_source", where),
                      .by_step = by_number(row, "by_step", where),
                      .contexts = contexts_of(row, where)};
  check_gram_text(candidate.text, where);
  if (candidate.document_frequency > candidate.count ||
      candidate.document_frequency > corpus.num_documents ||
      candidate.problem_frequency > candidate.document_frequency ||
      candidate.problem_text_frequency > candidate.document_frequency ||
      candidate.sentence_starts > candidate.count) {
    fail(ErrorKind::kData,
         "{}: '{}': its counts contradict each other (count {}, documents {} of {}, problems {}); "
         "the file was damaged, mine again",
         where,
         candidate.text,
         candidate.count,
         candidate.document_frequency,
         corpus.num_documents,
         candidate.problem_frequency);
  }
  return candidate;
}

}  // namespace

CandidateList CandidateList::load(const std::filesystem::path& file) {
  JsonlReader reader(file);
  const auto head = reader.next();
  if (!head) {
    fail(ErrorKind::kData, "{}: is empty; `stratagram grams mine` writes one", file.string());
  }
  CandidateList list;
  list.corpus = corpus_of(*head, reader.where());
  list.mining = head->value("mining", json::object());
  std::unordered_set<std::string> seen;
  for (auto row = reader.next(); row; row = reader.next()) {
    list.candidates.push_back(candidate_of(*row, list.corpus, reader.where()));
    if (!seen.insert(list.candidates.back().text).second) {
      fail(ErrorKind::kData,
           "{}: '{}' came before; the file was damaged, mine again",
           reader.where(),
           list.candidates.back().text);
    }
  }
  return list;
}

void CandidateList::save(const std::filesystem::path& file) const {
  check_can_create(file);
  write_file_atomically(file, [&](std::ostream& out) {
    const auto line = [&](const ordered_json& object) {
      out << object.dump(-1, ' ', false, ordered_json::error_handler_t::replace) << "\n";
    };
    line(head_of(*this));
    for (const Candidate& candidate : candidates) line(row_of(candidate));
  });
}

}  // namespace stratagram::grams
