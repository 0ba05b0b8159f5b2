#include "grams/tagged_page.h"

#include <fmt/format.h>

#include "grams/covered.h"
#include "grams/normaliser.h"
#include "grams/render.h"

namespace stratagram::grams {
namespace {

// tagged_page.css, as the build embeds it.
constexpr const char* kStyle =
#include <tagged_page_css.inc>
    ;

std::string share_text(int64_t part, int64_t whole) {
  if (whole == 0) return "no words";
  return fmt::format("{} of {} words plan, {:.1f} %",
                     part,
                     whole,
                     100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace

TaggedPage::TaggedPage(const Matcher& matcher, std::ostream& out) : matcher_(matcher), out_(out) {
  const std::string name = escaped_html(matcher.catalogue().name);
  out_ << fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<title>Strategic grams: {0}</title>\n<style>\n{1}</style>\n</head>\n<body>\n"
      "<header>\n<h1>Strategic grams</h1>\n"
      "<p>Catalogue <b>{0}</b>, {2} grams, <code>{3}</code></p>\n<p class=\"legend\">",
      name,
      kStyle,
      matcher.catalogue().grams.size(),
      matcher.catalogue().digest());
  for (const Role role : kAllRoles) {
    out_ << fmt::format("<span class=\"sg {0}\">{0}</span> ", role_name(role));
  }
  out_ << "<span class=\"sg overlap\">no line: overlaps one that counts</span></p>\n"
          "</header>\n<main>\n";
}

void TaggedPage::add(std::string_view heading, std::string_view text) {
  const Matches matches = matcher_.find(text);
  int64_t num_words = 0;
  for_each_word(text, [&](const WordView&) { ++num_words; });
  const int64_t planning = num_covered_words(matches.all);
  for (const Occurrence& occurrence : matches.counted) {
    ++occurrences_[matcher_.catalogue().grams.at(occurrence.gram).role];
  }
  ++num_texts_;
  num_words_ += num_words;
  num_planning_words_ += planning;
  out_ << fmt::format(
      "<article>\n<h2>{}</h2>\n<p class=\"share\">{}</p>\n<pre dir=\"auto\">\n{}</pre>\n"
      "</article>\n",
      escaped_html(heading),
      share_text(planning, num_words),
      render_html(matcher_, text));
}

void TaggedPage::finish() {
  out_ << fmt::format("</main>\n<footer>\n<p>{} responses: {}. Occurrences that count: ",
                      num_texts_,
                      share_text(num_planning_words_, num_words_));
  const char* separator = "";
  for (const Role role : kAllRoles) {
    out_ << separator << role_name(role) << " " << occurrences_[role];
    separator = ", ";
  }
  out_ << ".</p>\n</footer>\n</body>\n</html>\n";
}

}  // namespace stratagram::grams
