#include "fakecompiler/write_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "fakecompiler/script_yaml.h"

namespace jitrig::test {
namespace {

std::string written(const Script& script) {
  YamlWriter yaml;
  writeScript(yaml, script, *defaultDialect());
  return yaml.text();
}

Script parsedScript(const std::string& text) {
  auto script = parseScript(text, "script.yaml", *defaultDialect());
  EXPECT_TRUE(script) << script.error() << "\n" << text;
  return script ? std::move(*script) : Script{};
}

void expectSame(const Script& one, const Script& other) {
  ASSERT_EQ(one.compilations.size(), other.compilations.size());
  for (std::size_t i = 0; i < one.compilations.size(); ++i) {
    const ScriptedCompilation& a = one.compilations[i];
    const ScriptedCompilation& b = other.compilations[i];
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.ask_session_queries, b.ask_session_queries);
    ASSERT_EQ(a.queries.size(), b.queries.size());
    for (std::size_t q = 0; q < a.queries.size(); ++q) {
      EXPECT_EQ(a.queries[q].type, b.queries[q].type);
      EXPECT_EQ(a.queries[q].values, b.queries[q].values);
      EXPECT_EQ(a.queries[q].expected_reply, b.queries[q].expected_reply);
    }
    EXPECT_EQ(a.end.kind, b.end.kind);
    EXPECT_EQ(a.end.type, b.end.type);
    EXPECT_EQ(a.end.values, b.end.values);
  }
}

TEST(WriteScriptTest, WhatWasWrittenReadsBackAsTheSame) {
  const Script script = parsedScript(R"yaml(
compilations:
  - name: "everything: \"a\", b"
    session_queries: true
    queries:
      - VM_isClassArray
      - {ask: VM_isClassArray, times: 3}
      - {ask: VM_isClassInitialized, data: object(00a0120000000000), expect: "bool, vector<int32>"}
      - {ask: VM_isClassInitialized, data: "string(\"a\\\"\\x00\")", expect: anything}
    end: code
    code_size_bytes: 100
  - {end: code}
  - {end: failure, status: compilationExcessiveComplexity}
  - {end: AOTCache_failure, data: "bool(true), bool(false)"}
  - {end: compilationFailure, data: "uint32(1)"}
  - {end: close}
  - {end: nothing}
  - {end: crash}
  - {queries: [VM_isClassArray], end: crash}
)yaml");
  expectSame(parsedScript(written(script)), script);
}

TEST(WriteScriptTest, EveryQueryOfTheReleaseAndTheDefaultScript) {
  Script script;
  script.compilations.resize(1);
  script.compilations[0].name = "all";
  script.compilations[0].end = makeCode(*defaultDialect(), 1);
  for (const MessageType& type : defaultDialect()->table->types()) {
    if (auto query = makeQuery(*defaultDialect(), type.name)) {
      script.compilations[0].queries.push_back(std::move(*query));
    }
  }
  ASSERT_GT(script.compilations[0].queries.size(), 100U);
  expectSame(parsedScript(written(script)), script);
  const Script usual = defaultScript(*defaultDialect());
  expectSame(parsedScript(written(usual)), usual);
}

TEST(WriteScriptTest, AMessageThatTheReleaseDoesNotHaveIsRefused) {
  Script script;
  script.compilations.resize(1);
  script.compilations[0].end.type = 60'000;
  EXPECT_THROW(written(script), std::invalid_argument);
  script.compilations[0].end = makeCode(*defaultDialect(), 1);
  script.compilations[0].queries.resize(1);
  script.compilations[0].queries[0].type = defaultDialect()->compilation_code;
  EXPECT_THROW(written(script), std::invalid_argument);
}

TEST(YamlTextTest, IsQuotedWhereYamlWouldReadSomethingElse) {
  EXPECT_EQ(yamlText("reset"), "reset");
  EXPECT_EQ(yamlText("a/b.pcap"), "a/b.pcap");
  const YamlReader reader("a.yaml");
  for (const std::string text :
       {"",   " ",   "~",    "null", "a: b", "- a",  "# a",    "a # b", "[a",  "*a",
        "\"", "\\",  "a\nb", "a\tb", "\x01", "\x7f", "über",   "?",     "! x", "@x",
        "%x", "'x'", "true", "a ",   "...",  "---",  "x\\x41", "a,b",   "{",   "0x1"}) {
    EXPECT_EQ(reader.parse("k: " + yamlText(text) + "\n")->find("k")->text, text) << yamlText(text);
  }
}

}  // namespace
}  // namespace jitrig::test
