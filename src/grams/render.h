// grams/render.h -- texts with their strategic grams marked, for people.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "grams/matcher.h"

namespace stratagram::grams {

/// The text with every counted occurrence coloured by its role. Control
/// characters other than newline and tab are dropped, so that a response cannot steer a terminal.
[[nodiscard]] std::string render_ansi(const Matcher& matcher, std::string_view text);

/// The same as an HTML fragment: <span class="sg deduction" title="gram">, everything escaped.
[[nodiscard]] std::string render_html(const Matcher& matcher, std::string_view text);

/// A page around fragments: legend, styles, no script, no outside resource.
[[nodiscard]] std::string html_page(std::string_view title, std::span<const std::string> fragments);

}  // namespace stratagram::grams
