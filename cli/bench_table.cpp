#include "cli/bench_table.h"

#include <fmt/format.h>

#include <cmath>
#include <iostream>

#include "core/jsonl.h"

namespace stratagram::cli {
namespace {

// "64 sequences, 128 new" of {"sequences": 64, "new": 128}; texts stand for themselves.
std::string settings_text(const nlohmann::ordered_json& settings) {
  std::string text;
  for (const auto& [name, value] : settings.items()) {
    if (!text.empty()) text += ", ";
    text += value.is_string() ? value.get<std::string>() : value.dump() + " " + name;
  }
  return text;
}

}  // namespace

std::string figure_text(double value) {
  if (std::abs(value) >= 1000) return fmt::format("{:.0f}", value);
  return fmt::format("{:.4g}", value);
}

void BenchTable::print_facts(const std::string& line, const nlohmann::ordered_json& facts) {
  if (json_) {
    nlohmann::ordered_json object = {{"line", line}};
    object.update(facts);
    std::cout << object.dump() << "\n" << std::flush;
    return;
  }
  for (const auto& [name, value] : facts.items()) {
    std::cout << fmt::format("{:<24}{}\n",
                             name,
                             value.is_string()    ? value.get<std::string>()
                             : value.is_boolean() ? (value.get<bool>() ? "yes" : "no")
                                                  : figure_text(value.get<double>()));
  }
  std::cout << std::flush;
}

void BenchTable::print(const BenchRow& row) {
  if (json_) {
    nlohmann::ordered_json object = {{"line", row.line}, {"figure", row.figure}};
    object.update(row.settings);
    object["value"] = round_significant(row.value);
    object["unit"] = row.unit;
    std::cout << object.dump() << "\n" << std::flush;
    return;
  }
  constexpr const char* kRow = "{:<14}  {:<22}  {:>10}  {:<16}  {}";
  const auto print_line = [](std::string text) {
    text.erase(text.find_last_not_of(' ') + 1);
    std::cout << text << "\n" << std::flush;
  };
  if (!has_header_) print_line("\n" + fmt::format(kRow, "line", "figure", "value", "unit", "of"));
  has_header_ = true;
  print_line(fmt::format(
      kRow, row.line, row.figure, figure_text(row.value), row.unit, settings_text(row.settings)));
}

}  // namespace stratagram::cli
