#include "protocol/catalogue/layout_change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/catalogue/catalogue.h"

namespace jitrig {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const StructLayout kBefore{
    "S", 16, 16, {{"int32_t", "_a", 0, 4}, {"bool", "_b", 4, 1}, {"void *", "_c", 8, 8}}};

TEST(LayoutChangeTest, TheSame) {
  EXPECT_THAT(compareLayouts(kBefore, kBefore), IsEmpty());
}

TEST(LayoutChangeTest, AddedRemovedRetypedMoved) {
  const StructLayout after{
      "S", 32, 32, {{"uintptr_t", "_a", 0, 8}, {"void *", "_c", 16, 8}, {"bool", "_d", 24, 1}}};
  EXPECT_THAT(compareLayouts(kBefore, after),
              ElementsAre("_b was removed", "_a became uintptr_t of size 8, was int32_t of size 4",
                          "_d (bool at 24, size 1) was added", "1 field moved"));
}

TEST(LayoutChangeTest, TheFieldsThatShiftedTheFirstReplyWithoutANewVersion) {
  const auto before = Catalogue::builtIn().release("0.38.0").value();
  const auto after = Catalogue::builtIn().release("0.39.0").value();
  const auto changes = compareLayouts(*before->findStruct("VMInfo"), *after->findStruct("VMInfo"));
  EXPECT_THAT(changes, ::testing::IsSupersetOf(
                           {"_isIndexableDataAddrPresent (bool at 136, size 1) was added",
                            "_contiguousIndexableHeaderSize (uintptr_t at 144, size 8) was added",
                            "_discontiguousIndexableHeaderSize (uintptr_t at 152, size 8) was added"}));
  EXPECT_THAT(changes.back(), ::testing::EndsWith(" fields moved"));
}

}  // namespace
}  // namespace jitrig
