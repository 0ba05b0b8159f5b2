// core/hub_listing.h -- what a model hub says it holds, and which of it a model needs. No network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stratagram {

/// OWNER/NAME[/FILE.gguf][@REVISION]: what stands after "hub:". The revision is a branch, a tag or
/// a commit; default main.
struct HubName {
  std::string owner;
  std::string name;
  std::string file{};  ///< one GGUF file, or empty
  std::string revision = "main";
};

/// Throws Error(kConfig) for anything of another form.
[[nodiscard]] HubName parse_hub_name(std::string_view text);

struct HubFile {
  std::string name;
  std::optional<uint64_t> size{};
  std::string sha256{};    ///< of large files
  std::string git_sha1{};  ///< of small files, which have no SHA-256
};

struct HubListing {
  std::string commit;  ///< 40 hexadecimal digits
  std::vector<HubFile> files;
};

/// The answer of /api/models/OWNER/NAME/revision/REV?blobs=true. Files in sub-folders and names
/// that are no plain file names are left out. Throws Error(kData) for any other text.
[[nodiscard]] HubListing parse_hub_listing(std::string_view json, const std::string& where);

/// The files of a model that this program reads: configuration, tokenizer, chat template and
/// safetensors weights; or one GGUF file, when that was named or is the only kind of weights.
/// Weights come last, so that a folder that holds them holds all. Throws Error: kData without
/// weights, kConfig when several GGUF files are there and none was named.
[[nodiscard]] std::vector<HubFile> select_hub_files(const HubListing& listing, const HubName& name);

/// A component of a path that cannot leave its folder: letters, digits and "-_.+ ", no leading dot.
[[nodiscard]] bool is_plain_name(std::string_view text);

/// `length` lower-case hexadecimal digits.
[[nodiscard]] bool is_hex(std::string_view text, size_t length);

}  // namespace stratagram
