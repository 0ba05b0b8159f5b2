#include "cli/evidence_option.h"

namespace stratagram::cli {

void EvidenceOption::add_to(CLI::App& command) {
  command
      .add_option("--plain",
                  plain_sources,
                  "a source of the candidates that does not think aloud; may be given again")
      ->type_name("SOURCE")
      ->take_all()
      ->expected(1);
  embedder.add_to(command);
  command.add_option("--judge", judge, "what `grams annotate` wrote")->type_name("FILE");
}

OpenEvidence::OpenEvidence(const EvidenceOption& option, const grams::CandidateList& candidates) {
  evidence_.candidates = &candidates;
  evidence_.plain_sources = option.plain_sources;
  if (option.embedder.given()) {
    embedder_ = option.embedder.open();
    evidence_.embedder = embedder_->description();
    evidence_.embed = [this](const std::vector<std::string>& texts) {
      return embed_with_progress(*embedder_, texts);
    };
  }
  if (!option.judge.empty()) {
    evidence_.judge = &judge_.emplace(grams::Selection::load(option.judge));
  }
}

}  // namespace stratagram::cli
