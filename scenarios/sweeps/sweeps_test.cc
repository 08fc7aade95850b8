#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/sweeps/sweep.h"

namespace jitrig {
namespace {

const SweptConversation& recorded() {
  static const SweptConversation kConversation =
      SweptConversation::read(JITRIG_SOURCE_DIR "/testdata/captures/plain_1conn_3compiles.pcap",
                              defaultDialect(), 2)
          .value();
  return kConversation;
}

std::string describe(const SweepReport& report) {
  std::string text;
  for (const SweepFailure& failure : report.failures) {
    text += toText(failure.point) + "\n";
    for (const std::string& problem : failure.problems) text += "  " + problem + "\n";
  }
  return text;
}

class SweepTest : public ::testing::TestWithParam<std::string_view> {};

TEST_P(SweepTest, FindsNothing) {
  const auto report = runSweep(*findSweep(GetParam()), recorded(), {}, {});
  ASSERT_TRUE(report) << report.error();
  EXPECT_EQ(describe(*report), "");
  std::cerr << report->runs << ' ' << report->messages << '\n';
}

std::vector<std::string_view> names() {
  std::vector<std::string_view> all;
  for (const Sweep& sweep : sweeps()) all.push_back(sweep.name);
  return all;
}

std::string nameOf(const ::testing::TestParamInfo<std::string_view>& sweep) {
  std::string name(sweep.param);
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(, SweepTest, ::testing::ValuesIn(names()), nameOf);

}  // namespace
}  // namespace jitrig
