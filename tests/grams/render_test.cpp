#include "grams/render.h"

#include <gtest/gtest.h>

namespace stratagram::grams {
namespace {

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

// U+009B begins a sequence as ESC [ does.
TEST(RenderAnsi, DropsControlsOfTwoBytesAndReplacesBrokenOnes) {
  EXPECT_EQ(render_ansi(matcher(),
                        "a\xc2\x9b"
                        "2Jb\xff so"),
            "a2Jb\xef\xbf\xbd \x1b[32mso\x1b[0m");
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

// "let me check" counts; of "check if it" only the end is left, which plans too.
TEST(Render, MarksWhatOnlyAnOverlappingOccurrenceCovers) {
  const Matcher overlapping({.name = "test",
                             .grams = {{.text = "let me check", .role = Role::kBacktracing},
                                       {.text = "check if it", .role = Role::kBranching}}});

  EXPECT_EQ(
      render_html(overlapping, "Let me check if it is"),
      "<span class=\"sg backtracing\" title=\"backtracing: let me check\">Let me check</span>"
      "<span class=\"sg branching overlap\" title=\"branching: check if it (overlaps one that "
      "counts)\"> if it</span> is");
  EXPECT_EQ(render_ansi(overlapping, "Let me check if it is"),
            "\x1b[35mLet me check\x1b[0m\x1b[36m if it\x1b[0m is");
}

}  // namespace
}  // namespace stratagram::grams
