#include "protocol/stream/aot_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/catalogue/catalogue.h"
#include "protocol/stream/aot_layout.h"

namespace jitrig {
namespace {

using ::testing::HasSubstr;

AOTRecord aRecord() {
  return {.id_and_type = aotIdAndType(7, AOTRecordType::loadedClass),
          .refers_to = {aotIdAndType(1, AOTRecordType::classLoader)},
          .content = aotClassContent("a ROM class")};
}

AOTMethod aMethod() {
  return {.key = {.class_chain = 19, .header = 5, .method_index = 3},
          .records = {8, 16, 19, 5},
          .signature = "com/example/Orders.total(I)J",
          .code = std::string("\0code", 5)};
}

TEST(AOTRecordTest, ComesBackAsItWas) {
  EXPECT_EQ(decodeAOTRecord(encode(aRecord())), aRecord());
  EXPECT_EQ(decodeAOTRecord(encode(AOTRecord{})), AOTRecord{});
  EXPECT_EQ(decodeAOTMethod(encode(aMethod())), aMethod());
  EXPECT_EQ(decodeAOTMethod(encode(AOTMethod{})), AOTMethod{});
}

TEST(AOTRecordTest, CutOffAtAnyPlaceItIsRefused) {
  const std::string record = encode(aRecord());
  for (std::size_t size = 0; size < record.size(); ++size)
    EXPECT_FALSE(decodeAOTRecord(record.substr(0, size)));
  const std::string method = encode(aMethod());
  for (std::size_t size = 0; size < method.size(); ++size)
    EXPECT_FALSE(decodeAOTMethod(method.substr(0, size)));
  EXPECT_THAT(decodeAOTMethod(method + "x").error(), HasSubstr("says that it has"));
}

/// A count is not believed before the bytes are there.
TEST(AOTRecordTest, AHugeCountIsRefused) {
  std::string record = encode(aRecord());
  record[16 + 7] = '\x7f';
  EXPECT_THAT(decodeAOTRecord(record).error(), HasSubstr("ends in its middle"));
}

TEST(AOTRecordTest, AnUnknownTypeIsRefused) {
  AOTRecord record = aRecord();
  record.id_and_type |= 7;
  EXPECT_THAT(decodeAOTRecord(encode(record)).error(), HasSubstr("there is no type 7"));
}

TEST(AOTLayoutTest, IsFoundInTheReleasesThatHaveIt) {
  const Catalogue& catalogue = Catalogue::builtIn();
  for (const auto& [release, has] : {std::pair("0.41.0", false), {"0.44.0", true}, {"0.60.0", true}}) {
    const auto table = catalogue.table(release);
    ASSERT_TRUE(table);
    const auto dialect = Dialect::make(*table, (*table)->release().defaultVersion());
    ASSERT_TRUE(dialect);
    EXPECT_EQ(AOTLayout::of(**dialect).has_value(), has) << release;
  }
}

TEST(AOTLayoutTest, OfHead) {
  const auto layout = AOTLayout::of(*defaultDialect());
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->is_aot, 15U);
  EXPECT_EQ(layout->load, 18U);
  EXPECT_EQ(layout->class_chain, 21U);
  EXPECT_EQ(layout->new_known, 24U);
  EXPECT_EQ(layout->uses_cache, 393U);
  EXPECT_EQ(layout->ignores_local, 394U);
  EXPECT_EQ(layout->header, 400U);
  EXPECT_EQ(layout->header_size_bytes, 264U);
}

}  // namespace
}  // namespace jitrig
