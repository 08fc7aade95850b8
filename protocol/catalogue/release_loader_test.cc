#include "protocol/catalogue/release_loader.h"

#include <array>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jitrig {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kSmall = R"(# a comment
release 9.0.0
protocol 1.200
architecture_bits yes
maxtype 103 | j9 104

[status_codes]
compilationOK 0
marker 1
compilationFailure 1
[types]
bool = bool
Struct = object(16) | j9 object(12)
[aliases]
Pair = std::tuple<Struct, std::vector<J9Method *>>
[structs]
Struct 16 | j9 12
  0 8 pointer J9Class *
  8 4 kind TR::Kind
Only 4 | j9 absent
  0 4 value int
[messages]
client request (std::string, Pair)
  j9 (std::string)
query first (?) -> (?)
number 100
query second () -> (bool) [unsent in j9]
query third (bool) -> (bool) [j9 only] [unsent in openjdk]
query fourth (std::vector<Pair>) -> (Struct)
  j9 -> (Struct, bool)
server fifth (bool) [unsent] [unused]
)";

std::expected<std::shared_ptr<const MessageTable>, std::string> load(std::string_view text,
                                                                     Build build = Build::openjdk) {
  const std::array<NamedText, 1> texts{{{"9.0.0", text}}};
  return loadMessageTable(texts, "9.0.0", build);
}

std::vector<std::string> summary(const MessageTable& table) {
  std::vector<std::string> lines;
  for (const MessageType& type : table.types()) {
    std::string line = std::to_string(type.number) + " " + toString(type.direction) + " " + type.name + " ";
    line += type.request ? toString(*type.request) : "?";
    if (type.has_reply) line += type.reply ? " -> " + toString(*type.reply) : " -> ?";
    if (!type.server_sends) line += " unsent";
    if (type.unused) line += " unused";
    lines.push_back(line);
  }
  return lines;
}

TEST(ReleaseLoaderTest, ReadsWhatIsTrueOfTheRelease) {
  const auto table = load(kSmall);
  ASSERT_TRUE(table) << table.error();
  const Release& release = (*table)->release();
  EXPECT_EQ(release.name, "9.0.0");
  EXPECT_EQ(release.versionWord(), 0x0100c800U);
  EXPECT_TRUE(release.has_architecture_bits);
  EXPECT_EQ(release.statusCode("compilationFailure"), 1U);
  EXPECT_EQ(release.statusCode("compilationNever"), std::nullopt);
  EXPECT_EQ(release.statusName(1), "compilationFailure") << "not the marker";
  EXPECT_EQ(release.statusName(2), std::nullopt);
}

TEST(ReleaseLoaderTest, ReadsStructLayouts) {
  const auto table = load(kSmall);
  ASSERT_TRUE(table) << table.error();
  const StructLayout* layout = (*table)->release().findStruct("Struct");
  ASSERT_NE(layout, nullptr);
  EXPECT_EQ(layout->size, 16U);
  EXPECT_EQ(layout->size_j9, 12U);
  ASSERT_EQ(layout->fields.size(), 2U);
  EXPECT_EQ(layout->fields[0].type, "J9Class *");
  EXPECT_EQ(layout->fields[1].name, "kind");
  EXPECT_EQ(layout->fields[1].offset, 8U);
  EXPECT_EQ(layout->fields[1].size, 4U);
  EXPECT_EQ((*table)->release().findStruct("Only")->size_j9, std::nullopt);
  EXPECT_EQ((*table)->release().findStruct("None"), nullptr);
}

TEST(ReleaseLoaderTest, ReadsTheMessagesOfTheOpenjdkBuild) {
  const auto table = load(kSmall);
  ASSERT_TRUE(table) << table.error();
  EXPECT_EQ((*table)->maxtype(), 103U);
  EXPECT_THAT(summary(**table),
              ElementsAre("0 client request (string, tuple<object(16), vector<object(8)>>)",
                          "1 query first ? -> ?", "100 query second () -> (bool)",
                          "101 query fourth (vector<tuple<object(16), vector<object(8)>>>) -> (object(16))",
                          "102 server fifth (bool) unsent unused"));
  EXPECT_THAT((*table)->find("request")->request_cpp, ElementsAre("std::string", "Pair"));
}

TEST(ReleaseLoaderTest, ReadsTheMessagesOfTheJ9Build) {
  const auto table = load(kSmall, Build::j9);
  ASSERT_TRUE(table) << table.error();
  EXPECT_EQ((*table)->maxtype(), 104U);
  EXPECT_THAT(
      summary(**table),
      ElementsAre("0 client request (string)", "1 query first ? -> ?", "100 query second () -> (bool) unsent",
                  "101 query third (bool) -> (bool)",
                  "102 query fourth (vector<tuple<object(12), vector<object(8)>>>) -> (object(12), bool)",
                  "103 server fifth (bool) unsent unused"));
}

TEST(ReleaseLoaderTest, SectionMayBeLikeThatOfAnotherRelease) {
  std::string later(kSmall);
  const std::size_t types = later.find("[types]");
  later.replace(types, later.find("[aliases]") - types, "[types] like 9.0.0\n");
  const std::array<NamedText, 2> texts{{{"9.0.0", kSmall}, {"9.1.0", later}}};
  const auto table = loadMessageTable(texts, "9.1.0", Build::openjdk);
  ASSERT_TRUE(table) << table.error();
  EXPECT_EQ(summary(**table), summary(**load(kSmall)));
}

TEST(ReleaseLoaderTest, LikeLeadsToTheLinesDirectly) {
  std::string later(kSmall);
  const std::size_t types = later.find("[types]");
  later.replace(types, later.find("[aliases]") - types, "[types] like 9.1.0\n");
  const std::array<NamedText, 1> itself{{{"9.1.0", later}}};
  EXPECT_EQ(loadMessageTable(itself, "9.1.0", Build::openjdk).error(),
            "9.1.0.txt:11: release 9.1.0 has no lines of its own in this section");
  const std::array<NamedText, 1> missing{{{"9.2.0", later}}};
  EXPECT_EQ(loadMessageTable(missing, "9.2.0", Build::openjdk).error(),
            "9.2.0.txt:11: there is no release 9.1.0");
}

TEST(ReleaseLoaderTest, ReleaseWithoutAText) {
  EXPECT_EQ(loadMessageTable({}, "9.0.0", Build::openjdk).error(), "there is no release 9.0.0");
  EXPECT_EQ(loadRelease({}, "9.0.0").error(), "there is no release 9.0.0");
}

struct Damage {
  const char* original;
  const char* damaged;
  const char* error;
};

class DamagedTextTest : public ::testing::TestWithParam<Damage> {};

TEST_P(DamagedTextTest, ErrorNamesFileLineAndReason) {
  std::string text(kSmall);
  const std::size_t place = text.find(GetParam().original);
  ASSERT_NE(place, std::string::npos);
  text.replace(place, std::string_view(GetParam().original).size(), GetParam().damaged);
  const auto table = load(text);
  ASSERT_FALSE(table);
  EXPECT_THAT(table.error(), StartsWith(GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(
    Head, DamagedTextTest,
    ::testing::Values(Damage{"release 9.0.0", "relase 9.0.0", "9.0.0.txt:2: expected 'release', 'protocol'"},
                      Damage{"release 9.0.0", "release", "9.0.0.txt:2: expected 'release', 'protocol'"},
                      Damage{"release 9.0.0\n", "", "9.0.0.txt:30: 'release' is missing"},
                      Damage{"protocol 1.200", "release 9", "9.0.0.txt:3: 'release' is there twice"},
                      Damage{"1.200", "1", "9.0.0.txt:3: expected MAJOR.MINOR"},
                      Damage{"1.200", "1.2x", "9.0.0.txt:3: expected MAJOR.MINOR"},
                      Damage{"1.200", "256.0", "9.0.0.txt:3: expected MAJOR.MINOR"},
                      Damage{"_bits yes", "_bits maybe", "9.0.0.txt:4: expected yes or no"},
                      Damage{"maxtype 103 | j9 104", "maxtype many", "9.0.0.txt:5: expected a number"},
                      Damage{"maxtype 103", "maxtype 102",
                             "9.0.0.txt:22: message type fifth has number 102, maxtype is 102"}));

INSTANTIATE_TEST_SUITE_P(
    Sections, DamagedTextTest,
    ::testing::Values(Damage{"[types]", "[typos]", "9.0.0.txt:11: unknown section [typos]"},
                      Damage{"[types]", "[types", "9.0.0.txt:11: expected [section]"},
                      Damage{"[types]", "[status_codes]",
                             "9.0.0.txt:11: section [status_codes] is there twice"},
                      Damage{"[types]\n", "", "9.0.0.txt:30: section [types] is missing"},
                      Damage{"[types]", "[types] as 1", "9.0.0.txt:11: expected 'like <release>'"},
                      Damage{"[types]", "[types] like 9.0.0", "9.0.0.txt:12: a section that is 'like'"},
                      Damage{"[messages]", "", "9.0.0.txt:31: section [messages] is missing"}));

INSTANTIATE_TEST_SUITE_P(
    StatusCodesTypesAndStructs, DamagedTextTest,
    ::testing::Values(
        Damage{"OK 0", "OK zero", "9.0.0.txt:8: expected a status and its number"},
        Damage{"OK 0", "OK 4294967296", "9.0.0.txt:8: expected a status and its number"},
        Damage{"bool = bool", "bool bool", "9.0.0.txt:12: expected 'C++ type = shape'"},
        Damage{"bool = bool", "bool = boolean", "9.0.0.txt:12: 'boolean' is no wire type"},
        Damage{"bool = bool", "Struct = bool", "9.0.0.txt:13: C++ type 'Struct' is there twice"},
        Damage{"tuple<Struct", "tuple<Strict", "9.0.0.txt:15: unknown C++ type 'Strict'"},
        Damage{"tuple<Struct", "tuple<Pair", "9.0.0.txt:15: unknown C++ type 'Pair'"},
        Damage{"std::tuple<Struct", "std::pair<Struct", "9.0.0.txt:15: 'std::pair<...>' with 2"},
        Damage{"Struct 16", "Struct big", "9.0.0.txt:17: expected a struct's name and size"},
        Damage{"Struct 16 | j9 12", "Struct", "9.0.0.txt:17: expected a struct's name and size"},
        Damage{"  0 8 pointer J9Class *", "  0 pointer J9Class *", "9.0.0.txt:18: expected a field"},
        Damage{"  0 8 pointer", "  9 8 pointer", "9.0.0.txt:18: the field lies beyond the 16 bytes"},
        Damage{"Struct 16 | j9 12\n", "", "9.0.0.txt:17: expected a field"}));

INSTANTIATE_TEST_SUITE_P(
    Messages, DamagedTextTest,
    ::testing::Values(
        Damage{"query first", "quest first", "9.0.0.txt:25: expected query, client, server or number"},
        Damage{"first (?)", "first", "9.0.0.txt:25: expected data points in ( )"},
        Damage{"first (?)", "first (?", "9.0.0.txt:25: at offset 3"},
        Damage{"-> (?)", "-> ?", "9.0.0.txt:25: expected data points in ( )"},
        Damage{"-> (?)", "=> (?)", "9.0.0.txt:25: expected '-> (...)' or a mark in [ ]"},
        Damage{"query first (?) -> (?)", "query", "9.0.0.txt:25: expected the name of a message type"},
        Damage{"(std::vector<Pair>)", "(std::vector<Pair)", "9.0.0.txt:29: at offset 16"},
        Damage{"(std::vector<Pair>)", "(bool,, bool)", "9.0.0.txt:29: at offset 0: a type is missing"},
        Damage{"[unused]", "[useless]", "9.0.0.txt:31: unknown mark [useless]"},
        Damage{"number 100", "number one", "9.0.0.txt:26: expected a number up to 65535"},
        Damage{"number 100", "number 65535", "9.0.0.txt:29: the number exceeds 65535"},
        Damage{"number 100", "number 1", "9.0.0.txt:22: message types out of order: second has number 1"},
        Damage{"query second", "query first", "9.0.0.txt:22: message type first is there twice"},
        Damage{"  j9 -> (Struct, bool)", "  j9 -> (Struct) x", "9.0.0.txt:30: expected the end"},
        Damage{"  j9 -> (", "  j8 -> (", "9.0.0.txt:30: expected 'j9' and data points"},
        Damage{"client request (std::string, Pair)\n", "", "9.0.0.txt:23: there is no message type"}));

TEST(ReleaseLoaderTest, VariantOfAReplyNeedsAReply) {
  std::string text(kSmall);
  text += "  j9 -> (bool)\n";
  EXPECT_TRUE(load(text));
  EXPECT_EQ(load(text, Build::j9).error(), "9.0.0.txt:32: the message type above has no reply");
}

TEST(ReleaseLoaderTest, TypesCannotGrowWithoutBound) {
  std::string aliases = "A0 = std::tuple<bool, bool>\n";
  for (int i = 1; i < 40; ++i) {
    const std::string below = "A" + std::to_string(i - 1);
    aliases += "A" + std::to_string(i) + " = std::tuple<" + below + ", " + below + ">\n";
  }
  std::string text(kSmall);
  text.insert(text.find("[structs]"), aliases);
  const auto table = load(text);
  ASSERT_FALSE(table);
  EXPECT_THAT(table.error(), HasSubstr("a type of more than 4096 parts"));
}

TEST(ReleaseLoaderTest, TextCutOffAnywhereIsRefusedOrWhole) {
  for (std::size_t length = 0; length < kSmall.find("[messages]"); ++length) {
    EXPECT_FALSE(load(kSmall.substr(0, length))) << length;
  }
}

}  // namespace
}  // namespace jitrig
