#include "core/version.h"

#include <stratagram_version.inc>

namespace stratagram {

std::string version() {
  return kVersion;
}

std::string git_commit() {
  return kGitCommit;
}

std::string version_text() {
  return "stratagram " + version() + " (" + git_commit().substr(0, 12) + ")";
}

}  // namespace stratagram
