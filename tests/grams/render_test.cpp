#include "grams/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stratagram::grams {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Matcher matcher() {
  return Matcher({.name = "test",
                  .source = "",
                  .corpus_digest = "",
                  .grams = {{.text = "let me", .role = Role::kBranching},
                            {.text = "let me check", .role = Role::kBacktracing},
                            {.text = "so", .role = Role::kDeduction},
                            {.text = "now", .role = Role::kOther}}});
}

TEST(RenderAnsi, ColoursEachCountedOccurrenceByItsRole) {
  EXPECT_EQ(render_ansi(matcher(), "So, let me add. Let me check now"),
            "\x1b[32mSo\x1b[0m, \x1b[36mlet me\x1b[0m add. \x1b[35mLet me check\x1b[0m "
            "\x1b[33mnow\x1b[0m");
}

TEST(RenderAnsi, DropsControlsThatWouldSteerATerminal) {
  EXPECT_EQ(render_ansi(matcher(), "a\x1b[2J\tb\r\nso\x7f"), "a[2J\tb\n\x1b[32mso\x1b[0m");
}

TEST(RenderHtml, MarksOccurrencesWithRoleAndGram) {
  EXPECT_EQ(render_html(matcher(), "then Let\nme check it"),
            "then <span class=\"sg backtracing\" title=\"backtracing: let me check\">Let\nme "
            "check</span> it");
}

TEST(RenderHtml, EscapesEverythingThatIsNotItsOwn) {
  EXPECT_EQ(render_html(matcher(), "<b> & \"so\""),
            "&lt;b&gt; &amp; &quot;<span class=\"sg deduction\" title=\"deduction: "
            "so\">so</span>&quot;");
}

TEST(RenderHtml, LeavesATextWithoutGramsAsItIs) {
  EXPECT_EQ(render_html(matcher(), "x = 5"), "x = 5");
  EXPECT_EQ(render_html(matcher(), ""), "");
}

TEST(HtmlPage, HoldsTitleLegendAndFragmentsAndNothingFromOutside) {
  const std::string fragment = render_html(matcher(), "so");

  const std::string page = html_page("A <run>", std::vector<std::string>{fragment, "x"});

  EXPECT_THAT(page, HasSubstr("<title>A &lt;run&gt;</title>"));
  EXPECT_THAT(page, HasSubstr("<pre>" + fragment + "</pre>\n<pre>x</pre>"));
  for (const char* role : {"deduction", "branching", "backtracing", "other"}) {
    EXPECT_THAT(page, HasSubstr(std::string("<span class=\"sg ") + role + "\">" + role));
  }
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("http")));
}

}  // namespace
}  // namespace stratagram::grams
