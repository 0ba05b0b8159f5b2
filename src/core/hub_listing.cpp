#include "core/hub_listing.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "core/error.h"

namespace stratagram {
namespace {

using nlohmann::json;

bool is_revision(std::string_view text) {
  if (text.empty() || text.front() == '/' || text.back() == '/') return false;
  if (text.find("..") != std::string_view::npos) return false;
  if (text.find("//") != std::string_view::npos) return false;
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == '/' || c == '+';
  });
}

bool is_wanted_beside_weights(const std::string& name) {
  static const std::vector<std::string> exact = {"config.json",
                                                 "generation_config.json",
                                                 "chat_template.jinja",
                                                 "special_tokens_map.json",
                                                 "added_tokens.json",
                                                 "vocab.json",
                                                 "merges.txt"};
  return name.starts_with("tokenizer") ||
         std::find(exact.begin(), exact.end(), name) != exact.end();
}

bool is_weight(const std::string& name) {
  return name.ends_with(".safetensors") || name.ends_with(".gguf");
}

/// Some models carry their weights twice; the set named model* is the one that the index describes.
bool is_wanted_weight(const std::string& name, bool only_model) {
  const bool weights = name.ends_with(".safetensors") || name.ends_with(".safetensors.index.json");
  return weights && (!only_model || name.starts_with("model"));
}

HubFile parse_file(const json& entry, const std::string& where) {
  HubFile file{.name = entry.at("rfilename").get<std::string>()};
  if (const auto size = entry.find("size"); size != entry.end() && size->is_number_unsigned()) {
    file.size = size->get<uint64_t>();
  }
  if (const auto lfs = entry.find("lfs"); lfs != entry.end() && lfs->is_object()) {
    file.sha256 = lfs->value("sha256", lfs->value("oid", ""));
    if (file.sha256.starts_with("sha256:")) file.sha256.erase(0, 7);
    if (!is_hex(file.sha256, 64)) {
      fail(ErrorKind::kData,
           "{}: file '{}': wanted a SHA-256 in 'lfs', got '{}'",
           where,
           file.name,
           file.sha256);
    }
  } else if (const auto blob = entry.find("blobId"); blob != entry.end() && blob->is_string()) {
    file.git_sha1 = blob->get<std::string>();
    if (!is_hex(file.git_sha1, 40)) {
      fail(ErrorKind::kData,
           "{}: file '{}': wanted a git blob id in 'blobId', got '{}'",
           where,
           file.name,
           file.git_sha1);
    }
  }
  return file;
}

}  // namespace

bool is_hex(std::string_view text, size_t length) {
  return text.size() == length && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isdigit(c) != 0 || (c >= 'a' && c <= 'f');
         });
}

bool is_plain_name(std::string_view text) {
  return !text.empty() && text.front() != '.' && text.size() <= 255 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == '+' || c == ' ';
         });
}

HubName parse_hub_name(std::string_view text) {
  const auto refuse = [&]() {
    fail(ErrorKind::kConfig,
         "'hub:{}': wanted hub:OWNER/NAME, hub:OWNER/NAME/FILE.gguf, either with @REVISION",
         text);
  };
  HubName result;
  std::string_view path = text;
  if (const size_t at = text.find('@'); at != std::string_view::npos) {
    result.revision = text.substr(at + 1);
    path = text.substr(0, at);
    if (!is_revision(result.revision)) refuse();
  }
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    parts.emplace_back(path.substr(begin, end - begin));
    if (!is_plain_name(parts.back())) refuse();
    begin = end + 1;
  }
  if (parts.size() < 2 || parts.size() > 3) refuse();
  result.owner = parts[0];
  result.name = parts[1];
  if (parts.size() == 3) {
    result.file = parts[2];
    if (!result.file.ends_with(".gguf")) refuse();
  }
  return result;
}

HubListing parse_hub_listing(std::string_view text, const std::string& where) {
  HubListing listing;
  try {
    const json answer = json::parse(text);
    listing.commit = answer.at("sha").get<std::string>();
    for (const json& entry : answer.at("siblings")) {
      HubFile file = parse_file(entry, where);
      if (is_plain_name(file.name)) listing.files.push_back(std::move(file));
    }
  } catch (const json::exception& error) {
    fail(ErrorKind::kData,
         "{}: wanted a hub's list of files with 'sha' and 'siblings', got something else: {}; is "
         "HF_ENDPOINT the address of a hub?",
         where,
         error.what());
  }
  if (!is_hex(listing.commit, 40)) {
    fail(ErrorKind::kData,
         "{}: wanted a commit of 40 hexadecimal digits, got '{}'",
         where,
         listing.commit);
  }
  return listing;
}

std::vector<HubFile> select_hub_files(const HubListing& listing, const HubName& name) {
  const std::string where = fmt::format("hub:{}/{}@{}", name.owner, name.name, name.revision);
  const auto any = [&](const auto& test) {
    return std::any_of(listing.files.begin(), listing.files.end(), test);
  };
  const bool has_safetensors =
      any([](const HubFile& file) { return file.name.ends_with(".safetensors"); });
  const bool only_model = any([](const HubFile& file) {
    return file.name.starts_with("model") && file.name.ends_with(".safetensors");
  });
  std::vector<HubFile> wanted;
  std::string ggufs;
  for (const HubFile& file : listing.files) {
    if (file.name.ends_with(".gguf")) ggufs += (ggufs.empty() ? "" : ", ") + file.name;
    const bool take = !name.file.empty()
                          ? file.name == name.file
                          : (has_safetensors ? is_wanted_beside_weights(file.name) ||
                                                   is_wanted_weight(file.name, only_model)
                                             : file.name.ends_with(".gguf"));
    if (take) wanted.push_back(file);
  }
  if (wanted.empty()) {
    fail(ErrorKind::kData,
         "{}: wanted {}, it has none; its GGUF files: {}",
         where,
         name.file.empty() ? "*.safetensors or *.gguf weights" : "the file " + name.file,
         ggufs.empty() ? "none" : ggufs);
  }
  if (!has_safetensors && wanted.size() > 1) {
    fail(ErrorKind::kConfig,
         "{}: has several GGUF files; name one as hub:{}/{}/FILE: {}",
         where,
         name.owner,
         name.name,
         ggufs);
  }
  for (const HubFile& file : wanted) {
    if (!file.size || (file.sha256.empty() && file.git_sha1.empty())) {
      fail(ErrorKind::kData,
           "{}: file '{}': the hub gives no size and digest, so it could not be verified; fetch it "
           "by hand "
           "and give the folder instead",
           where,
           file.name);
    }
  }
  std::stable_sort(wanted.begin(), wanted.end(), [](const HubFile& a, const HubFile& b) {
    const bool a_last = is_weight(a.name);
    const bool b_last = is_weight(b.name);
    return a_last != b_last ? b_last : a.size < b.size;
  });
  return wanted;
}

}  // namespace stratagram
