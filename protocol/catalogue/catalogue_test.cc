#include "protocol/catalogue/catalogue.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <thread>
#include <tuple>

#include "protocol/catalogue/built_in_data.h"

namespace jitrig {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::shared_ptr<const MessageTable> table(std::string_view release, Build build = Build::openjdk) {
  auto loaded = Catalogue::builtIn().table(release, build);
  if (!loaded) throw std::runtime_error(loaded.error());
  return *loaded;
}

/// Position in the list of releases: versions do not compare as text.
std::size_t age(std::string_view release) {
  const std::vector<std::string> names = Catalogue::builtIn().releases();
  return static_cast<std::size_t>(std::ranges::find(names, release) - names.begin());
}

TEST(CatalogueTest, KnowsAllReleasesFrom0200ToHead) {
  const std::vector<std::string> names = Catalogue::builtIn().releases();
  ASSERT_EQ(names.size(), 43U);
  EXPECT_EQ(names.front(), "0.20.0");
  EXPECT_EQ(names[names.size() - 2], "0.60.0");
  EXPECT_EQ(names.back(), "head");
  EXPECT_LT(age("0.29.1"), age("0.30.0"));
}

TEST(CatalogueTest, DefaultIsHeadForJdk17) {
  const auto head = Catalogue::builtIn().defaultTable();
  EXPECT_EQ(head->release().name, "head");
  EXPECT_EQ(head->build(), Build::openjdk);
  EXPECT_EQ(head->maxtype(), 237U);
  EXPECT_EQ(head->types().size(), 237U);
  EXPECT_EQ(head->release().defaultVersion(), (FullVersion{0x01006900, 0x3011}));
}

TEST(CatalogueTest, OnlyHeadHasArchitectureBits) {
  for (const std::string& name : Catalogue::builtIn().releases()) {
    const auto release = Catalogue::builtIn().release(name);
    ASSERT_TRUE(release) << release.error();
    EXPECT_EQ((*release)->has_architecture_bits, name == "head") << name;
    EXPECT_EQ((*release)->defaultVersion().config, name == "head" ? 0x3011U : 0x1011U) << name;
  }
}

TEST(CatalogueTest, UnknownReleaseIsAnsweredWithTheKnownOnesAndTheNearest) {
  const auto wrong = Catalogue::builtIn().table("0.60", Build::j9);
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error(), AllOf(HasSubstr("unknown release '0.60'"), HasSubstr("the nearest is 0.60.0"),
                                   HasSubstr("0.20.0, 0.21.0, "), HasSubstr(", 0.60.0, head")));
  EXPECT_THAT(Catalogue::builtIn().release("0.61").error(), HasSubstr("the nearest is 0.60.0"));
  EXPECT_THAT(Catalogue::builtIn().release("HEAD").error(), HasSubstr("unknown release 'HEAD'"));
  EXPECT_THAT(Catalogue::builtIn().release("heat").error(), HasSubstr("the nearest is head"));
  EXPECT_FALSE(Catalogue::builtIn().release(""));
  EXPECT_FALSE(Catalogue::builtIn().release(std::string(1'000'000, '0')));
}

TEST(CatalogueTest, CatalogueWithoutHeadHasNoDefault) {
  EXPECT_THROW(Catalogue({}).defaultTable(), std::logic_error);
}

TEST(CatalogueTest, CatalogueWithoutReleasesSaysSo) {
  EXPECT_EQ(Catalogue({}).release("head").error(), "unknown release 'head'; none is known");
}

TEST(CatalogueTest, WhatWasReadIsKept) {
  const Catalogue& catalogue = Catalogue::builtIn();
  EXPECT_EQ(catalogue.defaultTable(), catalogue.table("head", Build::openjdk).value());
  EXPECT_NE(catalogue.defaultTable(), catalogue.table("head", Build::j9).value());
  EXPECT_NE(catalogue.defaultTable(), catalogue.table("0.60.0").value());
  EXPECT_EQ(catalogue.release("0.60.0").value(), catalogue.release("0.60.0").value());
}

TEST(CatalogueTest, WhatWasGivenOutlivesTheCatalogue) {
  std::shared_ptr<const MessageTable> kept;
  {
    const Catalogue catalogue({builtInData().begin(), builtInData().end()});
    kept = catalogue.defaultTable();
    EXPECT_NE(kept, Catalogue::builtIn().defaultTable());
  }
  EXPECT_EQ(kept->release().name, "head");
  EXPECT_EQ(kept->types().size(), Catalogue::builtIn().defaultTable()->types().size());
}

TEST(CatalogueTest, ManyThreadsGetTheSame) {
  const Catalogue catalogue({builtInData().begin(), builtInData().end()});
  std::array<std::shared_ptr<const MessageTable>, 8> tables;
  {
    std::vector<std::jthread> threads;
    for (auto& each : tables) threads.emplace_back([&] { each = catalogue.defaultTable(); });
  }
  for (const auto& each : tables) EXPECT_EQ(each, tables.front());
}

TEST(CatalogueTest, AnUnreadableReleaseIsRefusedEachTime) {
  const Catalogue catalogue(std::vector<NamedText>{{"0.1.0", "release 0.1.0"}});
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(catalogue.release("0.1.0"));
    EXPECT_THAT(catalogue.table("0.1.0").error(), HasSubstr("0.1.0.txt:"));
  }
}

TEST(CatalogueTest, BuildsHaveNames) {
  for (const Build build : {Build::openjdk, Build::j9}) EXPECT_EQ(parseBuild(toString(build)), build);
  EXPECT_EQ(parseBuild("jdk"), std::nullopt);
}

/// Every release and both builds.
class EveryTableTest : public ::testing::TestWithParam<std::tuple<std::string, Build>> {
 protected:
  std::string release_name() const { return std::get<0>(GetParam()); }
  Build build() const { return std::get<1>(GetParam()); }
  std::shared_ptr<const MessageTable> table_ = table(release_name(), build());
};

INSTANTIATE_TEST_SUITE_P(All, EveryTableTest,
                         ::testing::Combine(::testing::ValuesIn(Catalogue::builtIn().releases()),
                                            ::testing::Values(Build::openjdk, Build::j9)),
                         [](const auto& parameters) {
                           std::string name =
                               std::get<0>(parameters.param) + "_" + toString(std::get<1>(parameters.param));
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

TEST_P(EveryTableTest, NumbersAreUniqueAndBelowMaxtype) {
  EXPECT_GT(table_->types().size(), 200U);
  std::set<std::uint16_t> numbers;
  std::set<std::string> names;
  for (const MessageType& type : table_->types()) {
    EXPECT_LT(type.number, table_->maxtype()) << type.name;
    EXPECT_TRUE(numbers.insert(type.number).second) << type.name;
    EXPECT_TRUE(names.insert(type.name).second) << type.name;
  }
  EXPECT_EQ(*numbers.rbegin() + 1U, table_->maxtype());
  if (release_name() != "0.20.0") {
    EXPECT_EQ(numbers.size(), table_->maxtype()) << "numbers are consecutive";
  }
}

TEST_P(EveryTableTest, LookUpByNameAndByNumberAreInverse) {
  std::size_t found = 0;
  for (std::uint32_t number = 0; number <= 0xffff; ++number) {
    const MessageType* type = table_->find(static_cast<std::uint16_t>(number));
    if (type == nullptr) continue;
    ++found;
    EXPECT_EQ(type->number, number);
    EXPECT_EQ(table_->find(type->name), type);
    EXPECT_EQ(table_->numberOf(type->name), number);
  }
  EXPECT_EQ(found, table_->types().size());
  EXPECT_EQ(table_->find("VM_noSuchMessage"), nullptr);
  EXPECT_EQ(table_->numberOf(""), std::nullopt);
}

TEST_P(EveryTableTest, TypesAndCppTypesGoTogether) {
  for (const MessageType& type : table_->types()) {
    EXPECT_EQ(type.request ? type.request->size() : 0, type.request_cpp.size()) << type.name;
    EXPECT_EQ(type.reply ? type.reply->size() : 0, type.reply_cpp.size()) << type.name;
    EXPECT_EQ(type.has_reply, type.direction == MessageType::Direction::query) << type.name;
  }
}

// The table in wire.md, "Messages without a body".
TEST_P(EveryTableTest, SessionMessagesHaveTheirNumbers) {
  const std::size_t at = age(release_name());
  const std::uint16_t first = at < age("0.30.0") ? 5 : at < age("0.44.0") ? 6 : 8;
  EXPECT_EQ(table_->numberOf("compilationRequest"), first);
  EXPECT_EQ(table_->numberOf("compilationInterrupted"), first + 1);
  EXPECT_EQ(table_->numberOf("clientSessionTerminate"), first + 2);
  EXPECT_EQ(table_->numberOf("connectionTerminate"), first + 3);
  EXPECT_TRUE(table_->bodylessTypes().contains(static_cast<std::uint16_t>(first + 1)));
  EXPECT_TRUE(table_->bodylessTypes().contains(static_cast<std::uint16_t>(first + 3)));
  EXPECT_FALSE(table_->bodylessTypes().contains(first));
  EXPECT_EQ(table_->find("compilationInterrupted")->request, std::vector<WireType>{});
  EXPECT_EQ(table_->find("connectionTerminate")->request, std::vector<WireType>{});
  EXPECT_EQ(toString(*table_->find("clientSessionTerminate")->request), "(uint64)");
}

// semantics.md, section 4.
TEST_P(EveryTableTest, StatusOfAVersionMismatch) {
  const std::size_t at = age(release_name());
  const std::uint32_t expected = at < age("0.21.0")   ? 56
                                 : at < age("0.24.0") ? 58
                                 : at < age("0.25.0") ? 59
                                 : at < age("0.33.0") ? 64
                                 : at < age("0.53.0") ? 51
                                                      : 52;
  EXPECT_EQ(table_->release().statusCode("compilationStreamVersionIncompatible"), expected);
  EXPECT_EQ(table_->release().statusName(expected), "compilationStreamVersionIncompatible");
}

TEST_P(EveryTableTest, EverySessionBeginsWithTheVMInfoStruct) {
  const StructLayout* layout = table_->release().findStruct("VMInfo");
  ASSERT_NE(layout, nullptr);
  const std::uint32_t size = build() == Build::j9 ? layout->size_j9.value_or(0) : layout->size;
  ASSERT_TRUE(table_->find("VM_getVMInfo")->reply);
  EXPECT_EQ(table_->find("VM_getVMInfo")->reply->front(), WireType::object(size));
}

// The first fixed protocol versions and struct sizes that users met, from the releases' sources.
TEST(CatalogueTest, ProtocolVersions) {
  const std::map<std::string, std::uint32_t> minors{{"0.20.0", 0},  {"0.21.0", 5},  {"0.29.0", 30},
                                                    {"0.29.1", 30}, {"0.38.0", 43}, {"0.39.0", 43},
                                                    {"0.41.0", 53}, {"0.42.0", 53}, {"head", 105}};
  for (const auto& [name, minor] : minors) {
    EXPECT_EQ(table(name)->release().versionWord(), versionWord(1, minor)) << name;
  }
}

TEST(CatalogueTest, Release0200NumbersInBlocks) {
  const auto oldest = table("0.20.0");
  EXPECT_EQ(oldest->maxtype(), 1211U);
  EXPECT_EQ(oldest->types().size(), 240U);
  EXPECT_EQ(oldest->numberOf("ResolvedMethod_isJNINative"), 100);
  EXPECT_EQ(oldest->numberOf("KnownObjectTable_getIndex"), 1200);
  EXPECT_EQ(oldest->find(std::uint16_t{99}), nullptr);
}

TEST(CatalogueTest, J9BuildNumbersTwoTypesMore) {
  const auto openjdk = table("head");
  const auto j9 = table("head", Build::j9);
  EXPECT_EQ(j9->maxtype(), 239U);
  EXPECT_EQ(openjdk->find("ResolvedMethod_varHandleMethodTypeTableEntryAddress"), nullptr);
  EXPECT_EQ(j9->numberOf("ResolvedMethod_varHandleMethodTypeTableEntryAddress"), 53);
  EXPECT_EQ(j9->numberOf("ResolvedMethod_isUnresolvedVarHandleMethodTypeTableEntry"), 54);
  for (const MessageType& type : openjdk->types()) {
    EXPECT_EQ(j9->numberOf(type.name), type.number <= 52 ? type.number : type.number + 2) << type.name;
  }
  EXPECT_EQ(table("0.29.1")->maxtype(), table("0.29.1", Build::j9)->maxtype());
}

TEST(CatalogueTest, J9BuildHasOtherDataPoints) {
  for (const char* name : {"0.59.0", "0.60.0", "head"}) {
    EXPECT_EQ(table(name)->find("compilationCode")->request->size(), 12U) << name;
    EXPECT_EQ(table(name, Build::j9)->find("compilationCode")->request->size(), 11U) << name;
  }
  EXPECT_EQ(toString(*table("head")->find("VM_getVMInfo")->reply),
            "(object(824), vector<object(32)>, string)");
  EXPECT_EQ(toString(*table("head", Build::j9)->find("VM_getVMInfo")->reply),
            "(object(808), vector<object(32)>, string)");
}

TEST(CatalogueTest, WireChangedWithoutANewVersion) {
  const char* changed = "VM_vTableOrITableIndexFromMemberName";
  EXPECT_EQ(toString(*table("0.29.0")->find(changed)->reply), "(int32)");
  EXPECT_EQ(toString(*table("0.29.1")->find(changed)->reply), "(uint64)");
  EXPECT_EQ(table("0.38.0")->find("VM_getVMInfo")->reply->front(), WireType::object(664));
  EXPECT_EQ(table("0.39.0")->find("VM_getVMInfo")->reply->front(), WireType::object(688));
  EXPECT_EQ(table("0.41.0")->find("ResolvedMethod_isFieldNullRestricted"), nullptr);
  EXPECT_EQ(table("0.42.0")->numberOf("ResolvedMethod_isFieldNullRestricted"), 56);
  EXPECT_EQ(table("0.42.0", Build::j9)->numberOf("ResolvedMethod_isFieldNullRestricted"), 58);
}

TEST(CatalogueTest, HeadSignatures) {
  const auto head = table("head");
  EXPECT_EQ(head->find("compilationRequest")->request->size(), 26U);
  EXPECT_EQ(head->find("compilationRequest")->direction, MessageType::Direction::clientToServer);
  EXPECT_EQ(toString(*head->find("compilationFailure")->request), "(uint32, uint64)");
  const MessageType* pc = head->find("Recompilation_getJittedBodyInfoFromPC");
  EXPECT_EQ(pc->number, 220);
  EXPECT_EQ(toString(*pc->request), "(object(8))");
  EXPECT_EQ(toString(*pc->reply), "(string, string)");
  EXPECT_THAT(pc->request_cpp, ::testing::ElementsAre("void *"));
  EXPECT_EQ(toString(*head->find("AOTCacheMap_reply")->request), "(vector<string>)");
}

TEST(CatalogueTest, HeadStatusCodes) {
  const auto release = Catalogue::builtIn().release("head");
  ASSERT_TRUE(release) << release.error();
  EXPECT_EQ((*release)->statusCode("compilationLowPhysicalMemory"), 33U);
  EXPECT_EQ((*release)->statusCode("compilationStreamLostMessage"), 50U);
  EXPECT_EQ((*release)->statusCode("compilationStreamMessageTypeMismatch"), 51U);
  EXPECT_EQ((*release)->statusName(49), "compilationStreamFailure");
}

TEST(CatalogueTest, MessagesThatTheServerNeverSends) {
  EXPECT_FALSE(table("head")->find("IProfiler_searchForMethodSample")->server_sends);
  EXPECT_TRUE(table("head")->find("CodeGenerator_getConstProvenanceEdges")->server_sends);
  EXPECT_FALSE(table("head", Build::j9)->find("CodeGenerator_getConstProvenanceEdges")->server_sends);
}

}  // namespace
}  // namespace jitrig
