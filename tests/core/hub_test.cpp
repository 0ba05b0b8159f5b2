#include "core/hub.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/digest.h"
#include "core/error.h"
#include "core/file.h"
#include "core/hub_listing.h"
#include "tests/support/environment.h"
#include "tests/support/file_server.h"
#include "tests/support/temp_folder.h"

namespace stratagram {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Property;
using testing::Throws;
using testing::ThrowsMessage;

const std::string kCommit = "0123456789abcdef0123456789abcdef01234567";

/// A hub with one model in it; its own cache folder.
class Hub : public testing::Test {
 protected:
  Hub() {
    options_ = {.endpoint = server_.url(),
                .cache = folder_.path() / "hub",
                .retry = {.max_attempts = 2, .first_wait_ms = 1}};
  }

  /// Large files carry a SHA-256, the others a git blob id, as on a hub.
  void add(const std::string& name, const std::string& bytes, bool large) {
    json entry = {{"rfilename", name}, {"size", bytes.size()}};
    entry["blobId"] = git_blob_sha1_file(folder_.write("scratch", bytes));
    if (large) entry["lfs"] = {{"sha256", sha256(bytes)}, {"size", bytes.size()}};
    siblings_.push_back(entry);
    server_.serve("/owner/tiny/resolve/" + kCommit + "/" + name, {.bytes = bytes});
    publish();
  }
  void publish(int status = 200) {
    const json answer = {{"sha", kCommit}, {"siblings", siblings_}};
    server_.serve("/api/models/owner/tiny/revision/main",
                  {.bytes = answer.dump(), .status = status});
  }
  void add_tiny_model() {
    add("model.safetensors", "weights", true);
    add("config.json", "{}", false);
    add("tokenizer.json", "{\"a\": \"longer than the weights\"}", false);
    add("README.md", "# words", false);
    add("pytorch_model.bin", "pickle", true);
  }
  [[nodiscard]] fs::path model_folder() const { return options_.cache / "models--owner--tiny"; }
  [[nodiscard]] size_t num_seen() const { return server_.seen().size(); }

  TempFolder folder_;
  FileServer server_;
  json siblings_ = json::array();
  HubOptions options_;
};

TEST_F(Hub, LaysFilesOutAsTheHubsOwnCacheDoes) {
  add_tiny_model();

  const fs::path snapshot = fetch_from_hub("owner/tiny", options_);

  EXPECT_EQ(snapshot, model_folder() / "snapshots" / kCommit);
  EXPECT_EQ(read_file(snapshot / "model.safetensors"), "weights");
  EXPECT_EQ(fs::read_symlink(snapshot / "model.safetensors"),
            fs::path("../../blobs") / sha256("weights"));
  EXPECT_EQ(fs::read_symlink(snapshot / "config.json"),
            fs::path("../../blobs") / git_blob_sha1_file(folder_.write("scratch", "{}")));
  EXPECT_EQ(read_file(model_folder() / "refs" / "main"), kCommit);
}

TEST_F(Hub, FetchesOnlyWhatAModelNeedsAndTheWeightsLast) {
  add_tiny_model();

  (void)fetch_from_hub("owner/tiny", options_);

  std::vector<std::string> names;
  for (const SeenRequest& request : server_.seen()) {
    names.push_back(fs::path(request.path).filename());
  }
  EXPECT_THAT(names, ElementsAre("main", "config.json", "tokenizer.json", "model.safetensors"));
}

TEST_F(Hub, AsksForTheListAloneWhenAllFilesAreThere) {
  add_tiny_model();
  (void)fetch_from_hub("owner/tiny", options_);
  const size_t before = num_seen();

  (void)fetch_from_hub("owner/tiny", options_);

  EXPECT_EQ(num_seen(), before + 1);
}

TEST_F(Hub, ACompleteSnapshotWorksWhenTheHubIsDown) {
  add_tiny_model();
  const fs::path online = fetch_from_hub("owner/tiny", options_);
  publish(503);

  EXPECT_EQ(fetch_from_hub("owner/tiny", options_), online);
}

TEST_F(Hub, ACompleteSnapshotNeedsNoRequestOffline) {
  add_tiny_model();
  const fs::path online = fetch_from_hub("owner/tiny", options_);
  const size_t before = num_seen();
  options_.offline = true;

  EXPECT_EQ(fetch_from_hub("owner/tiny", options_), online);
  EXPECT_EQ(num_seen(), before);
}

TEST_F(Hub, ASnapshotWithoutOneShardIsNotComplete) {
  add("config.json", "{}", false);
  add("model.safetensors.index.json",
      R"({"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}})",
      false);
  add("model-1.safetensors", "first", true);
  add("model-2.safetensors", "second", true);
  const fs::path snapshot = fetch_from_hub("owner/tiny", options_);
  options_.offline = true;
  ASSERT_EQ(fetch_from_hub("owner/tiny", options_), snapshot);
  fs::remove(snapshot / "model-2.safetensors");

  EXPECT_THAT([&] { (void)fetch_from_hub("owner/tiny", options_); },
              ThrowsMessage<Error>(HasSubstr("holds no complete copy")));
}

TEST_F(Hub, FetchesAgainOnlyTheFileThatIsMissing) {
  add_tiny_model();
  const fs::path snapshot = fetch_from_hub("owner/tiny", options_);
  fs::remove(model_folder() / "blobs" / sha256("weights"));
  const size_t before = num_seen();

  (void)fetch_from_hub("owner/tiny", options_);

  EXPECT_EQ(read_file(snapshot / "model.safetensors"), "weights");
  EXPECT_EQ(num_seen(), before + 2);
}

TEST_F(Hub, AWrongByteInTheWeightsGivesNoSnapshot) {
  add_tiny_model();
  server_.serve("/owner/tiny/resolve/" + kCommit + "/model.safetensors", {.bytes = "Weights"});

  EXPECT_THAT([&] { (void)fetch_from_hub("owner/tiny", options_); },
              ThrowsMessage<Error>(HasSubstr("wanted SHA-256")));

  EXPECT_FALSE(fs::exists(model_folder() / "snapshots" / kCommit / "model.safetensors"));
  EXPECT_FALSE(fs::exists(model_folder() / "refs" / "main"));
}

TEST_F(Hub, ResumesWeightsThatTheServerCutsOff) {
  const std::string bytes(200'000, 'w');
  add("config.json", "{}", false);
  add("model.safetensors", bytes, true);
  server_.serve("/owner/tiny/resolve/" + kCommit + "/model.safetensors",
                {.bytes = bytes, .num_cuts = 1, .cut_after = 150'000});

  const fs::path snapshot = fetch_from_hub("owner/tiny", options_);

  EXPECT_EQ(read_file(snapshot / "model.safetensors"), bytes);
  EXPECT_EQ(server_.seen().back().range, "bytes=150000-");
}

TEST_F(Hub, SendsTheTokenToTheHubAndNotToItsStorage) {
  add_tiny_model();
  FileServer storage({{"/cdn/weights", {.bytes = "weights"}}});
  server_.serve("/owner/tiny/resolve/" + kCommit + "/model.safetensors",
                {.location = storage.url("/cdn/weights")});
  options_.token = "hf_secret";

  (void)fetch_from_hub("owner/tiny", options_);

  for (const SeenRequest& request : server_.seen()) {
    EXPECT_EQ(request.authorization, "Bearer hf_secret") << request.path;
  }
  ASSERT_EQ(storage.seen().size(), 1U);
  EXPECT_EQ(storage.seen()[0].authorization, "");
}

TEST_F(Hub, SaysHowToReachAGatedModel) {
  publish(401);
  options_.token = "hf_secret";

  EXPECT_THAT([&] { (void)fetch_from_hub("owner/tiny", options_); },
              ThrowsMessage<Error>(AllOf(HasSubstr("/api/models/owner/tiny/revision/main"),
                                         HasSubstr("HTTP status 401"),
                                         HasSubstr("HF_TOKEN"),
                                         Not(HasSubstr("hf_secret")))));
}

TEST_F(Hub, FetchesTheOnlyGgufOfAModelWithoutSafetensors) {
  add("tiny-q8.gguf", "GGUF", true);
  add("README.md", "# words", false);

  const fs::path file = fetch_from_hub("owner/tiny", options_);

  EXPECT_EQ(file, model_folder() / "snapshots" / kCommit / "tiny-q8.gguf");
}

TEST_F(Hub, ListsTheGgufFilesWhenThereAreSeveral) {
  add("tiny-q4.gguf", "GGUF", true);
  add("tiny-q8.gguf", "GGUF8", true);

  EXPECT_THAT([&] { (void)fetch_from_hub("owner/tiny", options_); },
              ThrowsMessage<Error>(HasSubstr("tiny-q4.gguf, tiny-q8.gguf")));
}

TEST_F(Hub, FetchesTheGgufThatWasNamedAndNoOther) {
  add("tiny-q4.gguf", "GGUF", true);
  add("tiny-q8.gguf", "GGUF8", true);

  const fs::path file = fetch_from_hub("owner/tiny/tiny-q8.gguf", options_);

  EXPECT_EQ(read_file(file), "GGUF8");
  EXPECT_EQ(num_seen(), 2U);
}

TEST_F(Hub, LeavesOutASecondCopyOfTheWeights) {
  add_tiny_model();
  add("consolidated.safetensors", "the same again", true);

  const fs::path snapshot = fetch_from_hub("owner/tiny", options_);

  EXPECT_FALSE(fs::exists(snapshot / "consolidated.safetensors"));
}

TEST_F(Hub, SaysThatAModelHasNoWeightsItReads) {
  add("config.json", "{}", false);
  add("pytorch_model.bin", "pickle", true);

  EXPECT_THAT([&] { (void)fetch_from_hub("owner/tiny", options_); },
              ThrowsMessage<Error>(HasSubstr("wanted *.safetensors or *.gguf weights")));
}

TEST(HubListing, LeavesOutNamesThatWouldLeaveTheirFolder) {
  const json file = {{"size", 1}, {"blobId", kCommit}};
  json siblings = json::array();
  for (const char* name : {"../../tokenizer.json",
                           "/tokenizer",
                           "tokenizer/../../x",
                           ".tokenizer",
                           "sub/model.safetensors",
                           "config.json"}) {
    siblings.push_back(file);
    siblings.back()["rfilename"] = name;
  }

  const HubListing listing =
      parse_hub_listing(json{{"sha", kCommit}, {"siblings", siblings}}.dump(), "there");

  ASSERT_EQ(listing.files.size(), 1U);
  EXPECT_EQ(listing.files[0].name, "config.json");
}

TEST(HubListing, RefusesADigestThatIsNone) {
  const json entry = {{"rfilename", "config.json"}, {"size", 1}, {"blobId", "../../x"}};

  EXPECT_THAT(
      [&] {
        (void)parse_hub_listing(json{{"sha", kCommit}, {"siblings", {entry}}}.dump(), "there");
      },
      ThrowsMessage<Error>(HasSubstr("file 'config.json': wanted a git blob id")));
}

TEST(HubListing, SaysThatAnotherPageCame) {
  EXPECT_THAT([] { (void)parse_hub_listing("<html>", "https://h/api"); },
              ThrowsMessage<Error>(AllOf(HasSubstr("https://h/api"), HasSubstr("HF_ENDPOINT"))));
}

TEST(HubName, TakesOwnerNameFileAndRevision) {
  const HubName name = parse_hub_name("Qwen/Qwen3-0.6B-GGUF/q8.gguf@refs/pr/1");

  EXPECT_EQ(name.owner, "Qwen");
  EXPECT_EQ(name.name, "Qwen3-0.6B-GGUF");
  EXPECT_EQ(name.file, "q8.gguf");
  EXPECT_EQ(name.revision, "refs/pr/1");
  EXPECT_EQ(parse_hub_name("a/b").revision, "main");
}

TEST(HubName, RefusesWhatCouldLeaveTheCache) {
  for (const char* text : {"",
                           "a",
                           "a/",
                           "/a",
                           "../b",
                           "a/..",
                           "a/b/c/d.gguf",
                           "a/b/model.bin",
                           "a/b@",
                           "a/b@../../x",
                           "a/b@/x",
                           "a//b",
                           "a/b?x"}) {
    EXPECT_THAT([&] { (void)parse_hub_name(text); },
                Throws<Error>(Property(&Error::kind, ErrorKind::kConfig)))
        << text;
  }
}

/// Nothing of the machine's own settings, then these.
Environment::Values only(const Environment::Values& values) {
  Environment::Values all{{"HF_HOME", std::nullopt},
                          {"HF_HUB_CACHE", std::nullopt},
                          {"HF_ENDPOINT", std::nullopt},
                          {"HF_TOKEN", std::nullopt},
                          {"HF_TOKEN_PATH", std::nullopt},
                          {"HF_HUB_OFFLINE", std::nullopt},
                          {"XDG_CACHE_HOME", std::nullopt},
                          {"HOME", std::nullopt}};
  for (const auto& [name, value] : values) all[name] = value;
  return all;
}

TEST(HubOptionsFromEnvironment, FindsTheCacheWhereTheHubsOwnToolsDo) {
  const auto cache = [](const Environment::Values& values) {
    const Environment environment(only(values));
    return HubOptions::from_environment().cache;
  };

  EXPECT_EQ(cache({{"HOME", "/h"}}), "/h/.cache/huggingface/hub");
  EXPECT_EQ(cache({{"HOME", "/h"}, {"XDG_CACHE_HOME", "/x"}}), "/x/huggingface/hub");
  EXPECT_EQ(cache({{"HOME", "/h"}, {"XDG_CACHE_HOME", "/x"}, {"HF_HOME", "/f"}}), "/f/hub");
  EXPECT_EQ(cache({{"HF_HOME", "/f"}, {"HF_HUB_CACHE", "/c"}}), "/c");
}

TEST(HubOptionsFromEnvironment, TakesTheTokenFromTheVariableElseFromTheFile) {
  const TempFolder home;
  home.write("token", "hf_file\n");
  {
    const Environment environment(only({{"HF_HOME", home.path()}, {"HF_TOKEN", " hf_variable\n"}}));
    EXPECT_EQ(HubOptions::from_environment().token, "hf_variable");
  }
  const Environment environment(only({{"HF_HOME", home.path()}}));
  EXPECT_EQ(HubOptions::from_environment().token, "hf_file");
}

TEST(HubOptionsFromEnvironment, TakesEndpointAndOffline) {
  const Environment environment(
      only({{"HOME", "/h"}, {"HF_ENDPOINT", "http://mirror/"}, {"HF_HUB_OFFLINE", "Yes"}}));

  EXPECT_EQ(HubOptions::from_environment().endpoint, "http://mirror");
  EXPECT_TRUE(HubOptions::from_environment().offline);
}

TEST(HubOptionsFromEnvironment, RefusesAnEndpointThatIsNoAddress) {
  const Environment environment(only({{"HOME", "/h"}, {"HF_ENDPOINT", "mirror"}}));

  EXPECT_THAT([] { (void)HubOptions::from_environment(); },
              ThrowsMessage<Error>(HasSubstr("HF_ENDPOINT: wanted an address")));
}

}  // namespace
}  // namespace stratagram
