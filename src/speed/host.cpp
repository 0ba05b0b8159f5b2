#include "speed/host.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"
#include "core/stream.h"
#include "grams/matcher.h"
#include "speed/sample_text.h"
#include "train/clock.h"
#include "train/run_folder.h"

namespace stratagram::speed {
namespace {

namespace fs = std::filesystem;

constexpr int kRuns = 3;
constexpr int64_t kMaxGramWords = 6;
constexpr size_t kCheckedBytes = 256 << 10;

double best_seconds(const std::function<void()>& work) {
  double best = std::numeric_limits<double>::infinity();
  for (int run = 0; run < kRuns; ++run) {
    const train::Clock clock;
    work();
    best = std::min(best, clock.seconds());
  }
  return best;
}

// Occurrences by looking each run of words up: no automaton.
int64_t plain_occurrences(const grams::Catalogue& catalogue, const std::string& text) {
  std::unordered_set<std::string> grams;
  for (const grams::Gram& gram : catalogue.grams) grams.insert(gram.text);
  const std::vector<grams::Word> words = grams::normalise(text);
  int64_t found = 0;
  for (size_t first = 0; first < words.size(); ++first) {
    std::string run;
    for (size_t last = first; last < words.size() && last < first + kMaxGramWords; ++last) {
      if (words[last].opaque || (last > first && words[last].break_before)) break;
      run += (last > first ? " " : "") + words[last].text;
      found += grams.contains(run) ? 1 : 0;
    }
  }
  return found;
}

// The text with a gram of the catalogue at the start of each paragraph, in turn: so there is
// something to find, whatever the catalogue.
std::string with_grams(const std::string& text, const grams::Catalogue& catalogue) {
  constexpr std::string_view kParagraph = "\n\n";
  std::string result;
  size_t at = 0;
  size_t gram = 0;
  for (size_t end = text.find(kParagraph); end != std::string::npos && !catalogue.grams.empty();
       end = text.find(kParagraph, at)) {
    end += kParagraph.size();
    result += text.substr(at, end - at);
    result += catalogue.grams[gram++ % catalogue.grams.size()].text + " ";
    at = end;
  }
  return result + text.substr(at);
}

double time_matcher(const grams::Catalogue& catalogue, const std::string& text) {
  const grams::Matcher matcher(catalogue);
  const std::string part = text.substr(0, kCheckedBytes);
  const auto found = static_cast<int64_t>(matcher.find(part).all.size());
  const int64_t wanted = plain_occurrences(catalogue, part);
  if (found != wanted || wanted == 0) {
    fail(ErrorKind::kInternal,
         "the matcher: wanted the {} occurrences of a plain search and at least one, got {}",
         wanted,
         found);
  }
  const double seconds = best_seconds([&] { (void)matcher.find(text); });
  return static_cast<double>(text.size()) / seconds;
}

// Fills the speed of the tokenizer and the bytes of a token.
void time_tokenizer(const text::Tokenizer& tokenizer, const std::string& text, HostSpeed& speed) {
  const std::vector<int32_t> ids = tokenizer.encode(text, false).ids;
  if (tokenizer.decode(ids, false) != text) {
    fail(ErrorKind::kInternal, "the tokenizer: wanted the encoded text back, got another");
  }
  const double seconds = best_seconds([&] { (void)tokenizer.encode(text, false); });
  speed.tokenizer = static_cast<double>(text.size()) / seconds;
  speed.text_bytes_per_token = static_cast<double>(text.size()) / static_cast<double>(ids.size());
}

// Responses of 1,000 tokens whose text is that of the sample, with a gram every 60 tokens.
Group group_of(const text::Tokenizer& tokenizer, const std::string& text) {
  constexpr size_t kTokens = 1000;
  const Stream stream({.seed = 2, .purpose = "speed writer"});
  const std::vector<int32_t> ids = tokenizer.encode(text, false).ids;
  Group group{.problem = {.id = "p", .text = "?", .answer = "12", .kind = "math"},
              .prompt = {.problem_id = "p", .text = text.substr(0, 300), .token_ids = {1}}};
  for (size_t begin = 0; begin < ids.size(); begin += kTokens) {
    const size_t end = std::min(ids.size(), begin + kTokens);
    Trajectory& trajectory = group.trajectories.emplace_back();
    Completion& completion = trajectory.completion;
    completion.sample = static_cast<int64_t>(begin / kTokens);
    completion.token_ids.assign(ids.begin() + static_cast<int64_t>(begin),
                                ids.begin() + static_cast<int64_t>(end));
    completion.text = tokenizer.decode(completion.token_ids, false);
    for (size_t t = begin; t < end; ++t) {
      completion.logprobs.push_back(static_cast<float>(std::log(stream.uniform(2 * t) + 1e-6)));
      completion.entropies.push_back(static_cast<float>(3 * stream.uniform(2 * t + 1)));
      trajectory.advantages.push_back(t % 20 == 0 ? 0.6F : 0.5F);
    }
    for (int64_t t = 0; t + 3 <= static_cast<int64_t>(end - begin); t += 60) {
      trajectory.planning_spans.push_back({.tokens = {t, t + 3}, .gram = "wait let me"});
    }
    trajectory.judgement = {.verdict = Verdict::kCorrect, .reward = 1.0, .reason = "equal"};
  }
  return group;
}

// A file that is gone when the object is.
class TemporaryFile {
 public:
  TemporaryFile()
      : path_(fs::temp_directory_path() / fmt::format("stratagram-bench-{}.jsonl", getpid())) {}
  ~TemporaryFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void check_written(const fs::path& file, const Group& group) {
  JsonlReader reader(file);
  size_t rows = 0;
  for (auto row = reader.next(); row; row = reader.next(), ++rows) {
    const Completion& completion = group.trajectories.at(rows).completion;
    bool same = row->at("token_ids") == completion.token_ids &&
                row->at("response") == completion.text &&
                row->at("logprobs").size() == completion.logprobs.size();
    for (size_t t = 0; same && t < completion.logprobs.size(); ++t) {
      // Six significant digits: a relative error of at most half of the sixth.
      const double wanted = completion.logprobs[t];
      same = std::abs(row->at("logprobs")[t].get<double>() - wanted) <= 5.1e-6 * std::abs(wanted);
    }
    if (!same) fail(ErrorKind::kInternal, "{}: not what was written", reader.where());
  }
  if (rows != group.trajectories.size()) {
    fail(ErrorKind::kInternal,
         "{}: wanted {} rows, got {}",
         file.string(),
         group.trajectories.size(),
         rows);
  }
}

void time_writer(const text::Tokenizer& tokenizer, const std::string& text, HostSpeed& speed) {
  const TemporaryFile file;
  const Group group = group_of(tokenizer, text);
  const auto write = [&] {
    write_file_atomically(file.path(), train::rollout_lines({&group, 1}, 0));
  };
  write();
  check_written(file.path(), group);
  int64_t num_tokens = 0;
  for (const Trajectory& trajectory : group.trajectories) {
    num_tokens += static_cast<int64_t>(trajectory.completion.token_ids.size());
  }
  const auto bytes = static_cast<double>(fs::file_size(file.path()));
  speed.writer = bytes / best_seconds(write);
  speed.written_bytes_per_token = bytes / static_cast<double>(num_tokens);
}

}  // namespace

HostSpeed measure_host(const text::Tokenizer& tokenizer,
                       const grams::Catalogue& catalogue,
                       int64_t num_bytes) {
  const std::string text = sample_text(static_cast<size_t>(num_bytes));
  HostSpeed speed;
  speed.matcher = time_matcher(catalogue, with_grams(text, catalogue));
  time_tokenizer(tokenizer, text, speed);
  time_writer(tokenizer, text.substr(0, text.size() / 4), speed);
  return speed;
}

double host_seconds(const HostSpeed& speed,
                    int64_t num_prompt_tokens,
                    int64_t num_response_tokens) {
  const auto prompts = static_cast<double>(num_prompt_tokens);
  const auto responses = static_cast<double>(num_response_tokens);
  return prompts * speed.text_bytes_per_token / speed.tokenizer +
         responses * speed.text_bytes_per_token / speed.matcher +
         responses * speed.written_bytes_per_token / speed.writer;
}

}  // namespace stratagram::speed
