#include "grams/catalogue_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace stratagram::grams {
namespace {

using nlohmann::ordered_json;

std::map<std::string, const Gram*> by_text(const Catalogue& catalogue) {
  std::map<std::string, const Gram*> grams;
  for (const Gram& gram : catalogue.grams) grams[gram.text] = &gram;
  return grams;
}

std::string cluster_text(const Gram& gram, const Catalogue& catalogue) {
  if (gram.cluster < 0) return "none";
  const auto name = catalogue.cluster_names.find(gram.cluster);
  return name == catalogue.cluster_names.end() ? std::to_string(gram.cluster)
                                               : "'" + name->second + "'";
}

bool cluster_differs(const Gram& a,
                     const Catalogue& before,
                     const Gram& b,
                     const Catalogue& after) {
  if (before.cluster_names.contains(a.cluster) && after.cluster_names.contains(b.cluster)) {
    return before.cluster_names.at(a.cluster) != after.cluster_names.at(b.cluster);
  }
  return a.cluster != b.cluster;
}

int64_t num_of_role(const Catalogue& catalogue, Role role) {
  return std::ranges::count(catalogue.grams, role, &Gram::role);
}

ordered_json head_of(const Catalogue& catalogue) {
  ordered_json head;
  head["name"] = catalogue.name;
  head["sha256"] = catalogue.digest();
  head["corpus_digest"] = catalogue.corpus_digest;
  head["grams"] = catalogue.grams.size();
  for (const Role role : kAllRoles) head["roles"][role_name(role)] = num_of_role(catalogue, role);
  return head;
}

ordered_json gram_json(const Gram& gram, const Catalogue& catalogue) {
  ordered_json row;
  row["role"] = role_name(gram.role);
  row["origin"] = gram.origin;
  if (gram.cluster >= 0) row["cluster"] = gram.cluster;
  const auto name = catalogue.cluster_names.find(gram.cluster);
  if (name != catalogue.cluster_names.end()) row["cluster_name"] = name->second;
  row["count"] = gram.count;
  row["documents"] = gram.document_frequency;
  return row;
}

ordered_json list_json(const std::vector<Gram>& grams, const Catalogue& catalogue) {
  ordered_json list = ordered_json::array();
  for (const Gram& gram : grams) {
    ordered_json row;
    row["gram"] = gram.text;
    row.update(gram_json(gram, catalogue));
    list.push_back(std::move(row));
  }
  return list;
}

std::string heads_text(const Catalogue& before, const Catalogue& after) {
  std::string text;
  for (const auto& [mark, catalogue] : {std::pair{"A", &before}, std::pair{"B", &after}}) {
    text += fmt::format("{}  {}: {} grams, {}\n",
                        mark,
                        catalogue->name,
                        catalogue->grams.size(),
                        catalogue->digest());
  }
  text += before.digest() == after.digest() ? "the digests are equal: one catalogue\n"
                                            : "the digests differ\n";
  if (before.corpus_digest != after.corpus_digest) {
    text += "mined from other texts, so that counts are not comparable\n";
  }
  text += fmt::format("\n{:<12} {:>6} {:>6}\n", "role", "A", "B");
  for (const Role role : kAllRoles) {
    text += fmt::format("{:<12} {:>6} {:>6}\n",
                        role_name(role),
                        num_of_role(before, role),
                        num_of_role(after, role));
  }
  return text;
}

}  // namespace

CatalogueDiff diff(const Catalogue& before, const Catalogue& after) {
  CatalogueDiff result;
  const auto old_grams = by_text(before);
  const auto new_grams = by_text(after);
  for (const auto& [text, gram] : old_grams) {
    const auto found = new_grams.find(text);
    if (found == new_grams.end()) {
      result.removed.push_back(*gram);
      continue;
    }
    const Gram& other = *found->second;
    const ChangedGram change{.before = *gram,
                             .after = other,
                             .role = gram->role != other.role,
                             .cluster = cluster_differs(*gram, before, other, after),
                             .origin = gram->origin != other.origin,
                             .counts = gram->count != other.count ||
                                       gram->document_frequency != other.document_frequency};
    if (change.role || change.cluster || change.origin || change.counts) {
      result.changed.push_back(change);
    } else {
      ++result.num_same;
    }
  }
  for (const auto& [text, gram] : new_grams) {
    if (!old_grams.contains(text)) result.added.push_back(*gram);
  }
  return result;
}

ordered_json to_json(const CatalogueDiff& diff, const Catalogue& before, const Catalogue& after) {
  ordered_json object;
  object["before"] = head_of(before);
  object["after"] = head_of(after);
  object["equal"] = before.digest() == after.digest();
  object["same"] = diff.num_same;
  object["added"] = list_json(diff.added, after);
  object["removed"] = list_json(diff.removed, before);
  object["changed"] = ordered_json::array();
  for (const ChangedGram& change : diff.changed) {
    ordered_json row;
    row["gram"] = change.before.text;
    row["what"] = ordered_json::array();
    for (const auto& [name, is_so] : {std::pair{"role", change.role},
                                      std::pair{"cluster", change.cluster},
                                      std::pair{"origin", change.origin},
                                      std::pair{"counts", change.counts}}) {
      if (is_so) row["what"].push_back(name);
    }
    row["before"] = gram_json(change.before, before);
    row["after"] = gram_json(change.after, after);
    object["changed"].push_back(std::move(row));
  }
  return object;
}

std::string to_text(const CatalogueDiff& diff, const Catalogue& before, const Catalogue& after) {
  std::string lines;
  int64_t num_roles = 0;
  int64_t num_clusters = 0;
  int64_t num_counts = 0;
  int64_t num_origins = 0;
  for (const Gram& gram : diff.added) {
    lines += fmt::format("+ {:<12} {}\n", role_name(gram.role), gram.text);
  }
  for (const Gram& gram : diff.removed) {
    lines += fmt::format("- {:<12} {}\n", role_name(gram.role), gram.text);
  }
  for (const ChangedGram& change : diff.changed) {
    num_roles += change.role ? 1 : 0;
    num_clusters += change.cluster ? 1 : 0;
    num_counts += change.counts ? 1 : 0;
    num_origins += change.origin ? 1 : 0;
    if (change.role) {
      lines += fmt::format("~ {:<12} {}  (was {})\n",
                           role_name(change.after.role),
                           change.after.text,
                           role_name(change.before.role));
    }
    if (change.cluster) {
      lines += fmt::format("~ {:<12} {}  ({}, was {})\n",
                           "cluster",
                           change.after.text,
                           cluster_text(change.after, after),
                           cluster_text(change.before, before));
    }
  }
  return heads_text(before, after) +
         fmt::format(
             "\n{} added, {} removed, {} the same in all; of the others {} changed role, {} "
             "cluster, {} counts, {} origin\n",
             diff.added.size(),
             diff.removed.size(),
             diff.num_same,
             num_roles,
             num_clusters,
             num_counts,
             num_origins) +
         (lines.empty() ? "" : "\n" + lines);
}

}  // namespace stratagram::grams
