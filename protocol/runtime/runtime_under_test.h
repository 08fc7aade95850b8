#pragma once

#include <functional>
#include <gtest/gtest.h>
#include <ostream>
#include <string>
#include <vector>

#include "protocol/runtime/runtime.h"

namespace jitrig {

/// A house in which a test's body is to be run. Tests of whatever stands on the Runtime run in all of them:
///
///   class StreamTest : public ::testing::TestWithParam<RuntimeUnderTest> {};
///   TEST_P(StreamTest, Echo) { GetParam().run([](Runtime& runtime) { ... }); }
///   INSTANTIATE_TEST_SUITE_P(, StreamTest, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);
struct RuntimeUnderTest {
  std::string name;  ///< letters, digits and underscores: part of a test's name

  /// Makes a Runtime, runs the body as its main task, and throws what the body throws; in the simulation
  /// also if the world ended otherwise than finished (a deadlock, with its report).
  /// No SCOPED_TRACE in the body around calls that wait: in the simulation all tasks share it.
  std::function<void(std::function<void(Runtime&)>)> run;
};

/// "operating_system" and, for several seeds, "simulation_seed_<n>".
std::vector<RuntimeUnderTest> allRuntimes();

/// For gtest's failure messages.
inline void PrintTo(const RuntimeUnderTest& runtime, std::ostream* out) {
  *out << runtime.name;
}

/// For INSTANTIATE_TEST_SUITE_P.
inline std::string nameOfRuntime(const ::testing::TestParamInfo<RuntimeUnderTest>& info) {
  return info.param.name;
}

}  // namespace jitrig
