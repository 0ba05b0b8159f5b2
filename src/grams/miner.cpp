#include "grams/miner.h"

#include <algorithm>
#include <memory>
#include <string>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/interrupt.h"
#include "grams/counted_solutions.h"
#include "grams/fragments.h"
#include "grams/frequent_grams.h"
#include "grams/gram_details.h"
#include "grams/gram_text.h"
#include "grams/problem_words.h"
#include "grams/quotes.h"
#include "grams/word_spool.h"

namespace stratagram::grams {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kCountBytes = 80;  // of a source or a step in the list of a candidate
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
  if (options.max_contexts < 0) {
    fail(ErrorKind::kConfig, "wanted 0 contexts or more, got {}", options.max_contexts);
  }
  if (!(options.merge_share > 0)) {  // also what is no number
    fail(ErrorKind::kConfig, "wanted a share to merge above 0, got {}", options.merge_share);
  }
}

// With all that is known of it while it is made; measured with 5 contexts.
uint64_t bytes_of_candidate(const MiningOptions& options) {
  return 500 + 280 * static_cast<uint64_t>(options.max_contexts);
}

uint64_t max_list_bytes(const MiningOptions& options) {
  return std::max(options.memory_bytes, uint64_t{16} << 20);
}

uint64_t bytes_of_files(std::span<const fs::path> files) {
  uint64_t bytes = 0;
  for (const fs::path& file : files) {
    std::error_code error;
    if (!fs::is_regular_file(file, error)) {
      fail(ErrorKind::kData,
           "{}: is no file that can be read twice, as mining does; write what it gives to a file",
           file.string());
    }
    const uint64_t size = fs::file_size(file, error);
    if (!error) bytes += size;
  }
  return bytes;
}

// Names as numbers, in the order in which they came.
template <typename Name>
class Numbering {
 public:
  uint32_t number_of(const Name& name) {
    const auto [place, fresh] = numbers_.try_emplace(name, static_cast<uint32_t>(names_.size()));
    if (fresh) names_.push_back(name);
    return place->second;
  }
  [[nodiscard]] const std::vector<Name>& names() const { return names_; }

 private:
  std::unordered_map<Name, uint32_t> numbers_;
  std::vector<Name> names_;
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
    Unquoted unquoted = collect(detail(find_frequent()));  // the details are gone after that
    list_.candidates = quoted(std::move(unquoted));
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
  // Without texts and contexts.
  struct Unquoted {
    std::vector<Candidate> candidates{};
    std::vector<WantedQuote> wanted{};
  };

  void tick(std::string_view what, int64_t num_documents) {
    if (num_documents % kProgressEvery != 0) return;
    throw_if_interrupted("stopped; nothing was written, so run the command again");
    progress_(what, num_documents, list_.corpus.num_documents);
  }

  void read();
  std::vector<uint64_t> find_frequent();
  GramDetails detail(std::vector<uint64_t> hashes);
  void check_size(const GramDetails& details) const;
  [[noreturn]] void fail_too_many(uint64_t num_grams, uint64_t num_bytes) const;
  Unquoted collect(const GramDetails& details) const;
  std::vector<Candidate> quoted(Unquoted unquoted);
  Candidate candidate_of(const GramDetail& detail) const;

  std::vector<fs::path> paths_;
  text::SolutionOptions reading_;
  MiningOptions options_;
  const MiningProgress& progress_;
  WordSpool spool_;
  std::unique_ptr<FrequencyFilter> filter_;
  std::vector<bool> row_counts_;
  ProblemVocabulary vocabulary_;
  Numbering<std::string> sources_;
  Numbering<int64_t> steps_;
  uint32_t num_problems_ = 0;
  CandidateList list_;
};

// First pass over the files.
void Mining::read() {
  text::SolutionReader reader(paths_, reading_);
  // About one gram of each length begins at every sixth byte.
  const uint64_t num_lengths = options_.lengths.max_words - options_.lengths.min_words + 1;
  filter_ = std::make_unique<FrequencyFilter>(bytes_of_files(reader.files()) / 6 * num_lengths,
                                              options_.memory_bytes / 2);
  CountedSolutions solutions(std::move(reader), options_.only_correct);
  std::unordered_map<uint64_t, uint32_t> problems;
  SpooledDocument document;
  std::string last_problem;
  std::vector<HashedGram> grams;
  Corpus& corpus = list_.corpus;
  while (const auto solution = solutions.next()) {
    tick("reading", solutions.num_documents() - 1);
    row_counts_.resize(static_cast<size_t>(solutions.num_rows() - 1), false);
    row_counts_.push_back(true);

    document.problem_hash = word_hash(text::problem_key(*solution));
    const auto [problem, fresh] =
        problems.try_emplace(document.problem_hash, static_cast<uint32_t>(problems.size()));
    document.problem = problem->second;
    document.source = sources_.number_of(solution->source);
    document.step = solution->step ? steps_.number_of(*solution->step) : kNoStep;
    document.words.assign(solutions.words().begin(), solutions.words().end());
    if (solution->problem != last_problem) {
      document.problem_words = words_of_problem(solution->problem);
      last_problem = solution->problem;
    }
    if (fresh) vocabulary_.add(document.problem_words);
    spool_.write(document);
    hash_grams(document.words, options_.lengths, grams);
    filter_->add(grams);

    corpus.num_words += static_cast<int64_t>(document.words.size());
    ++corpus.by_source[solution->source];
    if (solution->step) ++corpus.by_step[*solution->step];
  }
  num_problems_ = static_cast<uint32_t>(problems.size());
  corpus.digest = solutions.digest();
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
  const uint64_t bytes = frequent.size() * bytes_of_candidate(options_);
  if (bytes > max_list_bytes(options_)) fail_too_many(frequent.size(), bytes);
  return frequent;
}

GramDetails Mining::detail(std::vector<uint64_t> hashes) {
  // One place at least: it gives the gram's text.
  GramDetails details(
      std::move(hashes),
      {.num_problems = num_problems_,
       .max_places = static_cast<size_t>(std::max<int64_t>(options_.max_contexts, 1)),
       .lengths = options_.lengths,
       .max_bytes = options_.memory_bytes / 2});
  SpooledDocument document;
  bool again = true;
  for (const char* what = "describing"; again; what = "counting problems") {
    spool_.rewind();
    for (int64_t i = 0; spool_.read(document); ++i) {
      tick(what, i);
      vocabulary_.keep_own(document.problem_words);
      details.add(document, document.problem_words);
    }
    again = details.next_round();
  }
  check_size(details);
  return details;
}

// Sources and steps of the grams are as many as the files have.
void Mining::check_size(const GramDetails& details) const {
  uint64_t bytes = details.hashes().size() * bytes_of_candidate(options_);
  for (const GramDetail& detail : details.details()) {
    bytes += kCountBytes * (detail.documents_by_source.size() + detail.documents_by_step.size());
  }
  if (bytes > max_list_bytes(options_)) fail_too_many(details.hashes().size(), bytes);
}

void Mining::fail_too_many(uint64_t num_grams, uint64_t num_bytes) const {
  fail(ErrorKind::kData,
       "{} grams occur in {} solutions or more, and a list of so many takes {} MiB, more than the "
       "{} MiB that are allowed; ask for more solutions a gram (--min-documents), or allow more "
       "memory (--memory)",
       num_grams,
       options_.min_documents,
       num_bytes >> 20,
       max_list_bytes(options_) >> 20);
}

Candidate Mining::candidate_of(const GramDetail& detail) const {
  Candidate candidate{.text = {},
                      .count = detail.count,
                      .document_frequency = detail.num_documents,
                      .problem_frequency = detail.num_problems,
                      .problem_text_frequency = detail.num_problem_text,
                      .sentence_starts = static_cast<int64_t>(detail.num_starts)};
  for (const auto& [source, count] : detail.documents_by_source) {
    candidate.by_source[sources_.names()[source]] = count;
  }
  for (const auto& [step, count] : detail.documents_by_step) {
    candidate.by_step[steps_.names()[step]] = count;
  }
  candidate.contexts.resize(
      std::min(detail.places.size(), static_cast<size_t>(options_.max_contexts)));
  return candidate;
}

Mining::Unquoted Mining::collect(const GramDetails& details) const {
  Unquoted unquoted;
  unquoted.candidates.reserve(details.hashes().size());
  for (size_t i = 0; i < details.hashes().size(); ++i) {
    const GramDetail& detail = details.details()[i];
    unquoted.candidates.push_back(candidate_of(detail));
    for (size_t rank = 0; rank < detail.places.size(); ++rank) {
      unquoted.wanted.push_back({.hash = details.hashes()[i],
                                 .document = detail.places[rank].document,
                                 .first_word = detail.places[rank].first_word,
                                 .num_words = detail.num_words,
                                 .candidate = static_cast<uint32_t>(i),
                                 .context = static_cast<uint32_t>(rank)});
    }
  }
  return unquoted;
}

// Second pass over the files: texts for the places.
std::vector<Candidate> Mining::quoted(Unquoted unquoted) {
  quote(
      {.reader = text::SolutionReader(paths_, reading_), .row_counts = row_counts_},
      std::move(unquoted.wanted),
      [this](int64_t document) { tick("quoting", document); },
      unquoted.candidates);
  return std::move(unquoted.candidates);
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
