#include "core/hub.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <system_error>

#include "core/error.h"
#include "core/file.h"
#include "core/http.h"
#include "core/hub_listing.h"
#include "core/log.h"

namespace stratagram {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view kAccessHint =
    "accept the model's terms on its page, then set HF_TOKEN to a token that may read it; a model "
    "that does not exist is answered like this too, so check the name";
constexpr std::string_view kIndexFile = "model.safetensors.index.json";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string trimmed(const std::string& text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

fs::path hub_home() {
  if (fs::path home = variable("HF_HOME"); !home.empty()) return {home};
  if (const std::string xdg = variable("XDG_CACHE_HOME"); !xdg.empty()) {
    return fs::path(xdg) / "huggingface";
  }
  const std::string home = variable("HOME");
  if (home.empty()) {
    fail(ErrorKind::kConfig, "model hub: neither HF_HOME nor HOME is set; set HF_HOME to a folder");
  }
  return fs::path(home) / ".cache" / "huggingface";
}

/// The snapshot as the cache holds it. Paths only; nothing is created.
struct CachedModel {
  fs::path folder;
  std::string revision;

  [[nodiscard]] fs::path ref() const { return folder / "refs" / revision; }
  [[nodiscard]] fs::path snapshot(const std::string& commit) const {
    return folder / "snapshots" / commit;
  }
  [[nodiscard]] fs::path blob(const HubFile& file) const {
    return folder / "blobs" / (file.sha256.empty() ? file.git_sha1 : file.sha256);
  }
};

/// The shards that an index names are all there; a broken index counts as incomplete.
bool has_all_shards(const fs::path& snapshot) {
  const json index = json::parse(read_file(snapshot / kIndexFile), nullptr, false);
  if (!index.is_object() || !index.contains("weight_map")) return false;
  for (const json& shard : index["weight_map"]) {
    if (!shard.is_string() || !is_plain_name(shard.get<std::string>())) return false;
    if (!fs::exists(snapshot / shard.get<std::string>())) return false;
  }
  return true;
}

/// The folder or GGUF file to hand out when the snapshot holds everything that a loader needs.
std::optional<fs::path> complete_model(const fs::path& snapshot, const std::string& wanted_file) {
  if (!fs::is_directory(snapshot)) return std::nullopt;
  if (!wanted_file.empty()) {
    if (!fs::exists(snapshot / wanted_file)) return std::nullopt;
    return snapshot / wanted_file;
  }
  std::vector<fs::path> ggufs;
  bool has_safetensors = false;
  for (const fs::directory_entry& entry : fs::directory_iterator(snapshot)) {
    if (!fs::exists(entry.path())) return std::nullopt;  // a link whose blob is gone
    has_safetensors |= entry.path().extension() == ".safetensors";
    if (entry.path().extension() == ".gguf") ggufs.push_back(entry.path());
  }
  if (!has_safetensors) return ggufs.size() == 1 ? std::optional(ggufs.front()) : std::nullopt;
  if (!fs::exists(snapshot / "config.json")) return std::nullopt;
  if (fs::exists(snapshot / kIndexFile) && !has_all_shards(snapshot)) return std::nullopt;
  return snapshot;
}

std::optional<fs::path> cached_model(const CachedModel& model, const HubName& name) {
  std::string commit = name.revision;
  if (!is_hex(commit, 40)) {
    if (!fs::is_regular_file(model.ref())) return std::nullopt;
    commit = trimmed(read_file(model.ref()));
    if (!is_hex(commit, 40)) return std::nullopt;
  }
  return complete_model(model.snapshot(commit), name.file);
}

void make_folder(const fs::path& folder) {
  std::error_code code;
  fs::create_directories(folder, code);
  if (code) {
    fail(ErrorKind::kDevice,
         "{}: cannot be made: {}; set HF_HOME to a folder that can be written",
         folder.string(),
         code.message());
  }
}

/// Puts one file into the cache and links it into the snapshot.
void fetch_file(const HubFile& file,
                const DownloadRequest& request,
                const fs::path& link,
                const HubProgress& progress) {
  std::error_code code;
  if (fs::exists(link) && fs::file_size(link, code) == file.size && !code) return;
  // A blob gets its name only after its digest was checked, so its size is proof enough here.
  if (!fs::exists(request.path) || fs::file_size(request.path) != file.size) {
    spdlog::info("{}: {} bytes", url_for_display(request.url), file.size.value_or(0));
    download(request, [&](uint64_t received, std::optional<uint64_t> total) {
      if (progress) progress(file.name, received, total);
    });
  }
  fs::remove(link, code);
  fs::create_symlink(fs::path("../../blobs") / request.path.filename(), link, code);
  if (code) {
    fail(ErrorKind::kDevice, "{}: cannot be linked: {}", link.string(), code.message());
  }
}

fs::path fetch_listed(const HubListing& listing,
                      const HubName& name,
                      const CachedModel& model,
                      const HubOptions& options,
                      const HubProgress& progress) {
  const std::vector<HubFile> files = select_hub_files(listing, name);
  const fs::path snapshot = model.snapshot(listing.commit);
  make_folder(model.folder / "blobs");
  make_folder(snapshot);
  for (const HubFile& file : files) {
    const DownloadRequest request{.url = fmt::format("{}/{}/{}/resolve/{}/{}",
                                                     options.endpoint,
                                                     name.owner,
                                                     name.name,
                                                     listing.commit,
                                                     percent_encode(file.name)),
                                  .path = model.blob(file),
                                  .sha256 = file.sha256,
                                  .git_sha1 = file.git_sha1,
                                  .size = file.size,
                                  .bearer_token = options.token,
                                  .access_hint = std::string(kAccessHint),
                                  .retry = options.retry};
    fetch_file(file, request, snapshot / file.name, progress);
  }
  if (!is_hex(name.revision, 40)) {
    make_folder(model.ref().parent_path());
    write_file_atomically(model.ref(), listing.commit);
  }
  const bool is_gguf = files.size() == 1 && files.front().name.ends_with(".gguf");
  return is_gguf ? snapshot / files.front().name : snapshot;
}

}  // namespace

HubOptions HubOptions::from_environment() {
  HubOptions options;
  if (std::string endpoint = variable("HF_ENDPOINT"); !endpoint.empty()) {
    while (endpoint.ends_with('/')) endpoint.pop_back();
    if (!endpoint.starts_with("http://") && !endpoint.starts_with("https://")) {
      fail(ErrorKind::kConfig,
           "HF_ENDPOINT: wanted an address that starts with http:// or https://, got '{}'",
           url_for_display(endpoint));
    }
    options.endpoint = endpoint;
  }
  const std::string cache = variable("HF_HUB_CACHE");
  options.cache = cache.empty() ? hub_home() / "hub" : fs::path(cache);
  options.token = trimmed(variable("HF_TOKEN"));
  if (options.token.empty()) {
    const std::string named = variable("HF_TOKEN_PATH");
    const fs::path file = named.empty() ? hub_home() / "token" : fs::path(named);
    if (fs::is_regular_file(file)) options.token = trimmed(read_file(file));
  }
  std::string offline = variable("HF_HUB_OFFLINE");
  std::transform(offline.begin(), offline.end(), offline.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  options.offline = offline == "1" || offline == "true" || offline == "yes" || offline == "on";
  return options;
}

fs::path fetch_from_hub(std::string_view text,
                        const HubOptions& options,
                        const HubProgress& progress) {
  const HubName name = parse_hub_name(text);
  const CachedModel model{
      .folder = options.cache / fmt::format("models--{}--{}", name.owner, name.name),
      .revision = name.revision};
  const std::optional<fs::path> cached = cached_model(model, name);
  // A commit never changes, so a complete snapshot of one needs no question.
  if (cached && (options.offline || is_hex(name.revision, 40))) return *cached;
  if (options.offline) {
    fail(ErrorKind::kData,
         "hub:{}: HF_HUB_OFFLINE is set and {} holds no complete copy; unset it, or fetch the "
         "model on a machine with a network",
         text,
         model.folder.string());
  }
  TextRequest request{.url = fmt::format("{}/api/models/{}/{}/revision/{}?blobs=true",
                                         options.endpoint,
                                         name.owner,
                                         name.name,
                                         percent_encode(name.revision)),
                      .bearer_token = options.token,
                      .access_hint = std::string(kAccessHint),
                      .retry = options.retry};
  if (cached) request.retry.max_attempts = 1;
  std::string answer;
  try {
    answer = fetch_text(request);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kData || !cached) throw;
    spdlog::warn("{}; using the copy in {}", error.what(), cached->string());
    return *cached;
  }
  return fetch_listed(
      parse_hub_listing(answer, url_for_display(request.url)), name, model, options, progress);
}

}  // namespace stratagram
