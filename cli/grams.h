// cli/grams.h -- the subcommands of `stratagram grams`, a file each.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "grams/catalogue.h"

namespace stratagram::cli {

void add_grams_coverage(CLI::App& grams);
void add_grams_diff(CLI::App& grams);
void add_grams_freeze(CLI::App& grams);
void add_grams_show(CLI::App& grams);
void add_grams_tag(CLI::App& grams);
void add_grams_mine(CLI::App& grams);
void add_grams_cluster(CLI::App& grams);
void add_grams_fit(CLI::App& grams);
void add_grams_select(CLI::App& grams);
void add_grams_quality(CLI::App& grams);
void add_grams_annotate(CLI::App& grams);
void add_grams_placebo(CLI::App& grams);
void add_grams_review(CLI::App& grams);

/// A catalogue by file or by the name of one of ours. Throws like Catalogue::load(), and
/// Error(kData) with the names there are.
[[nodiscard]] grams::Catalogue load_catalogue(const std::string& name);

}  // namespace stratagram::cli
