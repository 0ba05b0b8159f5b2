#include "grams/freeze.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "core/digest.h"
#include "core/error.h"

namespace stratagram::grams {
namespace {

using nlohmann::json;

// What the layers say of one gram, after some of them.
struct Verdict {
  bool strategic = false;
  size_t layer = 0;  // that says so
  Role role = Role::kOther;
  int64_t cluster = -1;
  bool by_judge = false;   // some judge says strategic
  bool by_method = false;  // something but a review does
};

// In the order of the grams' texts, in which they will stand.
using Verdicts = std::map<std::string, Verdict>;

bool is_review(const Layer& layer) {
  return layer.selection.method == "review";
}

void check_name(const std::string& name) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  if (name.empty() || !std::ranges::all_of(name, is_allowed)) {
    fail(ErrorKind::kConfig,
         "name of a catalogue: wanted letters, digits, '.', '_' and '-', got '{}'",
         name);
  }
}

void check_corpus(const Layer& layer, const CandidateList& candidates) {
  if (layer.selection.corpus_digest == candidates.corpus.digest) return;
  fail(
      ErrorKind::kData,
      "{}: was made from the corpus {}, the candidates are of {}; select from these candidates, or "
      "allow another corpus",
      layer.file,
      layer.selection.corpus_digest.empty() ? "(none)" : layer.selection.corpus_digest,
      candidates.corpus.digest);
}

bool has_clusters(const Layer& layer) {
  return std::ranges::any_of(layer.selection.choices,
                             [](const Choice& choice) { return choice.cluster >= 0; });
}

LayerUse lay_over(const Layer& layer, size_t index, bool gives_clusters, Verdicts& verdicts) {
  LayerUse use{.method = layer.selection.method, .file = layer.file};
  for (const Choice& choice : layer.selection.choices) {
    Verdict& verdict = verdicts[choice.text];
    ++use.num_grams;
    if (choice.strategic) ++use.num_strategic;
    if (choice.strategic && !verdict.strategic) ++use.num_added;
    if (!choice.strategic && verdict.strategic) ++use.num_rejected;
    verdict.strategic = choice.strategic;
    verdict.layer = index;
    if (choice.role) verdict.role = *choice.role;
    if (gives_clusters) verdict.cluster = choice.cluster;
    if (choice.strategic && !is_review(layer)) {
      verdict.by_method = true;
      if (layer.selection.method == "judge") verdict.by_judge = true;
    }
  }
  return use;
}

const char* origin_of(const Verdict& verdict) {
  if (!verdict.by_method) return "manual";
  return verdict.by_judge ? "annotated" : "mined";
}

// Of what a selection decides. Not of its file: scores hang on how a processor rounds the encoder's
// vectors, and would give a catalogue of the same grams another digest on another machine.
std::string digest_of_decisions(const Selection& selection) {
  std::vector<std::string> lines;
  lines.reserve(selection.choices.size());
  for (const Choice& choice : selection.choices) {
    lines.push_back(fmt::format("{}\t{}\t{}\t{}\t{}\n",
                                choice.text,
                                choice.strategic ? 1 : 0,
                                choice.role ? role_name(*choice.role) : "",
                                choice.cluster,
                                choice.cluster_name));
  }
  std::ranges::sort(lines);
  return sha256(fmt::format("{}", fmt::join(lines, "")));
}

json record_of(const Layer& layer, const LayerUse& use, const CandidateList& candidates) {
  json record = {{"method", use.method},
                 {"settings", layer.selection.settings},
                 {"decisions_sha256", digest_of_decisions(layer.selection)},
                 {"grams", use.num_grams},
                 {"strategic", use.num_strategic},
                 {"added", use.num_added},
                 {"rejected", use.num_rejected}};
  if (layer.selection.corpus_digest != candidates.corpus.digest) {
    record["corpus_digest"] = layer.selection.corpus_digest;
  }
  return record;
}

std::string default_source(const CandidateList& candidates, const std::vector<LayerUse>& layers) {
  std::vector<std::string> methods;
  methods.reserve(layers.size());
  for (const LayerUse& layer : layers) methods.push_back(layer.method);
  return fmt::format("mined from {} solutions of {} problems; chosen by {}",
                     candidates.corpus.num_documents,
                     candidates.corpus.num_problems,
                     fmt::join(methods, ", then "));
}

// The names that the clusters of the catalogue's grams have in that layer.
std::map<int64_t, std::string> names_of_clusters(const Layer& layer, const Catalogue& catalogue) {
  std::map<int64_t, std::string> names;
  for (const Gram& gram : catalogue.grams) {
    if (gram.cluster >= 0) names[gram.cluster];
  }
  for (const Choice& choice : layer.selection.choices) {
    const auto found = names.find(choice.cluster);
    if (found != names.end() && !choice.cluster_name.empty()) found->second = choice.cluster_name;
  }
  std::erase_if(names, [](const auto& entry) { return entry.second.empty(); });
  return names;
}

// Fills in the grams that are strategic after all layers.
void take_grams(const Verdicts& verdicts,
                const CandidateList& candidates,
                const std::vector<Layer>& layers,
                const FreezeOptions& options,
                Frozen& frozen) {
  std::unordered_map<std::string, const Candidate*> counted;
  for (const Candidate& candidate : candidates.candidates) counted[candidate.text] = &candidate;
  for (const auto& [text, verdict] : verdicts) {
    ++frozen.layers[verdict.layer].num_decided;
    if (!verdict.strategic) continue;
    Gram gram{.text = text,
              .role = verdict.role,
              .origin = origin_of(verdict),
              .cluster = verdict.cluster};
    if (const auto found = counted.find(text); found != counted.end()) {
      gram.count = found->second->count;
      gram.document_frequency = found->second->document_frequency;
    } else if (options.other_corpus || is_review(layers[verdict.layer])) {
      ++frozen.num_uncounted;
    } else {
      fail(ErrorKind::kData,
           "{}: '{}' is none of the candidates; give those that the selection was made from",
           layers[verdict.layer].file,
           text);
    }
    frozen.catalogue.grams.push_back(std::move(gram));
  }
}

}  // namespace

Frozen freeze(const CandidateList& candidates,
              std::vector<Layer> layers,
              const FreezeOptions& options) {
  check_name(options.name);
  if (layers.empty()) fail(ErrorKind::kConfig, "freeze: wanted at least one selection of grams");
  if (!options.other_corpus) {
    for (const Layer& layer : layers) check_corpus(layer, candidates);
  }
  std::ranges::stable_partition(layers, [](const Layer& layer) { return !is_review(layer); });
  size_t with_clusters = layers.size();
  for (size_t i = 0; i < layers.size(); ++i) {
    if (has_clusters(layers[i])) with_clusters = i;
  }

  Frozen frozen{.catalogue = {.name = options.name, .corpus_digest = candidates.corpus.digest}};
  Verdicts verdicts;
  for (size_t i = 0; i < layers.size(); ++i) {
    frozen.layers.push_back(lay_over(layers[i], i, i == with_clusters, verdicts));
  }
  take_grams(verdicts, candidates, layers, options, frozen);
  if (frozen.catalogue.grams.empty()) {
    fail(ErrorKind::kData,
         "freeze: none of the {} grams that were judged is strategic; a catalogue needs one",
         verdicts.size());
  }
  for (size_t i = 0; i < layers.size(); ++i) {
    frozen.catalogue.selection.push_back(record_of(layers[i], frozen.layers[i], candidates));
  }
  if (with_clusters < layers.size()) {
    frozen.catalogue.cluster_names = names_of_clusters(layers[with_clusters], frozen.catalogue);
  }
  frozen.catalogue.source =
      options.source.empty() ? default_source(candidates, frozen.layers) : options.source;
  return frozen;
}

}  // namespace stratagram::grams
