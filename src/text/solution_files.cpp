#include "text/solution_files.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "core/error.h"

namespace stratagram::text {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".jsonl";
constexpr std::string_view kSamplesEnding = ".samples.jsonl";

bool is_number(const std::string& name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_step_file(const fs::path& file) {
  return file.extension() == kEnding && is_number(file.stem().string());
}

// Numbers by value: 2.jsonl comes before 10.jsonl, and both before names.
bool comes_before(const fs::path& a, const fs::path& b) {
  if (is_step_file(a) != is_step_file(b)) return is_step_file(a);
  if (!is_step_file(a)) return a.filename() < b.filename();
  const auto value = [](const fs::path& file) {
    std::string digits = file.stem().string();
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
    return std::make_pair(digits.size(), digits);
  };
  return value(a) < value(b);
}

template <typename Wanted>
std::vector<fs::path> files_in(const fs::path& folder, const Wanted& wanted) {
  std::error_code error;
  std::vector<fs::path> files;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (wanted(entry->path())) files.push_back(entry->path());
  }
  if (error) fail(ErrorKind::kData, "{}: cannot be read: {}", folder.string(), error.message());
  std::ranges::sort(files, comes_before);
  return files;
}

std::vector<fs::path> files_of_folder(const fs::path& folder) {
  const auto ends_with = [](std::string_view ending) {
    return [ending](const fs::path& file) { return file.filename().string().ends_with(ending); };
  };
  std::error_code ignored;
  if (fs::is_directory(folder / "rollouts", ignored)) {
    std::vector<fs::path> files = files_in(folder / "rollouts", ends_with(kEnding));
    if (!files.empty()) return files;
  }
  std::vector<fs::path> files = files_in(folder, ends_with(kSamplesEnding));
  if (files.empty()) files = files_in(folder, is_step_file);
  if (files.empty()) {
    fail(ErrorKind::kData,
         "{}: wanted a folder with rollouts/*.jsonl (of a run), *.samples.jsonl (of eval) or "
         "N.jsonl (of verl), found none of them; name the files themselves",
         folder.string());
  }
  return files;
}

}  // namespace

std::vector<fs::path> solution_files(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    fail(ErrorKind::kData, "{}: there is no such file or folder", path.string());
  }
  if (error) fail(ErrorKind::kData, "{}: cannot be read: {}", path.string(), error.message());
  if (fs::is_directory(status)) return files_of_folder(path);
  if (path.extension() == ".parquet") {
    fail(ErrorKind::kData,
         "{}: wanted JSON Lines, got Parquet; in Python, pandas.read_parquet(FILE).to_json(OUT, "
         "orient=\"records\", lines=True) writes them",
         path.string());
  }
  return {path};
}

std::string source_of_file(const fs::path& file) {
  const fs::path folder = fs::absolute(file).lexically_normal().parent_path();
  if (folder.filename() == "rollouts" || folder.filename() == "completions") {
    return folder.parent_path().filename().string();
  }
  if (is_step_file(file)) return folder.filename().string();
  std::string name = file.filename().string();
  for (const std::string_view ending : {kSamplesEnding, kEnding}) {
    if (name.size() > ending.size() && name.ends_with(ending)) {
      return name.substr(0, name.size() - ending.size());
    }
  }
  return file.stem().string();
}

}  // namespace stratagram::text
