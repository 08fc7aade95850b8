#include "protocol/catalogue/nearest_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jitrig {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<std::string> kReleases{"0.20.0", "0.27.0", "0.27.1", "0.29.0",
                                         "0.36.1", "0.46.0", "0.60.0", "head"};

std::string nearest(std::string_view given) {
  return nearestRelease(given, kReleases);
}

TEST(NearestNameTest, EditDistance) {
  EXPECT_EQ(editDistance("", ""), 0U);
  EXPECT_EQ(editDistance("", "abc"), 3U);
  EXPECT_EQ(editDistance("kitten", "sitting"), 3U);
  EXPECT_EQ(editDistance("sitting", "kitten"), 3U);
}

TEST(NearestReleaseTest, NumbersAreComparedAsNumbers) {
  EXPECT_EQ(nearest("0.61"), "0.60.0");
  EXPECT_EQ(nearest("0.61.0"), "0.60.0");
  EXPECT_EQ(nearest("0.60.7"), "0.60.0");
  EXPECT_EQ(nearest("0.100.0"), "0.60.0");
  EXPECT_EQ(nearest("0.47.3"), "0.46.0");
  EXPECT_EQ(nearest("0.9"), "0.20.0");
  EXPECT_EQ(nearest("0.0.0"), "0.20.0");
  EXPECT_EQ(nearest("1.0"), "0.60.0") << "beyond all: the newest release, and not head";
  EXPECT_EQ(nearest("4294967295.4294967295.4294967295"), "0.60.0");
}

TEST(NearestReleaseTest, TheSameLeadingNumbersWin) {
  EXPECT_EQ(nearest("0.27"), "0.27.0");
  EXPECT_EQ(nearest("0.27.2"), "0.27.1");
  EXPECT_EQ(nearest("0.36"), "0.36.1");
  EXPECT_EQ(nearest("0.36.0"), "0.36.1");
}

TEST(NearestReleaseTest, InTheMiddleTheNewerWinsUnlessTheOlderIsNearer) {
  EXPECT_EQ(nearest("0.28.0"), "0.29.0") << "one minor version to both sides";
  EXPECT_EQ(nearest("0.30"), "0.29.0");
  EXPECT_EQ(nearest("0.35.9"), "0.36.1");
  EXPECT_EQ(nearest("0.53.0"), "0.60.0") << "seven to both sides";
}

TEST(NearestReleaseTest, OtherWaysToWriteAVersion) {
  for (const char* given :
       {"60", "61", "v0.60", "V0.60.1", "openj9-0.60.0", "OpenJ9-0.60.0-m2", "0.61.0-m1"}) {
    EXPECT_EQ(nearest(given), "0.60.0") << given;
  }
}

TEST(NearestReleaseTest, WhatIsNoVersionIsComparedByItsLetters) {
  EXPECT_EQ(nearest("heat"), "head");
  EXPECT_EQ(nearest("HEAD"), "head");
  EXPECT_EQ(nearest("main"), "head");
  EXPECT_EQ(nearest("0.6O.0"), "0.60.0") << "the letter O";
  EXPECT_EQ(nearest("0..60.0"), "0.60.0");
  EXPECT_EQ(nearest("0.60.0.0"), "0.60.0");
  EXPECT_EQ(nearest("x0.46.0"), "0.46.0");
  EXPECT_EQ(nearest(std::string(1'000'000, '0')).empty(), false);
  EXPECT_FALSE(nearest("").empty());
  EXPECT_EQ(nearestRelease("0.61", std::vector<std::string>{"head"}), "head") << "there is no version";
}

const std::vector<std::string> kNames{"VM_isClassArray", "VM_isClassVisible", "VM_isClassLibraryMethod",
                                      "CompInfo_isCompiled", "VMInfo"};

TEST(NearestNamesTest, NamesThatHoldItComeFirst) {
  EXPECT_THAT(nearestNames("isclassarray", kNames), ElementsAre("VM_isClassArray"));
  EXPECT_THAT(nearestNames("VM_isClass", kNames),
              ElementsAre("VM_isClassArray", "VM_isClassVisible", "VM_isClassLibraryMethod"));
  EXPECT_THAT(nearestNames("VM_isClass", kNames, 1), ElementsAre("VM_isClassArray"));
  EXPECT_THAT(nearestNames("struct VMInfo", kNames), ElementsAre("VMInfo"));
}

TEST(NearestNamesTest, MisspelledNames) {
  EXPECT_THAT(nearestNames("VM_isKlassArray", kNames), ElementsAre("VM_isClassArray"));
  EXPECT_THAT(nearestNames("vmifno", kNames), ElementsAre("VMInfo"));
}

TEST(NearestNamesTest, NothingIsNearToAnotherWord) {
  EXPECT_THAT(nearestNames("", kNames), IsEmpty());
  EXPECT_THAT(nearestNames("zzzzzzzz", kNames), IsEmpty());
  EXPECT_THAT(nearestNames(std::string(1'000'000, 'x'), kNames), IsEmpty());
}

}  // namespace
}  // namespace jitrig
