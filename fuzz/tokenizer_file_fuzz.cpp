// Any bytes as tokenizer.json and tokenizer_config.json: what loads encodes any text into ids that
// it can decode.
#include "core/error.h"
#include "core/file.h"
#include "fuzz/driver.h"
#include "fuzz/input_file.h"
#include "tests/support/temp_folder.h"
#include "text/chat_template.h"
#include "text/tokenizer.h"

namespace stratagram {
namespace {

constexpr std::string_view kText =
    "Wait, let's check: 3 + 12 = 15.\n\n  \t\xe6\x97\xa5\xe6\x9c\xac \xc3\xa9 e\xcc\x81 "
    "<|im_start|>\xff\xed\xa0\x80<|im_end|> \xe1\x84\x80\xe1\x85\xa1";

std::vector<std::string> seeds() {
  std::vector<std::string> files;
  for (const char* name : {"qwen2", "llama3", "smollm"}) {
    files.push_back(
        read_file(std::string(STRATAGRAM_TEST_DATA "/text/") + name + "/tokenizer.json"));
  }
  files.push_back(R"({"chat_template": [{"name": "default", "template": "<|im_start|>"}]})");
  return files;
}

void check_encoding(const text::Tokenizer& tokenizer) {
  const text::Encoding encoding = tokenizer.encode(kText, true);
  for (const Range& range : encoding.byte_ranges) {
    STRATAGRAM_CHECK(range.begin >= 0 && range.begin <= range.end &&
                         range.end <= static_cast<int64_t>(kText.size()),
                     "a range outside the text");
  }
  fuzz::must_accept([&] { (void)tokenizer.decode(encoding.ids, true); });
}

void try_files(const std::filesystem::path& folder) {
  fuzz::accepts([&] { (void)text::chat_template_of(folder); });
  std::optional<text::Tokenizer> tokenizer;
  if (fuzz::accepts(
          [&] { tokenizer = text::Tokenizer::from_json_file(folder / "tokenizer.json"); })) {
    // A pattern that a damaged file holds may need more steps than PCRE2 allows: refused in order.
    check_encoding(*tokenizer);
  }
}

int run(int argc, char** argv) {
  const TempFolder folder;
  const fuzz::InputFile file;
  for (const char* name : {"tokenizer.json", "tokenizer_config.json"}) {
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
