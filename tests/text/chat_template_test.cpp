#include "text/chat_template.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/file.h"
#include "tests/support/expect_error.h"
#include "tests/support/shared_data.h"
#include "tests/support/temp_folder.h"

namespace stratagram::text {
namespace {

using nlohmann::json;

// The default system messages, as the models' templates have them.
ChatTemplate template_for(const std::string& model) {
  const auto with_system = [](const std::string& text) {
    return ChatTemplate::recognise(
        "{{- '<|im_start|>system\\n" + text + "<|im_end|>\\n' }} <|im_start|> <|im_end|>", "test");
  };
  if (model == "qwen2.5") {
    return with_system("You are Qwen, created by Alibaba Cloud. You are a helpful assistant.");
  }
  if (model == "smollm2") {
    return with_system("You are a helpful AI assistant named SmolLM, trained by Hugging Face");
  }
  return ChatTemplate::named(model == "llama3.1" ? "llama3" : model);
}

TEST(ChatTemplate, RendersAsTheModelsOwnTemplates) {
  const json rows = json::parse(read_file(std::string(STRATAGRAM_TEST_DATA) + "/text/chat.json"));
  ASSERT_GE(rows.size(), 17U);
  for (const json& row : rows) {
    std::vector<Message> messages;
    for (const json& message : row["messages"]) {
      messages.push_back({message["role"], message["content"]});
    }
    EXPECT_EQ(template_for(row["model"]).render(messages), row["rendered"].get<std::string>())
        << row.dump();
  }
}

TEST(ChatTemplate, IsRecognisedFromTheFilesOfRealModels) {
  const std::vector<std::pair<std::string, std::string>> wanted{
      {"qwen3", "qwen3"}, {"qwen2.5", "chatml"}, {"llama3.1", "llama3"}};
  for (const auto& [model, name] : wanted) {
    const auto folder = shared_data("tokenizers/" + model);
    if (!folder) GTEST_SKIP() << "the tokenizers of real models are absent";
    const auto jinja = chat_template_of(*folder);
    ASSERT_TRUE(jinja.has_value()) << model;
    EXPECT_EQ(ChatTemplate::recognise(*jinja, model).name(), name);
  }
}

TEST(ChatTemplate, OfLlama31OpensWithTheDatesOfItsTemplate) {
  const ChatTemplate dated = ChatTemplate::recognise(
      "<|start_header_id|> <|eot_id|> Cutting Knowledge Date: December 2023", "test");

  EXPECT_EQ(dated.render({{"system", "Be brief."}, {"user", "Hi"}}),
            "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\n"
            "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\nBe brief.<|eot_id|>"
            "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\n");
}

// The goldens come from the models' own templates, so they show what closes a turn. Every answer in
// them is a 2.
TEST(ChatTemplate, ClosesTheAssistantsTurnWithTheTokenOfTheModelsOwnTemplate) {
  const json rows = json::parse(read_file(std::string(STRATAGRAM_TEST_DATA) + "/text/chat.json"));
  std::set<std::string> models;
  for (const json& row : rows) {
    for (const json& message : row["messages"]) {
      if (message["role"] != "assistant" || message["content"] != "2") continue;
      const std::string end = template_for(row["model"]).turn_end();
      EXPECT_NE(row["rendered"].get<std::string>().find("2" + end), std::string::npos) << row;
      EXPECT_NE(end, "");
      models.insert(row["model"]);
    }
  }
  EXPECT_EQ(models.size(), 5U);
  EXPECT_EQ(ChatTemplate::named("plain").turn_end(), "");
}

TEST(ChatTemplate, CalledPlainAddsNothing) {
  EXPECT_EQ(ChatTemplate::named("plain").render({{"system", "a "}, {"user", "b\n"}}), "a b\n");
}

TEST(ChatTemplate, ThatIsUnknownIsAnErrorThatListsTheKnownOnes) {
  expect_error([] { (void)ChatTemplate::named("alpaca"); }, ErrorKind::kConfig, "qwen3-no-think");
  expect_error([] { (void)ChatTemplate::recognise("[INST] {{ x }} [/INST]", "m/config"); },
               ErrorKind::kConfig,
               "m/config");
  expect_error([] { (void)ChatTemplate::named("chatml").render({{"tool", "x"}}); },
               ErrorKind::kConfig,
               "got 'tool'");
}

TEST(ChatTemplateOf, PrefersTheJinjaFile) {
  const TempFolder folder;
  EXPECT_EQ(chat_template_of(folder.path()), std::nullopt);
  folder.write("tokenizer_config.json", R"({"chat_template": "old"})");
  EXPECT_EQ(chat_template_of(folder.path()), "old");
  folder.write("tokenizer_config.json",
               R"({"chat_template": [{"name": "tool_use", "template": "t"},
                                     {"name": "default", "template": "d"}]})");
  EXPECT_EQ(chat_template_of(folder.path()), "d");
  folder.write("chat_template.jinja", "new");
  EXPECT_EQ(chat_template_of(folder.path()), "new");
}

}  // namespace
}  // namespace stratagram::text
