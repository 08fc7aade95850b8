#include <gtest/gtest.h>

#include "scenarios/fault/fault_action.h"
#include "scenarios/fault/fault_set.h"
namespace jitrig {
namespace {
TEST(X, Y) {
  EXPECT_EQ(faultActions().size(), 29U);
}
}  // namespace
}  // namespace jitrig
