#include "grams/tagged_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/file.h"

namespace stratagram::grams {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Matcher matcher() {
  return Matcher({.name = "a <b>",
                  .grams = {{.text = "this means that", .role = Role::kDeduction},
                            {.text = "what if we try", .role = Role::kBranching},
                            {.text = "let me check", .role = Role::kBacktracing},
                            {.text = "check if it", .role = Role::kOther},
                            {.text = "first of all", .role = Role::kOther}}});
}

std::string page_of(const std::vector<std::pair<std::string, std::string>>& texts) {
  std::ostringstream out;
  const Matcher grams = matcher();
  TaggedPage page(grams, out);
  for (const auto& [heading, text] : texts) page.add(heading, text);
  page.finish();
  return out.str();
}

std::string sample_page() {
  return page_of({{"run, step 3, problem p1, correct",
                   "First of all, add them: $3 < 4$.\nThis means that\nit is "
                   "<script>alert(1)</script> & more. "
                   "Let me check if it is right."},
                  {"notes \"x\".txt", "What if we try\xe2\x80\xa6 something\x1b[2J else?"},
                  {"empty", ""}});
}

TEST(TaggedPage, IsTheGolden) {
  const auto file = std::filesystem::path(STRATAGRAM_TEST_DATA) / "grams" / "tagged_page.html";
  if (std::getenv("STRATAGRAM_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(file) << sample_page();
    GTEST_SKIP() << file << " was rewritten";
  }

  EXPECT_EQ(sample_page(), read_file(file));
}

TEST(TaggedPage, NamesNothingFromOutsideAndHoldsNoScript) {
  const std::string page = sample_page();

  for (const char* sign : {"<script",
                           "http",
                           "url(",
                           "@import",
                           "<link",
                           "<img",
                           " src=",
                           " on"
                           "click"}) {
    EXPECT_THAT(page, Not(HasSubstr(sign)));
  }
}

TEST(TaggedPage, EscapesTheCatalogueTheHeadingAndTheText) {
  const std::string page = sample_page();

  EXPECT_THAT(page, HasSubstr("<title>Strategic grams: a &lt;b&gt;</title>"));
  EXPECT_THAT(page, HasSubstr("<h2>notes &quot;x&quot;.txt</h2>"));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt; &amp; more"));
}

// "first of all" 3, "this means that" 3, "let me check if it" 5 of 23 words (a formula is one),
// then "what if we try" 4 of 7.
TEST(TaggedPage, CountsPlanningWordsOnceAndOccurrencesThatCount) {
  const std::string page = sample_page();

  EXPECT_THAT(page, HasSubstr("<p class=\"share\">11 of 23 words plan, 47.8 %</p>"));
  EXPECT_THAT(page, HasSubstr("<p class=\"share\">no words</p>"));
  EXPECT_THAT(
      page, HasSubstr("Occurrences that count: deduction 1, branching 1, backtracing 1, other 1."));
}

// A newline right after <pre> is taken out by browsers.
TEST(TaggedPage, KeepsANewlineThatTheTextBeginsWith) {
  EXPECT_THAT(page_of({{"h", "\nx"}}), HasSubstr("<pre dir=\"auto\">\n\nx</pre>"));
}

TEST(TaggedPage, LegendHoldsEveryRole) {
  const std::string page = page_of({});

  for (const Role role : kAllRoles) {
    EXPECT_THAT(page,
                HasSubstr(std::string("<span class=\"sg ") + role_name(role) + "\">" +
                          role_name(role) + "</span>"));
  }
}

}  // namespace
}  // namespace stratagram::grams
