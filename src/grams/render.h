// grams/render.h -- texts with their strategic grams marked, for people.
#pragma once

#include <string>
#include <string_view>

#include "grams/matcher.h"

namespace stratagram::grams {

/// The text with its planning words coloured by role. Words that only an occurrence covers which
/// does not count (definitions, section 2) have the role of the first such. Control characters
/// other than newline and tab are dropped, so that a response cannot steer a terminal; broken
/// UTF-8 becomes U+FFFD.
[[nodiscard]] std::string render_ansi(const Matcher& matcher, std::string_view text);

/// The same as an HTML fragment: <span class="sg deduction" title="deduction: gram">, everything
/// escaped; "sg deduction overlap" where the occurrence does not count.
[[nodiscard]] std::string render_html(const Matcher& matcher, std::string_view text);

/// Text that stands for itself in HTML, in quotes too. Controls and broken bytes as above.
[[nodiscard]] std::string escaped_html(std::string_view text);

/// The sequence that makes a terminal write in the colour of that role.
[[nodiscard]] const char* ansi_colour(Role role);

}  // namespace stratagram::grams
