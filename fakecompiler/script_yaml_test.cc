#include "fakecompiler/script_yaml.h"

#include <fstream>
#include <sstream>

#include "fakecompiler/fake_compiler_test_support.h"

namespace jitrig::test {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

Script parsed(const std::string& text) {
  auto script = parseScript(text, "script.yaml", *headDialect());
  EXPECT_TRUE(script) << script.error();
  return script ? std::move(*script) : Script{};
}

std::string errorOf(const std::string& text) {
  const auto script = parseScript(text, "script.yaml", *headDialect());
  EXPECT_FALSE(script) << text;
  return script ? "" : script.error();
}

TEST(ScriptYamlTest, TheExampleOfTheHeader) {
  const Script script = parsed(R"(
compilations:
  - name: a small method
    session_queries: true
    queries:
      - VM_isClassArray
      - ask: VM_isClassInitialized
        data: object(0010000000000000)
        expect: bool
        times: 3
      - {ask: VM_isClassArray, expect: anything}
    end: code
    code_size_bytes: 100
  - end: failure
    status: compilationExcessiveComplexity
  - {end: failure, status: 77}
  - end: close
  - end: nothing
  - {}
)");
  ASSERT_THAT(script.compilations, SizeIs(6));
  const ScriptedCompilation& first = script.compilations[0];
  EXPECT_EQ(first.name, "a small method");
  EXPECT_TRUE(first.ask_session_queries);
  ASSERT_THAT(first.queries, SizeIs(5));
  EXPECT_EQ(first.queries[0].type, numberOf("VM_isClassArray"));
  EXPECT_EQ(first.queries[0].values, std::vector<Value>{Value::Object{std::vector<std::byte>(8)}});
  EXPECT_EQ(first.queries[0].expected_reply, headDialect()->table->find("VM_isClassArray")->reply);
  for (const std::size_t i : {1U, 2U, 3U}) {
    EXPECT_EQ(first.queries[i].type, numberOf("VM_isClassInitialized"));
    EXPECT_EQ(toString(first.queries[i].expected_reply.value()), "(bool)");
  }
  EXPECT_EQ(first.queries[4].expected_reply, std::nullopt);
  EXPECT_EQ(first.end.type, headDialect()->compilation_code);
  EXPECT_EQ(first.end.values.at(0).get<Value::String>()->bytes.size(), 100U);

  EXPECT_EQ(script.compilations[1].end.type, headDialect()->compilation_failure);
  EXPECT_EQ(script.compilations[1].end.values, (std::vector<Value>{std::uint32_t{5}, kNoOtherData}));
  EXPECT_EQ(script.compilations[2].end.values, (std::vector<Value>{std::uint32_t{77}, kNoOtherData}));
  EXPECT_EQ(script.compilations[3].end.kind, ScriptEnd::Kind::close);
  EXPECT_EQ(script.compilations[4].end.kind, ScriptEnd::Kind::nothing);
  EXPECT_EQ(script.compilations[5].name, "compilation 5");
  EXPECT_FALSE(script.compilations[5].ask_session_queries);
  EXPECT_EQ(script.compilations[5].end.values.at(0).get<Value::String>()->bytes.size(), 240U);
}

TEST(ScriptYamlTest, TheExampleOfTheReadme) {
  std::ifstream file(JITRIG_SOURCE_DIR "/fakecompiler/README.md");
  std::stringstream readme;
  readme << file.rdbuf();
  const std::string text = readme.str();
  const std::string fence = "```yaml\n";
  const std::size_t begin = text.find(fence);
  ASSERT_NE(begin, std::string::npos);
  const std::size_t end = text.find("```", begin + fence.size());
  const Script script = parsed(text.substr(begin + fence.size(), end - begin - fence.size()));
  ASSERT_THAT(script.compilations, SizeIs(6));
  EXPECT_THAT(script.compilations[0].queries, SizeIs(4));
}

TEST(ScriptYamlTest, AnyFinalMessageMayEndIt) {
  const Script script = parsed(
      "compilations:\n"
      "  - end: AOTCache_failure\n"
      "  - {end: compilationFailure, data: 'uint32(3), uint64(4)'}\n");
  EXPECT_EQ(script.compilations[0].end.type, numberOf("AOTCache_failure"));
  EXPECT_FALSE(checkDataPoints(script.compilations[0].end.values,
                               *headDialect()->table->find("AOTCache_failure")->request));
  EXPECT_EQ(script.compilations[1].end.values, (std::vector<Value>{std::uint32_t{3}, std::uint64_t{4}}));
}

TEST(ScriptYamlTest, DataPointsOfOtherTypesMayBeSentOnPurpose) {
  const Script script =
      parsed("compilations: [{queries: [{ask: VM_isClassArray, data: 'bool(true), int32(-1)'}]}]");
  EXPECT_EQ(script.compilations[0].queries[0].values, (std::vector<Value>{true, std::int32_t{-1}}));
}

TEST(ScriptYamlTest, AliasesRepeat) {
  const Script script = parsed("compilations:\n  - &one {queries: [VM_isClassArray]}\n  - *one\n  - *one\n");
  ASSERT_THAT(script.compilations, SizeIs(3));
  EXPECT_THAT(script.compilations[2].queries, SizeIs(1));
}

struct BadScript {
  const char* name;
  std::string text;
  const char* error;
};

void PrintTo(const BadScript& script, std::ostream* out) {
  *out << script.name;
}

std::vector<BadScript> badCompilations() {
  return {
      {"empty", "", "script.yaml:1: expected one YAML document, found 0"},
      {"two_documents", "compilations: [{}]\n---\ncompilations: [{}]\n",
       "expected one YAML document, found another"},
      {"no_mapping", "- a\n", "script.yaml:1: a script must be a mapping"},
      {"unknown_top_key", "compilations: [{}]\nextra: 1\n",
       "script.yaml:2: unknown key 'extra'; known here: compilations"},
      {"no_list", "compilations: 7\n", "'compilations' must be a list of at least one"},
      {"empty_list", "compilations: []\n", "'compilations' must be a list of at least one"},
      {"no_compilation", "compilations:\n  - {}\n  - 5\n", "script.yaml:3: a compilation must be a mapping"},
      {"unknown_key", "compilations:\n  - nmae: x\n", "script.yaml:2: unknown key 'nmae'; known here: name,"},
      {"key_twice", "compilations:\n  - end: code\n    end: close\n",
       "script.yaml:3: the key 'end' stands here twice"},
      {"key_no_scalar", "compilations:\n  - ? [a]\n    : b\n", "a key must be a plain value"},
      {"name_no_scalar", "compilations:\n  - name: [a]\n", "script.yaml:2: name must be a plain value"},
      {"session_queries", "compilations:\n  - session_queries: 17\n",
       "script.yaml:2: session_queries: expected true or false"},
  };
}

std::vector<BadScript> badQueries() {
  return {
      {"queries_no_list", "compilations:\n  - queries: VM_isClassArray\n", "'queries' must be a list"},
      {"query_a_list", "compilations:\n  - queries: [[VM_isClassArray]]\n", "a query is the name of"},
      {"query_without_ask", "compilations:\n  - queries:\n      - times: 3\n",
       "script.yaml:3: a query needs 'ask'"},
      {"query_unknown", "compilations:\n  - queries:\n      - VM_isNothing\n",
       "script.yaml:3: 'VM_isNothing' is no query of release head"},
      {"query_of_the_client", "compilations: [{queries: [compilationRequest]}]",
       "'compilationRequest' is no query of release head"},
      {"data_bad", "compilations: [{queries: [{ask: VM_isClassArray, data: 'bool(maybe)'}]}]", "data: "},
      {"data_empty", "compilations: [{queries: [{ask: VM_isClassArray, data: ''}]}]",
       "data: a message needs at least one data point"},
      {"expect_bad", "compilations: [{queries: [{ask: VM_isClassArray, expect: 'int33'}]}]",
       "expect: 'int33': "},
      {"expect_nothing", "compilations: [{queries: [{ask: VM_isClassArray, expect: ''}]}]", "expect: '': "},
      {"expect_deep",
       "compilations: [{queries: [{ask: VM_isClassArray, expect: '" +
           [] {
             std::string deep;
             for (int i = 0; i < 100'000; ++i) deep += "vector<";
             return deep;
           }() +
           "'}]}]",
       "nested deeper"},
      {"times_negative", "compilations: [{queries: [{ask: VM_isClassArray, times: -1}]}]",
       "times: -1 is not between 0 and 100000"},
      {"times_huge", "compilations: [{queries: [{ask: VM_isClassArray, times: 99999999999999999999}]}]",
       "times: 99999999999999999999 is not between 0 and 100000"},
      {"times_text", "compilations: [{queries: [{ask: VM_isClassArray, times: often}]}]",
       "times: expected a whole number"},
      {"times_in_all",
       "compilations:\n  - queries: [{ask: VM_isClassArray, times: 100000}]\n  - queries: "
       "[VM_isClassArray]\n",
       "script.yaml:3: more than 100000 queries in all"},
      {"times_long_data",
       "compilations: [{queries: [{ask: VM_isClassArray, times: 100000, data: 'string(\"" +
           std::string(10'000, 'x') + "\")'}]}]",
       "need more than 67108864 bytes"},
  };
}

std::vector<BadScript> badEnds() {
  return {
      {"end_unknown", "compilations: [{end: well}]", "end: 'well' is none of code, failure, close, nothing"},
      {"end_a_query", "compilations: [{end: VM_isClassArray}]", "end: 'VM_isClassArray' is none of"},
      {"code_size", "compilations: [{code_size_bytes: 33554433}]", "is not between 0 and 33554432"},
      {"code_size_in_all",
       "compilations:\n  - &big {code_size_bytes: 33554432}\n" +
           [] {
             std::string aliases;
             for (int i = 0; i < 10; ++i) aliases += "  - *big\n";
             return aliases;
           }(),
       "need more than 67108864 bytes"},
      {"code_size_with_failure", "compilations: [{end: failure, code_size_bytes: 3}]",
       "'code_size_bytes' does not go with 'end: failure'"},
      {"status_with_code", "compilations: [{status: 3}]", "'status' does not go with 'end: code'"},
      {"data_with_close", "compilations: [{end: close, data: 'bool(true)'}]",
       "'data' does not go with 'end: close'"},
      {"status_unknown", "compilations: [{end: failure, status: compilationFine}]",
       "status: release head has no status 'compilationFine'"},
      {"status_large", "compilations: [{end: failure, status: 4294967296}]",
       "is not between 0 and 4294967295"},
      {"status_empty", "compilations: [{end: failure, status: ''}]", "status: "},
  };
}

std::vector<BadScript> badYaml() {
  return {
      {"no_yaml", "compilations: [{\n", "script.yaml:"},
      {"tabs", "compilations:\n\t- {}\n", "script.yaml:2: "},
      {"alias_unknown", "compilations: [*nowhere]\n", "script.yaml:1: "},
      {"alias_to_itself", "compilations: &list [*list]\n", "an alias inside what it stands for"},
      {"nested_deeply", "compilations: " + std::string(100'000, '['), "script.yaml:1: "},
      {"binary", std::string("compilations: \0\x01\xff", 17), "script.yaml:1: "},
  };
}

class BadScriptTest : public ::testing::TestWithParam<BadScript> {};

TEST_P(BadScriptTest, IsRefusedWithItsLine) {
  const std::string error = errorOf(GetParam().text);
  EXPECT_THAT(error, StartsWith("script.yaml:"));
  EXPECT_THAT(error, HasSubstr(GetParam().error));
}

constexpr auto kNameOfScript = [](const auto& info) { return std::string(info.param.name); };

INSTANTIATE_TEST_SUITE_P(Compilations, BadScriptTest, ::testing::ValuesIn(badCompilations()), kNameOfScript);
INSTANTIATE_TEST_SUITE_P(Queries, BadScriptTest, ::testing::ValuesIn(badQueries()), kNameOfScript);
INSTANTIATE_TEST_SUITE_P(Ends, BadScriptTest, ::testing::ValuesIn(badEnds()), kNameOfScript);
INSTANTIATE_TEST_SUITE_P(Yaml, BadScriptTest, ::testing::ValuesIn(badYaml()), kNameOfScript);

}  // namespace
}  // namespace jitrig::test
