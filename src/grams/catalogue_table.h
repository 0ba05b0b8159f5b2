// grams/catalogue_table.h -- a catalogue for people: tables for a terminal, and CSV.
#pragma once

#include <cstddef>
#include <string>

#include "grams/catalogue.h"

namespace stratagram::grams {

/// What a table is ordered by; ties go by falling document frequency, then by text.
enum class TableOrder { kRole, kCluster, kFrequency };

struct TableOptions {
  TableOrder order = TableOrder::kRole;
  size_t columns = 0;    ///< of the terminal: no line is wider; 0: no limit
  bool colours = false;  ///< ANSI, by role
};

/// Name, source and digest, grams by role (and by cluster, in that order), then a line a gram. What
/// a catalogue does not know is "-".
[[nodiscard]] std::string to_table(const Catalogue& catalogue, const TableOptions& options);

/// gram,role,origin,cluster,cluster_name,count,documents (RFC 4180 with plain newlines); a cell is
/// empty for what is not known.
[[nodiscard]] std::string to_csv(const Catalogue& catalogue, TableOrder order);

}  // namespace stratagram::grams
