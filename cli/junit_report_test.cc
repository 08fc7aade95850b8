#include "cli/junit_report.h"

#include <gtest/gtest.h>

namespace jitrig::test {
namespace {

using std::chrono::milliseconds;

TEST(JUnitReportTest, CountsAndEscapes) {
  const std::string report = junitReport(
      "jitrig", {{.group = "cases.fault", .name = "reset.simulation", .took = milliseconds(1'250)},
                 {.group = "cases", .name = "a<b>&\"c\"", .failure = "x < 1 & more\nsecond\x01line"},
                 {.group = "cases", .name = "other", .skip_because = "not implemented"}});
  EXPECT_EQ(report, R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="jitrig" tests="3" failures="1" skipped="1" time="1.250">
  <testcase classname="cases.fault" name="reset.simulation" time="1.250"/>
  <testcase classname="cases" name="a&lt;b&gt;&amp;&quot;c&quot;" time="0.000"><failure message="x &lt; 1 &amp; more">x &lt; 1 &amp; more&#10;second?line</failure></testcase>
  <testcase classname="cases" name="other" time="0.000"><skipped message="not implemented"/></testcase>
</testsuite>
)");
}

}  // namespace
}  // namespace jitrig::test
