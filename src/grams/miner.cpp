#include "grams/miner.h"

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/digest.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "grams/counted_solutions.h"
#include "grams/fragments.h"
#include "grams/frequent_grams.h"
#include "grams/gram_context.h"
#include "grams/gram_details.h"
#include "grams/gram_text.h"
#include "grams/problem_words.h"
#include "grams/word_spool.h"

namespace stratagram::grams {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kCandidateBytes = 1500;
constexpr int64_t kProgressEvery = 256;

void check(const MiningOptions& options) {
  const GramLengths lengths = options.lengths;
  if (lengths.min_words < 1 || lengths.min_words > lengths.max_words ||
      lengths.max_words > kMaxGramWords) {
    fail(ErrorKind::kConfig,
         "grams of {} to {} words: wanted 1 to {}, the smaller number first",
         lengths.min_words,
         lengths.max_words,
         kMaxGramWords);
  }
  if (options.min_documents < 1) {
    fail(ErrorKind::kConfig, "wanted 1 document or more, got {}", options.min_documents);
  }
}

uint64_t bytes_of_files(std::span<const fs::path> files) {
  uint64_t bytes = 0;
  for (const fs::path& file : files) {
    std::error_code error;  // of a pipe, which says no size
    const uint64_t size = fs::file_size(file, error);
    if (!error) bytes += size;
  }
  return bytes;
}

// Names as numbers, in the order in which they came.
class Numbering {
 public:
  uint32_t number_of(const std::string& name) {
    const auto [place, fresh] = numbers_.try_emplace(name, static_cast<uint32_t>(names_.size()));
    if (fresh) names_.push_back(name);
    return place->second;
  }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

 private:
  std::unordered_map<std::string, uint32_t> numbers_;
  std::vector<std::string> names_;
};

class Mining {
 public:
  Mining(std::span<const fs::path> paths,
         const text::SolutionOptions& reading,
         const MiningOptions& options,
         const MiningProgress& progress)
      : paths_(paths.begin(), paths.end()),
        reading_(reading),
        options_(options),
        progress_(progress),
        spool_(options.scratch) {}

  CandidateList run() {
    read();
    list_.candidates = name_places(detail(find_frequent()));
    const int64_t num_merged = merge_fragments(options_.merge_share, list_.candidates);
    std::ranges::sort(list_.candidates, [](const Candidate& a, const Candidate& b) {
      return a.document_frequency != b.document_frequency
                 ? a.document_frequency > b.document_frequency
                 : a.text < b.text;
    });
    list_.mining = {{"min_words", options_.lengths.min_words},
                    {"max_words", options_.lengths.max_words},
                    {"only_correct", options_.only_correct},
                    {"min_documents", options_.min_documents},
                    {"merge_share", options_.merge_share},
                    {"merged", num_merged}};
    return std::move(list_);
  }

 private:
  void tick(std::string_view what, int64_t num_documents) {
    if (num_documents % kProgressEvery != 0) return;
    throw_if_interrupted("stopped; nothing was written, so run the command again");
    progress_(what, num_documents);
  }

  void read();
  std::vector<uint64_t> find_frequent();
  GramDetails detail(std::vector<uint64_t> hashes);
  std::vector<Candidate> name_places(GramDetails details);
  Candidate candidate_of(const GramDetail& detail) const;

  std::vector<fs::path> paths_;
  text::SolutionOptions reading_;
  MiningOptions options_;
  const MiningProgress& progress_;
  WordSpool spool_;
  std::optional<FrequencyFilter> filter_;
  std::vector<bool> row_counts_;
  ProblemVocabulary vocabulary_;
  Numbering sources_;
  uint32_t num_problems_ = 0;
  CandidateList list_;
};

// First pass over the files.
void Mining::read() {
  text::SolutionReader reader(paths_, reading_);
  // About one gram of each length begins at every sixth byte.
  const uint64_t num_lengths = options_.lengths.max_words - options_.lengths.min_words + 1;
  filter_.emplace(bytes_of_files(reader.files()) / 6 * num_lengths, options_.memory_bytes / 2);
  CountedSolutions solutions(std::move(reader), options_.only_correct);
  std::unordered_map<uint64_t, uint32_t> problems;
  SpooledDocument document;
  std::vector<HashedGram> grams;
  Sha256 digest;
  Corpus& corpus = list_.corpus;
  while (const auto solution = solutions.next()) {
    tick("reading", solutions.num_documents());
    row_counts_.resize(static_cast<size_t>(solutions.num_rows() - 1), false);
    row_counts_.push_back(true);
    digest.update(solution->response);
    digest.update(std::string_view("\0", 1));

    const auto [problem, fresh] = problems.try_emplace(word_hash(text::problem_key(*solution)),
                                                       static_cast<uint32_t>(problems.size()));
    document.problem = problem->second;
    document.source = sources_.number_of(solution->source);
    document.step = solution->step.value_or(kNoStep);
    document.words.assign(solutions.words().begin(), solutions.words().end());
    document.problem_words = words_of_problem(solution->problem);
    if (fresh) vocabulary_.add(document.problem_words);
    spool_.write(document);
    hash_grams(document.words, options_.lengths, grams);
    filter_->add(grams);

    corpus.num_words += static_cast<int64_t>(document.words.size());
    ++corpus.by_source[solution->source];
    if (solution->step) ++corpus.by_step[*solution->step];
  }
  num_problems_ = static_cast<uint32_t>(problems.size());
  corpus.digest = digest.finish();
  corpus.num_documents = solutions.num_documents();
  corpus.num_duplicates = solutions.num_duplicates();
  corpus.num_wrong = solutions.num_wrong();
  corpus.num_problems = num_problems_;
  if (corpus.num_documents > 0) return;
  fail(ErrorKind::kData,
       "{} rows hold no solution that counts{}",
       solutions.num_rows(),
       options_.only_correct ? "; of none it is known that it is correct: name the field that says "
                               "so (--field correct=FIELD), or mine all of them"
                             : "");
}

std::vector<uint64_t> Mining::find_frequent() {
  DocumentCounter counter(options_.memory_bytes / 2, options_.scratch);
  SpooledDocument document;
  std::vector<HashedGram> grams;
  spool_.rewind();
  for (int64_t i = 0; spool_.read(document); ++i) {
    tick("counting", i);
    hash_grams(document.words, options_.lengths, grams);
    filter_->keep(options_.min_documents, grams);
    counter.add(grams);
  }
  filter_.reset();
  std::vector<uint64_t> frequent = counter.finish(options_.min_documents);
  const uint64_t most = std::max<uint64_t>(options_.memory_bytes / kCandidateBytes, 1000);
  if (frequent.size() > most) {
    fail(ErrorKind::kData,
         "{} grams occur in {} solutions or more, and a list of so many takes {} MiB, more than "
         "the {} MiB that are allowed; ask for more solutions a gram, or allow more memory",
         frequent.size(),
         options_.min_documents,
         frequent.size() * kCandidateBytes >> 20,
         options_.memory_bytes >> 20);
  }
  return frequent;
}

GramDetails Mining::detail(std::vector<uint64_t> hashes) {
  // One place at least: it gives the gram's text.
  GramDetails details(
      std::move(hashes),
      {.num_problems = num_problems_,
       .max_places = static_cast<size_t>(std::max<int64_t>(options_.max_contexts, 1)),
       .lengths = options_.lengths});
  SpooledDocument document;
  spool_.rewind();
  for (int64_t i = 0; spool_.read(document); ++i) {
    tick("describing", i);
    vocabulary_.keep_own(document.problem_words);
    std::ranges::sort(document.problem_words);
    details.add(document, document.problem_words);
  }
  return details;
}

Candidate Mining::candidate_of(const GramDetail& detail) const {
  Candidate candidate{.text = {},
                      .count = detail.count,
                      .document_frequency = detail.num_documents,
                      .problem_frequency = static_cast<int64_t>(detail.problems.size()),
                      .problem_text_frequency = detail.num_problem_text,
                      .sentence_starts = static_cast<int64_t>(detail.num_starts)};
  for (const auto& [source, count] : detail.documents_by_source) {
    candidate.by_source[sources_.names()[source]] = count;
  }
  for (const auto& [step, count] : detail.documents_by_step) candidate.by_step[step] = count;
  candidate.contexts.resize(std::min<size_t>(detail.places.size(), options_.max_contexts));
  return candidate;
}

// Second pass over the files: texts for the places.
std::vector<Candidate> Mining::name_places(GramDetails details) {
  struct Wanted {
    uint32_t document;
    uint32_t first_word;
    size_t candidate;
    size_t rank;
  };
  std::vector<Candidate> candidates;
  std::vector<Wanted> wanted;
  for (size_t i = 0; i < details.details().size(); ++i) {
    const GramDetail& detail = details.details()[i];
    candidates.push_back(candidate_of(detail));
    for (size_t rank = 0; rank < detail.places.size(); ++rank) {
      wanted.push_back({detail.places[rank].document, detail.places[rank].first_word, i, rank});
    }
  }
  std::ranges::sort(wanted, {}, &Wanted::document);

  text::SolutionReader reader(paths_, reading_);
  auto next = wanted.begin();
  uint32_t document = 0;
  for (size_t row = 0; next != wanted.end(); ++row) {
    const auto solution = reader.next();
    if (!solution) break;
    if (row >= row_counts_.size() || !row_counts_[row]) continue;
    tick("quoting", document);
    const bool asked = next->document == document;
    const std::vector<Word> words = asked ? normalise(solution->response) : std::vector<Word>();
    for (; next != wanted.end() && next->document == document; ++next) {
      Candidate& candidate = candidates[next->candidate];
      const size_t num_words = details.details()[next->candidate].num_words;
      const size_t first = next->first_word;
      if (first + num_words > words.size()) break;
      candidate.text = joined(std::span(words).subspan(first, num_words));
      if (next->rank < candidate.contexts.size()) {
        candidate.contexts[next->rank] = context_of(solution->response, words, first, num_words);
      }
    }
    ++document;
  }
  if (next != wanted.end()) {
    fail(ErrorKind::kData,
         "{}: changed while it was read; mine again",
         reader.files().empty() ? std::string() : reader.where());
  }
  return candidates;
}

}  // namespace

CandidateList mine(std::span<const fs::path> paths,
                   const text::SolutionOptions& reading,
                   const MiningOptions& options,
                   const MiningProgress& progress) {
  check(options);
  return Mining(paths, reading, options, progress).run();
}

}  // namespace stratagram::grams
