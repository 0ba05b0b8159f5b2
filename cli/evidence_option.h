// cli/evidence_option.h -- what a selector may look at beside counts: vectors of grams, and a
// judge's answers.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/embedder_option.h"
#include "grams/selector.h"

namespace stratagram::cli {

struct EvidenceOption {
  EmbedderOption embedder;
  std::string judge{};                       ///< file of a selection
  std::vector<std::string> plain_sources{};  ///< that do not think aloud

  /// Declares --plain, the options of an embedder, and --judge.
  void add_to(CLI::App& command);
};

/// What was asked for, opened. Not movable: evidence() points into it.
class OpenEvidence {
 public:
  /// `candidates` must outlive it. Throws like the loaders.
  OpenEvidence(const EvidenceOption& option, const grams::CandidateList& candidates);
  OpenEvidence(const OpenEvidence&) = delete;
  OpenEvidence& operator=(const OpenEvidence&) = delete;

  [[nodiscard]] const grams::Evidence& evidence() const { return evidence_; }

 private:
  std::unique_ptr<grams::Embedder> embedder_;
  std::optional<grams::Selection> judge_;
  grams::Evidence evidence_;
};

}  // namespace stratagram::cli
