#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace jitrig {

/// What a test came to, for continuous integration.
struct JUnitCase {
  std::string group{};  ///< "cases.fault"
  std::string name{};   ///< "reset.simulation"
  std::chrono::milliseconds took{};
  std::string failure{};       ///< empty: none
  std::string skip_because{};  ///< empty: it ran
};

/// The file that JUnit's Ant task writes and every CI server reads.
std::string junitReport(const std::string& suite, const std::vector<JUnitCase>& cases);

}  // namespace jitrig
