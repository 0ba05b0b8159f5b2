#include "core/config.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "tests/support/temp_folder.h"

namespace stratagram {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

struct SamplingConfig {
  double temperature = 1.0;
  int64_t max_new_tokens = 512;
  std::string mode = "plain";
  double beta = 0.4;
  bool fast = false;
  std::vector<std::string> stop;

  void describe(ConfigFields& fields) {
    fields.add("temperature", &temperature, {.meaning = "divides the logits", .min = 0, .max = 10});
    fields.add(
        "max_new_tokens", &max_new_tokens, {.meaning = "budget", .unit = "tokens", .min = 1});
    fields.add("mode", &mode, {.meaning = "how", .choices = {"plain", "shaped"}});
    fields.add("beta",
               &beta,
               {.meaning = "weight", .effective_key = "mode", .effective_values = {"shaped"}});
    fields.add("fast", &fast, {.meaning = "speed"});
    fields.add("stop", &stop, {.meaning = "stop strings"});
  }
};

struct Bound {
  SamplingConfig config;
  ConfigFields fields;
  Bound() { fields.section("rollout", config); }
};

TEST(ConfigFields, ReadsEveryTypeFromToml) {
  const TempFolder folder;
  Bound bound;

  bound.fields.read_toml(folder.write(
      "c.toml",
      "[rollout]\ntemperature = 0.5\nmax_new_tokens = 7\nmode = \"shaped\"\nbeta = 1\nfast = true\n"
      "stop = [\"a\", \"b\"]\n"));

  EXPECT_EQ(bound.config.temperature, 0.5);
  EXPECT_EQ(bound.config.max_new_tokens, 7);
  EXPECT_EQ(bound.config.mode, "shaped");
  EXPECT_EQ(bound.config.beta, 1.0);
  EXPECT_TRUE(bound.config.fast);
  EXPECT_THAT(bound.config.stop, ElementsAre("a", "b"));
  EXPECT_THAT(bound.fields.problems(), IsEmpty());
}

TEST(ConfigFields, NamesTheNearestKeyForAMisspeltOne) {
  const TempFolder folder;
  Bound bound;
  const auto path = folder.write("c.toml", "[rollout]\n\ntemprature = 0.5\n");

  EXPECT_THAT([&] { bound.fields.read_toml(path); },
              ThrowsMessage<Error>(AllOf(HasSubstr("c.toml:3: unknown key 'rollout.temprature'"),
                                         HasSubstr("did you mean 'rollout.temperature'?"))));
}

TEST(ConfigFields, RefusesValuesOutOfRangeAndOfTheWrongType) {
  Bound bound;

  EXPECT_THAT([&] { bound.fields.set("rollout.temperature=11"); },
              ThrowsMessage<Error>(HasSubstr("wanted 0 to 10, got 11")));
  EXPECT_THAT([&] { bound.fields.set("rollout.max_new_tokens=1.5"); },
              ThrowsMessage<Error>(HasSubstr("wanted an integer, got 1.5")));
  EXPECT_THAT([&] { bound.fields.set("rollout.mode=shapd"); },
              ThrowsMessage<Error>(HasSubstr("one of plain, shaped (nearest: 'shaped')")));
  EXPECT_THAT([&] { bound.fields.set("rollout.fast"); },
              ThrowsMessage<Error>(HasSubstr("wanted KEY=VALUE")));
  EXPECT_THAT([&] { bound.fields.set("rollout.temperature=nan"); }, testing::Throws<Error>());
}

TEST(ConfigFields, RefusesATableWhoseNameIsNoKey) {
  for (const char* text :
       {"[!x]\n", "[ = ]\n", "[[,]]\n", "[\x0e]\n", "= 5\n", "[rollout\n", "m\xc3\xac = 1\n"}) {
    const TempFolder folder;
    Bound bound;

    EXPECT_THAT([&] { bound.fields.read_toml(folder.write("c.toml", text)); },
                ThrowsMessage<Error>(HasSubstr("c.toml:1: wanted TOML")))
        << text;
  }
}

TEST(ConfigFields, RefusesASetThatIsNotOneValue) {
  for (const char* text : {"rollout.max_new_tokens={}",
                           "rollout.max_new_tokens=",
                           "rollout.max_new_tokens=7\nother = 8",
                           "rollout.max_new_tokens={a = 7}"}) {
    Bound bound;

    EXPECT_THAT([&] { bound.fields.set(text); },
                ThrowsMessage<Error>(HasSubstr("--set rollout.max_new_tokens=")))
        << text;
    EXPECT_EQ(bound.config.max_new_tokens, 512);
  }
}

TEST(ConfigFields, RefusesASetThatIsNotUtf8) {
  for (const char* text :
       {"rollout.mode=\xff", "rollout.stop=[\"\xc3\"]", "rollout.\xed\xa0\x80=1"}) {
    Bound bound;

    EXPECT_THAT([&] { bound.fields.set(text); },
                ThrowsMessage<Error>(HasSubstr("wanted text in UTF-8, got other bytes")));
  }
}

TEST(ConfigFields, DoesNotWrapARecordedIntegerBeyond64Bits) {
  Bound bound;
  const nlohmann::json record = {
      {"rollout.max_new_tokens", {{"value", 9223372036854775808U}, {"source", "file"}}}};

  EXPECT_THAT([&] { bound.fields.read_json(record, "config.json"); },
              ThrowsMessage<Error>(HasSubstr("wanted an integer, got 9223372036854775808")));
}

TEST(ConfigFields, RefusesARecordWhoseSourceIsNoText) {
  Bound bound;
  const nlohmann::json record = {{"rollout.fast", {{"value", true}, {"source", 5}}}};

  EXPECT_THAT([&] { bound.fields.read_json(record, "config.json"); },
              ThrowsMessage<Error>(HasSubstr("config.json: key 'rollout.fast': wanted value")));
}

TEST(ConfigFields, ReportsAKeyThatHasNoEffect) {
  Bound bound;
  bound.fields.set("rollout.beta=0.1");

  EXPECT_THAT(bound.fields.problems(),
              ElementsAre(HasSubstr("key 'rollout.beta' has no effect: it wants rollout.mode = "
                                    "shaped, got plain")));
}

TEST(ConfigFields, RemembersWhereEachValueCameFrom) {
  Bound bound;
  bound.fields.set("rollout.mode=shaped");

  const auto record = bound.fields.to_json();

  EXPECT_EQ(record["rollout.mode"]["value"], "shaped");
  EXPECT_EQ(record["rollout.mode"]["source"], "set");
  EXPECT_EQ(record["rollout.beta"]["source"], "default");
  EXPECT_EQ(record["rollout.beta"]["origin"], "ours");
}

TEST(ConfigFields, ReadsBackItsOwnJson) {
  Bound first;
  first.fields.set("rollout.temperature=0.25");
  first.fields.set("rollout.stop=[\"x\"]");
  Bound second;

  second.fields.read_json(nlohmann::json::parse(first.fields.to_json().dump()), "config.json");

  EXPECT_EQ(second.fields.to_json(), first.fields.to_json());
  EXPECT_EQ(second.config.temperature, 0.25);
}

TEST(ConfigFields, HelpShowsDefaultUnitAndRange) {
  Bound bound;

  EXPECT_THAT(bound.fields.help(),
              AllOf(HasSubstr("[rollout]"),
                    HasSubstr("max_new_tokens = 512\n      budget (tokens; at least 1;")));
}

}  // namespace
}  // namespace stratagram
