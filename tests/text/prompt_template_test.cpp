#include "text/prompt_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "core/records.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"
#include "text/chat_template.h"
#include "text/problems.h"

namespace stratagram::text {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const Problem kProblem{.id = "p", .text = "What is 1+1?", .answer = "2", .kind = "math"};

PromptTemplate shipped(const std::string& name) {
  const auto all =
      read_templates(std::filesystem::path(STRATAGRAM_SOURCE_DIR) / "data" / "templates.toml");
  for (const PromptTemplate& prompt : all) {
    if (prompt.name == name) return prompt;
  }
  ADD_FAILURE() << name << " is not there";
  return {};
}

// As a model of the ChatML family is asked; what Qwen2.5-Math's evaluation writes out.
std::string in_chatml(const std::string& name) {
  const PromptTemplate prompt = shipped(name);
  EXPECT_EQ(prompt.form, PromptTemplate::Form::kChat);
  std::vector<Message> messages;
  if (!prompt.system.empty()) messages.push_back({"system", prompt.system});
  messages.push_back({"user", fill_prompt(prompt.user, kProblem)});
  return ChatTemplate::named("chatml").render(messages);
}

TEST(PromptTemplates, OfQwenAreTheTextsOfItsEvaluation) {
  EXPECT_EQ(in_chatml("qwen-boxed"),
            "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
            "<|im_start|>user\nWhat is 1+1?\nPlease reason step by step, and put your final answer "
            "within \\boxed{}.<|im_end|>\n<|im_start|>assistant\n");
  EXPECT_EQ(in_chatml("qwen-math"),
            "<|im_start|>system\nPlease reason step by step, and put your final answer within "
            "\\boxed{}.<|im_end|>\n<|im_start|>user\nWhat is 1+1?<|im_end|>\n"
            "<|im_start|>assistant\n");
}

TEST(PromptTemplates, OfR1BeginAsItsTokenizerDoesAndEndInThought) {
  const PromptTemplate prompt = shipped("r1");

  EXPECT_EQ(prompt.form, PromptTemplate::Form::kText);
  EXPECT_FALSE(prompt.begin_of_text) << "the text has the token of its own";
  EXPECT_EQ(
      fill_prompt(prompt.user, kProblem),
      "<\xEF\xBD\x9C"
      "begin\xE2\x96\x81of\xE2\x96\x81sentence\xEF\xBD\x9C><\xEF\xBD\x9CUser\xEF\xBD\x9C>What "
      "is 1+1?\nPlease reason step by step, and put your final answer within "
      "\\boxed{}.<\xEF\xBD\x9C"
      "Assistant\xEF\xBD\x9C><think>\n");
}

TEST(PromptTemplates, OfOrzAndDapoPutTheProblemWhereTheyDo) {
  const PromptTemplate orz = shipped("orz");
  const std::string text = fill_prompt(orz.user, kProblem);

  EXPECT_TRUE(orz.begin_of_text);
  EXPECT_TRUE(text.starts_with("A conversation between User and Assistant. The User asks"));
  EXPECT_TRUE(
      text.ends_with("\\boxed{} tag.\nThis is the problem:\nWhat is 1+1?\nAssistant: <think>"))
      << text;
  EXPECT_THAT(orz.stop, testing::Contains("</answer>"));
  EXPECT_EQ(fill_prompt(shipped("dapo").user, kProblem),
            "Solve the following math problem step by step. The last line of your response should "
            "be of the form Answer: $Answer (without quotes) where $Answer is the answer to the "
            "problem.\n\nWhat is 1+1?\n\nRemember to put your answer on its own line after "
            "\"Answer:\".");
}

TEST(PromptTemplates, NoneAndPlainAddNothing) {
  EXPECT_EQ(fill_prompt(shipped("none").user, kProblem), kProblem.text);
  EXPECT_EQ(shipped("none").form, PromptTemplate::Form::kText);
  EXPECT_EQ(fill_prompt(shipped("plain").user, kProblem), kProblem.text);
  EXPECT_THAT(shipped("plain").system, IsEmpty());
  EXPECT_EQ(to_json(shipped("plain")), to_json(PromptTemplate{}))
      << "the default is the template of that name";
}

TEST(PromptTemplates, SayWhereTheirWordingComesFrom) {
  for (const char* name : {"qwen-boxed", "qwen-math", "r1", "orz", "dapo", "simple"}) {
    EXPECT_THAT(shipped(name).source, testing::ContainsRegex("[a-z]/[a-zA-Z]|arXiv|README"));
  }
}

TEST(ReadTemplates, NamesFileLineAndKeyOfAFault) {
  const TempFolder folder;
  const auto expect = [&](const std::string& text, const char* message) {
    const auto file = folder.write("t.toml", text);
    expect_error([&] { (void)read_templates(file); }, ErrorKind::kConfig, message);
  };

  expect("[a]\nsource = \"s\"\nform = \"jinja\"\n", "t.toml:3: template 'a': key 'form': wanted");
  expect("[a]\nsource = \"s\"\nform = \"chat\"\n", "key 'user' is missing");
  expect("[a]\nsource = \"s\"\nform = \"chat\"\nuser = \"solve\"\n",
         "key 'user': wanted {problem}");
  expect("[a]\nsource = \"s\"\nform = \"chat\"\nuser = \"{problem}\"\nbegin = \"none\"\n",
         "key 'begin' is unknown");
  expect("[a]\nsource = \"s\"\nform = \"text\"\ntext = \"{problem}\"\n", "key 'begin' is missing");
}

}  // namespace
}  // namespace stratagram::text
