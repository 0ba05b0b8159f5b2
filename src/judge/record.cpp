#include "judge/record.h"

#include <string_view>
#include <utility>

#include "core/digest.h"
#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"

namespace stratagram::judge {
namespace {

using nlohmann::json;

const json& conditions() {
  static const json head = {{"exchanges", 1}};
  return head;
}

json row_of(const Question& question, const Answer& answer) {
  json reply = {{"text", answer.text}, {"finish", answer.finish}};
  if (answer.tokens) {
    reply["prompt_tokens"] = answer.tokens->prompt;
    reply["completion_tokens"] = answer.tokens->completion;
  }
  return {{"key", question.key()},
          {"prompts", question.prompts},
          {"attempt", question.attempt},
          {"request", question.body},
          {"reply", std::move(reply)}};
}

Answer answer_of(const json& row, const std::string& where) {
  const auto found = row.find("reply");
  if (found == row.end() || !found->is_object()) {
    fail(ErrorKind::kData, "{}: field 'reply': wanted an object; the file was damaged", where);
  }
  Answer answer{.text = field_of<std::string>(*found, "text", where),
                .finish = field_of<std::string>(*found, "finish", where)};
  const auto prompt = optional_field_of<int64_t>(*found, "prompt_tokens", where);
  const auto completion = optional_field_of<int64_t>(*found, "completion_tokens", where);
  if (prompt && completion) answer.tokens = {.prompt = *prompt, .completion = *completion};
  return answer;
}

}  // namespace

std::string Question::key() const {
  // Keys of an object stand sorted, so the text is one for equal questions.
  return sha256(to_json_line({{"body", body}, {"prompts", prompts}, {"attempt", attempt}}));
}

Record::Record(std::filesystem::path path, Mode mode) : path_(std::move(path)), mode_(mode) {
  if (mode_ == Mode::kAppend) {
    rows_ = std::make_unique<PartialRows>(
        path_, conditions(), [this](const json& row, const std::string& where) {
          take(row, where);
        });
  } else if (mode_ == Mode::kReplay || std::filesystem::exists(path_)) {
    read();
  }
  num_found_at_start_ = static_cast<int64_t>(answers_.size());
}

void Record::take(const json& row, const std::string& where) {
  answers_.try_emplace(field_of<std::string>(row, "key", where), answer_of(row, where));
}

// Like PartialRows, but without a lock and without the right to write.
void Record::read() {
  const MappedFile file(path_);
  std::string_view rest = file.bytes();
  const size_t last_end = rest.rfind('\n');
  rest = rest.substr(0, last_end == std::string_view::npos ? 0 : last_end + 1);
  for (int64_t number = 1; !rest.empty(); ++number) {
    const size_t end = rest.find('\n');
    const std::string where = fmt::format("{}:{}", path_.string(), number);
    const json row = parse_json_object(rest.substr(0, end), where);
    rest.remove_prefix(end + 1);
    if (number > 1) {
      take(row, where);
    } else if (row.value("conditions", json()) != conditions()) {
      fail(ErrorKind::kData,
           "{}: wanted the head of a record of exchanges, {}; name the file that --record wrote",
           where,
           to_json_line({{"conditions", conditions()}}));
    }
  }
}

std::optional<Answer> Record::find(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = answers_.find(key);
  return found == answers_.end() ? std::nullopt : std::optional(found->second);
}

Answer Record::add(const Question& question, const Answer& answer) {
  STRATAGRAM_CHECK(rows_ != nullptr, "{}: is not open for writing", path_.string());
  const json row = row_of(question, answer);
  const std::lock_guard lock(mutex_);
  const auto [place, is_new] = answers_.try_emplace(row.at("key").get<std::string>(), answer);
  if (is_new) rows_->append(row);
  return place->second;
}

}  // namespace stratagram::judge
