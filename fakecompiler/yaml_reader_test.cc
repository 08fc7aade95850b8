#include "fakecompiler/yaml_reader.h"

#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jitrig::test {
namespace {

using ::testing::HasSubstr;

std::string yamlErrorOf(const std::function<void()>& reading) {
  try {
    reading();
  } catch (const YamlError& error) {
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

std::string yamlErrorOf(const std::string& text) {
  return yamlErrorOf([&] { YamlReader("a.yaml").parse(text); });
}

std::string nested(std::size_t depth, const std::string& open, const std::string& close) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += open;
  text += "x";
  for (std::size_t i = 0; i < depth; ++i) text += close;
  return text;
}

TEST(YamlReaderTest, ReadsMapsListsAndValuesWithTheirLines) {
  const auto root =
      YamlReader("a.yaml").parse("name: one\nlist: [a, \"null\", ~]\nempty:\nmap:\n  deep: {x: 1}\n");
  ASSERT_TRUE(root->isMap());
  EXPECT_EQ(root->find("name")->text, "one");
  const YamlNode& list = *root->find("list");
  EXPECT_EQ(list.line, 2U);
  ASSERT_EQ(list.items.size(), 3U);
  EXPECT_EQ(list.items[1]->text, "null");
  EXPECT_EQ(list.items[2]->kind, YamlNode::Kind::null);
  EXPECT_EQ(root->find("empty")->kind, YamlNode::Kind::null);
  EXPECT_EQ(root->find("map")->find("deep")->find("x")->line, 5U);
  EXPECT_EQ(root->find("other"), nullptr);
  EXPECT_EQ(list.find("name"), nullptr);
}

TEST(YamlReaderTest, AnAliasIsTheSameValueAgain) {
  const auto root = YamlReader("a.yaml").parse("a: &x [1, 2]\nb: *x\n");
  EXPECT_EQ(root->find("a"), root->find("b"));
}

TEST(YamlReaderTest, WhatCannotBeReadIsNamedWithItsLine) {
  EXPECT_EQ(yamlErrorOf(""), "a.yaml:1: expected one YAML document, found 0");
  EXPECT_EQ(yamlErrorOf("# nothing\n"), "a.yaml:1: expected one YAML document, found 0");
  EXPECT_EQ(yamlErrorOf("a: 1\n---\nb: 2\n"), "a.yaml:3: expected one YAML document, found another");
  EXPECT_THAT(yamlErrorOf("a: 1\nb: [\n"), HasSubstr("a.yaml:3: "));
  EXPECT_THAT(yamlErrorOf("a: *x\n"), HasSubstr("a.yaml:1: "));
  EXPECT_EQ(yamlErrorOf("a: 1\nb: &x [*x]\n"), "a.yaml:2: an alias inside what it stands for");
}

TEST(YamlReaderTest, DeepNestingIsRefusedBeforeItCostsStack) {
  const YamlReader reader("a.yaml");
  EXPECT_NO_THROW(reader.parse(nested(YamlReader::kMaxDepth, "[", "]")));
  EXPECT_EQ(yamlErrorOf(nested(YamlReader::kMaxDepth + 1, "[", "]")), "a.yaml:1: nested more than 32 deep");
  for (const char* open : {"[", "{a: ", "- ", "? ", "[{a: "}) {
    EXPECT_THAT(yamlErrorOf(nested(200'000, open, "")), HasSubstr("a.yaml:")) << open;
  }
}

TEST(YamlReaderTest, ManyValuesAreRefused) {
  std::string text = "[";
  for (std::size_t i = 0; i < YamlReader::kMaxNodes; ++i) text += "1,";
  EXPECT_EQ(yamlErrorOf(text + "]"), "a.yaml:1: more than 300000 values");
}

TEST(YamlReaderTest, KeysAreKnownAndStandOnce) {
  const YamlReader reader("a.yaml");
  const auto check = [&](const std::string& text) {
    return yamlErrorOf([&] { reader.requireMap(*reader.parse(text), "a query", {"ask", "times"}); });
  };
  EXPECT_EQ(check("ask: 1\ntiems: 2\n"), "a.yaml:2: unknown key 'tiems'; known here: ask, times");
  EXPECT_EQ(check("ask: 1\nask: 2\n"), "a.yaml:2: the key 'ask' stands here twice");
  EXPECT_EQ(check("[1]"), "a.yaml:1: a query must be a mapping; its keys are ask, times");
  EXPECT_EQ(check("[1]: 2"), "a.yaml:1: a key must be a plain value");
}

TEST(YamlReaderTest, NumbersFlagsAndLists) {
  const YamlReader reader("a.yaml");
  const auto number = [&](const std::string& text) {
    return reader.number(*reader.parse(text), "times", 2, 300);
  };
  EXPECT_EQ(number("2"), 2U);
  EXPECT_EQ(number("0x100"), 256U);
  for (const char* wrong : {"1", "301", "-5", "99999999999999999999"}) {
    EXPECT_EQ(yamlErrorOf([&] { number(wrong); }),
              std::string("a.yaml:1: times: ") + wrong + " is not between 2 and 300");
  }
  for (const char* wrong : {"two", "2.5", "0x", "2x"}) {
    EXPECT_EQ(yamlErrorOf([&] { number(wrong); }),
              std::string("a.yaml:1: times: expected a whole number from 2 to 300, not '") + wrong + "'");
  }
  EXPECT_TRUE(reader.flag(*reader.parse("yes"), "live"));
  EXPECT_FALSE(reader.flag(*reader.parse("false"), "live"));
  EXPECT_EQ(yamlErrorOf([&] { reader.flag(*reader.parse("maybe"), "live"); }),
            "a.yaml:1: live: expected true or false, not 'maybe'");
  EXPECT_EQ(reader.list(*reader.parse("[1, 2]"), "vms", 2).size(), 2U);
  EXPECT_EQ(yamlErrorOf([&] { reader.list(*reader.parse("[1, 2, 3]"), "vms", 2); }),
            "a.yaml:1: vms: 3 of them, more than 2");
  EXPECT_EQ(yamlErrorOf([&] { reader.list(*reader.parse("x"), "vms", 2); }),
            "a.yaml:1: 'vms' must be a list");
}

}  // namespace
}  // namespace jitrig::test
