// Any bytes as a TOML file, as --set KEY=VALUE and as the recorded JSON of a run: refused by name
// or taken, and what was taken is recorded and read back the same.
#include <nlohmann/json.hpp>

#include "core/config.h"
#include "core/error.h"
#include "fuzz/driver.h"
#include "fuzz/input_file.h"

namespace stratagram {
namespace {

/// One field of each type, as the sections of a run have them.
struct Section {
  double temperature = 1.0;
  int64_t max_new_tokens = 512;
  std::string mode = "plain";
  double beta = 0.4;
  bool fast = false;
  std::vector<std::string> stop{};
  std::string note{};

  void describe(ConfigFields& fields) {
    fields.add("temperature", &temperature, {.meaning = "divides", .min = 0, .max = 10});
    fields.add("max_new_tokens", &max_new_tokens, {.meaning = "budget", .min = 1});
    fields.add("mode", &mode, {.meaning = "how", .choices = {"plain", "shaped"}});
    fields.add("beta",
               &beta,
               {.meaning = "weight", .effective_key = "mode", .effective_values = {"shaped"}});
    fields.add("fast", &fast, {.meaning = "speed"});
    fields.add("stop", &stop, {.meaning = "stop strings"});
    fields.add("note", &note, {.meaning = "any text"});
  }
};

struct Bound {
  Section section;
  ConfigFields fields;
  Bound() { fields.section("rollout", section); }
};

std::vector<std::string> seeds() {
  Bound bound;
  return {
      "[rollout]\ntemperature = 0.5\nmax_new_tokens = 7\nmode = \"shaped\"\nbeta = 1\n"
      "fast = true\nstop = [\"a\", \"b\"]\nnote = '''x\ny'''\n",
      "rollout.max_new_tokens = 0x10 # comment\nrollout = {fast = false}\n",
      "rollout.stop=[\"a\", 'b']",
      "rollout.max_new_tokens={}",
      "rollout.mode=\"shaped\"",
      "rollout.note=\xff",
      "rollout.fast=1979-05-27T07:32:00Z",
      bound.fields.to_json().dump()};
}

void check_record(const Bound& bound) {
  const std::string record =
      bound.fields.to_json().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  Bound again;
  fuzz::must_accept([&] { again.fields.read_json(nlohmann::json::parse(record), "record"); });
  STRATAGRAM_CHECK(again.section.max_new_tokens == bound.section.max_new_tokens &&
                       again.section.stop.size() == bound.section.stop.size() &&
                       again.section.mode == bound.section.mode,
                   "another configuration came back from {}",
                   record);
  (void)bound.fields.problems();
  (void)bound.fields.help();
}

void try_input(const fuzz::InputFile& file, std::string_view bytes) {
  Bound from_file;
  if (fuzz::accepts([&] { from_file.fields.read_toml(file.write(bytes)); })) {
    check_record(from_file);
  }
  Bound from_set;
  if (fuzz::accepts([&] { from_set.fields.set(bytes); })) check_record(from_set);
  const auto record = nlohmann::json::parse(bytes, nullptr, /*allow_exceptions=*/false);
  Bound from_record;
  if (record.is_object() &&
      fuzz::accepts([&] { from_record.fields.read_json(record, "record"); })) {
    check_record(from_record);
  }
}

int run(int argc, char** argv) {
  const fuzz::InputFile file;
  return fuzz::run_fuzz(argc, argv, seeds, [&](std::string_view bytes) { try_input(file, bytes); });
}

}  // namespace
}  // namespace stratagram

int main(int argc, char** argv) {
  return stratagram::run(argc, argv);
}
