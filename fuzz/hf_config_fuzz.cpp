// Any bytes as config.json: what is accepted is written and read back as the same model.
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/file.h"
#include "fuzz/driver.h"
#include "fuzz/input_file.h"
#include "model/hf_config.h"
#include "tests/support/temp_folder.h"

namespace stratagram {
namespace {

const std::string kFolder = STRATAGRAM_TEST_DATA "/model/";

std::vector<std::string> seeds() {
  std::vector<std::string> files;
  for (const char* model : {"llama", "llama-tied-linear", "llama-llama3-rope", "qwen2", "qwen3"}) {
    files.push_back(read_file(kFolder + model + "/config.json"));
  }
  return files;
}

void try_files(const std::filesystem::path& folder) {
  const model::ModelConfig config = model::read_hf_config(folder);
  const nlohmann::json written = model::to_hf_config(config, "float32");
  const std::string text = written.dump();
  fuzz::must_accept([&] {
    STRATAGRAM_CHECK(model::parse_hf_config(nlohmann::json::parse(text), "again") == config,
                     "another model came back from {}",
                     text);
  });
}

int run(int argc, char** argv) {
  const TempFolder folder;
  const fuzz::InputFile file;
  for (const char* name : {"config.json", "generation_config.json"}) {
    std::filesystem::create_symlink(file.write(""), folder.path() / name);
  }
  return fuzz::run_fuzz(argc, argv, seeds, [&](std::string_view bytes) {
    (void)file.write(bytes);  // which is both files
    try_files(folder.path());
  });
}

}  // namespace
}  // namespace stratagram

int main(int argc, char** argv) {
  return stratagram::run(argc, argv);
}
