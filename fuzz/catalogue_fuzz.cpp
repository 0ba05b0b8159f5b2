// Any bytes as a catalogue file: what is accepted matches any text. A changed catalogue has another
// digest; the input is tried once more with the right one, so that what lies behind is reached.
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "fuzz/driver.h"
#include "fuzz/input_file.h"
#include "grams/catalogue.h"
#include "grams/matcher.h"

namespace stratagram {
namespace {

using nlohmann::json;

std::string frozen(const grams::Catalogue& catalogue) {
  json spec = catalogue.to_json();
  spec["sha256"] = catalogue.digest();
  return spec.dump(1);
}

std::vector<std::string> seeds() {
  const grams::Catalogue catalogue{
      .name = "small",
      .source = "by hand",
      .corpus_digest = "",
      .grams = {{.text = "wait let me",
                 .role = grams::Role::kBacktracing,
                 .origin = "manual",
                 .cluster = 2,
                 .count = 5,
                 .document_frequency = 3},
                {.text = "let me", .role = grams::Role::kOther, .origin = "mined"},
                {.text = "caf\xc3\xa9", .role = grams::Role::kBranching, .origin = "manual"},
                {.text = "this means that it is", .role = grams::Role::kDeduction}}};
  grams::Catalogue one = catalogue;
  one.grams.resize(1);
  return {frozen(catalogue), frozen(one)};
}

void load_and_match(const std::filesystem::path& file, std::string_view text) {
  const grams::Catalogue catalogue = grams::Catalogue::load(file);
  const grams::Matcher matcher(catalogue);
  fuzz::must_accept([&] { (void)matcher.find(text); });
  for (const grams::Gram& gram : catalogue.grams) {
    STRATAGRAM_CHECK(!matcher.find(gram.text).all.empty(), "'{}' does not match itself", gram.text);
  }
}

// The digest that the content has, when the parser accepts everything else.
std::string with_right_digest(std::string_view bytes, const std::string& refusal) {
  constexpr std::string_view kMark = "the content gives ";
  const size_t at = refusal.find(kMark);
  if (at == std::string::npos) return "";
  json spec = json::parse(bytes, nullptr, /*allow_exceptions=*/false);
  spec["sha256"] = refusal.substr(at + kMark.size(), 64);
  return spec.dump();
}

void try_file(const fuzz::InputFile& file, std::string_view bytes) {
  try {
    load_and_match(file.write(bytes), bytes);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kInternal) throw;
    const std::string mended = with_right_digest(bytes, error.what());
    if (mended.empty()) return;
    fuzz::must_accept([&] { load_and_match(file.write(mended), bytes); });
  }
}

int run(int argc, char** argv) {
  const fuzz::InputFile file;
  return fuzz::run_fuzz(argc, argv, seeds, [&](std::string_view bytes) { try_file(file, bytes); });
}

}  // namespace
}  // namespace stratagram

int main(int argc, char** argv) {
  return stratagram::run(argc, argv);
}
