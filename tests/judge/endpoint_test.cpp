#include "judge/endpoint.h"

#include <gmock/gmock.h>

#include "core/error.h"
#include "tests/support/environment.h"
#include "tests/support/expect_error.h"

namespace stratagram::judge {
namespace {

TEST(BaseUrl, TakesTheFormsThatPeopleCopy) {
  for (const char* text : {"http://h:8000",
                           "http://h:8000/",
                           "http://h:8000/v1",
                           "http://h:8000/v1/",
                           "http://h:8000/v1/chat/completions"}) {
    EXPECT_EQ(base_url(text), "http://h:8000/v1") << text;
  }
  EXPECT_EQ(base_url("https://h/api/openai"), "https://h/api/openai");
}

TEST(BaseUrl, RefusesWhatWouldEndUpInMessages) {
  expect_error([] { (void)base_url("http://user:secret@h/v1"); }, ErrorKind::kConfig, "--key-env");
  expect_error([] { (void)base_url("http://h/v1?key=secret"); }, ErrorKind::kConfig, "--key-env");
  expect_error([] { (void)base_url("h:8000"); }, ErrorKind::kConfig, "http:// or https://");
  expect_error([] { (void)base_url("h:8000", {.url = "--embed-url"}); },
               ErrorKind::kConfig,
               "--embed-url 'h:8000': wanted");
  expect_error([] { (void)base_url("http://"); }, ErrorKind::kConfig, "a host");
}

TEST(KeyFromEnvironment, IsTheValueWithoutWhiteSpace) {
  const Environment set(Environment::Values{{"STRATAGRAM_TEST_KEY", " abc\n"}});

  EXPECT_EQ(key_from_environment("STRATAGRAM_TEST_KEY"), "abc");
  EXPECT_EQ(key_from_environment(""), "");
}

TEST(KeyFromEnvironment, NamesTheVariableThatIsMissing) {
  expect_error([] { (void)key_from_environment("STRATAGRAM_NO_SUCH_KEY"); },
               ErrorKind::kConfig,
               "STRATAGRAM_NO_SUCH_KEY is to hold the server's key, but it is not set");
}

TEST(WithoutKey, ReplacesEveryOccurrence) {
  EXPECT_EQ(without_key("sk-1 and sk-1", "sk-1"), "[key] and [key]");
  EXPECT_EQ(without_key("text", ""), "text");
}

}  // namespace
}  // namespace stratagram::judge
