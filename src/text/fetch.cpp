#include "text/fetch.h"

#include <cstdlib>
#include <system_error>
#include <vector>

#include "core/digest.h"
#include "core/error.h"
#include "core/http.h"
#include "text/convert.h"
#include "text/problems.h"

namespace stratagram::text {
namespace {

namespace fs = std::filesystem;

// Part of a set's key: raise it when the conversion itself changes what it gives.
constexpr const char* kConversion = "1";
constexpr size_t kKeyDigits = 12;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void make_folder(const fs::path& folder) {
  std::error_code code;
  fs::create_directories(folder, code);
  if (code) {
    fail(ErrorKind::kDevice,
         "{}: cannot be made: {}; set STRATAGRAM_CACHE to a folder that can be written",
         folder.string(),
         code.message());
  }
}

}  // namespace

fs::path cache_folder() {
  if (fs::path own = variable("STRATAGRAM_CACHE"); !own.empty()) return own;
  if (const fs::path xdg = variable("XDG_CACHE_HOME"); !xdg.empty()) return xdg / "stratagram";
  const fs::path home = variable("HOME");
  if (home.empty()) {
    fail(ErrorKind::kConfig,
         "cache of problem sets: neither STRATAGRAM_CACHE, XDG_CACHE_HOME nor HOME is set; set "
         "STRATAGRAM_CACHE to a folder");
  }
  return home / ".cache" / "stratagram";
}

FetchOptions FetchOptions::from_environment() {
  FetchOptions options{.cache = cache_folder()};
  if (std::string endpoint = variable("STRATAGRAM_DATA_ENDPOINT"); !endpoint.empty()) {
    while (endpoint.ends_with('/')) endpoint.pop_back();
    if (!endpoint.starts_with("http://") && !endpoint.starts_with("https://")) {
      fail(ErrorKind::kConfig,
           "STRATAGRAM_DATA_ENDPOINT: wanted an address that starts with http:// or https://, got "
           "'{}'",
           url_for_display(endpoint));
    }
    options.endpoint = endpoint;
  }
  return options;
}

std::string set_file_name(const RegisteredSet& set) {
  Sha256 key;
  // Each part ends in a zero byte, so that no two lists of parts give the same bytes.
  const auto add = [&](const std::string& part) { key.update(part + '\0'); };
  add(kConversion);
  add(set.format == SetFormat::kJsonl ? "jsonl" : "json");
  for (const UpstreamFile& file : set.files) add(file.sha256);
  for (const std::string* pattern : {&set.id, &set.problem, &set.answer, &set.solution}) {
    add(*pattern);
  }
  for (const auto& [name, pattern] : set.extra) {
    add(name);
    add(pattern);
  }
  return fmt::format("{}-{}.jsonl", set.name, key.finish().substr(0, kKeyDigits));
}

fs::path cached_set(const RegisteredSet& set, const fs::path& cache) {
  return cache / "problems" / set_file_name(set);
}

fs::path fetch_set(const RegisteredSet& set,
                   const FetchOptions& options,
                   const FetchProgress& progress) {
  fs::path target = cached_set(set, options.cache);
  // It got its name only after everything was checked.
  if (fs::is_regular_file(target)) return target;
  make_folder(target.parent_path());
  std::vector<fs::path> files;
  for (const UpstreamFile& file : set.files) {
    files.push_back(options.cache / "upstream" / file.sha256);
    const std::string address =
        fmt::format("{}/{}/{}/", options.endpoint, set.repository, set.revision);
    download({.url = address + percent_encode(file.path, "/"),
              .path = files.back(),
              .sha256 = file.sha256,
              .size = file.size,
              .retry = options.retry},
             progress);
  }
  const ProblemSet converted = convert_set(set, files);
  write_problems(target, converted.problems, converted.fields);
  std::error_code ignored;
  for (const fs::path& file : files) fs::remove(file, ignored);
  return target;
}

}  // namespace stratagram::text
