// review/page_files.h -- what the pages share: the frame's files and the shape of some answers.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "review/page_server.h"

namespace stratagram::review {

/// /frame.css and /frame.js.
[[nodiscard]] std::map<std::string, PageFile> frame_files();

/// Field `ids` of a request for rows. Throws Error(kData) for more than 200.
[[nodiscard]] std::vector<int64_t> asked_rows(const nlohmann::json& request);

/// How far two lists of labels agree: {"with", "kind", "items", "observed", "kappa", "low",
/// "high"}, the last four where they are defined.
[[nodiscard]] nlohmann::ordered_json agreement_row(const std::string& with,
                                                   const char* kind,
                                                   std::span<const int64_t> first,
                                                   std::span<const int64_t> second);

}  // namespace stratagram::review
