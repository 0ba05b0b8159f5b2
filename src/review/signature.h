// review/signature.h -- who decided, and when.
#pragma once

#include <string>

namespace stratagram::review {

/// The name. Throws Error(kConfig) "--reviewer: ..." for a blank one, one with control characters
/// and one that is not UTF-8.
[[nodiscard]] std::string checked_reviewer(std::string name);

/// Now, in UTC: "2026-01-31T12:00:00Z".
[[nodiscard]] std::string utc_now();

}  // namespace stratagram::review
