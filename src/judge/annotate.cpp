#include "judge/annotate.h"

#include <algorithm>

#include "core/error.h"
#include "judge/excerpt.h"

namespace stratagram::judge {
namespace {

constexpr int64_t kPromptsVersion = 1;
constexpr size_t kMaxSideBytes = 200;  // of a context, before and after the gram

std::vector<Option> options() {
  return {{.name = "deduction",
           .text = "strategic, deduction: draws a conclusion from what is known and so leads the "
                   "argument on (such as: this means that, from this we can see)"},
          {.name = "branching",
           .text = "strategic, branching: opens, compares or chooses an approach, a case or a plan "
                   "(such as: what if we try, there are two cases)"},
          {.name = "backtracing",
           .text = "strategic, backtracing: looks back to check, doubt, correct or give up earlier "
                   "work (such as: let me double check, wait that is not right)"},
          {.name = "procedure",
           .text = "procedure: carries out or states a concrete step: a calculation, a "
                   "substitution, a quantity, a unit, a formula"},
          {.name = "neither",
           .text = "neither: words of the problem, ordinary language or a fragment that guides "
                   "nothing by itself"}};
}

// The end of a text that is too long, from the beginning of a word.
std::string last_part(const std::string& text) {
  std::string line = one_line(text, text.size());
  if (line.size() <= kMaxSideBytes) return line;
  const size_t space = line.find(' ', line.size() - kMaxSideBytes);
  return space == std::string::npos ? "" : "..." + line.substr(space);
}

std::string text_of(const grams::Candidate& candidate, int64_t num_contexts) {
  std::string text = fmt::format("Phrase: {}", candidate.text);
  const size_t count = std::min(candidate.contexts.size(), static_cast<size_t>(num_contexts));
  for (size_t i = 0; i < count; ++i) {
    const grams::Context& context = candidate.contexts[i];
    text += fmt::format("\n- {} >>{}<< {}",
                        last_part(context.before),
                        one_line(context.gram, kMaxSideBytes),
                        one_line(context.after, kMaxSideBytes));
  }
  return text;
}

grams::Role role_of(GramKind kind) {
  switch (kind) {
    case GramKind::kDeduction:
      return grams::Role::kDeduction;
    case GramKind::kBranching:
      return grams::Role::kBranching;
    case GramKind::kBacktracing:
      return grams::Role::kBacktracing;
    default:
      return grams::Role::kOther;
  }
}

}  // namespace

bool is_strategic(GramKind kind) {
  return kind != GramKind::kProcedure && kind != GramKind::kNeither;
}

Survey gram_survey(std::span<const grams::Candidate> candidates, int64_t num_contexts) {
  STRATAGRAM_CHECK(num_contexts >= 0, "{} contexts", num_contexts);
  Survey survey{
      .prompts_version = kPromptsVersion,
      .system =
          "You classify phrases from written solutions to problems by what they do in the "
          "line of thought. You reply in the form that is asked for and with nothing else.",
      .question =
          "A phrase comes from step-by-step solutions to problems. Places where it stands "
          "are shown, the phrase between >> and <<. Strategic phrases are moves of the "
          "reasoning itself, which would fit many unrelated problems. Choose the option "
          "that says best what the phrase does.",
      .options = options()};
  for (const grams::Candidate& candidate : candidates) {
    survey.items.push_back({.id = candidate.text, .text = text_of(candidate, num_contexts)});
  }
  return survey;
}

std::vector<grams::Choice> choices_of(std::span<const grams::Candidate> candidates,
                                      const SurveyResult& result) {
  STRATAGRAM_CHECK(candidates.size() == result.items.size(),
                   "{} candidates, {} answers",
                   candidates.size(),
                   result.items.size());
  std::vector<grams::Choice> choices;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const auto& [first_answer, second_answer] = result.items[i];
    if (!first_answer || !second_answer) continue;
    const auto first = static_cast<GramKind>(*first_answer);
    const auto second = static_cast<GramKind>(*second_answer);
    grams::Choice choice{.text = candidates[i].text,
                         .strategic = is_strategic(first) && is_strategic(second)};
    choice.score = (is_strategic(first) ? 0.5 : 0.0) + (is_strategic(second) ? 0.5 : 0.0);
    if (choice.strategic && first == second) choice.role = role_of(first);
    choices.push_back(std::move(choice));
  }
  return choices;
}

}  // namespace stratagram::judge
