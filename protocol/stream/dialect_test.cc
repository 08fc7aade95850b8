#include "protocol/stream/dialect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/catalogue/catalogue.h"

namespace jitrig {
namespace {

using testing::HasSubstr;

TEST(DialectTest, DefaultIsHeadWithJdk17OnX86) {
  const auto dialect = defaultDialect();
  EXPECT_EQ(dialect->announced, (FullVersion{0x01006900, 0x3011}));
  EXPECT_EQ(dialect->compilation_code, 0);
  EXPECT_EQ(dialect->compilation_failure, 1);
  EXPECT_EQ(dialect->compilation_request, 8);
  EXPECT_EQ(dialect->compilation_interrupted, 9);
  EXPECT_EQ(dialect->client_session_terminate, 10);
  EXPECT_EQ(dialect->connection_terminate, 11);
  EXPECT_EQ(dialect->aot_cache_map_request, 233);
  EXPECT_EQ(dialect->aot_cache_map_reply, 234);
  EXPECT_EQ(dialect->status_version_incompatible, 52U);
  EXPECT_EQ(dialect->status_message_type_mismatch, 51U);
  EXPECT_EQ(dialect->compilation_failure_arity, 2U);
}

TEST(DialectTest, DefaultIsMadeOnce) {
  EXPECT_EQ(defaultDialect(), defaultDialect());
}

/// wire.md, "Messages without a body", and semantics.md, section 5, for every release and build.
TEST(DialectTest, EveryReleaseAndBuildHasADialect) {
  struct Era {
    std::string first_release;
    int request_number;
  };
  const std::vector<Era> eras{{"0.20.0", 5}, {"0.30.0", 6}, {"0.44.0", 8}};
  std::size_t era = 0;
  bool one_data_point = true;
  for (const std::string& name : Catalogue::builtIn().releases()) {
    if (era + 1 < eras.size() && name == eras[era + 1].first_release) ++era;
    if (name == "0.25.0") one_data_point = false;
    for (const Build build : {Build::openjdk, Build::j9}) {
      const auto table = Catalogue::builtIn().table(name, build);
      ASSERT_TRUE(table.has_value()) << name;
      const auto made = Dialect::make(*table, (*table)->release().defaultVersion());
      ASSERT_TRUE(made.has_value()) << name << ": " << made.error();
      const Dialect& dialect = **made;
      EXPECT_EQ(dialect.compilation_request, eras[era].request_number) << name;
      EXPECT_EQ(dialect.compilation_interrupted, eras[era].request_number + 1) << name;
      EXPECT_EQ(dialect.client_session_terminate, eras[era].request_number + 2) << name;
      EXPECT_EQ(dialect.connection_terminate, eras[era].request_number + 3) << name;
      EXPECT_TRUE(dialect.bodyless.contains(dialect.compilation_interrupted)) << name;
      EXPECT_TRUE(dialect.bodyless.contains(dialect.connection_terminate)) << name;
      EXPECT_FALSE(dialect.bodyless.contains(dialect.client_session_terminate)) << name;
      EXPECT_EQ(dialect.compilation_failure_arity, one_data_point ? 1U : 2U) << name;
    }
  }
  EXPECT_EQ(era, eras.size() - 1);
}

TEST(DialectTest, StatusOfAnIncompatibleVersionDiffersByRelease) {
  for (const auto& [release, status] : std::vector<std::pair<std::string, std::uint32_t>>{{"0.20.0", 56},
                                                                                          {"0.21.0", 58},
                                                                                          {"0.24.0", 59},
                                                                                          {"0.25.0", 64},
                                                                                          {"0.32.0", 64},
                                                                                          {"0.33.0", 51},
                                                                                          {"0.51.0", 51},
                                                                                          {"0.53.0", 52},
                                                                                          {"0.60.0", 52}}) {
    const auto table = Catalogue::builtIn().table(release).value();
    const auto dialect = Dialect::make(table, table->release().defaultVersion()).value();
    EXPECT_EQ(dialect->status_version_incompatible, status) << release;
  }
}

TEST(DialectTest, NamesTypes) {
  const auto dialect = defaultDialect();
  EXPECT_EQ(dialect->typeName(67), "VM_isClassArray");
  EXPECT_EQ(dialect->typeName(305), "#305");
}

TEST(DialectTest, FiveTypesEndACompilation) {
  const auto dialect = defaultDialect();
  std::vector<std::string> ends;
  for (const MessageType& type : dialect->table->types()) {
    if (dialect->endsCompilation(type.number)) ends.push_back(type.name);
  }
  EXPECT_THAT(
      ends, testing::UnorderedElementsAre("compilationCode", "compilationFailure", "AOTCache_storedAOTMethod",
                                          "AOTCache_serializedAOTMethod", "AOTCache_failure"));
  EXPECT_FALSE(dialect->endsCompilation(305));
}

TEST(DialectTest, NamesWhatATableLacks) {
  const auto release = std::make_shared<Release>();
  release->name = "0.99.0";
  MessageType code;
  code.name = "compilationCode";
  auto table =
      std::make_shared<const MessageTable>(MessageTable::make(release, Build::openjdk, 1, {code}).value());
  const auto dialect = Dialect::make(table, {});
  ASSERT_FALSE(dialect.has_value());
  EXPECT_THAT(dialect.error(), HasSubstr("0.99.0 has no message type compilationFailure"));
}

TEST(DialectTest, NamesAMissingStatus) {
  const auto release = std::make_shared<Release>();
  release->name = "0.99.0";
  std::vector<MessageType> types;
  for (const char* name : {"compilationCode", "compilationFailure", "compilationRequest",
                           "compilationInterrupted", "clientSessionTerminate", "connectionTerminate"}) {
    MessageType type;
    type.name = name;
    type.number = static_cast<std::uint16_t>(types.size());
    types.push_back(type);
  }
  auto table =
      std::make_shared<const MessageTable>(MessageTable::make(release, Build::openjdk, 6, types).value());
  const auto dialect = Dialect::make(table, {});
  ASSERT_FALSE(dialect.has_value());
  EXPECT_THAT(dialect.error(), HasSubstr("0.99.0 has no status"));
}

}  // namespace
}  // namespace jitrig
