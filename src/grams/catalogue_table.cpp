#include "grams/catalogue_table.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>
#include <vector>

#include "core/utf8.h"
#include "grams/render.h"

namespace stratagram::grams {
namespace {

using nlohmann::json;

size_t width_of(char32_t character) {
  return static_cast<size_t>(
      std::max(0, utf8proc_charwidth(static_cast<utf8proc_int32_t>(character))));
}

size_t width_of(std::string_view text) {
  size_t width = 0;
  for (size_t at = 0; at < text.size();) {
    const Utf8Character character = decode_utf8(text, at);
    width += width_of(character.code_point);
    at += character.num_bytes;
  }
  return width;
}

// The text when it fits, else its beginning and "...".
std::string cut(std::string_view text, size_t columns) {
  if (width_of(text) <= columns) return std::string(text);
  const std::string_view end = columns > 3 ? "..." : "";
  size_t width = end.size();
  size_t at = 0;
  while (at < text.size()) {
    const Utf8Character character = decode_utf8(text, at);
    width += width_of(character.code_point);
    if (width > columns) break;
    at += character.num_bytes;
  }
  return std::string(text.substr(0, at)) + std::string(end);
}

std::string padded(const std::string& text, size_t columns) {
  return text + std::string(columns - std::min(columns, width_of(text)), ' ');
}

std::string name_of_cluster(const Catalogue& catalogue, int64_t cluster) {
  const auto found = catalogue.cluster_names.find(cluster);
  return found == catalogue.cluster_names.end() ? "" : found->second;
}

std::vector<Gram> ordered(const Catalogue& catalogue, TableOrder order) {
  std::vector<Gram> grams = catalogue.grams;
  const auto key = [&](const Gram& gram) {
    int64_t group = 0;
    if (order == TableOrder::kRole) group = static_cast<int64_t>(gram.role);
    if (order == TableOrder::kCluster) {
      group = gram.cluster < 0 ? std::numeric_limits<int64_t>::max() : gram.cluster;
    }
    return std::tuple(group, -gram.document_frequency, std::string_view(gram.text));
  };
  std::ranges::sort(grams, {}, key);
  return grams;
}

std::string known(int64_t value) {
  return value > 0 ? std::to_string(value) : "-";
}

struct Totals {
  int64_t grams = 0;
  int64_t count = 0;
};

std::string role_totals(const Catalogue& catalogue) {
  std::map<Role, Totals> totals;
  for (const Gram& gram : catalogue.grams) {
    ++totals[gram.role].grams;
    totals[gram.role].count += gram.count;
  }
  std::string text = fmt::format("{:<12} {:>9} {:>9}\n", "role", "grams", "count");
  for (const Role role : kAllRoles) {
    text += fmt::format(
        "{:<12} {:>9} {:>9}\n", role_name(role), totals[role].grams, known(totals[role].count));
  }
  return text;
}

std::string cluster_totals(const Catalogue& catalogue, size_t columns) {
  std::map<int64_t, Totals> totals;
  for (const Gram& gram : catalogue.grams) {
    if (gram.cluster < 0) continue;
    ++totals[gram.cluster].grams;
    totals[gram.cluster].count += gram.count;
  }
  if (totals.empty()) return "no gram has a cluster\n";
  std::string text = fmt::format("{:<12} {:>9} {:>9}  named by\n", "cluster", "grams", "count");
  for (const auto& [cluster, total] : totals) {
    const std::string line = fmt::format("{:<12} {:>9} {:>9}  {}",
                                         cluster,
                                         total.grams,
                                         known(total.count),
                                         name_of_cluster(catalogue, cluster));
    text += cut(line, columns) + "\n";
  }
  return text;
}

std::string head_of(const Catalogue& catalogue, size_t columns) {
  std::string text =
      cut(fmt::format("{}: {} grams", catalogue.name, catalogue.grams.size()), columns) + "\n";
  text += cut("source  " + catalogue.source, columns) + "\n";
  text += cut("digest  " + catalogue.digest(), columns) + "\n";
  if (!catalogue.corpus_digest.empty()) {
    text += cut("corpus  " + catalogue.corpus_digest, columns) + "\n";
  }
  for (const json& layer : catalogue.selection) {
    const auto number = [&](const char* key) {
      const auto found = layer.find(key);
      return found != layer.end() && found->is_number_integer() ? found->dump() : "?";
    };
    const auto method = layer.find("method");
    const std::string name =
        method != layer.end() && method->is_string() ? method->get<std::string>() : "?";
    text += cut(fmt::format("chosen  {}: {} grams, {} strategic; added {}, rejected {}",
                            name,
                            number("grams"),
                            number("strategic"),
                            number("added"),
                            number("rejected")),
                columns) +
            "\n";
  }
  return text;
}

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

}  // namespace

std::string to_table(const Catalogue& catalogue, const TableOptions& options) {
  const size_t columns =
      options.columns == 0 ? std::numeric_limits<size_t>::max() : options.columns;
  std::string text = head_of(catalogue, columns) + "\n" + role_totals(catalogue) + "\n";
  if (options.order == TableOrder::kCluster) text += cluster_totals(catalogue, columns) + "\n";
  const bool has_clusters =
      std::ranges::any_of(catalogue.grams, [](const Gram& gram) { return gram.cluster >= 0; });
  size_t widest = 4;
  for (const Gram& gram : catalogue.grams) widest = std::max(widest, width_of(gram.text));
  const auto line = [&](const std::string& cells, const std::string& gram, const Gram* entry) {
    std::string tail;
    if (has_clusters) {
      tail = padded(gram, widest) + "  ";
      if (entry == nullptr) {
        tail += "cluster";
      } else if (entry->cluster >= 0) {
        tail += fmt::format("{} {}", entry->cluster, name_of_cluster(catalogue, entry->cluster));
      }
      tail.erase(tail.find_last_not_of(' ') + 1);
    } else {
      tail = gram;
    }
    const std::string plain = cut(cells + tail, columns);
    if (entry == nullptr || !options.colours) return plain + "\n";
    const size_t role_bytes = std::min(plain.size(), std::string(role_name(entry->role)).size());
    return ansi_colour(entry->role) + plain.substr(0, role_bytes) + "\x1b[0m" +
           plain.substr(role_bytes) + "\n";
  };
  text += line(fmt::format("{:<12} {:<10} {:>9} {:>9}  ", "role", "origin", "count", "documents"),
               "gram",
               nullptr);
  for (const Gram& gram : ordered(catalogue, options.order)) {
    text += line(fmt::format("{:<12} {:<10} {:>9} {:>9}  ",
                             role_name(gram.role),
                             gram.origin,
                             known(gram.count),
                             known(gram.document_frequency)),
                 gram.text,
                 &gram);
  }
  return text;
}

std::string to_csv(const Catalogue& catalogue, TableOrder order) {
  std::string text = "gram,role,origin,cluster,cluster_name,count,documents\n";
  const auto cell = [](int64_t value) { return value > 0 ? std::to_string(value) : ""; };
  for (const Gram& gram : ordered(catalogue, order)) {
    text += fmt::format("{},{},{},{},{},{},{}\n",
                        quoted(gram.text),
                        role_name(gram.role),
                        quoted(gram.origin),
                        gram.cluster < 0 ? "" : std::to_string(gram.cluster),
                        quoted(name_of_cluster(catalogue, gram.cluster)),
                        cell(gram.count),
                        cell(gram.document_frequency));
  }
  return text;
}

}  // namespace stratagram::grams
