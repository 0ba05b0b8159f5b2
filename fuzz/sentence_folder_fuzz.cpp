// Any bytes as the small files of a sentence encoder's folder: an input's lines are modules.json,
// the pooling's config.json, sentence_bert_config.json and config.json.
#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"
#include "embed/sentence_folder.h"
#include "fuzz/driver.h"
#include "fuzz/input_file.h"
#include "model/bert_config.h"
#include "tests/support/temp_folder.h"

namespace stratagram {
namespace {

constexpr std::array kFiles = {
    "modules.json", "1_Pooling/config.json", "sentence_bert_config.json", "config.json"};

std::vector<std::string> seeds() {
  std::string folder;
  for (const char* file : kFiles) {
    std::string text = read_file(std::string(STRATAGRAM_TEST_DATA "/embed/bert/") + file);
    std::erase(text, '\n');
    folder += text + "\n";
  }
  return {folder,
          R"([{"type": "Transformer", "path": ""}, {"type": "Pooling", "path": "1_Pooling"}]
{"pooling_mode": "cls"}
{"max_seq_length": 32}
{"model_type": "bert"}
)"};
}

void try_folder(const std::filesystem::path& folder) {
  fuzz::accepts([&] {
    const embed::SentenceSettings settings = embed::read_sentence_settings(folder);
    STRATAGRAM_CHECK(settings.pooling == embed::Pooling::kMean ||
                         settings.pooling == embed::Pooling::kFirstToken,
                     "no pooling");
  });
  fuzz::accepts([&] {
    const auto spec = parse_json_object(read_file(folder / "config.json"), "config.json");
    const model::BertConfig config = model::parse_bert_config(spec, "config.json");
    fuzz::must_accept([&] { (void)model::bert_tensors(config); });
  });
}

int run(int argc, char** argv) {
  const TempFolder folder;
  std::filesystem::create_directory(folder.path() / "1_Pooling");
  const std::array<fuzz::InputFile, kFiles.size()> files;
  for (size_t i = 0; i < kFiles.size(); ++i) {
    std::filesystem::create_symlink(files[i].write(""), folder.path() / kFiles[i]);
  }
  return fuzz::run_fuzz(argc, argv, seeds, [&](std::string_view bytes) {
    for (const fuzz::InputFile& file : files) {
      const size_t end = std::min(bytes.find('\n'), bytes.size());
      (void)file.write(bytes.substr(0, end));
      bytes.remove_prefix(std::min(end + 1, bytes.size()));
    }
    try_folder(folder.path());
  });
}

}  // namespace
}  // namespace stratagram

int main(int argc, char** argv) {
  return stratagram::run(argc, argv);
}
