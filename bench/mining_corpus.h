// bench/mining_corpus.h -- as many solutions as wanted, drawn to be like those of models where it
// matters to a miner: most runs of words come once, and a few thousand phrases come all the time.
#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/jsonl.h"
#include "core/stream.h"

namespace stratagram::bench {

/// Rows `id problem response correct step model`: 8 solutions of a problem, of about 3 kB each.
/// A third of the words stand in phrases of 3 to 7 words; words and phrases follow Zipf's law. The
/// same for the same number.
class MiningCorpus {
 public:
  MiningCorpus() : words_(kNumWords), word_ranks_(kNumWords), phrase_ranks_(kNumPhrases) {
    const Stream letters({.seed = 1, .purpose = "mining-words"});
    for (size_t i = 0; i < kNumWords; ++i) {
      // Frequent words are short.
      const size_t length = 1 + static_cast<size_t>(std::log2(static_cast<double>(i + 2)) / 2) +
                            letters.below(4, 16 * i);
      for (size_t k = 0; k < length; ++k) {
        words_[i] += static_cast<char>('a' + letters.below(26, 16 * i + 1 + k));
      }
    }
    for (size_t i = 0; i < kNumPhrases; ++i) {
      Draw draw({.seed = i, .purpose = "mining-phrases"});
      std::string phrase;
      for (uint64_t k = 3 + draw.below(5); k > 0; --k)
        phrase += words_[word_ranks_.pick(draw)] + " ";
      phrases_.push_back(std::move(phrase));
    }
  }

  [[nodiscard]] std::string row(uint64_t number) const {
    Draw draw({.seed = number, .purpose = "mining-corpus"});
    Draw asked({.seed = number / 8, .purpose = "mining-problems"});
    std::string problem;
    for (int i = 0; i < 30; ++i) problem += words_[asked.below(kNumWords)] + " ";
    problem += std::to_string(asked.below(1000));
    std::string response;
    for (const uint64_t size = 1000 + draw.below(4000); response.size() < size;) {
      add_piece(draw, response);
    }
    return to_json_line({{"id", std::to_string(number)},
                         {"problem", problem},
                         {"response", response},
                         {"correct", number % 4 != 3},
                         {"step", number / 50'000},
                         {"model", number % 2 == 0 ? "a" : "b"}});
  }

  /// Throws Error(kDevice) when the file cannot be written.
  void write(const std::filesystem::path& file, uint64_t num_bytes) const {
    std::ofstream out(file, std::ios::binary);
    uint64_t written = 0;
    for (uint64_t i = 0; written < num_bytes && out; ++i) {
      const std::string line = row(i) + "\n";
      out << line;
      written += line.size();
    }
    out.close();
    if (!out) fail(ErrorKind::kDevice, "{}: cannot be written", file.string());
  }

 private:
  static constexpr size_t kNumWords = 50'000;
  static constexpr size_t kNumPhrases = 3'000;

  // Draws one after another.
  class Draw {
   public:
    explicit Draw(const StreamKey& key) : stream_(key) {}
    uint64_t below(uint64_t bound) { return stream_.below(bound, position_++); }
    double uniform() { return stream_.uniform(position_++); }

   private:
    Stream stream_;
    uint64_t position_ = 0;
  };

  // Rank r with a probability that falls as 1 / (r + 2.7) (Mandelbrot's form of Zipf's law).
  class Ranks {
   public:
    explicit Ranks(size_t num_ranks)
        : num_ranks_(num_ranks), ratio_((static_cast<double>(num_ranks) + 2.7) / 2.7) {}
    size_t pick(Draw& draw) const {
      const double rank = 2.7 * std::pow(ratio_, draw.uniform()) - 2.7;
      return std::min(static_cast<size_t>(rank), num_ranks_ - 1);
    }

   private:
    size_t num_ranks_;
    double ratio_;
  };

  void add_piece(Draw& draw, std::string& text) const {
    const uint64_t kind = draw.below(40);
    if (kind < 3) {
      text += std::to_string(draw.below(2000));
    } else if (kind == 3) {
      text += "$\\frac{" + std::to_string(draw.below(90)) + "}{x + 1}$";
    } else if (kind < 8) {
      text += phrases_[phrase_ranks_.pick(draw)];
      text.pop_back();
    } else {
      text += words_[word_ranks_.pick(draw)];
    }
    const uint64_t gap = draw.below(24);
    text += gap == 0 ? ".\n\n" : gap == 1 ? ", " : gap == 2 ? ". " : gap == 3 ? " = " : " ";
  }

  std::vector<std::string> words_;
  std::vector<std::string> phrases_;
  Ranks word_ranks_;
  Ranks phrase_ranks_;
};

}  // namespace stratagram::bench
