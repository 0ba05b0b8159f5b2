// Any bytes as a text: tokens decode to the text itself (broken UTF-8 replaced; composed for the
// tokenizer that composes), and their ranges cover it in order.
#include "core/error.h"
#include "core/utf8.h"
#include "fuzz/driver.h"
#include "text/normalized.h"
#include "text/tokenizer.h"

namespace stratagram {
namespace {

std::vector<std::string> seeds() {
  return {"Wait, let's check: 3 + 12 = 15.\n\n\n  \t\r\n x",
          "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e caf\xc3\xa9 cafe\xcc\x81 \xe1\x84\x80\xe1\x85\xa1",
          "a<|im_start|>user\nb<|im_end|><|endoftext|><|end_of_text|>",
          "\xff\xfe\xed\xa0\x80\xf0\x9f\x98 \xf0\x9f\x98\x80",
          std::string(300, 'a') + std::string(300, ' ') + std::string(40, '7'),
          std::string("\0\x01\x7f", 3)};
}

struct Loaded {
  text::Tokenizer tokenizer;
  bool nfc;
};

std::vector<Loaded> load() {
  const std::string folder = STRATAGRAM_TEST_DATA "/text/";
  const auto file = [&](const char* name) {
    return text::Tokenizer::from_json_file(folder + name + "/tokenizer.json");
  };
  return {{file("qwen2"), true}, {file("llama3"), false}, {file("smollm"), false}};
}

void try_text(const Loaded& loaded, std::string_view bytes) {
  const text::Encoding encoding = loaded.tokenizer.encode(bytes, false);
  int64_t covered = 0;
  for (const Range& range : encoding.byte_ranges) {
    STRATAGRAM_CHECK(range.begin <= covered && range.end >= covered, "ranges leave a gap");
    covered = range.end;
  }
  STRATAGRAM_CHECK(covered == static_cast<int64_t>(bytes.size()), "ranges end at {}", covered);
  const std::string decoded = loaded.tokenizer.decode(encoding.ids, false);
  const std::string valid = replace_broken_utf8(bytes);
  const text::NormalizedText composed(valid, loaded.nfc);
  STRATAGRAM_CHECK(decoded == composed.text(), "'{}' came back as '{}'", composed.text(), decoded);
}

int run(int argc, char** argv) {
  const std::vector<Loaded> tokenizers = load();
  return fuzz::run_fuzz(argc, argv, seeds, [&](std::string_view bytes) {
    fuzz::must_accept([&] {
      for (const Loaded& loaded : tokenizers) try_text(loaded, bytes);
    });
  });
}

}  // namespace
}  // namespace stratagram

int main(int argc, char** argv) {
  return stratagram::run(argc, argv);
}
