// review/carry_over.h -- decisions on earlier candidates, taken up for candidates that were mined
// anew.
#pragma once

#include <cstdint>
#include <filesystem>

#include "grams/candidates.h"

namespace stratagram::review {

struct CarriedOver {
  int64_t num_taken = 0;     ///< opinions, one for each reviewer and gram
  int64_t num_left_out = 0;  ///< of grams that are no longer there, or merged into such a one
};

/// Begins the log `log` of decisions on `candidates` with what holds at the end of the log
/// `earlier`, which may be of another corpus: one row for each reviewer's opinion on a gram, with
/// who held it and when it last changed. Left out are opinions on a gram, and merges into one, that
/// is neither a candidate now nor added. An added gram that was mined now is accepted. Throws
/// Error: kConfig where there is a log already; kData where nothing could be taken; else like
/// read_log() of the earlier one, ReviewState::apply(), and RowLog.
CarriedOver carry_over(const std::filesystem::path& earlier,
                       const grams::CandidateList& candidates,
                       const std::filesystem::path& log);

}  // namespace stratagram::review
