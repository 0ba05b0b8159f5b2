#include "core/download.h"

#include <gmock/gmock.h>

#include "core/digest.h"
#include "core/error.h"
#include "core/file.h"
#include "core/http.h"
#include "core/interrupt.h"
#include "core/part_file.h"
#include "tests/support/file_server.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temp_folder.h"

namespace stratagram {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::Property;
using testing::Throws;
using testing::ThrowsMessage;

/// Bytes without a period that a wrong offset could hide behind.
std::string payload(size_t size = 300'000) {
  std::string bytes;
  for (uint64_t i = 0; bytes.size() < size; ++i) bytes += sha256(std::to_string(i));
  bytes.resize(size);
  return bytes;
}

class Download : public testing::Test {
 protected:
  [[nodiscard]] DownloadRequest request(const std::string& bytes) const {
    return {.url = server.url("/f"),
            .path = folder.path() / "sub" / "f.bin",
            .sha256 = sha256(bytes),
            .retry = {.max_attempts = 3, .first_wait_ms = 1}};
  }
  [[nodiscard]] fs::path part() const { return folder.path() / "sub" / "f.bin.part"; }

  TempFolder folder;
  FileServer server;
};

TEST_F(Download, WritesTheBytesUnderTheFinalNameAlone) {
  const std::string bytes = payload();
  server.serve("/f", {.bytes = bytes});

  download(request(bytes));

  EXPECT_EQ(read_file(request(bytes).path), bytes);
  EXPECT_FALSE(fs::exists(part()));
}

TEST_F(Download, ReportsBytesReceivedAndTheTotal) {
  const std::string bytes = payload();
  server.serve("/f", {.bytes = bytes});
  uint64_t last = 0;
  std::optional<uint64_t> last_total;

  download(request(bytes), [&](uint64_t received, std::optional<uint64_t> total) {
    EXPECT_GT(received, last);
    last = received;
    last_total = total;
  });

  EXPECT_EQ(last, bytes.size());
  EXPECT_EQ(last_total, bytes.size());
}

TEST_F(Download, ResumesWhereTheServerCutOff) {
  const std::string bytes = payload();
  server.serve("/f", {.bytes = bytes, .num_cuts = 2, .cut_after = 100'000});

  download(request(bytes));

  EXPECT_EQ(read_file(request(bytes).path), bytes);
  ASSERT_EQ(server.seen().size(), 3U);
  EXPECT_EQ(server.seen()[1].range, "bytes=100000-");
  EXPECT_EQ(server.seen()[2].range, "bytes=200000-");
}

TEST_F(Download, LeavesNoEmptyPartOfARefusedFile) {
  EXPECT_THROW(download(request("not served")), Error);

  EXPECT_FALSE(fs::exists(part()));
}

TEST_F(Download, ResumesThePartOfAnEarlierCall) {
  const std::string bytes = payload();
  server.serve("/f", {.bytes = bytes});
  folder.write("sub/f.bin.part", bytes.substr(0, 123'456));

  download(request(bytes));

  EXPECT_EQ(read_file(request(bytes).path), bytes);
  EXPECT_EQ(server.seen().at(0).range, "bytes=123456-");
}

TEST_F(Download, TakesAWholeBodyFromAServerThatIgnoresRange) {
  const std::string bytes = payload();
  server.serve("/f", {.bytes = bytes, .num_cuts = 1, .cut_after = 100'000, .ignores_range = true});

  download(request(bytes));

  EXPECT_EQ(read_file(request(bytes).path), bytes);
  EXPECT_EQ(server.seen().at(1).range, "bytes=100000-");
}

TEST_F(Download, AcceptsAPartThatIsWholeAlready) {
  const std::string bytes = payload();
  server.serve("/f", {.bytes = bytes});
  folder.write("sub/f.bin.part", bytes);

  download(request(bytes));

  EXPECT_EQ(read_file(request(bytes).path), bytes);
}

TEST_F(Download, StartsOverWhenAnOldPartDoesNotFit) {
  const std::string bytes = payload();
  server.serve("/f", {.bytes = bytes});
  folder.write("sub/f.bin.part", "of an older version");

  download(request(bytes));

  EXPECT_EQ(read_file(request(bytes).path), bytes);
}

TEST_F(Download, StartsOverWhenAnOldPartIsLongerThanTheFile) {
  const std::string bytes = payload();
  server.serve("/f", {.bytes = bytes});
  folder.write("sub/f.bin.part", bytes + "and more");

  download(request(bytes));

  EXPECT_EQ(read_file(request(bytes).path), bytes);
}

TEST_F(Download, DoesNotResumeWithoutADigestToCheckTheWhole) {
  const std::string bytes = payload();
  server.serve("/f", {.bytes = bytes});
  folder.write("sub/f.bin.part", "of an older version");
  DownloadRequest unknown = request(bytes);
  unknown.sha256.clear();

  download(unknown);

  EXPECT_EQ(read_file(unknown.path), bytes);
  EXPECT_EQ(server.seen().at(0).range, "");
}

TEST_F(Download, KeepsAFileThatIsThereWithTheRightDigest) {
  const std::string bytes = payload(1000);
  folder.write("sub/f.bin", bytes);

  download(request(bytes));

  EXPECT_TRUE(server.seen().empty());
}

TEST_F(Download, FetchesAnewOverAFileWithAWrongDigest) {
  const std::string bytes = payload(1000);
  server.serve("/f", {.bytes = bytes});
  folder.write("sub/f.bin", "damaged");

  download(request(bytes));

  EXPECT_EQ(read_file(request(bytes).path), bytes);
}

TEST_F(Download, RefusesAndRemovesAFileWithOneFlippedBit) {
  const std::string bytes = payload();
  std::string flipped = bytes;
  flipped[bytes.size() / 2] ^= 1;
  server.serve("/f", {.bytes = flipped});

  EXPECT_THAT([&] { download(request(bytes)); },
              ThrowsMessage<Error>(AllOf(HasSubstr(server.url("/f")),
                                         HasSubstr("wanted SHA-256 " + sha256(bytes)),
                                         HasSubstr("got " + sha256(flipped)))));

  EXPECT_FALSE(fs::exists(request(bytes).path));
  EXPECT_FALSE(fs::exists(part()));
}

TEST_F(Download, RefusesAFileOfAnotherSize) {
  const std::string bytes = payload(1000);
  server.serve("/f", {.bytes = bytes});
  DownloadRequest longer = request(bytes);
  longer.size = 1001;

  EXPECT_THAT([&] { download(longer); },
              ThrowsMessage<Error>(HasSubstr("wanted 1001 bytes, got 1000")));
}

TEST_F(Download, ChecksAGitBlobIdWhereNoSha256IsKnown) {
  server.serve("/f", {.bytes = "what is up, doc?"});
  DownloadRequest blob = request("");
  blob.sha256.clear();
  // The example of the book Pro Git, section 10.2.
  blob.git_sha1 = "bd9dbf5aae1a3862dd1526723246b20206e5fc37";
  download(blob);
  EXPECT_EQ(read_file(blob.path), "what is up, doc?");

  blob.git_sha1.back() = '8';
  EXPECT_THAT([&] { download(blob); }, ThrowsMessage<Error>(HasSubstr("wanted git blob")));
}

TEST_F(Download, WritesAnEmptyFile) {
  server.serve("/f", {.bytes = ""});
  DownloadRequest empty = request("");
  empty.size = 0;

  download(empty);

  EXPECT_EQ(fs::file_size(empty.path), 0U);
}

TEST_F(Download, NamesUrlStatusAndRemedyOfARefusal) {
  server.serve("/f", {.status = 401});
  DownloadRequest refused = request("x");
  refused.access_hint = "set HF_TOKEN";

  EXPECT_THAT([&] { download(refused); },
              ThrowsMessage<Error>(server.url("/f") +
                                   ": HTTP status 401: access was refused; set HF_TOKEN"));
  EXPECT_EQ(server.seen().size(), 1U);
}

TEST_F(Download, NamesUrlAndStatusOfAFileThatIsNotThere) {
  EXPECT_THAT(
      [&] { download(request("x")); },
      ThrowsMessage<Error>(AllOf(
          HasSubstr(server.url("/f")), HasSubstr("HTTP status 404"), HasSubstr("check the name"))));
  EXPECT_FALSE(fs::exists(request("x").path));
}

TEST_F(Download, TriesAFailingServerAgainThenGivesUpNamingTheStatus) {
  server.serve("/f", {.status = 500});

  EXPECT_THAT([&] { download(request("x")); },
              ThrowsMessage<Error>(AllOf(HasSubstr("HTTP status 500"), HasSubstr("try again"))));
  EXPECT_EQ(server.seen().size(), 3U);
}

TEST_F(Download, SurvivesAServerThatRecovers) {
  server.serve("/f", {.bytes = "x", .num_failures = 2});

  download(request("x"));

  EXPECT_EQ(read_file(request("x").path), "x");
}

TEST_F(Download, SaysThatNobodyAnswers) {
  DownloadRequest nobody = request("x");
  nobody.url = "http://127.0.0.1:1/f";  // port 1: reserved, nothing listens

  EXPECT_THAT([&] { download(nobody); },
              ThrowsMessage<Error>(
                  AllOf(HasSubstr("http://127.0.0.1:1/f: 3 attempts"), HasSubstr("network"))));
}

TEST_F(Download, AnInterruptKeepsThePartAndTheNextCallGoesOn) {
  const std::string bytes = payload(3'000'000);
  server.serve("/f", {.bytes = bytes});
  const auto stop_early = [](uint64_t, std::optional<uint64_t>) { request_interrupt(); };

  EXPECT_THAT([&] { download(request(bytes), stop_early); },
              Throws<Error>(Property(&Error::kind, ErrorKind::kInterrupted)));
  clear_interrupt();

  EXPECT_FALSE(fs::exists(request(bytes).path));
  const uint64_t kept = fs::file_size(part());
  ASSERT_GT(kept, 0U);
  ASSERT_LT(kept, bytes.size());
  download(request(bytes));
  EXPECT_EQ(read_file(request(bytes).path), bytes);
  EXPECT_EQ(server.seen().back().range, "bytes=" + std::to_string(kept) + "-");
}

TEST_F(Download, AWriteThatFailsIsADeviceErrorAndTheNextCallGoesOn) {
  const std::string bytes = payload();
  server.serve("/f", {.bytes = bytes});
  {
    const FileSizeLimit limit(100'000);
    EXPECT_THAT([&] { download(request(bytes)); },
                Throws<Error>(AllOf(Property(&Error::kind, ErrorKind::kDevice),
                                    Property(&Error::what, HasSubstr("f.bin.part")),
                                    Property(&Error::what, HasSubstr("make room")))));
  }

  download(request(bytes));

  EXPECT_EQ(read_file(request(bytes).path), bytes);
  EXPECT_EQ(server.seen().back().range, "bytes=100000-");
}

TEST_F(Download, SaysBeforehandThatTheDiskIsTooSmall) {
  server.serve("/f", {.bytes = payload(1000), .announced_size = size_t{1} << 60});

  EXPECT_THAT([&] { download(request("x")); },
              ThrowsMessage<Error>(HasSubstr("1152921504606846976 more bytes are wanted")));
}

TEST_F(Download, RefusesAPartThatAnotherCallIsWriting) {
  fs::create_directories(part().parent_path());
  const PartFile other(part());

  EXPECT_THAT([&] { download(request("x")); },
              ThrowsMessage<Error>(HasSubstr("another process is writing it")));
}

TEST_F(Download, SendsTheTokenToTheHostThatWasAskedAndToNoOther) {
  FileServer elsewhere({{"/blob", {.bytes = "x"}}});
  server.serve("/f", {.location = "/here"});
  server.serve("/here", {.location = elsewhere.url("/blob")});
  DownloadRequest with_token = request("x");
  with_token.bearer_token = "hf_secret";

  download(with_token);

  ASSERT_EQ(server.seen().size(), 2U);
  EXPECT_EQ(server.seen()[0].authorization, "Bearer hf_secret");
  EXPECT_EQ(server.seen()[1].authorization, "Bearer hf_secret");
  ASSERT_EQ(elsewhere.seen().size(), 1U);
  EXPECT_EQ(elsewhere.seen()[0].authorization, "");
}

TEST_F(Download, NeverPutsTheTokenOrAQueryIntoAMessage) {
  server.serve("/f", {.status = 403});
  DownloadRequest with_token = request("x");
  with_token.bearer_token = "hf_secret";
  with_token.url += "?signature=private";

  EXPECT_THAT([&] { download(with_token); },
              ThrowsMessage<Error>(AllOf(Not(HasSubstr("hf_secret")), Not(HasSubstr("private")))));
}

TEST_F(Download, RefusesATokenThatWouldSplitTheHeader) {
  DownloadRequest with_token = request("x");
  with_token.bearer_token = "hf_a\r\nX-Other: b";

  EXPECT_THAT([&] { download(with_token); },
              Throws<Error>(AllOf(Property(&Error::kind, ErrorKind::kConfig),
                                  Property(&Error::what, Not(HasSubstr("X-Other"))))));
  EXPECT_TRUE(server.seen().empty());
}

TEST_F(Download, RefusesAnAddressThatIsNotHttp) {
  DownloadRequest local = request("x");
  local.url = "file:///etc/hostname";

  EXPECT_THAT([&] { download(local); }, ThrowsMessage<Error>(HasSubstr("wanted an address")));
}

TEST_F(Download, FollowsNoRedirectToALocalFile) {
  server.serve("/f", {.location = "file:///etc/hostname"});

  EXPECT_THROW(download(request("x")), Error);
  EXPECT_FALSE(fs::exists(request("x").path));
}

TEST(FetchText, GivesTheBodyAfterAFailureOfTheServer) {
  const FileServer server({{"/a", {.bytes = "{\"a\": 1}", .num_failures = 1}}});

  EXPECT_EQ(fetch_text({.url = server.url("/a"), .retry = {.first_wait_ms = 1}}), "{\"a\": 1}");
}

TEST(UrlForDisplay, LeavesOutUserPasswordAndQuery) {
  EXPECT_EQ(url_for_display("https://user:pass@host:8/p/q?key=1#x"), "https://host:8/p/q");
  EXPECT_EQ(url_for_display("https://host/a@b"), "https://host/a@b");
}

TEST(PercentEncode, KeepsOnlyUnreservedBytes) {
  EXPECT_EQ(percent_encode("a b/\xC3\xA9~"), "a%20b%2F%C3%A9~");
  EXPECT_EQ(percent_encode("a/b", "/"), "a/b");
}

}  // namespace
}  // namespace stratagram
