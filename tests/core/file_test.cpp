#include "core/file.h"

#include <gmock/gmock.h>

#include "core/digest.h"
#include "core/error.h"
#include "tests/support/temp_folder.h"

namespace stratagram {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(WriteFileAtomically, LeavesTheOldFileWhenTheWriterThrows) {
  const TempFolder folder;
  const fs::path path = folder.write("a.json", "old");

  EXPECT_THROW(write_file_atomically(path,
                                     [](std::ostream& out) {
                                       out << "half";
                                       fail(ErrorKind::kData, "stopped");
                                     }),
               Error);

  EXPECT_EQ(read_file(path), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator{}), 1);
}

// A stream that refuses a write is what a full disk looks like.
TEST(WriteFileAtomically, ReportsAFullDisk) {
  const TempFolder folder;
  const fs::path path = folder.path() / "a.bin";

  EXPECT_THAT(
      [&] {
        write_file_atomically(path, [](std::ostream& out) { out.setstate(std::ios::badbit); });
      },
      ThrowsMessage<Error>(HasSubstr("a.bin: writing failed")));

  EXPECT_FALSE(fs::exists(path));
}

TEST(WriteFolderAtomically, LeavesNothingWhenTheFillThrows) {
  const TempFolder folder;

  EXPECT_THROW(write_folder_atomically(folder.path() / "run",
                                       [](const fs::path& inside) {
                                         write_file_atomically(inside / "a", "x");
                                         fail(ErrorKind::kData, "stopped");
                                       }),
               Error);

  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(WriteFolderAtomically, RefusesAFolderThatExists) {
  const TempFolder folder;

  EXPECT_THAT([&] { write_folder_atomically(folder.path(), [](const fs::path&) {}); },
              ThrowsMessage<Error>(HasSubstr("exists already")));
}

TEST(MappedFile, ShowsTheBytesOfTheFile) {
  const TempFolder folder;
  const MappedFile empty(folder.write("empty", ""));
  const MappedFile file(folder.write("f", std::string("a\0b", 3)));

  EXPECT_EQ(file.bytes(), std::string_view("a\0b", 3));
  EXPECT_TRUE(empty.bytes().empty());
}

TEST(MappedFile, NamesAFileThatIsMissing) {
  EXPECT_THAT([] { MappedFile("/nonexistent/x"); },
              ThrowsMessage<Error>(HasSubstr("/nonexistent/x")));
}

// FIPS 180-2, appendix B.1 and the empty string.
TEST(Sha256, MatchesThePublishedDigests) {
  const TempFolder folder;
  const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  EXPECT_EQ(sha256("abc"), abc);
  EXPECT_EQ(sha256_file(folder.write("abc", "abc")), abc);
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace stratagram
