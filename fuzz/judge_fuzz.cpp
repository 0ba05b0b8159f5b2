// Any bytes as a judge's words, as a reply of its server and as a record of exchanges: read or
// refused in order, and what was read fits the question.
#include <algorithm>
#include <chrono>

#include "core/error.h"
#include "core/http.h"
#include "fuzz/driver.h"
#include "fuzz/input_file.h"
#include "judge/answers.h"
#include "judge/record.h"
#include "judge/reply.h"

namespace stratagram {
namespace {

std::vector<std::string> seeds() {
  return {"B",
          "(c)",
          "<think>A or B?</think>\n```json\n{\"answer\": \"B\"}\n```",
          R"({"1": "A", "2": "C", "3": "B"})",
          R"({"choices": [{"message": {"content": "B"}, "finish_reason": "stop"}]})",
          R"({"error": {"message": "slow down", "code": 429}})",
          "<html>bad gateway</html>",
          R"({"conditions":{"exchanges":1}})"
          "\n"
          R"({"attempt":1,"key":"00ff","prompts":1,"reply":{"finish":"stop","text":"B",)"
          R"("prompt_tokens":5,"completion_tokens":1},"request":{"model":"m"}})"
          "\n"};
}

void read_words(std::string_view bytes) {
  static constexpr size_t kNumOptions = 4;
  for (const size_t num_items : {1U, 3U}) {
    fuzz::must_accept([&] {
      const auto places = judge::read_answers(bytes, num_items, kNumOptions);
      const bool fits = places.size() == num_items && std::ranges::all_of(places, [](auto place) {
                          return !place || *place < kNumOptions;
                        });
      STRATAGRAM_CHECK(fits, "{} places", places.size());
    });
  }
}

void read_exchange(std::string_view bytes) {
  const judge::Endpoint endpoint{.url = "http://localhost/v1", .key = "B"};
  for (const int status : {200, 307, 429, 500}) {
    fuzz::must_accept([&] {
      const HttpText text{.head = {.status = status, .headers = {{"retry-after", "3"}}},
                          .reason = {},
                          .body = std::string(bytes)};
      const judge::Reply reply =
          judge::read_reply(text, endpoint, std::chrono::system_clock::time_point{});
      STRATAGRAM_CHECK(reply.outcome != judge::Outcome::kAnswer || reply.body.is_object(),
                       "an answer that is no object");
    });
  }
}

int run(int argc, char** argv) {
  const fuzz::InputFile file;
  return fuzz::run_fuzz(argc, argv, seeds, [&](std::string_view bytes) {
    read_words(bytes);
    read_exchange(bytes);
    fuzz::accepts([&] {
      const judge::Record record(file.write(bytes), judge::Record::Mode::kReplay);
      (void)record.find("00ff");
    });
  });
}

}  // namespace
}  // namespace stratagram

int main(int argc, char** argv) {
  return stratagram::run(argc, argv);
}
