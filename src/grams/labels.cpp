#include "grams/labels.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "core/error.h"
#include "core/jsonl.h"
#include "grams/gram_text.h"

namespace stratagram::grams {
namespace {

Label label_of(const nlohmann::json& row, const std::string& where) {
  Label label{.text = field_of<std::string>(row, "gram", where),
              .strategic = field_of<bool>(row, "strategic", where),
              .half = optional_field_of<std::string>(row, "half", where).value_or(""),
              .weight = optional_field_of<double>(row, "weight", where).value_or(1.0)};
  check_gram_text(label.text, where);
  if (const auto role = optional_field_of<std::string>(row, "role", where)) {
    label.role = role_of(*role, where);
    if (!label.strategic) {
      fail(ErrorKind::kData,
           "{}: '{}' has the role '{}' but is not strategic; take one of them away",
           where,
           label.text,
           *role);
    }
  }
  if (!std::isfinite(label.weight) || label.weight <= 0) {
    fail(ErrorKind::kData,
         "{}: field 'weight': wanted a number above 0, got {}",
         where,
         label.weight);
  }
  return label;
}

}  // namespace

std::vector<Label> load_labels(const std::filesystem::path& file,
                               std::span<const std::string> halves) {
  JsonlReader reader(file);
  std::vector<Label> labels;
  std::unordered_set<std::string> seen;
  std::unordered_set<std::string> missing(halves.begin(), halves.end());
  for (auto row = reader.next(); row; row = reader.next()) {
    Label label = label_of(*row, reader.where());
    if (!seen.insert(label.text).second) {
      fail(ErrorKind::kData, "{}: '{}' came before", reader.where(), label.text);
    }
    if (!halves.empty() && std::ranges::find(halves, label.half) == halves.end()) continue;
    missing.erase(label.half);
    labels.push_back(std::move(label));
  }
  if (!missing.empty()) {
    fail(ErrorKind::kData,
         "{}: holds no label of the half '{}'",
         file.string(),
         *std::ranges::min_element(missing));
  }
  if (labels.empty()) fail(ErrorKind::kData, "{}: holds no label", file.string());
  return labels;
}

}  // namespace stratagram::grams
