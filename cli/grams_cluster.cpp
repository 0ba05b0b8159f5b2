// stratagram grams cluster: strategic grams by the clusters that most solutions use.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/embedder_option.h"
#include "cli/grams.h"
#include "cli/help.h"
#include "cli/progress.h"
#include "cli/solution_options.h"
#include "core/error.h"
#include "core/file.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "grams/cluster_selection.h"

namespace stratagram::cli {
namespace {

struct ClusterCommand {
  std::string candidates;
  SolutionArguments solutions;
  EmbedderOption embedder;
  std::string out;
  grams::ClusterOptions clusters;
  grams::CandidateFilter filter;
  double top = 0.2;
  bool only_correct = false;
};

grams::CountedSolutions counted_solutions(const ClusterCommand& command) {
  return {text::SolutionReader(command.solutions.paths, command.solutions.options),
          command.only_correct};
}

// Reading twice costs little beside embedding, after which it would be late to find out.
void check_corpus(const ClusterCommand& command, const grams::CandidateList& list) {
  grams::CountedSolutions solutions = counted_solutions(command);
  while (solutions.next()) {
    throw_if_interrupted("stopped while reading; nothing was written, so run the command again");
  }
  const std::string digest = solutions.digest();
  if (digest == list.corpus.digest) return;
  fail(
      ErrorKind::kData,
      "{}: was mined from {} solutions with the digest {}, these ROLLOUTS have {} that count, with "
      "{}; name the same files in the same order, with the same --only-correct and fields",
      command.candidates,
      list.corpus.num_documents,
      list.corpus.digest.substr(0, 12),
      solutions.num_documents(),
      digest.substr(0, 12));
}

void cluster(const ClusterCommand& command) {
  check_can_create(command.out);
  const std::unique_ptr<grams::Embedder> embedder = command.embedder.open();
  const grams::CandidateList list = grams::CandidateList::load(command.candidates);
  check_corpus(command, list);
  const std::vector<std::string> texts = grams::clustered_texts(list, command.filter);
  const grams::Embeddings vectors = embed_with_progress(*embedder, texts);
  const grams::Clusters clusters =
      grams::cluster_texts(texts, vectors, command.clusters, [](const grams::Rung& rung) {
        spdlog::info("{} clusters: BIC {:.0f}", rung.num_clusters, rung.bic);
      });
  grams::CountedSolutions solutions = counted_solutions(command);
  Progress progress("solutions");
  const auto counted = [&](int64_t done) { progress.update(done, 0); };
  const auto documents = grams::cluster_documents(solutions, texts, clusters, counted);
  const grams::Selection selection{
      .method = "cluster",
      .corpus_digest = list.corpus.digest,
      .settings = {{"embedder", embedder->description()},
                   {"clusters", clusters.medoids.size()},
                   {"clusters_chosen", command.clusters.num_clusters == 0},
                   {"bic", clusters.bic},
                   {"silhouette", clusters.silhouette},
                   {"seed", command.clusters.seed},
                   {"top", command.top},
                   {"min_documents", command.filter.min_documents},
                   {"drop_problem_text", command.filter.drop_problem_text}},
      .choices = grams::cluster_choices(
          texts, clusters, documents, list.corpus.num_documents, command.top)};
  selection.save(command.out);
  spdlog::info("{}: {} of {} grams, in {} clusters (mean silhouette {:.4f})",
               command.out,
               std::ranges::count_if(selection.choices, &grams::Choice::strategic),
               selection.choices.size(),
               clusters.medoids.size(),
               clusters.silhouette);
}

void add_options(CLI::App& app, ClusterCommand& command) {
  app.add_option("CANDIDATES", command.candidates, "what `grams mine` made of ROLLOUTS")
      ->required();
  add_solution_options(app, command.solutions);
  app.add_flag("--only-correct", command.only_correct, "as the candidates were mined");
  command.embedder.add_to(app);
  app.add_option("--out", command.out, "selection to write; never written over")
      ->type_name("FILE")
      ->required();
  app.add_option("--clusters",
                 command.clusters.num_clusters,
                 "how many (default: those with the highest BIC on a ladder)")
      ->check(CLI::PositiveNumber);
  app.add_option("--top", command.top, "share of the clusters that is kept")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--seed", command.clusters.seed, "keys the clusters")->capture_default_str();
  app.add_option("--min-documents", command.filter.min_documents, "leave rarer grams out")
      ->capture_default_str();
  app.add_flag("--drop-problem-text",
               command.filter.drop_problem_text,
               "leave out grams that mostly hold text of their problem");
}

}  // namespace

void add_grams_cluster(CLI::App& grams) {
  auto command = std::make_shared<ClusterCommand>();
  CLI::App* app =
      grams.add_subcommand("cluster", "strategic grams: clusters that most solutions use");
  add_options(*app, *command);
  app->footer(footer_of(
      "A line of FILE is a gram: whether it is strategic, the share of the solutions that its\n"
      "cluster is in, and the cluster by its number (from the most used) and the gram that names "
      "it.",
      {.examples = {"stratagram grams cluster mined.jsonl runs/demo/grpo --policy data/models/lab "
                    "--out s.jsonl"},
       .first = {"scripts/demo.sh", "stratagram grams mine runs/demo/grpo --out mined.jsonl"}}));
  app->callback([command] { cluster(*command); });
}

}  // namespace stratagram::cli
