#include "cli/embedder_option.h"

#include <functional>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "cli/model_option.h"
#include "cli/progress.h"
#include "core/error.h"
#include "embed/policy_encoder.h"
#include "embed/sentence_encoder.h"
#include "judge/http_embedder.h"

namespace stratagram::cli {
namespace {

// A policy with the encoder that looks into it.
class OwnedPolicy : public grams::Embedder {
 public:
  explicit OwnedPolicy(const std::string& model)
      : policy_(
            rollout::load_policy(model_path(model), {.device = "cpu", .chat_template = "plain"})),
        encoder_(policy_.model, policy_.tokenizer, {{"model_digest", model_digest(policy_.path)}}) {
  }

  [[nodiscard]] grams::Embeddings embed(
      std::span<const std::string> texts,
      const std::function<void(int64_t)>& progress) const override {
    return encoder_.embed(texts, progress);
  }

  [[nodiscard]] nlohmann::json description() const override { return encoder_.description(); }

 private:
  rollout::Policy policy_;
  embed::PolicyEncoder encoder_;
};

}  // namespace

void EmbedderOption::add_to(CLI::App& command) {
  CLI::Option* by_encoder =
      command.add_option("--encoder", encoder, "sentence-transformers folder of the BERT kind")
          ->type_name("DIR");
  CLI::Option* by_policy =
      command.add_option("--policy", policy, "embed by the hidden states of this model instead")
          ->type_name("M")
          ->excludes(by_encoder);
  CLI::Option* by_server =
      command.add_option("--embed-url", url, "embed by an OpenAI-compatible server instead")
          ->type_name("URL")
          ->excludes(by_encoder)
          ->excludes(by_policy);
  command.add_option("--embed-model", server.model, "name of the model at that server")
      ->type_name("NAME")
      ->needs(by_server);
  command
      .add_option("--embed-key-env", key_variable, "variable of the environment that holds its key")
      ->type_name("VARIABLE")
      ->needs(by_server);
  command.add_option("--embed-batch", server.batch_texts, "grams of one request to it")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str()
      ->needs(by_server);
}

std::unique_ptr<grams::Embedder> EmbedderOption::open() const {
  if (!given()) fail(ErrorKind::kConfig, "wanted one of --encoder, --policy and --embed-url");
  if (!encoder.empty()) return std::make_unique<embed::SentenceEncoder>(model_path(encoder));
  if (!policy.empty()) return std::make_unique<OwnedPolicy>(policy);
  const judge::EndpointFlags flags{
      .url = "--embed-url", .model = "--embed-model", .key = "--embed-key-env", .pace = ""};
  return std::make_unique<judge::HttpEmbedder>(
      server,
      judge::TransportOptions{.endpoint = {.url = judge::base_url(url, flags),
                                           .key = judge::key_from_environment(key_variable, flags),
                                           .flags = flags}});
}

grams::Embeddings embed_with_progress(const grams::Embedder& embedder,
                                      const std::vector<std::string>& texts) {
  Progress progress("embedded");
  return embedder.embed(
      texts, [&](int64_t done) { progress.update(done, static_cast<int64_t>(texts.size())); });
}

}  // namespace stratagram::cli
