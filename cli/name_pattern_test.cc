#include "cli/name_pattern.h"

#include <gtest/gtest.h>
#include <string>

namespace jitrig {
namespace {

TEST(NamePatternTest, WithoutWildcardsItIsPartOfTheName) {
  EXPECT_TRUE(matchesPattern("ClassArray", "VM_isClassArray"));
  EXPECT_TRUE(matchesPattern("vm_ISCLASS", "VM_isClassArray"));
  EXPECT_TRUE(matchesPattern("", "VM_isClassArray"));
  EXPECT_FALSE(matchesPattern("ClassArrays", "VM_isClassArray"));
  EXPECT_FALSE(matchesPattern("VM_isClassArray_", "VM_isClassArray"));
}

TEST(NamePatternTest, WithWildcardsItIsTheWholeName) {
  EXPECT_TRUE(matchesPattern("VM_*", "VM_isClassArray"));
  EXPECT_TRUE(matchesPattern("*array", "VM_isClassArray"));
  EXPECT_TRUE(matchesPattern("VM_is?lass*", "VM_isClassArray"));
  EXPECT_TRUE(matchesPattern("*", ""));
  EXPECT_TRUE(matchesPattern("**", "x"));
  EXPECT_TRUE(matchesPattern("a*b*c", "aXbXbXc"));
  EXPECT_FALSE(matchesPattern("?", ""));
  EXPECT_FALSE(matchesPattern("is*", "VM_isClassArray"));
  EXPECT_FALSE(matchesPattern("VM_?", "VM_isClassArray"));
  EXPECT_FALSE(matchesPattern("a*b*c", "aXbXbXcX"));
}

TEST(NamePatternTest, ManyStarsEndSoon) {
  std::string pattern;
  for (int i = 0; i < 1000; ++i) pattern += "*a";
  EXPECT_FALSE(matchesPattern(pattern + "b", std::string(2000, 'a')));
  EXPECT_TRUE(matchesPattern(pattern, std::string(1000, 'a')));
}

}  // namespace
}  // namespace jitrig
