// text/convert.h -- the files of a registered set, as their authors published them, to problems.
//
// A row of theirs becomes a row of ours by the patterns of the registry, whose whole language is
// described in text/field_pattern.h. No row is left out, joined or reordered.
#pragma once

#include <filesystem>
#include <vector>

#include "text/problems.h"
#include "text/registry.h"

namespace stratagram::text {

/// The problems of `set` from its upstream files, in the order of set.files. Problems are of kind
/// "math"; an answer may be blank, as it is upstream. Throws Error(kData) naming set, file and row
/// for content of another format, a field that is absent or of the wrong type, a blank id or
/// problem, an id that came before, and another number of problems than the registry says.
[[nodiscard]] ProblemSet convert_set(const RegisteredSet& set,
                                     const std::vector<std::filesystem::path>& files);

}  // namespace stratagram::text
