#include "grams/word_spool.h"

#include <span>

#include "core/error.h"

namespace stratagram::grams {
namespace {

struct Head {
  uint64_t problem_hash = 0;
  uint64_t num_words = 0;
  uint64_t num_problem_words = 0;
  uint32_t problem = 0;
  uint32_t source = 0;
  uint32_t step = 0;
  uint32_t unused = 0;
};

}  // namespace

void WordSpool::write(const SpooledDocument& document) {
  const Head head{.problem_hash = document.problem_hash,
                  .num_words = document.words.size(),
                  .num_problem_words = document.problem_words.size(),
                  .problem = document.problem,
                  .source = document.source,
                  .step = document.step};
  file_.write(std::as_bytes(std::span(&head, 1)));
  file_.write(bytes_of(document.words));
  file_.write(bytes_of(document.problem_words));
}

bool WordSpool::read(SpooledDocument& document) {
  Head head;
  if (!file_.read(std::as_writable_bytes(std::span(&head, 1)))) return false;
  document.problem_hash = head.problem_hash;
  document.problem = head.problem;
  document.source = head.source;
  document.step = head.step;
  document.words.resize(head.num_words);
  document.problem_words.resize(head.num_problem_words);
  for (auto* words : {&document.words, &document.problem_words}) {
    const bool whole = words->empty() || file_.read(std::as_writable_bytes(std::span(*words)));
    STRATAGRAM_CHECK(whole, "a document in the scratch file has lost its words");
  }
  return true;
}

}  // namespace stratagram::grams
